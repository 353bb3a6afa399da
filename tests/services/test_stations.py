"""The stations over real drivers: what the store, the printer or the panel does at a bad moment."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TypeVar

import pytest
from gpiozero.pins.mock import MockFactory

from appliance.core.admission import CodeKind, Decision, Verdict
from appliance.core.errors import StoreUnavailable
from appliance.core.ports import Books
from appliance.core.power import PowerLimits
from appliance.core.sms.message import SmsStatus
from appliance.core.sms.parts import parts_of
from appliance.core.trade import PrintStatus
from appliance.drivers.battery.pijuice import PiJuice
from appliance.drivers.panel.gpio import GpioPanel
from appliance.drivers.printer.absent import AbsentPrinter
from appliance.drivers.printer.links import TcpLink
from appliance.drivers.printer.printer import EscposPrinter
from appliance.drivers.printer.render import Renderer
from appliance.runtime.board import Board
from appliance.services import printing, sms
from appliance.services.stations import PanelStation, PowerStation, PrintStation, SmsStation, lights
from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.panel import PanelEmulator
from appliance.sim.pijuice import PiJuiceController
from appliance.sim.wires import TcpWire
from tests.books import Box
from tests.fakes import FakeModem

T = TypeVar("T")
FULL = StoreUnavailable("disk_full", "The disk is full.")
PINS = {"green": 17, "amber": 27, "red": 22, "status": 23, "buzzer": 24, "button": 25}


class TroubledDesk:
    """A real desk whose answers are lost on the way, or that the store lets down before anything is done."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self.losses = 0  # so many of the next answers never arrive, though all was done
        self.refusals = 0  # so many of the next commands find the disk full

    def submit(self, command: Callable[[Books], T], timeout_s: float = 10.0) -> T:
        if self.refusals:
            self.refusals -= 1
            raise FULL
        result = self._box.submit(command)
        if self.losses:
            self.losses -= 1
            raise TimeoutError
        return result

    def reading(self) -> AbstractContextManager[Books]:
        return self._box.reading()

    @property
    def head_seq(self) -> int:
        return self._box.desk.head_seq

    def wait_head(self, seq: int, timeout_s: float) -> int:
        return self._box.desk.wait_head(seq, 0)


@pytest.fixture
def desk(box: Box) -> TroubledDesk:
    return TroubledDesk(box)


@pytest.fixture
def paper() -> Iterator[EmulatedPrinter]:
    device = EmulatedPrinter()
    wire = TcpWire(device)
    device.connect(wire)
    device.host_port = (wire.host, wire.port)  # type: ignore[attr-defined]
    yield device
    wire.close()


@pytest.fixture
def printer(paper: EmulatedPrinter) -> Iterator[EscposPrinter]:
    driver = EscposPrinter(TcpLink(*paper.host_port), Renderer())  # type: ignore[attr-defined]
    yield driver
    driver.close()


def print_all(box: Box, station: PrintStation, printer: EscposPrinter) -> None:
    """Let the station look often enough to get over any trouble."""
    for _ in range(6):
        station._next_poll_s = 0.0  # as if a second had passed
        station.step(printer)
    with box.reading() as books:
        assert {status: books.prints.count(status) for status in PrintStatus if books.prints.count(status)} == {
            PrintStatus.PRINTED: 3
        }


def make_trouble(desk: TroubledDesk, trouble: str, after: int) -> None:
    """Let so many commands pass, then have two lost or refused."""
    real_submit, calls = desk.submit, []

    def submit(command: Callable[[Books], T], timeout_s: float = 10.0) -> T:
        calls.append(command)
        if len(calls) == after + 1:
            setattr(desk, trouble, 2)
        return real_submit(command)

    desk.submit = submit  # type: ignore[method-assign]


@pytest.mark.parametrize("trouble", ["losses", "refusals"])
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_troubled_store_neither_ends_printing_nor_doubles_a_receipt(
    box: Box, desk: TroubledDesk, paper: EmulatedPrinter, printer: EscposPrinter, trouble: str, after: int
) -> None:
    """The claim, or the note that a job ended, fails or is not answered: each receipt still comes once."""
    for _ in range(3):
        box.sell(("cup", 1))
    make_trouble(desk, trouble, after)
    print_all(box, PrintStation(desk, poll_s=10), printer)
    assert [paper.text().count(f"Receipt {number} ") for number in (1, 2, 3)] == [1, 1, 1]


def test_trouble_with_the_store_is_one_line_in_the_log(
    box: Box, desk: TroubledDesk, printer: EscposPrinter, caplog: pytest.LogCaptureFixture
) -> None:
    box.sell(("cup", 1))
    desk.refusals = 3
    station = PrintStation(desk, poll_s=10)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            station._next_poll_s = 0.0
            station.step(printer)
    assert [record.getMessage() for record in caplog.records] == ["printing is put off: The disk is full."]


def test_a_box_without_printer_bears_a_troubled_store(box: Box, desk: TroubledDesk) -> None:
    box.sell(("cup", 1))
    station = PrintStation(desk, poll_s=0)
    desk.refusals = 1
    assert station.step(AbsentPrinter()) is None
    station._next_poll_s = 0.0
    station.step(AbsentPrinter())
    with box.reading() as books:
        assert books.prints.count(PrintStatus.DISCARDED) == 1


def test_a_job_that_a_person_settled_is_not_touched_again(box: Box) -> None:
    box.sell(("cup", 1))
    job = box.submit(printing.claim_next)
    assert job is not None
    box.submit(lambda books: printing.finish(books, job.id, PrintStatus.UNSURE, "why"))
    box.submit(lambda books: printing.settle(books, job.id, on_paper=True))
    box.submit(lambda books: printing.finish(books, job.id, PrintStatus.UNSURE, "why"))
    with box.reading() as books:
        assert books.prints.count(PrintStatus.UNSURE) == 0


def test_a_power_change_that_could_not_be_noted_is_noted_later(box: Box, desk: TroubledDesk) -> None:
    bus = PiJuiceController()
    station = PowerStation(desk, Board(), PowerLimits())
    bus.set(charge_pct=20, charging=False, input_source="absent", io_source="absent")
    desk.refusals = 1
    board = PiJuice(bus)
    for _ in range(4):  # three readings that agree, and one more try
        station.step(board)
    assert [(entry["from"], entry["to"]) for entry in box.entries("power.changed")] == [("normal", "low")]


@pytest.mark.parametrize("trouble", ["losses", "refusals"])
@pytest.mark.parametrize("after", range(6))
def test_a_troubled_store_neither_keeps_a_text_message_nor_doubles_a_part(
    box: Box, desk: TroubledDesk, trouble: str, after: int
) -> None:
    """What the station asks for fails or is not answered: each part still goes once, and the message is sent."""
    box.submit(lambda books: sms.queue(books, "+491705550123", "long " * 80))
    make_trouble(desk, trouble, after)
    station, modem = SmsStation(desk, look_s=0, wait_s=0), FakeModem()
    modem.open()
    for _ in range(5):
        station.step(modem)
    assert [part for _, part in modem.sent] == list(parts_of("long " * 80, 1))
    with box.reading() as books:
        assert [one.status for one in books.sms.newest(9)] == [SmsStatus.SENT]


def verdict(decision: Decision) -> Verdict:
    return Verdict(decision, CodeKind.TICKET, "Title", "Message.")


@pytest.fixture
def lamps() -> Iterator[tuple[GpioPanel, PanelEmulator]]:
    factory = MockFactory()
    eye, panel = PanelEmulator(factory, PINS), GpioPanel(PINS, factory)
    panel.open()
    yield panel, eye
    panel.close()
    factory.close()


def test_the_panel_shows_the_newest_verdict_only(lamps: tuple[GpioPanel, PanelEmulator]) -> None:
    panel, eye = lamps
    station = PanelStation(Board(), lambda: True)
    for _ in range(10_000):  # the panel's worker is away meanwhile
        station.show(verdict(Decision.REFUSE), "door")
    station.show(verdict(Decision.ADMIT), "door")
    assert station._verdicts.qsize() == 1
    station.step(panel)
    assert eye.state()["status"] == "on"


def test_a_panel_that_was_away_shows_no_verdict_of_long_ago(
    lamps: tuple[GpioPanel, PanelEmulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    panel, eye = lamps
    station = PanelStation(Board(), lambda: True)
    station.show(verdict(Decision.ADMIT), "door")
    monkeypatch.setattr(lights, "VERDICT_S", 0.0)  # as if its two seconds were over
    station.step(panel)
    assert (eye.state()["status"], eye.state()["buzzer"]) == ("off", "off")
