"""The power state over a run of readings: what it takes to change it, and what never may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.devices import BatteryReading, PowerSource
from appliance.core.power import AGREEING, PowerLimits, PowerState, PowerWatch, credible

LIMITS = PowerLimits()
BY_VOLTAGE = PowerLimits(low_mv=12_000, critical_mv=11_500)
WILD = st.sampled_from([-1.0, 255.0, 101.0, 6553.5, float("nan"), float("inf")])
ANY = st.builds(
    BatteryReading,
    charge_pct=st.one_of(st.none(), st.floats(0, 100), WILD),
    charging=st.booleans(),
    battery_present=st.booleans(),
    battery_mv=st.one_of(st.none(), st.integers(-(2**40), 2**40)),
    temperature_c=st.one_of(st.none(), st.integers(-300, 300)),
    input_source=st.sampled_from(PowerSource),
    io_source=st.sampled_from(PowerSource),
)


def on_battery(charge_pct: float | None, mv: int | None = None) -> BatteryReading:
    return BatteryReading(charge_pct=charge_pct, charging=False, battery_mv=mv)


def after(watch: PowerWatch, *readings: BatteryReading | None) -> PowerState:
    for reading in readings:
        watch.take(reading)
    return watch.state


@given(st.lists(st.floats(0, 100), max_size=60).map(lambda charges: sorted(charges, reverse=True)))
def test_a_charge_that_only_falls_makes_a_state_that_only_worsens(charges: list[float]) -> None:
    watch = PowerWatch(LIMITS)
    ranks = [watch.take(on_battery(charge)).rank for charge in charges]
    assert ranks == sorted(ranks)


@given(st.lists(st.floats(0, 100), max_size=60).map(sorted))
def test_a_charge_that_only_rises_makes_a_state_that_only_betters(charges: list[float]) -> None:
    watch = PowerWatch(LIMITS)
    after(watch, *[on_battery(1)] * AGREEING)
    ranks = [watch.take(on_battery(charge)).rank for charge in charges]
    assert ranks == sorted(ranks, reverse=True)


@given(st.floats(0, 100), st.lists(st.floats(-2.4, 2.4), min_size=1, max_size=80))
def test_it_does_not_flap_around_a_limit(centre: float, wobble: list[float]) -> None:
    watch = PowerWatch(LIMITS)
    ranks = [watch.take(on_battery(min(100.0, max(0.0, centre + offset)))).rank for offset in wobble]
    assert ranks == sorted(ranks)


@given(st.lists(ANY, max_size=60))
def test_never_critical_while_power_comes_in(readings: list[BatteryReading]) -> None:
    watch = PowerWatch(LIMITS)
    for reading in readings:
        before, state = watch.state, watch.take(reading)
        powered = reading.charging or PowerSource.PRESENT in (reading.input_source, reading.io_source)
        assert not (powered and state is PowerState.CRITICAL and before is not PowerState.CRITICAL)


@given(st.lists(ANY, max_size=60))
def test_critical_takes_three_readings_in_a_row_that_say_so(readings: list[BatteryReading]) -> None:
    watch, low = PowerWatch(LIMITS), 0
    for reading in readings:
        pct = reading.charge_pct
        if pct is not None and 0 <= pct <= 100 and reading.battery_present:
            low = low + 1 if pct <= LIMITS.critical_pct and not _powered(reading) else 0
        before = watch.state
        if watch.take(reading) is PowerState.CRITICAL and before is not PowerState.CRITICAL:
            assert low >= AGREEING


def _powered(reading: BatteryReading) -> bool:
    return reading.charging or PowerSource.PRESENT in (reading.input_source, reading.io_source)


@given(st.lists(WILD, max_size=30))
def test_garbage_alone_never_changes_anything(charges: list[float]) -> None:
    assert after(PowerWatch(LIMITS), *map(on_battery, charges)) is PowerState.NORMAL


@given(ANY)
def test_a_credible_reading_stays_so(reading: BatteryReading) -> None:
    once = credible(reading)
    assert credible(once) == once
    assert once.charge_pct is None or 0 <= once.charge_pct <= 100


@pytest.mark.parametrize("wild", [on_battery(0), on_battery(255), on_battery(-60), None])
def test_one_wild_reading_among_good_ones_changes_nothing(wild: BatteryReading | None) -> None:
    good = on_battery(80)
    assert after(PowerWatch(LIMITS), good, wild, good, wild, good, wild) is PowerState.NORMAL


def test_a_wild_reading_among_three_counts_no_further_than_its_neighbours() -> None:
    assert after(PowerWatch(LIMITS), on_battery(45), on_battery(0), on_battery(45)) is PowerState.SAVING


def test_a_board_that_falls_silent_keeps_the_state() -> None:
    watch = PowerWatch(LIMITS)
    after(watch, *[on_battery(9)] * (AGREEING - 1), *[None] * 100)
    assert watch.state is PowerState.NORMAL
    assert after(watch, on_battery(9)) is PowerState.CRITICAL


def test_a_board_without_charge_is_judged_by_voltage_only_where_limits_are_set() -> None:
    assert after(PowerWatch(LIMITS), *[on_battery(None, 9_000)] * 5) is PowerState.NORMAL
    watch = PowerWatch(BY_VOLTAGE)
    assert after(watch, *[on_battery(None, 11_900)] * 3) is PowerState.LOW
    assert after(watch, *[on_battery(None, 12_200)] * 3) is PowerState.LOW  # a rest without load is no charge
    assert after(watch, *[on_battery(None, 11_400)] * 3) is PowerState.CRITICAL
    assert after(watch, *[on_battery(None, 12_900)] * 3) is PowerState.NORMAL
