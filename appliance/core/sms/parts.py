"""How a text becomes the parts of a message (3GPP TS 23.038 alphabets, TS 23.040 9.2.3.24.1 concatenation)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from appliance.core.errors import Refusal

MAX_PARTS = 10  # of this box; the header would count to 255
MAX_REFERENCE = 255


class Alphabet(enum.StrEnum):
    """What the units of a part are."""

    GSM7 = "gsm7"  # septets of the default alphabet; the extension table takes two
    UCS2 = "ucs2"  # UTF-16: phones show what is beyond UCS-2 as well


# Units in a message that stands alone, and in a part, whose header takes 7 septets or 6 octets.
_ALONE = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
_PART = {Alphabet.GSM7: 153, Alphabet.UCS2: 67}


@dataclass(frozen=True, slots=True)
class Part:
    """One short message. `data` is one septet a byte, or UTF-16 (big-endian); `number` counts from 1 to `of`."""

    alphabet: Alphabet
    data: bytes
    reference: int = 0
    number: int = 1
    of: int = 1


def parts_of(text: str, reference: int) -> Sequence[Part]:
    """Split a text into parts that bear `reference` (0 to 255). Raises Refusal if it is empty or too long.

    No part ends inside a character: neither between escape and letter nor between two surrogates.
    """
    if not text:
        raise Refusal("sms_empty", "The message has no text.")
    alphabet, units = _units(text)
    size = 1 if alphabet is Alphabet.GSM7 else 2
    if sum(map(len, units)) <= _ALONE[alphabet] * size:
        return (Part(alphabet, b"".join(units)),)
    chunks = list(_chunks(units, _PART[alphabet] * size))
    if len(chunks) > MAX_PARTS:
        raise Refusal("sms_too_long", f"The text takes {len(chunks)} messages; {MAX_PARTS} are the most.")
    return [Part(alphabet, data, reference, number, len(chunks)) for number, data in enumerate(chunks, 1)]


def _units(text: str) -> tuple[Alphabet, list[bytes]]:
    """Return the cheapest alphabet that has every character, and each character in it."""
    septets = [_septets(char) for char in text]
    if all(septets):
        return Alphabet.GSM7, septets
    return Alphabet.UCS2, [char.encode("utf-16-be", "replace") for char in text]


@cache
def _septets(char: str) -> bytes:
    """Return a character's one or two septets; nothing if the alphabet lacks it."""
    from gsm0338 import Codec

    try:
        data: bytes = Codec().encode(char)[0]
    except UnicodeEncodeError:
        return b""
    return b"" if data == b"\x1b" else data  # alone, an escape would swallow what follows


def _chunks(units: Iterable[bytes], limit: int) -> Iterable[bytes]:
    chunk = b""
    for unit in units:
        if len(chunk) + len(unit) > limit:
            yield chunk
            chunk = b""
        chunk += unit
    yield chunk
