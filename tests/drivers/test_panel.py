"""The panel's driver, seen by the emulator that looks at nothing but the pins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from gpiozero.pins.mock import MockFactory

from appliance.core.devices import Blink, Lamp, Panel, Sound
from appliance.core.errors import DeviceLost
from appliance.drivers.panel.absent import AbsentPanel
from appliance.drivers.panel.gpio import GpioPanel
from appliance.sim.panel import PanelEmulator
from tests.waiting import wait_until

PINS = {"green": 17, "amber": 27, "red": 22, "status": 23, "buzzer": 24, "button": 25}
LIMIT_S = 5


def blinking_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if type(thread).__name__ == "GPIOThread"]


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    made = MockFactory()
    yield made
    made.close()


@pytest.fixture
def eye(factory: MockFactory) -> PanelEmulator:
    return PanelEmulator(factory, PINS)


@pytest.fixture
def panel(factory: MockFactory, eye: PanelEmulator) -> Iterator[GpioPanel]:
    made = GpioPanel(PINS, factory)
    made.open()
    yield made
    made.close()


def test_all_is_dark_and_silent_after_opening(panel: GpioPanel, eye: PanelEmulator) -> None:
    assert set(eye.state().values()) == {"off"}


def test_lamps_named_change_and_the_others_stay(panel: GpioPanel, eye: PanelEmulator) -> None:
    panel.show({Lamp.GREEN: Blink.ON, Lamp.AMBER: Blink.ON})
    panel.show({Lamp.AMBER: Blink.OFF, Lamp.RED: Blink.ON})
    seen = eye.state()
    assert {name: seen[name] for name in ("green", "amber", "red", "status")} == {
        "green": "on",
        "amber": "off",
        "red": "on",
        "status": "off",
    }


def test_blinking_is_seen_in_its_two_rhythms(panel: GpioPanel, eye: PanelEmulator) -> None:
    panel.show({Lamp.RED: Blink.FAST, Lamp.GREEN: Blink.SLOW})
    wait_until(lambda: eye.state()["red"] == "fast")
    wait_until(lambda: eye.state()["green"] == "slow")
    panel.show({Lamp.RED: Blink.ON, Lamp.GREEN: Blink.OFF})
    wait_until(lambda: eye.state()["red"] == "on")
    wait_until(lambda: eye.state()["green"] == "off")


def test_showing_the_same_again_keeps_the_rhythm(panel: GpioPanel, eye: PanelEmulator) -> None:
    panel.show({Lamp.STATUS: Blink.FAST})

    def again_and_seen() -> bool:
        panel.show({Lamp.STATUS: Blink.FAST})
        return eye.state()["status"] == "fast"

    wait_until(again_and_seen)


@pytest.mark.parametrize(("sound", "count"), [(Sound.ADMIT, 1), (Sound.REFUSE, 3), (Sound.ATTENTION, 2)])
def test_each_sound_has_its_number_of_tones(panel: GpioPanel, eye: PanelEmulator, sound: Sound, count: int) -> None:
    panel.sound(sound)
    wait_until(lambda: not blinking_threads())
    assert len(eye.beeps()) == count


def test_admit_is_long_and_refuse_is_short(panel: GpioPanel, eye: PanelEmulator) -> None:
    panel.sound(Sound.ADMIT)
    wait_until(lambda: len(eye.beeps()) == 1)
    panel.sound(Sound.REFUSE)
    wait_until(lambda: len(eye.beeps()) == 4)
    admit, *refuse = eye.beeps()
    assert all(admit > 1.5 * tone for tone in refuse)


def test_a_new_sound_cuts_the_old_one_short_and_none_silences(panel: GpioPanel, eye: PanelEmulator) -> None:
    panel.sound(Sound.ADMIT)
    wait_until(lambda: eye.state()["buzzer"] == "on")
    panel.sound(Sound.NONE)
    assert eye.state()["buzzer"] == "off"


def test_the_button_tells_how_long_it_was_held(panel: GpioPanel, eye: PanelEmulator) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(panel.pressed, LIMIT_S)
        eye.press(0.3)
        held_s = waiting.result(LIMIT_S)
    assert held_s is not None
    assert held_s >= 0.29


def test_a_press_between_two_waits_is_not_missed(panel: GpioPanel, eye: PanelEmulator) -> None:
    eye.press(0.01)
    assert panel.pressed(LIMIT_S) is not None
    assert panel.pressed(0) is None


@pytest.mark.parametrize("pressed_before", [False, True])
def test_letting_go_of_a_button_that_was_down_at_the_opening_is_no_press(
    factory: MockFactory, eye: PanelEmulator, pressed_before: bool
) -> None:
    panel = GpioPanel(PINS, factory)
    if pressed_before:
        panel.open()
    eye.hold()
    panel.open()
    eye.let_go()
    assert panel.pressed(0) is None
    eye.press(0)
    held_s = panel.pressed(LIMIT_S)
    assert held_s is not None
    assert held_s < LIMIT_S
    panel.close()


def test_a_chattering_button_that_nobody_reads_fills_nothing(panel: GpioPanel, eye: PanelEmulator) -> None:
    for _ in range(50):
        eye.press(0)
    presses = 0
    while panel.pressed(0) is not None:
        presses += 1
    assert presses == 8


def test_closing_puts_all_out_and_ends_every_thread(panel: GpioPanel, eye: PanelEmulator) -> None:
    panel.show({Lamp.GREEN: Blink.ON, Lamp.RED: Blink.FAST})
    panel.sound(Sound.REFUSE)
    panel.close()
    panel.close()
    wait_until(lambda: set(eye.state().values()) == {"off"})
    assert not blinking_threads()
    with pytest.raises(DeviceLost) as lost:
        panel.show({Lamp.GREEN: Blink.ON})
    assert lost.value.code == "not_open"


def test_opening_again_works_and_starts_dark(panel: GpioPanel, eye: PanelEmulator) -> None:
    panel.show({Lamp.GREEN: Blink.ON})
    panel.open()
    assert eye.state()["green"] == "off"
    panel.show({Lamp.GREEN: Blink.ON})
    assert eye.state()["green"] == "on"


def test_pins_in_use_are_a_lost_device_and_nothing_stays_taken(factory: MockFactory, panel: GpioPanel) -> None:
    other = GpioPanel({"green": 5, "red": PINS["red"]}, factory)
    with pytest.raises(DeviceLost, match="GPIO22 of the panel is in use already") as lost:
        other.open()
    assert lost.value.code == "busy"
    third = GpioPanel({"green": 5}, factory)
    third.open()
    third.close()
    panel.close()
    other.open()
    other.close()


def test_a_pin_that_the_pi_has_not_is_a_lost_device(factory: MockFactory) -> None:
    with pytest.raises(DeviceLost, match="99"):
        GpioPanel({"green": 99}, factory).open()


def test_a_small_panel_does_what_it_can(factory: MockFactory) -> None:
    eye = PanelEmulator(factory, {"green": 17})
    small = GpioPanel({"green": 17}, factory)
    small.open()
    small.show({Lamp.GREEN: Blink.ON, Lamp.RED: Blink.FAST})
    small.sound(Sound.ADMIT)
    assert eye.state() == {"green": "on"}
    assert small.pressed(0) is None
    small.close()


def test_a_lamp_that_panels_do_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="no blue"):
        GpioPanel({"blue": 1})


def test_an_absent_panel_takes_everything_and_is_never_pressed() -> None:
    panel: Panel = AbsentPanel()
    panel.open()
    panel.show({Lamp.RED: Blink.FAST})
    panel.sound(Sound.REFUSE)
    assert panel.pressed(0.01) is None
    panel.close()
    panel.close()
