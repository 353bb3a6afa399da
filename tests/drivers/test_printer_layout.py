from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.drivers.printer import layout


@given(st.text(max_size=200), st.integers(2, 48))
def test_no_line_is_too_wide_and_no_word_is_lost(text: str, columns: int) -> None:
    clean = layout.clean(text)
    lines = layout.wrap(clean, columns)
    assert all(layout.width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(clean.split())


@given(st.text(max_size=80), st.text(max_size=60), st.integers(8, 48))
def test_a_row_keeps_both_parts_within_its_columns(left: str, right: str, columns: int) -> None:
    left, right = layout.clean(left), layout.clean(right)
    lines = layout.row(left, right, columns)
    assert all(layout.width(line) <= columns for line in lines)
    kept = sorted("".join("".join(lines).split()))
    assert kept == sorted("".join((left + right).split()))


@given(st.text())
def test_clean_text_holds_no_command(text: str) -> None:
    assert not [c for c in layout.clean(text) if unicodedata.category(c).startswith("C") and c != "\n"]


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 8, ["one two", "three"]),
        ("one\n\ntwo", 8, ["one", "", "two"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("日本語です", 4, ["日本", "語で", "す"]),
        ("12\u00a0€ each", 6, ["12\u00a0€", "each"]),
    ],
)
def test_wrap(text: str, columns: int, lines: list[str]) -> None:
    assert layout.wrap(text, columns) == lines


@pytest.mark.parametrize(
    ("left", "right", "lines"),
    [
        ("Tea", "2.00", ["Tea         2.00"]),
        ("A very long name", "2.00", ["A very long 2.00", "name"]),
        ("Name", "a right part too long", ["Name", "a right part too", "            long"]),
        ("Only left", "", ["Only left"]),
        ("", "9.99", ["            9.99"]),
    ],
)
def test_row(left: str, right: str, lines: list[str]) -> None:
    assert layout.row(left, right, 16) == lines


def test_clean_drops_commands_and_composes() -> None:
    assert layout.clean("a\x1b@\x1dV\x00b\tc e\u0301 12\u202f€\ud800") == "a@Vb c é 12\u00a0€"


def test_a_line_break_at_the_right_edge_is_a_space() -> None:
    assert layout.row("Ā", "a\nb", 12) == ["Ā        a b"]
