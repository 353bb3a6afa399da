"""The button, from the pin to the paper: real panel driver on emulated pins, real desk."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from gpiozero.pins.mock import MockFactory

from appliance.core.devices import DeviceState, Health
from appliance.core.errors import Refusal
from appliance.core.trade import PrintStatus
from appliance.drivers.panel.gpio import GpioPanel
from appliance.runtime.board import Board
from appliance.services import printing
from appliance.services.stations import Button, PanelStation
from appliance.sim.panel import PanelEmulator
from tests.books import Box
from tests.waiting import wait_until

PINS = {"green": 17, "amber": 27, "red": 22, "status": 23, "printer": 5, "network": 6, "buzzer": 24, "button": 25}


class Table:
    """The panel on the table, and what its button set off."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.asked = 0
        self.pins_drawn: list[str] = []
        self.board = Board()
        self.printer(Health.READY, "printer.labels")  # its line was open first
        self.printer(Health.READY)
        factory = MockFactory()
        self.eye, self.panel = PanelEmulator(factory, PINS), GpioPanel(PINS, factory)
        button = Button(box.desk, self.board, self._ask, self._renew, "Kit", lambda: "http://10.0.0.1")
        self.station = PanelStation(self.board, lambda: True, button.pressed)
        self.button = button

    def printer(self, health: Health, name: str = "printer") -> None:
        self.board.set_device(DeviceState(name, "printer", "escpos", health))

    def papers(self) -> dict[str, str]:
        with self.box.reading() as books:
            return {job.subject: str(job.document) for job in books.prints.by_status(list(PrintStatus), 100)}

    def _ask(self) -> None:
        self.asked += 1

    def _renew(self) -> str:
        self.pins_drawn.append("402917")
        return self.pins_drawn[-1]


@pytest.fixture
def table(box: Box, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setattr("appliance.services.stations.lights.READ_S", 0.01)
    made = Table(box)
    made.panel.open()
    yield made
    made.panel.close()


def test_a_short_press_prints_how_the_box_is(table: Table) -> None:
    table.board.set(
        "battery", {"state": "normal", "present": True, "charge_pct": 64, "charging": False, "left_min": 125}
    )
    table.eye.press(0.05)
    table.station.step(table.panel)
    slip = table.papers()["status"]
    assert "64 %, about 2 h 05 min left" in slip
    assert "http://10.0.0.1" in slip
    assert "akings" not in slip  # anybody may press; the takings are for those with the right
    assert table.asked == 0


def test_a_long_press_shuts_down(table: Table) -> None:
    table.button.pressed(3.4)
    assert (table.asked, table.papers()) == (1, {})


def test_a_very_long_press_prints_a_new_pin_that_nobody_can_copy(table: Table) -> None:
    table.button.pressed(11)
    assert "402917" in table.papers()["owner PIN"]
    assert table.asked == 0
    assert table.box.entries("owner_pin.renewed") == [{}]
    job = table.box.submit(printing.claim_next)
    assert job is not None
    table.box.submit(lambda books: printing.finish(books, job.id, PrintStatus.PRINTED))
    assert "402917" not in str(table.papers())
    with pytest.raises(Refusal, match="no copy"):
        table.box.submit(lambda books: printing.reprint(books, job.id))


@pytest.mark.parametrize("health", [Health.OFFLINE, Health.ABSENT])
def test_without_paper_the_pin_stays_as_it_is(table: Table, health: Health, caplog: pytest.LogCaptureFixture) -> None:
    table.printer(health)
    with caplog.at_level(logging.ERROR):
        table.button.pressed(11)
    assert table.pins_drawn == []
    assert "no printer" in caplog.text


def test_a_labels_printer_that_is_away_keeps_no_pin_from_the_paper(table: Table) -> None:
    table.printer(Health.OFFLINE, "printer.labels")
    table.button.pressed(11)
    assert "402917" in table.papers()["owner PIN"]


@pytest.mark.parametrize(
    ("health", "lamp"), [(Health.READY, "off"), (Health.DEGRADED, "slow"), (Health.OFFLINE, "fast")]
)
def test_the_printer_s_lamp(table: Table, health: Health, lamp: str) -> None:
    table.printer(health)
    table.station.step(table.panel)
    wait_until(lambda: table.eye.state()["printer"] == lamp)


def test_the_printer_s_lamp_shows_the_one_that_is_worst_off(table: Table) -> None:
    table.printer(Health.OFFLINE, "printer.labels")
    table.printer(Health.DEGRADED)
    table.station.step(table.panel)
    wait_until(lambda: table.eye.state()["printer"] == "fast", 5)


def test_a_battery_board_that_fell_silent_does_not_look_fine(table: Table) -> None:
    table.board.set("battery", {"state": "normal", "charging": False})
    table.station.step(table.panel)
    assert table.eye.state()["green"] == "on"
    table.board.set_device(DeviceState("battery", "battery", "pijuice", Health.OFFLINE))
    table.station.step(table.panel)
    wait_until(lambda: table.eye.state()["amber"] == "slow")
    assert table.eye.state()["green"] == "off"
