"""Breaks text into lines of a monospaced printer. Pure; widths are in columns of the normal font."""

from __future__ import annotations

import unicodedata

WIDE = {"W", "F"}  # Unicode TR 11: two columns each
COMBINING = {"Mn", "Me", "Cf"}


def clean(text: str) -> str:
    """Return the text without anything a printer could take for a command, composed, spaces made plain.

    Line breaks stay. What people type (a name with an escape character in it) must never steer the printer.
    """
    return "".join(_clean_character(char) for char in unicodedata.normalize("NFC", text))


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
    """Put `right` at the right edge of the first line and `left` beside it, wrapped below itself if long."""
    room = columns - width(right) - 1
    if right and room < columns // 3:  # no place beside it: below, still at the right edge
        return wrap(left, columns) + [_pad(columns - width(line)) + line for line in wrap(right, columns)]
    if not right:
        return wrap(left, columns)
    first, *rest = wrap(left.replace("\n", " "), room)
    return [first + _pad(columns - width(first) - width(right)) + right, *rest]


def _pad(columns: int) -> str:
    return " " * columns
