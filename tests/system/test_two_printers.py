"""Two printers in one box: each prints its own paper, and one that is dead holds up neither the other nor a sale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.bootstrap import Box
from appliance.config import load
from appliance.core.devices import Health
from appliance.core.document import Cut, Document, Text
from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.core.trade import PrintStatus
from appliance.services import till
from appliance.services.events import load_event
from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.wires import TcpWire
from tests.books import EVENT_TEXT
from tests.waiting import wait_until

LABEL = Document((Text("Cup No. 12"), Cut()))
LIMIT_S = 20


class Table:
    """A receipt printer and a labels printer on TCP, and the box between them."""

    def __init__(self, folder: Path) -> None:
        self.receipts, self.labels = EmulatedPrinter(), EmulatedPrinter(width_dots=384)
        self.wires = [TcpWire(self.receipts), TcpWire(self.labels)]
        for device, wire in zip((self.receipts, self.labels), self.wires, strict=True):
            device.connect(wire)
        path = folder / "box.toml"
        path.write_text(
            f'[printer]\ndriver = "escpos"\nport = "tcp://127.0.0.1:{self.wires[0].port}"\npoll_s = 0.1\n'
            f'[printers.labels]\ndriver = "escpos"\nport = "tcp://127.0.0.1:{self.wires[1].port}"\n'
            'profile = "generic-58"\npoll_s = 0.1\n'
            '[http]\nport = 0\nhost = "127.0.0.1"\n'
        )
        self.box = Box(load([path]), folder / "data")
        self.box.start()
        self.box.desk.submit(lambda books: load_event(books, EVENT_TEXT))

    def sell(self, books: Books) -> int:
        order = till.open_order(books, [Wanted("cup", 1)])
        sale = till.take_payment(books, order.id, "cash", order.total_minor).sale
        assert sale is not None
        return sale.number

    def queue_label(self, books: Books) -> int:
        return books.prints.add("label", "cup 12", LABEL.to_json())

    def health(self, name: str) -> Health | None:
        state = self.box.board.device(name)
        return state.health if state else None

    def close(self) -> None:
        self.box.stop()
        for wire in self.wires:
            wire.close()


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    table = Table(tmp_path)
    yield table
    table.close()


def test_each_prints_its_own_paper(table: Table) -> None:
    table.box.desk.submit(table.queue_label)
    table.box.desk.submit(table.sell)
    wait_until(lambda: "Receipt 1 " in table.receipts.text() and "Cup No. 12" in table.labels.text(), LIMIT_S)
    assert "Cup No. 12" not in table.receipts.text()
    assert "Receipt" not in table.labels.text()
    wait_until(lambda: table.health("printer") is table.health("printer.labels") is Health.READY, LIMIT_S)


def test_a_dead_labels_printer_holds_up_nothing(table: Table) -> None:
    wait_until(lambda: table.health("printer.labels") is Health.READY, LIMIT_S)
    table.labels.set_fault("unplugged")
    labels = [table.box.desk.submit(table.queue_label) for _ in range(3)]
    assert [table.box.desk.submit(table.sell) for _ in range(3)] == [1, 2, 3]
    wait_until(lambda: table.receipts.text().count("Receipt ") == 3, LIMIT_S)
    wait_until(lambda: table.health("printer.labels") is Health.OFFLINE, LIMIT_S)
    assert table.health("printer") is Health.READY
    table.labels.set_fault(None)
    wait_until(lambda: table.labels.text().count("Cup No. 12") == len(labels), LIMIT_S)
    with table.box.desk.reading() as books:
        assert books.prints.count(PrintStatus.QUEUED) == 0
