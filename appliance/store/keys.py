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
TICKETS_KEY = "tickets-ed25519.key"  # 32 raw bytes, RFC 8032
RETIRED_KEYS = "tickets-retired.pub"  # public keys in hex, one a line: what they signed stays good here
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
    return SigningKey(load_or_create(folder / SIGNING_KEY))


def session_key(folder: Path) -> bytes:
    """Read the key that signs browser sessions, made on the first start. Raises StallboxError."""
    return load_or_create(folder / SESSION_KEY)


def tickets_key(folder: Path) -> SigningKey:
    """Read the key that signs this box's tickets, made on first use. Raises StallboxError."""
    return SigningKey(load_or_create(folder / TICKETS_KEY))


def retire_tickets_key(folder: Path) -> None:
    """Sign no further ticket with the key that is there; the next one issued gets a new key. Raises StallboxError."""
    private = folder / TICKETS_KEY
    if private.exists():
        retired = folder / RETIRED_KEYS
        before = retired.read_text(encoding="ascii") if retired.exists() else ""
        write_durably(retired, f"{before}{tickets_key(folder).public_key.hex()}\n".encode())
        private.unlink()
        sync(folder)


class OwnTicketKeys:
    """The public keys whose tickets this box issued, read again when another process made or retired one."""

    def __init__(self, folder: Path) -> None:
        self._files = (folder / TICKETS_KEY, folder / RETIRED_KEYS)
        self._seen: object = None
        self._keys: tuple[bytes, ...] = ()

    def __call__(self) -> tuple[bytes, ...]:
        """Return them; costs two looks at the folder. Raises StallboxError for a damaged key."""
        seen = tuple(map(_version, self._files))
        if seen != self._seen:
            private, retired = self._files
            own = [SigningKey(_load(private)).public_key] if seen[0] else []
            lines = retired.read_text(encoding="ascii").split() if seen[1] else []
            self._keys = (*own, *map(bytes.fromhex, lines))
            self._seen = seen
        return self._keys


def _version(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def load_or_create(path: Path) -> bytes:
    """Read a key of 32 bytes, made at random on first use. Raises StallboxError."""
    if path.exists():
        return _load(path)
    raw = secrets.token_bytes(_KEY_BYTES)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(path, raw)
    return raw


def _load(path: Path) -> bytes:
    raw = path.read_bytes()
    if len(raw) != _KEY_BYTES:
        raise StallboxError("key_damaged", f"{path} is damaged: restore it from a backup.")
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
