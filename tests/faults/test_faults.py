"""The page of faults says what the drivers do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.page import PAGE, ROWS, cells, introduction, on_a_box, read
from tests.faults.table import FAULTS, Impossible, Row, run


def test_no_cell_is_empty() -> None:
    written = read()
    assert set(written) == {(row.name, fault) for row in ROWS for fault in FAULTS}
    assert all(shown and sale for shown, sale in written.values())
    assert not [line for line in PAGE.read_text().splitlines() if re.search(r"\|\s*\|", line)]


def test_the_waits_of_a_box_are_those_that_it_ships_with() -> None:
    beginning, *sections = PAGE.read_text().split("\n## ")
    assert beginning == introduction()
    assert [section.splitlines()[2] for section in sections] == [on_a_box(row) for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_cell_that_cannot_be_says_why(row: Row) -> None:
    assert set(row.cells) == set(FAULTS)
    for fault, cell in row.cells.items():
        if isinstance(cell, Impossible):
            assert read()[row.name, fault] == (cell.shown, cell.why)


@pytest.mark.parametrize(("row", "fault"), cells(), ids=lambda part: getattr(part, "name", part))
def test_the_cell_is_as_documented(row: Row, fault: str, tmp_path: Path) -> None:
    found = run(row, fault, tmp_path)
    assert (found.shown, found.sale) == read()[row.name, fault]
