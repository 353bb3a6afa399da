"""A thief's look at a box: all bytes of a folder, searched for values in every way that they may be written."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path


def spellings(value: str) -> Iterator[bytes]:
    """A value as UTF-8, UTF-16, escaped JSON, hex, and base64 from any of the three places it may begin at."""
    plain = value.encode()
    yield from (plain, value.encode("utf-16-le"), value.encode("utf-16-be"), json.dumps(value)[1:-1].encode())
    yield from (plain.hex().encode(), plain.hex().upper().encode())
    for before in range(3):
        text = base64.b64encode(b"\0" * before + plain)
        shared = {0: 0, 1: 3, 2: 2}[(before + len(plain)) % 3]  # characters at the end that hang on what follows
        inner = text[(0, 2, 3)[before] : len(text) - shared]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


def leaks(folder: Path, values: Iterable[str]) -> list[tuple[str, str]]:
    """Return every (file, value) of which the file holds some spelling."""
    files = [(str(path.relative_to(folder)), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [
        (name, value)
        for value in sorted(set(values))
        for name, data in files
        if any(spelling in data for spelling in spellings(value))
    ]
