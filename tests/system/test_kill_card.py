"""kill -9 at each step of a card payment: the state afterwards is the one before or the one after, never another."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.wires import TcpWire
from tests.system.daemon import Daemon
from tests.system.httpclient import Answer
from tests.waiting import wait_until

pytestmark = pytest.mark.system
CUP = {"lines": [{"offer": "cup", "quantity": 1}]}
ASK = {"tender": "card", "amount_minor": 2400, "reference": "slip 7", "pending": True}
PAID = {"outcome": "paid", "reference": "auth 991"}
ENDED = {"printed", "unsure"}
LIMIT_S = 20


class Stall:
    """A daemon that may be killed, and a printer on the table that stays."""

    def __init__(self, daemon: Daemon, printer: EmulatedPrinter) -> None:
        self.daemon = daemon
        self.printer = printer

    def get(self, path: str) -> Any:
        with self.daemon.staff() as http:
            return http.get(f"/api/v1{path}").body

    def post(self, path: str, body: object, key: str) -> Answer:
        with self.daemon.staff() as http:
            return http.post(f"/api/v1{path}", body, key)

    def cut(self) -> None:
        self.daemon.kill()
        self.daemon.start()

    def cut_while(self, path: str, body: object, key: str) -> None:
        """Send a request and pull the plug while it is under way."""
        sent = threading.Event()

        def send() -> None:
            with contextlib.suppress(OSError), self.daemon.staff() as http:
                sent.set()
                http.post(f"/api/v1{path}", body, key)

        sender = threading.Thread(target=send)
        sender.start()
        assert sent.wait(LIMIT_S)
        self.daemon.kill()
        sender.join(LIMIT_S)
        self.daemon.start()

    def standing(self, order_id: str) -> tuple[str, int, int]:
        order = self.get(f"/orders/{order_id}")
        asked = [one for one in self.get("/payments?status=pending")["payments"] if one["order_id"] == order_id]
        assert self.get("/state")["counts"]["payments_pending"] == len(asked)
        assert sum(one["amount_minor"] for one in asked) == order["pending_minor"]
        sales = [one for one in self.get("/sales")["sales"] if one["order_id"] == order_id]
        assert len(sales) == (order["status"] == "paid")
        return order["status"], order["pending_minor"], order["due_minor"]

    def paper(self, number: int) -> int:
        return self.printer.text().count(f"Receipt {number} ")


BEFORE, PENDING, SOLD = ("open", 0, 2400), ("open", 2400, 2400), ("paid", 0, 0)


@pytest.fixture
def stall(tmp_path: Path) -> Iterator[Stall]:
    printer = EmulatedPrinter()
    wire = TcpWire(printer)
    printer.connect(wire)
    paper = f'[printer]\ndriver = "escpos"\nport = "tcp://127.0.0.1:{wire.port}"\npoll_s = 0.1\n'
    with Daemon(tmp_path, paper) as daemon:
        daemon.load_event()
        daemon.start()
        yield Stall(daemon, printer)
    wire.close()


def test_every_step_of_a_card_payment_survives_the_plug(stall: Stall) -> None:
    order = stall.post("/orders", CUP, "order").body["id"]
    ask = f"/orders/{order}/payments"
    stall.cut()
    assert stall.standing(order) == BEFORE
    stall.cut_while(ask, ASK, "ask")
    assert stall.standing(order) in (BEFORE, PENDING)
    asked = stall.post(ask, ASK, "ask").body["payment"]
    assert stall.standing(order) == PENDING
    stall.cut()
    assert stall.standing(order) == PENDING
    assert stall.post(ask, ASK, "ask").body["payment"] == asked
    assert stall.post(ask, ASK, "another").error == "pending"
    settle = f"/payments/{asked['id']}/settle"
    stall.cut_while(settle, PAID, "settle")
    assert stall.standing(order) in (PENDING, SOLD)
    number = stall.post(settle, PAID, "settle").body["sale"]["number"]
    assert stall.standing(order) == SOLD
    stall.cut()
    assert stall.standing(order) == SOLD
    assert stall.post(settle, PAID, "again").error == "payment_settled"
    wait_until(lambda: {job["status"] for job in stall.get("/prints")["prints"]} <= ENDED, LIMIT_S)
    (job,) = [job for job in stall.get("/prints")["prints"] if job["kind"] == "receipt"]
    assert stall.paper(number) == 1 or (job["status"], stall.paper(number)) == ("unsure", 0)
    entries = [entry["kind"] for entry in stall.daemon.journal() if entry["kind"].startswith(("payment.", "sale."))]
    assert entries == ["payment.asked", "payment.settled", "payment.taken", "sale.completed"]
