"""Keyboard scanners that are set to another layout: found with a card that shows every character once. Pure.

A keyboard ("wedge") scanner presses keys, and a key means what the layout of either side says: `y` arrives as `z`.
The card's text is known, so what arrives tells which character became which.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass

_MARKS = string.punctuation
# A letter at each end, so that nothing is lost where spaces around a code are dropped. The space parts the
# characters: it is the one key that every layout has in the same place.
CHARACTERS = string.ascii_uppercase + string.digits + _MARKS + string.ascii_lowercase
CARD = " ".join(CHARACTERS)


@dataclass(frozen=True, slots=True)
class Layout:
    """What arrives -> what is on the code; a character that is not named arrives as it is.

    `lost` are those that cannot be told: they do not arrive, or arrive as another one does.
    """

    swaps: Mapping[str, str]
    lost: str = ""

    def undo(self, text: str) -> str:
        """Return what was on the code."""
        return "".join(self.swaps.get(char, char) for char in text)


STRAIGHT = Layout({})


def read_card(arrived: str) -> Layout | None:
    """Learn a layout from what arrived of CARD; None if it was not the card."""
    parts = arrived.strip("\r\n\t").split(" ")
    if len(parts) != len(CHARACTERS) or any(len(part) > 1 for part in parts):
        return None
    meant_by: dict[str, str] = {}
    lost = ""
    for meant, came in sorted(zip(CHARACTERS, parts, strict=True), key=_letters_first):
        if came and came not in meant_by:
            meant_by[came] = meant
        else:
            lost += meant
    return Layout({came: meant for came, meant in meant_by.items() if came != meant}, lost)


def _letters_first(pair: tuple[str, str]) -> bool:
    """Order characters so that where two arrive alike, the letter or digit is the one that is kept."""
    return not pair[0].isalnum()
