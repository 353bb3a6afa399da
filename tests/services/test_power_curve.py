"""What is kept of the power, and what it costs."""

from __future__ import annotations

import pytest

from appliance.core.power import PowerLimits, PowerState
from appliance.drivers.battery.absent import AbsentBattery
from appliance.drivers.battery.pijuice import PiJuice
from appliance.runtime.board import Board
from appliance.services import debrief, power
from appliance.services.stations import PowerStation
from appliance.sim.pijuice import PiJuiceController
from tests.books import Box


class Clockwork:
    """The monotonic clock and the box's clock, moved by hand together."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self.at_s = 10_000.0

    def monotonic(self) -> float:
        return self.at_s

    def advance(self, seconds: float) -> None:
        self.at_s += seconds
        self._box.clock.advance(seconds)


@pytest.fixture
def clockwork(box: Box, monkeypatch: pytest.MonkeyPatch) -> Clockwork:
    made = Clockwork(box)
    monkeypatch.setattr("appliance.services.stations.power.time", made)
    return made


class CountingDesk:
    """The real desk, and how often something was written."""

    def __init__(self, box: Box) -> None:
        self.commits = 0
        self._desk = box.desk

    def submit(self, command, timeout_s=10.0):
        self.commits += 1
        return self._desk.submit(command, timeout_s)

    def __getattr__(self, name: str):
        return getattr(self._desk, name)


def drain(station: PowerStation, bus: PiJuiceController, clockwork: Clockwork, hours: float, pct_per_h: float) -> None:
    """Read every ten seconds while the battery sinks."""
    start = bus.state.charge_pct
    for step in range(round(hours * 360)):
        bus.set(charge_pct=start - pct_per_h * step / 360)
        station.step(PiJuice(bus))
        clockwork.advance(10)


def test_the_day_s_curve_costs_one_commit_in_five_minutes(box: Box, clockwork: Clockwork) -> None:
    desk, bus, board = CountingDesk(box), PiJuiceController(), Board()
    station = PowerStation(desk, board, PowerLimits())
    bus.set(charge_pct=95, charging=False)
    drain(station, bus, clockwork, hours=2, pct_per_h=20)
    assert desk.commits <= 2 * 12 + 1
    with box.reading() as books:
        curve = power.curve(books)
        figures = debrief.debrief(books)
    assert len(curve) == desk.commits
    charges = [sample["charge_pct"] for sample in curve]
    assert charges == sorted(charges, reverse=True)
    assert figures["battery"]["lowest_pct"] == pytest.approx(55, abs=2)
    assert "lowest" in debrief.as_text(figures)
    facts = board.get("battery")
    assert isinstance(facts, dict)
    true_min = (facts["charge_pct"] - 10) / 20 * 60
    assert abs(facts["left_min"] - true_min) <= facts["left_error_min"] + 3


def test_a_restart_goes_on_with_the_use_of_before(box: Box, clockwork: Clockwork) -> None:
    bus = PiJuiceController()
    bus.set(charge_pct=95, charging=False)
    drain(PowerStation(box.desk, Board(), PowerLimits()), bus, clockwork, hours=1, pct_per_h=20)
    board = Board()
    PowerStation(box.desk, board, PowerLimits()).step(PiJuice(bus))
    facts = board.get("battery")
    assert isinstance(facts, dict)
    assert facts["left_min"] == pytest.approx(195, abs=25)


def test_a_box_without_battery_keeps_no_curve(box: Box, clockwork: Clockwork) -> None:
    station = PowerStation(box.desk, Board(), PowerLimits())
    for _ in range(100):
        station.step(AbsentBattery())
        clockwork.advance(60)
    with box.reading() as books:
        assert (power.curve(books), power.day(books)) == ([], None)


def test_old_samples_make_room(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.store.power.KEPT_SAMPLES", 10)
    reading = PiJuice(PiJuiceController()).read()

    def add(books):
        for _ in range(25):
            books.power.add(power.sample_of(reading, PowerState.NORMAL, books.moment.text()))

    box.submit(add)
    with box.reading() as books:
        assert len(power.curve(books)) == 10
