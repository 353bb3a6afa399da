"""Money: text, rounding, sharing and tax, against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.money import PPM, Currency, round_half_up, share, tax_included, tax_on_top

AMOUNTS = st.integers(-(10**12), 10**12)
RATES = st.integers(0, PPM)


@pytest.mark.parametrize(
    ("code", "amount_minor", "text"),
    [
        ("USD", 0, "$0.00"),
        ("USD", 5, "$0.05"),
        ("USD", -5, "-$0.05"),
        ("USD", -1250, "-$12.50"),
        ("EUR", 100_000, "€1000.00"),
        ("CHF", 1250, "CHF 12.50"),
        ("CHF", -1250, "-CHF 12.50"),
        ("JPY", 0, "¥0"),
        ("JPY", 1250, "¥1250"),
        ("JPY", -7, "-¥7"),
        ("KWD", 1, "KWD 0.001"),
        ("KWD", -12_500, "-KWD 12.500"),
    ],
)
def test_an_amount_is_written_as_people_do(code: str, amount_minor: int, text: str) -> None:
    assert Currency(code).text(amount_minor) == text


@given(AMOUNTS, st.sampled_from(["JPY", "USD", "KWD"]))
def test_a_written_number_reads_back_exactly(amount_minor: int, code: str) -> None:
    currency = Currency(code)
    written = currency.number(amount_minor)
    assert Fraction(written) * 10**currency.exponent == amount_minor
    assert len(written.partition(".")[2]) == currency.exponent


@given(AMOUNTS, st.integers(1, 10**9))
def test_rounding_is_to_the_nearest_and_halves_go_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    rounded = round_half_up(numerator, denominator)
    assert abs(rounded - exact) <= Fraction(1, 2)
    if abs(rounded - exact) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


@given(st.integers(0, 10**12), RATES)
def test_tax_contained_and_tax_on_top_follow_the_exact_fraction(amount_minor: int, rate_ppm: int) -> None:
    rate = Fraction(rate_ppm, PPM)
    assert abs(tax_included(amount_minor, rate_ppm) - amount_minor * rate / (1 + rate)) <= Fraction(1, 2)
    assert abs(tax_on_top(amount_minor, rate_ppm) - amount_minor * rate) <= Fraction(1, 2)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any))
def test_shares_add_up_and_each_is_within_one_unit_of_its_exact_part(total_minor: int, weights: list[int]) -> None:
    parts = share(total_minor, weights)
    assert sum(parts) == total_minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total_minor * weight, sum(weights))) < 1
        assert weight or not part


def test_an_amount_cannot_be_shared_over_nothing() -> None:
    assert share(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="nothing to share"):
        share(1, [0, 0])
