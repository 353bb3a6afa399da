"""The text of a file, whatever program saved it, and its records, whatever separates their fields."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from appliance.core.lists.listed import ListProblems
from appliance.core.tomltext import Problem

MAX_BYTES = 64_000_000  # 200,000 tickets with holders and answers are under 40 MB
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # not str.splitlines, which also parts at form feeds
_EXCEL_HINT = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)  # a first line that only Excel writes and reads
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of a file, and a sentence if its encoding had to be guessed. Raises ListProblems.

    UTF-8 with or without a mark, UTF-16 with one (Excel's "Unicode text"), else Windows-1252.
    """
    if len(data) > MAX_BYTES:
        raise ListProblems(
            [Problem(0, f"the file is larger than {MAX_BYTES // 1_000_000} MB: is it a list of tickets?")]
        )
    if data.startswith(_UTF16_MARKS):
        return _decoded(data, "utf-16", "is not whole UTF-16 text: save it as UTF-8"), ""
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    text = _decoded(data, "cp1252", "is neither UTF-8 nor Windows-1252 text: save it as UTF-8")
    return (
        text,
        f"The file is not UTF-8 (see line {line}): it was read as Windows-1252. Check accents in product names.",
    )


def _decoded(data: bytes, encoding: str, wrong: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ListProblems([Problem(data.count(b"\n", 0, error.start) + 1, wrong)]) from error


class Records:
    """The records of a CSV text; the delimiter is the one that parts the first record most."""

    def __init__(self, text: str) -> None:
        self._text = text.removeprefix("\ufeff")
        hint = _EXCEL_HINT.match(self._text)
        self._start = hint.end() if hint else 0
        self.delimiter = hint[1] if hint and hint[1] in DELIMITERS else max(DELIMITERS, key=self._fields_in_header)
        self._reader = csv.reader(self._lines(), strict=True, delimiter=self.delimiter)

    @property
    def line(self) -> int:
        """Number of the line that was read last."""
        return self._reader.line_num + (1 if self._start else 0)

    def __iter__(self) -> Iterator[list[str]]:
        """Read the records. Raises csv.Error."""
        return self._reader

    def _lines(self) -> Iterator[str]:
        return (found[0] for found in _LINE.finditer(self._text, self._start))

    def _fields_in_header(self, delimiter: str) -> int:
        try:
            return len(next(csv.reader(self._lines(), strict=True, delimiter=delimiter), []))
        except csv.Error:
            return 0
