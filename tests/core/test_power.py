from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.devices import BatteryReading, Blink, Lamp, PowerSource
from appliance.core.panel import lamps_for
from appliance.core.power import PowerLimits, PowerState, next_state

LIMITS = PowerLimits()
CHARGES = st.floats(0, 100)
STATES = st.sampled_from(PowerState)
SOURCES = st.sampled_from(PowerSource)


def on_battery(charge_pct: float) -> BatteryReading:
    return BatteryReading(charge_pct=charge_pct, charging=False)


@st.composite
def limits(draw: st.DrawFn) -> PowerLimits:
    critical, low, saving = sorted(draw(st.sets(st.integers(1, 90), min_size=3, max_size=3)))
    return PowerLimits(saving, low, critical, draw(st.integers(0, 9)))


@st.composite
def readings(draw: st.DrawFn) -> BatteryReading:
    return BatteryReading(draw(CHARGES), draw(st.booleans()), input_source=draw(SOURCES), io_source=draw(SOURCES))


def model(current: str, charge: float, powered: bool, limit: PowerLimits) -> str:
    """The same rule told as a walk: sink while a limit is reached, else climb while its margin is passed."""
    ladder = ["normal", "saving", "low", "critical"]
    enter = [math.inf, limit.saving_pct, limit.low_pct, limit.critical_pct]
    place = ladder.index(current)
    while place < 3 and charge <= enter[place + 1]:
        place += 1
    while place > 0 and charge > enter[place] + limit.hysteresis_pct:
        place -= 1
    return "low" if powered and ladder[place] == "critical" else ladder[place]


@given(STATES, readings(), limits())
def test_agrees_with_an_independent_model(current: PowerState, reading: BatteryReading, limit: PowerLimits) -> None:
    powered = reading.charging or "present" in (reading.input_source.value, reading.io_source.value)
    assert next_state(current, reading, limit) == model(current.value, reading.charge_pct, powered, limit)


@given(STATES, CHARGES, st.lists(st.floats(-2.4, 2.4), max_size=20))
def test_never_flaps_while_the_charge_stays_inside_one_band(
    start: PowerState, centre: float, wobble: list[float]
) -> None:
    state = next_state(start, on_battery(centre), LIMITS)
    changes = 0
    for offset in wobble:
        after = next_state(state, on_battery(min(100.0, max(0.0, centre + offset))), LIMITS)
        changes += after is not state
        state = after
    assert changes <= 1


@given(STATES, CHARGES, CHARGES)
def test_less_charge_is_never_a_better_state(current: PowerState, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert next_state(current, on_battery(less), LIMITS).rank >= next_state(current, on_battery(more), LIMITS).rank


@given(STATES, readings())
def test_the_same_reading_twice_changes_nothing_more(current: PowerState, reading: BatteryReading) -> None:
    once = next_state(current, reading, LIMITS)
    assert next_state(once, reading, LIMITS) is once


@pytest.mark.parametrize(
    ("charge_pct", "state"),
    [(100, "normal"), (51, "normal"), (50, "saving"), (26, "saving"), (25, "low"), (11, "low"), (10, "critical")],
)
def test_limits_from_a_full_battery(charge_pct: float, state: str) -> None:
    assert next_state(PowerState.NORMAL, on_battery(charge_pct), LIMITS) == state


def test_saving_is_left_only_above_limit_and_hysteresis() -> None:
    assert next_state(PowerState.SAVING, on_battery(55), LIMITS) is PowerState.SAVING
    assert next_state(PowerState.SAVING, on_battery(55.1), LIMITS) is PowerState.NORMAL


@pytest.mark.parametrize(
    "reading",
    [
        None,
        on_battery(math.nan),
        on_battery(-1),
        on_battery(255),
        BatteryReading(charge_pct=0, charging=False, battery_present=False),
    ],
)
@pytest.mark.parametrize("state", list(PowerState))
def test_an_unknown_reading_keeps_the_state(state: PowerState, reading: BatteryReading | None) -> None:
    assert next_state(state, reading, LIMITS) is state


def test_power_coming_in_holds_off_critical_and_its_loss_brings_it_back() -> None:
    plugged = BatteryReading(charge_pct=4, charging=True, input_source=PowerSource.PRESENT)
    assert next_state(PowerState.CRITICAL, plugged, LIMITS) is PowerState.LOW
    assert next_state(PowerState.LOW, on_battery(4), LIMITS) is PowerState.CRITICAL


def test_a_mains_box_without_battery_is_normal() -> None:
    mains = BatteryReading(charge_pct=0, charging=False, battery_present=False, io_source=PowerSource.PRESENT)
    assert next_state(PowerState.LOW, mains, LIMITS) is PowerState.NORMAL


@pytest.mark.parametrize(
    "wrong",
    [
        {"low_pct": 60},
        {"critical_pct": 25},
        {"critical_pct": -1},
        {"hysteresis_pct": -1},
        {"saving_pct": 96},
        {"saving_pct": math.nan},
        {"hysteresis_pct": 50},
    ],
)
def test_limits_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="_pct"):
        PowerLimits(**wrong)


def test_every_state_has_lamps_of_its_own() -> None:
    shown = [tuple(sorted(lamps_for(state, charging=False).items())) for state in PowerState]
    assert len(set(shown)) == 4


@pytest.mark.parametrize("state", list(PowerState))
@pytest.mark.parametrize("charging", [False, True])
def test_the_status_lamp_is_left_alone(state: PowerState, charging: bool) -> None:
    assert set(lamps_for(state, charging)) == {Lamp.GREEN, Lamp.AMBER, Lamp.RED}


def test_charging_shows_as_slow_green_and_keeps_the_warning() -> None:
    assert lamps_for(PowerState.NORMAL, charging=True)[Lamp.GREEN] is Blink.SLOW
    low = lamps_for(PowerState.LOW, charging=True)
    assert (low[Lamp.GREEN], low[Lamp.RED]) == (Blink.SLOW, Blink.ON)
