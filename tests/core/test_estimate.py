"""How long the battery lasts, and how sure that is."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.core.estimate import UseOfPower


def used(
    pct_per_h: float, hours: float, noise: float = 0.0, start: float = 90.0, seed: int = 1
) -> tuple[UseOfPower, float]:
    """Drain a battery, told in whole percents once a minute; return what was learnt and the last charge."""
    use, dice, charge = UseOfPower(), random.Random(seed), start
    for minute in range(round(hours * 60) + 1):
        charge = start - pct_per_h * minute / 60 + dice.gauss(0, noise)
        use.take(minute * 60.0, float(round(charge)), powered=False)
    return use, charge


@example(pct_per_h=6.0, hours=1.5, seed=5)  # two whole percents up between two minutes are noise
@given(st.floats(6, 40), st.floats(0.7, 2), st.integers(0, 50))
def test_the_truth_lies_within_the_error(pct_per_h: float, hours: float, seed: int) -> None:
    use, charge = used(pct_per_h, hours, noise=0.3, seed=seed)
    found = use.time_left(charge, until_pct=10)
    assert found is not None
    true_s = max(0.0, charge - 10) / pct_per_h * 3600
    assert abs(found.left_s - true_s) <= 2 * found.error_s + 60  # within twice the error: 19 in 20 lie within once


@pytest.mark.parametrize("hours", [0.1, 0.2])
def test_too_little_use_tells_nothing(hours: float) -> None:
    use, charge = used(20, hours)
    assert use.time_left(charge, 10) is None


def test_a_battery_that_does_not_sink_tells_nothing() -> None:
    use, charge = used(0, 2)
    assert use.time_left(charge, 10) is None


def test_longer_use_is_surer() -> None:
    short, long = used(20, 0.5), used(20, 2)
    assert (short[0].time_left(50, 10) or long[0].time_left(0, 0)).error_s > long[0].time_left(50, 10).error_s  # type: ignore[union-attr]


def test_power_begins_everything_anew() -> None:
    use, charge = used(20, 1)
    use.take(3700.0, charge, powered=True)
    assert use.time_left(charge, 10) is None


def test_only_the_last_three_hours_count() -> None:
    use, _ = used(2, 4)
    for minute in range(241, 241 + 180):
        use.take(minute * 60.0, 82 - 20 * (minute - 241) / 60, powered=False)
    found = use.time_left(40, 20)
    assert found is not None
    assert found.left_s == pytest.approx(3600, rel=0.1)


def test_below_the_limit_nothing_is_left() -> None:
    use, _ = used(20, 1)
    found = use.time_left(5, 10)
    assert found is not None
    assert (found.left_s, found.error_s) == (0, 0)
