from __future__ import annotations

import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from appliance.sim.panel import PanelEmulator, rhythm


def blinking(half_s: float, changes: int) -> list[tuple[float, bool]]:
    return [(number * half_s, bool(number % 2)) for number in range(changes)]


@given(st.integers(4, 64), st.floats(0, 0.2))
def test_fast_is_seen_at_any_moment_of_it(changes: int, later_s: float) -> None:
    assert rhythm(blinking(0.2, changes), (changes - 1) * 0.2 + later_s) == "fast"


@given(st.integers(4, 64), st.floats(0, 1))
def test_slow_is_seen_at_any_moment_of_it(changes: int, later_s: float) -> None:
    assert rhythm(blinking(1.0, changes), changes - 1 + later_s) == "slow"


@given(st.integers(1, 64), st.sampled_from([0.2, 1.0]))
def test_a_lamp_that_stopped_is_on_or_off_as_it_stands(changes: int, half_s: float) -> None:
    seen = blinking(half_s, changes)
    assert rhythm(seen, seen[-1][0] + 2) == ("on" if seen[-1][1] else "off")


def test_one_or_two_changes_are_no_rhythm() -> None:
    assert rhythm([(0, False), (5, True)], 5.1) == "on"
    assert rhythm([(0, False), (5, True), (5.2, False)], 5.3) == "off"


def test_a_glitch_is_no_rhythm() -> None:
    assert rhythm([(0, False), (5, True), (6, False), (6.0001, True), (6.0002, False)], 6.1) == "off"


def test_a_pin_that_is_no_output_lights_nothing() -> None:
    factory = MockFactory()
    eye = PanelEmulator(factory, {"green": 17})
    pin = factory.pin(17)
    pin.function = "output"
    pin.state = 1
    assert eye.state() == {"green": "on"}
    pin.function = "input"
    assert eye.state() == {"green": "off"}
    factory.close()


def test_the_emulator_must_come_before_the_panel() -> None:
    factory = MockFactory()
    factory.pin(17)
    with pytest.raises(ValueError, match="before the panel: green"):
        PanelEmulator(factory, {"green": 17})
    factory.close()


def test_a_panel_without_button_cannot_be_pressed() -> None:
    factory = MockFactory()
    with pytest.raises(ValueError, match="no button"):
        PanelEmulator(factory, {"green": 17}).press()
    factory.close()


def test_a_lamp_that_ended_blinking_fast_is_not_taken_for_slow() -> None:
    ended = [(number * 0.2, bool(number % 2)) for number in range(12)]
    assert rhythm(ended, 11 * 0.2 + 1) == "on"
    assert rhythm([*ended, (3.5, False)], 3.6) == "off"
