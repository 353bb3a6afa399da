"""Shares and their bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.shares import share_text, wilson_pct

COUNTS = st.integers(1, 10_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


@pytest.mark.parametrize(
    ("part", "whole", "bounds"),
    # R 4: prop.test(x, n, correct = FALSE)$conf.int, outwards to whole percents
    [
        (81, 263, (25, 37)),
        (15, 148, (6, 17)),
        (0, 20, (0, 17)),
        (1, 29, (0, 18)),
        (29, 29, (88, 100)),
        (0, 0, (0, 100)),
    ],
)
def test_the_bounds_are_those_of_the_tables(part: int, whole: int, bounds: tuple[int, int]) -> None:
    assert wilson_pct(part, whole) == bounds


@given(COUNTS)
def test_the_share_itself_lies_between_its_bounds(counts: tuple[int, int]) -> None:
    part, whole = counts
    low, high = wilson_pct(part, whole)
    assert 0 <= low <= 100 * part / whole <= high <= 100


@given(COUNTS)
def test_what_is_left_has_the_mirrored_bounds(counts: tuple[int, int]) -> None:
    part, whole = counts
    low, high = wilson_pct(part, whole)
    assert wilson_pct(whole - part, whole) == (100 - high, 100 - low)


def test_no_part_is_larger_than_its_whole() -> None:
    with pytest.raises(ValueError, match="3 is no part of 2"):
        wilson_pct(3, 2)


def test_a_share_says_on_how_many_it_stands() -> None:
    assert share_text(12, 80, "visitors") == "12 of 80 visitors (15 %, likely 8 to 25 %)"
    assert share_text(0, 0, "sales") == "0 of 0 sales"
    assert share_text(3, 2, "visitors") == "3 of 2 visitors", "more sales than visitors were counted: no share"
