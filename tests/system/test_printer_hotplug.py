"""The printer's cable comes out fifty times while people buy: no sale waits, no receipt is lost or doubled."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.bootstrap import Box
from appliance.config import Settings, load
from appliance.core.devices import Health
from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.core.trade import PrintStatus
from appliance.runtime import device_worker
from appliance.services import till
from appliance.services.events import load_event
from appliance.services.stations import spooling
from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.wires import SerialWire, TcpWire, Wire
from tests.books import EVENT_TEXT
from tests.waiting import wait_until

ROUNDS = 50


class Counter:
    """The stall's table: one printer at a time on the line, of one make or another, and everything ever printed."""

    def __init__(self, folder: Path, over: str) -> None:
        self.port = folder / "printer"
        self.over = over
        self.tcp_port = 0
        self.printers: list[EmulatedPrinter] = []
        self.wire = self.plug()

    def plug(self) -> Wire:
        """Plug in a printer that nobody has seen before."""
        device = EmulatedPrinter(graphics_memory=len(self.printers) % 2 == 0)
        self.printers.append(device)
        if self.over == "serial":
            return SerialWire(device, self.port)
        wire = TcpWire(device, self.tcp_port)
        self.tcp_port = wire.port
        return wire

    @property
    def address(self) -> str:
        return str(self.port) if self.over == "serial" else f"tcp://127.0.0.1:{self.tcp_port}"

    def change(self, again: bool) -> None:
        """Pull the cable, and put it back into the same printer or into another one."""
        if again:
            self.wire.unplug()
            self.printers[-1].set_fault("power_lost")
            self.printers[-1].set_fault(None)
            self.wire.plug()
            return
        self.wire.close()
        self.wire = self.plug()

    def times(self, number: int) -> int:
        return sum(device.text().count(f"Receipt {number} ") for device in self.printers)


@pytest.fixture(params=["serial", "tcp"])
def counter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path, request.param)
    yield counter
    counter.wire.close()


def settings(counter: Counter, folder: Path) -> Settings:
    path = folder / "box.toml"
    path.write_text(
        f'[printer]\ndriver = "escpos"\nport = "{counter.address}"\npoll_s = 0.1\nwrite_timeout_s = 0.5\n'
        '[http]\nport = 0\nhost = "127.0.0.1"\n'
    )
    return load([path])


def sell(books: Books) -> int:
    order = till.open_order(books, [Wanted("postcard", 1)])
    sale = till.take_payment(books, order.id, "cash", order.total_minor).sale
    assert sale is not None
    return sale.number


def under_way(box: Box) -> int:
    with box.desk.reading() as books:
        return books.prints.count(PrintStatus.QUEUED) + books.prints.count(PrintStatus.PRINTING)


def held(box: Box) -> tuple[int, int]:
    """File descriptors and threads, once the printer is back."""

    def is_ready() -> bool:
        printer = box.board.device("printer")
        return printer is not None and printer.health is Health.READY

    wait_until(is_ready, 20)
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


def test_fifty_times_out_and_in_again(counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "READ_S", 0.02)
    monkeypatch.setattr(device_worker.backoff, "__defaults__", (0.01, 0.05))
    box = Box(settings(counter, tmp_path), tmp_path / "data")
    box.start()
    try:
        box.desk.submit(lambda books: load_event(books, EVENT_TEXT))
        box.desk.submit(lambda books: till.correct_stock(books, "postcard", None, "as many as it takes"))
        numbers = [box.desk.submit(sell)]
        wait_until(lambda: under_way(box) == 0, 20)
        for round_ in range(ROUNDS):
            numbers.append(box.desk.submit(sell))
            counter.change(again=round_ % 2 == 0)
            numbers.append(box.desk.submit(sell))
            wait_until(lambda: under_way(box) == 0, 20)
            if round_ == 4:
                begun = held(box)
        now = held(box)
        assert now[0] <= begun[0] + 5  # readers of the store open as they are needed; a leak would be one a round
        assert now[1] <= begun[1]
        assert numbers == list(range(1, 2 * ROUNDS + 2))
        with box.desk.reading() as books:
            jobs = {job.subject: job for job in books.prints.by_status(list(PrintStatus), 1000)}
        for number in numbers:
            status, times = jobs[f"sale {number}"].status, counter.times(number)
            assert times == 1 or (times == 0 and status is PrintStatus.UNSURE), (number, status, times)
        assert sum(job.status is PrintStatus.PRINTED for job in jobs.values()) > ROUNDS
    finally:
        box.stop()
