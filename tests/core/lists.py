"""What the tests of ticket lists share."""

from __future__ import annotations

from pathlib import Path

from appliance.core.lists.listed import ListedTicket, ListProblems
from appliance.core.lists.options import Options
from appliance.core.lists.reader import open_file, open_text
from appliance.core.tomltext import Problem

SAMPLES = Path(__file__).parent.parent / "data" / "lists"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def listed(data: bytes | str, options: Options | None = None) -> list[ListedTicket]:
    """The tickets of a list that is in order."""
    rows = open_text(data, options) if isinstance(data, str) else open_file(data, options)
    found = list(rows.rows())
    assert not [row for row in found if isinstance(row, Problem)]
    return [row for row in found if isinstance(row, ListedTicket)]


def problems(data: bytes | str, options: Options | None = None) -> list[tuple[int, str]]:
    """What is wrong with a list: line and sentence."""
    try:
        rows = open_text(data, options) if isinstance(data, str) else open_file(data, options)
    except ListProblems as error:
        return [(one.line, one.message) for one in error.problems]
    return [(row.line, row.message) for row in rows.rows() if isinstance(row, Problem)]
