"""The box's own secrets on disk: the Ed25519 key that signs the journal's head, and the key of browser sessions."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.core.errors import StallboxError

SIGNING_KEY = "journal-ed25519.key"  # 32 raw bytes, RFC 8032
SESSION_KEY = "session.key"
_KEY_BYTES = 32


class SigningKey:
    """The key with which this box signs."""

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(raw)

    @property
    def public_key(self) -> bytes:
        """The 32 bytes with which anybody can check a signature."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> tuple[bytes, bytes]:
        """Return the signature of a message and the public key."""
        return self._key.sign(message), self.public_key


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature is right."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signing_key(folder: Path) -> SigningKey:
    """Read the box's signing key, made on the first start. Raises StallboxError."""
    return SigningKey(_load_or_create(folder / SIGNING_KEY))


def session_key(folder: Path) -> bytes:
    """Read the key that signs browser sessions, made on the first start. Raises StallboxError."""
    return _load_or_create(folder / SESSION_KEY)


def _load_or_create(path: Path) -> bytes:
    if path.exists():
        raw = path.read_bytes()
        if len(raw) != _KEY_BYTES:
            raise StallboxError("key_damaged", f"{path} is damaged: restore it from a backup.")
        return raw
    raw = secrets.token_bytes(_KEY_BYTES)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(path, raw)
    return raw


def write_durably(path: Path, content: bytes) -> None:
    """Write a private file so that after a power cut it is there whole or not at all."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Have a file's content, or a folder's list of names, on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
