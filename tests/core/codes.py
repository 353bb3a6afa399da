"""What the tests of signed tickets share: signatures by plain `cryptography`, and ways to spoil a code."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_CHARS = string.printable + "=\x00é€😀\ud800"


def private_key(seed: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "little"))


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def varint(value: int) -> bytes:
    """A protobuf number, 7 bits a byte, low ones first; negative ones as 64 bits of two's complement."""
    value %= 2**64
    digits = [value >> shift & 0x7F for shift in range(0, max(1, value.bit_length()), 7)]
    return bytes([digit | 0x80 for digit in digits[:-1]] + digits[-1:])


def pretix_payload(
    valid_from: int | None = None, valid_until: int | None = None, subevent: bytes = b"\x20\x0e"
) -> bytes:
    """A ticket as pretix writes it: item 1, date 14; both bounds are there as soon as one is."""
    payload = b"\x0a\x09" + b"CTJqJOl1H" + b"\x10\x01" + subevent
    if valid_from is None and valid_until is None:
        return payload
    return payload + b"\x28" + varint(valid_from or 0) + b"\x30" + varint(valid_until or 0)


def pretix_text(payload: bytes, key: Ed25519PrivateKey) -> str:
    raw = b"\x01" + len(payload).to_bytes(2, "big") + b"\x00\x40" + payload + key.sign(payload)
    return base64.b64encode(raw).decode()[::-1]


def flipped_bits(raw: bytes) -> Iterator[bytes]:
    """Every copy of the bytes in which one bit is wrong."""
    for bit in range(8 * len(raw)):
        copy = bytearray(raw)
        copy[bit // 8] ^= 1 << bit % 8
        yield bytes(copy)


def spoilt(text: str, chance: random.Random) -> str:
    """A copy of the text with one to three things wrong; never the text itself."""
    copy = text
    while copy == text:
        for _ in range(chance.randint(1, 3)):
            copy = _spoil_once(copy, chance)
    return copy


def _spoil_once(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    to = min(len(text), at + chance.randint(1, 6))
    char = chance.choice(text) if text and chance.random() < 0.5 else chance.choice(_CHARS)
    match chance.randrange(9):
        case 0:
            return text[:at] + char + text[at + 1 :]  # another character
        case 1:
            return text[:at] + char + text[at:]  # one more
        case 2:
            return text[:at] + text[to:]  # some fewer
        case 3:
            return text[:at] + text[at:to] + text[at:]  # some twice
        case 4:
            return text[:at] + text[at:to][::-1] + text[to:]  # some the wrong way round
        case 5:
            return text[:at] + text[at:to].swapcase() + text[to:]
        case 6:
            return text[at:] + text[:at]
        case 7:
            return text[:at]
    return text + char
