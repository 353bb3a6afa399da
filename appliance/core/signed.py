"""Stallbox's own signed tickets: admitted without any list, checked with a public key alone.

A ticket is a payload of 16 bytes and its Ed25519 signature (RFC 8032) of 64, written as one number in base 43 after
the prefix `SB1:`. docs/tickets.md gives the format byte by byte. Nothing here signs or checks by itself: both come
in as callables, so that core needs no cryptography.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

IsSigned = Callable[[bytes, bytes, bytes], bool]
"""Tells whether a signature is right: (public key, message, signature)."""

PREFIX = "SB1:"
# The 45 characters of QR alphanumeric mode (ISO/IEC 18004, table 5) without the space, which readers trim and pages
# collapse, and the percent sign, which links treat as an escape. 43 ** 118 is the first power that holds 80 bytes.
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*+-./:"
PAYLOAD_BYTES = 16
SIGNATURE_BYTES = 64
TEXT_CHARS = len(PREFIX) + 118

EPOCH_UNIX_S = 1_767_225_600  # 2026-01-01T00:00:00Z: minutes of validity count from here, and reach into 2057
MAX_SERIAL = 2**24 - 1
MAX_ENTRIES = 255
_MAX_MINUTES = 2**24 - 1
_LAYOUT = struct.Struct(">2s2s2s3s3s3sB")  # key id, event, product, serial, from, until, entries
_DIGITS = {char: value for value, char in enumerate(ALPHABET)}


@dataclass(frozen=True, slots=True)
class SignedTicket:
    """What a signed ticket says.

    `key_id`, `event_tag`, `product_tag`: four hex digits each, see `key_id` and `tag`. `serial`: 0 to MAX_SERIAL, once
    per key. Valid while valid_from_unix_s <= now <= valid_until_unix_s; whole minutes, None is no bound.
    `entries`: how often it lets in, 1 to MAX_ENTRIES; None is any number of times.
    """

    key_id: str
    event_tag: str
    product_tag: str
    serial: int
    valid_from_unix_s: int | None = None
    valid_until_unix_s: int | None = None
    entries: int | None = 1


@dataclass(frozen=True, slots=True)
class Unverified:
    """A well-formed ticket whose signature nobody has checked: `claims` is only what it says of itself."""

    claims: SignedTicket
    payload: bytes
    signature: bytes

    @property
    def identity(self) -> str:
        """The name under which a use is remembered: SHA-256 in hex of what is signed, never of the text."""
        return hashlib.sha256(signed_message(self.payload)).hexdigest()


@dataclass(frozen=True, slots=True)
class BadSignature:
    """No valid key made this ticket. `key_known` is False where there was no key to try it with."""

    key_known: bool


def key_id(public_key: bytes) -> str:
    """Return the short name of a key: the first two bytes of its SHA-256, in hex."""
    return hashlib.sha256(public_key).hexdigest()[:4]


def tag(slug: str) -> str:
    """Return the short name of an event or a product: the first two bytes of the SHA-256 of its id, in hex."""
    return hashlib.sha256(slug.encode()).hexdigest()[:4]


def signed_message(payload: bytes) -> bytes:
    """Return the bytes that are signed: the prefix keeps a signature made for anything else from being a ticket's."""
    return PREFIX.encode() + payload


def sign(ticket: SignedTicket, sign_message: Callable[[bytes], bytes]) -> str:
    """Make the text of a ticket; `sign_message` returns the 64 bytes of a signature. Raises ValueError."""
    payload = encode_payload(ticket)
    return assemble(payload, sign_message(signed_message(payload)))


def encode_payload(ticket: SignedTicket) -> bytes:
    """Write a ticket in its one form of 16 bytes. Raises ValueError for what does not fit."""
    if not 0 <= ticket.serial <= MAX_SERIAL:
        raise ValueError(f"serial {ticket.serial} is not between 0 and {MAX_SERIAL}")
    if ticket.entries is not None and not 1 <= ticket.entries <= MAX_ENTRIES:
        raise ValueError(f"entries {ticket.entries} is not between 1 and {MAX_ENTRIES}")
    payload = _LAYOUT.pack(
        _two_bytes(ticket.key_id),
        _two_bytes(ticket.event_tag),
        _two_bytes(ticket.product_tag),
        ticket.serial.to_bytes(3),
        _minutes(ticket.valid_from_unix_s),
        _minutes(ticket.valid_until_unix_s),
        ticket.entries or 0,
    )
    if _decode_payload(payload) != ticket:
        raise ValueError("a ticket must begin to be valid before it ends, and its tags are lower-case hex")
    return payload


def assemble(payload: bytes, signature: bytes) -> str:
    """Write payload and signature as the text that goes into a QR code. Raises ValueError for wrong lengths."""
    if len(payload) != PAYLOAD_BYTES or len(signature) != SIGNATURE_BYTES:
        raise ValueError(f"a ticket is {PAYLOAD_BYTES} bytes of payload and {SIGNATURE_BYTES} of signature")
    number = int.from_bytes(payload + signature)
    chars = []
    for _ in range(TEXT_CHARS - len(PREFIX)):
        number, digit = divmod(number, len(ALPHABET))
        chars.append(ALPHABET[digit])
    return PREFIX + "".join(reversed(chars))


def parse(text: str) -> Unverified | None:
    """Read the text of a ticket; None if it is none. One payload and signature have exactly one text."""
    if len(text) != TEXT_CHARS or not text.startswith(PREFIX):
        return None
    number = 0
    for char in text[len(PREFIX) :]:
        digit = _DIGITS.get(char)
        if digit is None:
            return None
        number = number * len(ALPHABET) + digit
    if number >= 256 ** (PAYLOAD_BYTES + SIGNATURE_BYTES):
        return None
    raw = number.to_bytes(PAYLOAD_BYTES + SIGNATURE_BYTES)
    payload, signature = raw[:PAYLOAD_BYTES], raw[PAYLOAD_BYTES:]
    claims = _decode_payload(payload)
    return Unverified(claims, payload, signature) if claims else None


def verify(unverified: Unverified, keys: Mapping[str, bytes], is_signed: IsSigned) -> SignedTicket | BadSignature:
    """Check a ticket against the valid keys, named by `key_id`; each is the 32 bytes of a public key."""
    public_key = keys.get(unverified.claims.key_id)
    if public_key is None:
        return BadSignature(key_known=False)
    if not is_signed(public_key, signed_message(unverified.payload), unverified.signature):
        return BadSignature(key_known=True)
    return unverified.claims


def _decode_payload(payload: bytes) -> SignedTicket | None:
    key, event, product, serial, since, until, entries = _LAYOUT.unpack(payload)
    valid_from, valid_until = _unix_s(since), _unix_s(until)
    if valid_from is not None and valid_until is not None and valid_from >= valid_until:
        return None
    return SignedTicket(
        key_id=key.hex(),
        event_tag=event.hex(),
        product_tag=product.hex(),
        serial=int.from_bytes(serial),
        valid_from_unix_s=valid_from,
        valid_until_unix_s=valid_until,
        entries=entries or None,
    )


def _two_bytes(hex_digits: str) -> bytes:
    raw = bytes.fromhex(hex_digits)
    if len(raw) != 2:
        raise ValueError(f"'{hex_digits}' is not four hex digits")
    return raw


def _minutes(unix_s: int | None) -> bytes:
    """Write a bound of validity; 0 is none."""
    if unix_s is None:
        return bytes(3)
    minutes, rest = divmod(unix_s - EPOCH_UNIX_S, 60)
    if rest or not 1 <= minutes <= _MAX_MINUTES:
        raise ValueError(f"{unix_s} is not a whole minute between 2026 and 2057")
    return minutes.to_bytes(3)


def _unix_s(minutes: bytes) -> int | None:
    return EPOCH_UNIX_S + int.from_bytes(minutes) * 60 if any(minutes) else None
