"""Short codes: what people read out and type. Eleven random characters and one that shows a slip. Pure.

The alphabet has no look-alikes (no 0 O, no 1 I L), which leaves 31 characters, and 31 is a prime. With v the value of a
character and i its place from 1 to 12, a code is right if the sum of i * v is 0 modulo 31: the scheme of ISBN-10
(ISO 2108, modulo 11), with 31 in place of 11. One wrong character at place i changes the sum by i * (v - v'), two
swapped ones at i and j by (i - j) * (v - v'): products of numbers below 31 that are not 0, so never multiples of 31.
Every single wrong character and every swap of two is found; of any other slip, 30 in 31.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RANDOM_CHARS = 11  # 54.5 bits
CODE_CHARS = RANDOM_CHARS + 1
GROUP_CHARS = 4
_VALUES = {char: value for value, char in enumerate(ALPHABET)}
_PLAIN = re.compile(f"[{ALPHABET}]{{{CODE_CHARS}}}")
_GROUPED = re.compile(r"[0-9A-Z]{4}[- ]+[0-9A-Z]{4}[- ]+[0-9A-Z]{4}")  # with look-alikes: that is how people mistype
_APART = re.compile(r"[-‐‑–— ]+")  # hyphens as keyboards and word processors write them


def complete(values: Sequence[int]) -> str:
    """Return the code of RANDOM_CHARS values, each from 0 to 30, with its check character. Raises ValueError."""
    if len(values) != RANDOM_CHARS or not all(0 <= value < len(ALPHABET) for value in values):
        raise ValueError(f"a short code is made of {RANDOM_CHARS} values below {len(ALPHABET)}")
    # The last place weighs 12, so its value is -sum / 12 modulo 31.
    check = -_weighted(values) * pow(CODE_CHARS, -1, len(ALPHABET)) % len(ALPHABET)
    return "".join(ALPHABET[value] for value in (*values, check))


def canonical(text: str) -> str | None:
    """Return a typed short code as it is kept: capitals without hyphens. None if it is none, or mistyped."""
    code = _APART.sub("", text).upper()
    return code if _PLAIN.fullmatch(code) and _is_right(code) else None


def is_mistyped(text: str) -> bool:
    """Tell whether this has the shape of a short code and a character of it must be wrong."""
    spaced = _APART.sub("-", text.strip()).upper()
    code = spaced.replace("-", "")
    looks_so = bool(_GROUPED.fullmatch(spaced)) or (bool(_PLAIN.fullmatch(code)) and not code.isdigit())
    return looks_so and canonical(text) is None


def grouped(code: str) -> str:
    """Write a code for reading aloud, `ABCD-EFGH-JKMN`. What is no short code stays as it is."""
    plain = canonical(code)
    if plain is None:
        return code
    return "-".join(plain[start : start + GROUP_CHARS] for start in range(0, CODE_CHARS, GROUP_CHARS))


def _is_right(code: str) -> bool:
    return _weighted([_VALUES[char] for char in code]) % len(ALPHABET) == 0


def _weighted(values: Sequence[int]) -> int:
    return sum(place * value for place, value in enumerate(values, 1))
