"""Who holds a ticket, and the two secrets that come out of its code: the name it is kept under, and a key. Pure.

A long random code names its ticket by its SHA-256 and gives a key by HMAC. A short one can be guessed, so that of a
ticket with a holder both come out of one scrypt: a slow key beside a fast name would be worth nothing, since a thief
would guess the code by the name and derive the key once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass

from appliance.core.codes import ticket_id

WEAK_BELOW_BITS = 64.0
SALT_BYTES = 16
# scrypt (RFC 7914) in 2 MiB: 5 to 6 ms on the development machine. On a Pi Zero 2 W some 50 ms, reckoned
# from the pace of its core and not measured.
_SLOW_N, _SLOW_R = 2**11, 8
_KEY_LABEL = b"stallbox holder 1"

_RUN = re.compile(r"[^\W_]+")
_HEX = re.compile(r"(?=.*[0-9])(?:[0-9a-f]+|[0-9A-F]+)")
# Bits that a character is worth, by what its run is made of. All are on the low side: guessed too low a code costs
# milliseconds, guessed too high it costs a name.
_DIGIT_BITS = 2.0  # numbers are counters, dates and order numbers more often than they are random
_HEX_BITS = 4.0
_ONE_CASE_BITS = 5.0  # 32 letters and digits that are not taken for one another
_BOTH_CASES_BITS = 5.8


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a ticket is for, and what the list says of them. Never in the table of tickets, the journal or a log."""

    name: str = ""
    email: str = ""
    phone: str = ""
    note: str = ""

    def __repr__(self) -> str:
        return "Holder(…)"


@dataclass(frozen=True, slots=True)
class CodeSecret:
    """What a code is good for: `id` names its ticket in the store, `key` (32 bytes) opens its holder's record."""

    id: str
    key: bytes

    def __repr__(self) -> str:
        return "CodeSecret(…)"


def entropy_bits(code: str) -> float:
    """Estimate how hard a code is to guess, in bits, by its length and kinds of characters.

    Spaces and signs count nothing. Of several runs of letters and digits, one of letters alone counts nothing either:
    it is a word such as `MARKET` in `MARKET-0001`.
    """
    runs = _RUN.findall(code)
    if len(runs) > 1:
        runs = [run for run in runs if not run.isalpha()]
    return sum(len(run) * _bits_a_character(run) for run in runs)


def is_weak(code: str) -> bool:
    """Tell whether a code is so short that somebody with the store could guess it."""
    return entropy_bits(code) < WEAK_BELOW_BITS


def fast_secret(code: str) -> CodeSecret:
    """Return the secret of a code that cannot be guessed."""
    return CodeSecret(ticket_id(code), hmac.digest(_KEY_LABEL, code.encode(), "sha256"))


def slow_secret(code: str, salt: bytes) -> CodeSecret:
    """Return the secret of a code that could be guessed; each guess costs as much as this."""
    derived = hashlib.scrypt(code.encode(), salt=salt, n=_SLOW_N, r=_SLOW_R, p=1, maxmem=2**23, dklen=64)
    return CodeSecret(derived[:32].hex(), derived[32:])


# Letters that no decomposition takes apart, and how people type them.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def folded(text: str) -> str:
    """Write a name so that accents, upper and lower case do not matter."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char)).translate(_PLAIN)


def is_like(name: str, wanted: str) -> bool:
    """Tell whether every word of `wanted` is somewhere in a name."""
    there, words = folded(name), folded(wanted).split()
    return bool(words) and all(word in there for word in words)


def _bits_a_character(run: str) -> float:
    if run.isdigit():
        return _DIGIT_BITS
    if _HEX.fullmatch(run):
        return _HEX_BITS
    return _ONE_CASE_BITS if run in (run.upper(), run.lower()) else _BOTH_CASES_BITS
