"""Breaks text into lines of a monospaced printer. Pure; widths are in columns of the normal font."""

from __future__ import annotations

import re
import unicodedata

WIDE = {"W", "F"}  # Unicode TR 11: two columns each
COMBINING = {"Mn", "Me", "Cf"}
JOINERS = "\u200c\u200d"  # zero width non-joiner and joiner: they shape the letters around them
# For a regular expression: scripts that join or reorder their letters, by Unicode block. Hebrew to Arabic Extended-A,
# Devanagari to Myanmar (Indic, Thai, Lao, Tibetan), Khmer, Mongolian, Arabic's presentation forms.
SHAPED = "\u0590-\u08ff\u0900-\u109f\u1780-\u18af\ufb1d-\ufdff\ufe70-\ufefc"
RIGHT_TO_LEFT = {"R", "AL"}  # Unicode's bidirectional classes of Hebrew and Arabic letters
GAP = 2  # spaces that set a text which is read from right to left off from an amount
_COUNT = re.compile(r"\d+ x ")
_SHAPED = re.compile(f"[{SHAPED}]")


def clean(text: str) -> str:
    """Return the text without anything a printer could take for a command, composed, spaces made plain.

    Line breaks stay. What people type (a name with an escape character in it) must never steer the printer.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = JOINERS if _SHAPED.search(composed) else ""
    return "".join(char if char in kept else _clean_character(char) for char in composed)


def _clean_character(char: str) -> str:
    category = unicodedata.category(char)
    if char == "\n":
        return char
    if category.startswith("Z") or char == "\t":
        return " " if char not in "\u00a0\u202f" else "\u00a0"  # thin and hard spaces must not break a price
    return "" if category.startswith("C") else char


def width(text: str) -> int:
    """Return how many columns the text takes."""
    return sum(character_width(char) for char in text)


def character_width(char: str) -> int:
    """Return 0 for a mark on the character before, 2 for a wide one (Chinese, emoji), else 1."""
    if unicodedata.category(char) in COMBINING:
        return 0
    return 2 if unicodedata.east_asian_width(char) in WIDE else 1


def is_right_to_left(text: str) -> bool:
    """Tell from its first letter with a direction whether a text is read from right to left (UAX 9, P2 and P3)."""
    classes = map(unicodedata.bidirectional, text)
    return next((kind for kind in classes if kind == "L" or kind in RIGHT_TO_LEFT), "L") in RIGHT_TO_LEFT


def wrap(text: str, columns: int) -> list[str]:
    """Break a clean text at its line breaks and at words, and words that are too long anywhere."""
    return [line for paragraph in text.split("\n") for line in _wrap_paragraph(paragraph, columns)]


def _wrap_paragraph(paragraph: str, columns: int) -> list[str]:
    if width(paragraph) <= columns:
        return [paragraph]
    lines: list[str] = []
    line = ""
    for word in paragraph.split(" "):
        candidate = f"{line} {word}" if line else word
        if width(candidate) <= columns:
            line = candidate
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, columns)
        lines += full
    return [*lines, line]


def _pieces(word: str, columns: int) -> list[str]:
    pieces = [""]
    for char in word:
        if pieces[-1] and width(pieces[-1]) + character_width(char) > columns:
            pieces.append("")
        pieces[-1] += char
    return pieces


def row(left: str, right: str, columns: int) -> list[str]:
    """Put `right` at the right edge of the first line and `left` beside it, wrapped below itself if long.

    What is below a count (`2 x Cup`) stands where the name begins.
    """
    right = right.replace("\n", " ")  # it has one line
    room = columns - width(right) - (GAP if is_right_to_left(left) else 1)
    if right and room < columns // 3:  # no place beside it: below, still at the right edge
        above = wrap(left, columns) if left.strip() else []
        return above + [_pad(columns - width(line)) + line for line in wrap(right, columns)]
    if not right:
        return wrap(left, columns)
    first, *rest = _wrap_counted(left.replace("\n", " "), room)
    return [first + _pad(columns - width(first) - width(right)) + right, *rest]


def _wrap_counted(text: str, columns: int) -> list[str]:
    counted = _COUNT.match(text)
    count = counted.group() if counted and width(counted.group()) < columns // 2 else ""
    first, *rest = wrap(text[len(count) :], columns - width(count))
    return [count + first, *(_pad(width(count)) + line for line in rest)]


def _pad(columns: int) -> str:
    return " " * columns
