"""kill -9 at each step of a print: nothing comes out twice by itself, and what nobody can know waits for a person."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.wires import TcpWire
from tests.system.daemon import Daemon
from tests.waiting import wait_until

pytestmark = pytest.mark.system
SALE = {"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "cash", "amount_minor": 2400}}
LAST_WORDS = "Thank you for stopping by!"
STATUS_BYTES = 16  # more than is asked at once; a receipt comes in larger pieces
LIMIT_S = 30


class Plug:
    """Stands before the printer and pulls the daemon's plug at one step of the next paper that comes by."""

    def __init__(self, printer: EmulatedPrinter) -> None:
        self._printer = printer
        self._step = ""
        self._kill: Callable[[], None] = lambda: None
        self._papers = 0
        self.room = printer.room

    def arm(self, step: str, kill: Callable[[], None]) -> None:
        self._papers, self._kill, self._step = self._cut_papers(), kill, step

    @property
    def is_armed(self) -> bool:
        return bool(self._step)

    def feed(self, data: bytes) -> bytes:
        """Take bytes; what is on its way when the plug is pulled is lost with the line."""
        is_paper = len(data) > STATUS_BYTES
        is_cut = self._cut_papers() > self._papers
        if self._step == "confirmed" and is_cut:  # it went on after its answer
            return self._pull()
        if self._step == "before the first byte is on paper" and is_paper:
            return self._pull()
        if self._step == "in the middle" and is_paper:
            self._printer.feed(data[: len(data) // 2])
            return self._pull()
        answer = self._printer.feed(data)
        if self._step == "on paper and not confirmed" and self._cut_papers() > self._papers:
            return self._pull()
        return answer

    def _pull(self) -> bytes:
        self._kill()
        self._step = ""
        return b""

    def _cut_papers(self) -> int:
        return sum(sheet.cut for sheet in self._printer.sheets())


class Stall:
    def __init__(self, folder: Path) -> None:
        self.printer = EmulatedPrinter()
        self.plug = Plug(self.printer)
        self.wire = TcpWire(self.plug)
        self.printer.connect(self.wire)
        paper = f'[printer]\ndriver = "escpos"\nport = "tcp://127.0.0.1:{self.wire.port}"\npoll_s = 0.1\n'
        self.daemon = Daemon(folder, paper)

    def prints(self) -> dict[str, str]:
        with self.daemon.staff() as http:
            return {job["subject"]: job["status"] for job in http.get("/api/v1/prints").body["prints"]}

    def whole_receipts(self) -> int:
        return self.printer.text().count(LAST_WORDS)


@pytest.fixture
def stall(tmp_path: Path) -> Iterator[Stall]:
    stall = Stall(tmp_path)
    with stall.daemon as daemon:
        daemon.load_event()
        daemon.start()
        wait_until(lambda: stall.prints() == {"welcome": "printed"}, LIMIT_S)
        yield stall
    stall.wire.close()


@pytest.mark.parametrize(
    ("step", "papers", "status"),
    [
        ("before the first byte is on paper", 0, {"unsure"}),
        ("in the middle", 0, {"unsure"}),
        ("on paper and not confirmed", 1, {"unsure"}),
        ("confirmed", 1, {"unsure", "printed"}),  # whichever comes first: the plug, or the note that it is printed
    ],
)
def test_a_paper_is_never_printed_twice_by_itself(stall: Stall, step: str, papers: int, status: set[str]) -> None:
    stall.plug.arm(step, stall.daemon.kill)
    with contextlib.suppress(OSError, HTTPException), stall.daemon.staff() as http:
        http.post("/api/v1/orders", SALE)
    wait_until(lambda: not stall.plug.is_armed, LIMIT_S)
    stall.daemon.start()
    with stall.daemon.staff() as http:
        assert http.get("/api/v1/sales/1").body["total_minor"] == 2400
        assert http.post("/api/v1/orders", SALE).body["sale"]["number"] == 2
        wait_until(lambda: stall.prints()["sale 2"] == "printed", LIMIT_S)  # the spool has gone past the first
        assert stall.prints()["sale 1"] in status
        assert stall.whole_receipts() == papers + 1
        if stall.prints()["sale 1"] == "unsure":
            (job,) = [job for job in http.get("/api/v1/prints").body["prints"] if job["subject"] == "sale 1"]
            assert http.post(f"/api/v1/prints/{job['id']}/settle", {"on_paper": papers == 1}).status == 200
    wait_until(lambda: set(stall.prints().values()) == {"printed"}, LIMIT_S)
    assert stall.whole_receipts() == 2
