"""Cash drawer and stall lights by relay: gpiozero's mock pins on one side, the journal on the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import DeviceLost
from appliance.core.event import read_event
from appliance.core.stall_lights import Lighting, lights_on
from appliance.drivers.relay.gpio import GpioRelays
from appliance.runtime.board import Board
from appliance.services import lights, shifts
from appliance.services.lights import Switch
from appliance.services.stations import RelayStation, relays
from tests.books import EVENT_TEXT, Box
from tests.waiting import wait_until

EVENT = read_event(EVENT_TEXT)
PINS = {"drawer": 5, "lights_1": 6, "lights_2": 26}
OPEN = "2026-12-05T21:30:00.000000Z"  # the first window; half past four on the wall
CLOSED = "2026-12-05T20:59:00.000000Z"


class Stall:
    """A box, its relays, and what their pins did."""

    def __init__(self, box: Box, lighting: Lighting = Lighting.WINDOWS, active_high: bool = True) -> None:
        self.box = box
        self.board = Board()
        self.factory = MockFactory()
        self.pulses = 0
        self.relays = GpioRelays(PINS, active_high, self.factory)
        self.relays.open()
        self.station = RelayStation(box.desk, self.board, 0.02, lighting, "17:00", "23:00")
        self.station.step(self.relays)

    def step(self) -> None:
        self.station._look_at_s = 0.0  # as if a second had passed
        self.station.step(self.relays)

    def level(self, name: str) -> bool:
        return bool(self.factory.pin(PINS[name]).state)

    def opened(self) -> bool:
        """Whether the next step pulls the drawer's relay; waits until it is released again."""
        pin = self.factory.pin(PINS["drawer"])
        pin.clear_states()
        self.step()
        wait_until(lambda: not pin.state and (len(pin.states) in (1, 3)))
        return len(pin.states) == 3


@pytest.fixture
def stall(box: Box, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stall]:
    monkeypatch.setattr(relays, "SLOW_S", 0.01)
    made = Stall(box)
    yield made
    made.relays.close()
    made.factory.reset()


def test_cash_opens_the_drawer_and_a_card_does_not(stall: Stall) -> None:
    stall.box.sell(("cup", 1), tender="card")
    assert not stall.opened()
    stall.box.sell(("cup", 1))
    assert stall.opened()
    assert not stall.opened()  # once


def test_a_drawer_opened_by_hand_opens(stall: Stall) -> None:
    stall.box.submit(lambda books: shifts.open_drawer(books, "change for the stall next door"))
    assert stall.opened()


def test_what_was_sold_before_the_start_opens_nothing(stall: Stall) -> None:
    stall.box.sell(("cup", 1))
    later = RelayStation(stall.box.desk, stall.board, 0.02, Lighting.OFF, "17:00", "23:00")
    pin = stall.factory.pin(PINS["drawer"])
    pin.clear_states()
    later.step(stall.relays)
    later.step(stall.relays)
    assert len(pin.states) == 1


def test_lights_burn_in_a_window_and_go_out_on_a_low_battery(stall: Stall) -> None:
    stall.step()
    assert (stall.level("lights_1"), stall.level("lights_2")) == (True, True)
    for state, on in [("saving", True), ("low", False), ("critical", False), ("normal", True)]:
        stall.board.set("battery", {"state": state})
        stall.step()
        assert stall.level("lights_1") is on
    stall.box.clock.advance(24 * 3600)
    stall.step()
    assert not stall.level("lights_2")


def test_staff_switches_the_lights_until_they_burn_by_themselves_again(stall: Stall) -> None:
    def switch(to: Switch) -> bool:
        stall.box.submit(lambda books: lights.switch(books, to))
        stall.step()
        return stall.level("lights_1")

    assert switch(Switch.OFF) is False
    assert stall.board.get("lights") == {"on": False, "saved": False}
    stall.box.restart()
    stall.station = RelayStation(stall.box.desk, stall.board, 0.02, Lighting.WINDOWS, "17:00", "23:00")
    stall.step()
    assert not stall.level("lights_1"), "a power cut forgets nothing"
    stall.box.clock.advance(24 * 3600)  # no window is open any more
    assert switch(Switch.ON) is True
    stall.board.set("battery", {"state": "low"})
    stall.step()
    assert not stall.level("lights_1")
    assert stall.board.get("lights") == {"on": False, "saved": True}
    stall.board.set("battery", {"state": "normal"})
    assert switch(Switch.AUTO) is False
    switch(Switch.AUTO)
    assert [entry["to"] for entry in stall.box.entries("lights.switched")] == ["off", "on", "auto"]


def test_relays_without_lights_say_nothing_of_them(stall: Stall) -> None:
    board = Board()
    station = RelayStation(stall.box.desk, board, 0.02, Lighting.ON, "17:00", "23:00", has_lights=False)
    station.step(stall.relays)
    assert board.get("lights") is None


def test_a_board_that_wants_low_is_released_high() -> None:
    factory = MockFactory()
    board = GpioRelays({"drawer": 5}, active_high=False, pin_factory=factory)
    board.open()
    assert factory.pin(5).state
    board.close()
    factory.reset()


def test_a_pin_that_is_taken_is_told() -> None:
    factory = MockFactory()
    first, second = (GpioRelays({"drawer": 5}, pin_factory=factory) for _ in range(2))
    first.open()
    with pytest.raises(DeviceLost, match="GPIO5 of the relays is in use"):
        second.open()
    first.close()
    second.open()
    second.close()
    factory.reset()


@pytest.mark.parametrize(
    ("lighting", "on_at", "off_at", "now", "on"),
    [
        (Lighting.OFF, "00:00", "23:59", OPEN, False),
        (Lighting.ON, "00:00", "00:00", CLOSED, True),
        (Lighting.WINDOWS, "00:00", "00:00", OPEN, True),
        (Lighting.WINDOWS, "00:00", "00:00", CLOSED, False),
        (Lighting.TIMER, "16:30", "23:00", OPEN, True),  # half past four in New York
        (Lighting.TIMER, "16:31", "23:00", OPEN, False),
        (Lighting.TIMER, "22:00", "16:31", OPEN, True),
        (Lighting.TIMER, "22:00", "16:30", OPEN, False),
    ],
)
def test_what_the_lights_go_by(lighting: Lighting, on_at: str, off_at: str, now: str, on: bool) -> None:
    assert lights_on(lighting, on_at, off_at, EVENT, now) is on


@given(st.sampled_from(Lighting), st.sampled_from(["low", "critical"]), st.sampled_from([OPEN, CLOSED]))
def test_nothing_burns_on_a_low_battery(lighting: Lighting, state: str, now: str) -> None:
    assert not lights_on(lighting, "00:00", "23:59", EVENT, now, state)
