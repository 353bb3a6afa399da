"""One reader of codes: from what a scanner sent or a person typed to the text that is looked up. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from appliance.core import shortcode

MAX_CODE_BYTES = 4096
DOUBLE_READ_S = 2.0  # a scanner that sees a code this soon again has not been shown it twice

# AIM symbology identifiers, ISO/IEC 15424 (`]Q3`), and ECI designators, AIM ITS/04-001: \000026 is UTF-8,
# \000001 and \000003 ISO 8859-1, \000027 US-ASCII. Scanners send them when they are set to.
_PREFIX = re.compile(r"(?:\][A-Za-z][0-9A-Za-z]|\\0000(?:01|03|26|27))")
_BARCODE = re.compile(r"[0-9]{8}|[0-9]{12,13}")


def decode(raw: str | bytes) -> str | None:
    """Return a scan as text; None if it is none: not UTF-8, half a character, or beyond MAX_CODE_BYTES."""
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8")
        text.encode("utf-8")
    except UnicodeError:
        return None
    return text if len(text) <= MAX_CODE_BYTES else None


def normalise(raw: str | bytes) -> str | None:
    """Return the code that a scanner or a person meant; None if there is none.

    Control characters (CR, LF, GS), prefixes of the symbology and surrounding spaces are dropped; letters that only
    look different (full width, ligatures) become the plain ones (NFKC). Upper and lower case stay: see `cases`.
    """
    text = decode(raw)
    if text is None:
        return None
    kept = "".join(char for char in text if char.isprintable())
    plain = unicodedata.normalize("NFKC", kept).strip()
    while (prefix := _PREFIX.match(plain)) and prefix.end() < len(plain):
        plain = plain[prefix.end() :].strip()
    return plain if 0 < len(plain) <= MAX_CODE_BYTES else None


def cases(code: str) -> tuple[str, ...]:
    """Return how a code may be listed: as it was read, in capitals for those who type, and as a short code is kept."""
    spellings = (code, code.upper(), shortcode.canonical(code))
    return tuple(dict.fromkeys(filter(None, spellings)))


def ticket_id(code: str) -> str:
    """Return the name under which a ticket is kept: the SHA-256 of its code, in hex."""
    return hashlib.sha256(code.encode()).hexdigest()


def is_barcode(code: str) -> bool:
    """Tell whether a code is an EAN-8, UPC-A or EAN-13 with the right check digit (GS1 General Specifications, 7.9)."""
    if not _BARCODE.fullmatch(code):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(code)))
    return weighted % 10 == 0


def barcode_key(code: str) -> str:
    """Return the form under which a product is found: a UPC-A is an EAN-13 with a zero in front."""
    return code.zfill(13) if len(code) == 12 else code


@dataclass(frozen=True, slots=True)
class SignedFound:
    """A ticket that carries its own proof, as a reader of its format found it.

    `id` names it by its payload alone, so that another spelling of the same ticket is the same ticket; it is also
    given with a bad signature. `problem` is an admission reason (`bad_signature`, `wrong_event`), empty if it is good.
    Times are as `timestamp` writes them.
    """

    id: str
    product: str
    valid_from: str | None = None
    valid_until: str | None = None
    event: str = ""
    problem: str = ""
    entries_allowed: int | None = None  # 0: without limit; None: as its product says


SignedReader = Callable[[str], SignedFound | None]  # None: the text is not of this format

T = TypeVar("T")


class DoubleReads(Generic[T]):
    """What each scanner was told in the last DOUBLE_READ_S. Times are seconds of a clock that only goes forward."""

    def __init__(self, window_s: float = DOUBLE_READ_S) -> None:
        self._window_s = window_s
        self._told: dict[tuple[str, str | bytes], tuple[float, T]] = {}

    def recall(self, scanner: str, code: str | bytes, now_s: float) -> T | None:
        """Return what this scanner was told about this code a moment ago; None if that is over."""
        self._told = {key: kept for key, kept in self._told.items() if now_s - kept[0] < self._window_s}
        told = self._told.get((scanner, _same(code)))
        return told[1] if told else None

    def remember(self, scanner: str, code: str | bytes, now_s: float, answer: T) -> None:
        """Keep what a scanner was told. A repetition is not remembered anew, so nothing is kept alive by it."""
        self._told[scanner, _same(code)] = (now_s, answer)


def _same(code: str | bytes) -> str | bytes:
    """Return what two reads of one code have in common."""
    return normalise(code) or code
