"""Identifiers: UUIDv7 (RFC 9562, section 5.7) and slugs."""

from __future__ import annotations

import re
import uuid

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_LENGTH = 40


def uuid7(unix_ms: int, random_bytes: bytes) -> str:
    """Build a UUIDv7 from milliseconds since 1970 and ten random bytes.

    Sorts by time to the millisecond. Raises ValueError if fewer than ten random bytes are given.
    """
    if len(random_bytes) < 10:
        raise ValueError("a UUIDv7 takes ten random bytes")
    value = (unix_ms & (1 << 48) - 1) << 80 | int.from_bytes(random_bytes[:10])
    value = value & ~(0xF << 76) | 0x7 << 76  # version 7
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant 10
    return str(uuid.UUID(int=value))


def is_slug(text: str) -> bool:
    """Tell whether `text` is 1 to 40 characters of a-z, 0-9 and single hyphens between them."""
    return len(text) <= SLUG_LENGTH and SLUG.fullmatch(text) is not None
