"""Power cuts of the real daemon: whatever the disk kept, what was answered is there, and nothing is half-done."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from appliance.core.errors import StallboxError
from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.wires import TcpWire
from tests.powercut.campaign import Ack, Report, campaign
from tests.powercut.marks import POWER_CUT
from tests.system.aftermath import as_stored, complaints_of_store, faults_of_journal, lost_answers, open_as_the_box_does
from tests.system.clients import Done, History
from tests.system.daemon import Daemon
from tests.system.load import customers, load_stall, wait_progress

pytestmark = [pytest.mark.system, *POWER_CUT]
TICKETS = 60
RESTART_EVERY = 10  # every so many states the real daemon starts on it
CLIENTS = 4
# Small, so that the load goes through many checkpoints: they are where a store is at its most fragile.
CHECKPOINT_PAGES = 200
SECRETS = ("tokens.json", "keys/journal-ed25519.key", "keys/session.key")


class Stall:
    """The load on the disk, and the check of what a cut left of it."""

    def __init__(self, folder: Path, answers: int, module: str = "appliance") -> None:
        self._folder = folder
        self._answers = answers
        self._module = module
        self._keys: set[str] = set()
        self.states = 0
        self.lost = 0
        self.doubted = 0
        self.restarts = 0

    def load(self, mount_path: Path, ack: Ack) -> None:
        """Sell and scan with four clients and a printer; acknowledge whatever was answered or became paper."""
        papers: set[int] = set()

        def on_paper() -> None:
            for number in {int(number) for number in re.findall(r"Receipt (\d+)", printer.text(last=1))} - papers:
                papers.add(number)
                ack(("paper", number))

        printer = EmulatedPrinter(on_paper=on_paper)
        wire = TcpWire(printer)
        history = History(on_done=lambda done: ack(("done", done)))
        try:
            with Daemon(self._folder, self._config(wire.port), data=mount_path / "data", module=self._module) as box:
                load_stall(box, self._folder, TICKETS)
                ack(("event", None))
                box.start()
                ack(("secrets", {name: (box.data / name).read_bytes() for name in SECRETS}))
                with customers(box, history, TICKETS, seed=7, clients=CLIENTS, pause_s=0.01):
                    wait_progress(history, self._answers, timeout_s=100)
        finally:
            wire.close()
        self._keys = as_stored(history.keys)
        assert papers, "nothing was printed"

    def _config(self, printer_port: int) -> str:
        return (
            f"[store]\ncheckpoint_pages = {CHECKPOINT_PAGES}\n"
            f'[printer]\ndriver = "escpos"\nport = "tcp://127.0.0.1:{printer_port}"\n'
        )

    def check(self, mount_path: Path, facts: list[Any]) -> list[str]:
        """Complaints about one crash state."""
        self.states += 1
        data = mount_path / "data"
        if not (data / "stallbox.db").exists():
            return ["there is no store"] if facts else []
        try:
            self.doubted += open_as_the_box_does(data, self._folder / "box.toml")
        except StallboxError as error:
            return [f"the box does not start: {error}"]
        complaints = [
            f"{name} is not what it was"
            for kind, secrets in facts
            if kind == "secrets"
            for name, content in secrets.items()
            if (data / name).read_bytes() != content
        ]
        complaints += self._journal_complaints(data, [fact for kind, fact in facts if kind == "done"])
        papers = {fact for kind, fact in facts if kind == "paper"}
        complaints += complaints_of_store(data / "stallbox.db", papers, self._keys)
        with contextlib.closing(sqlite3.connect(data / "stallbox.db")) as store:
            if facts and not store.execute("SELECT count(*) FROM events").fetchone()[0]:
                complaints.append("the event is lost")
        if facts and self.states % RESTART_EVERY == 0:
            self._sell_again(mount_path)
        return complaints

    def _sell_again(self, mount_path: Path) -> None:
        """Let the real daemon start on what the cut left, sell, and stop."""
        order = {"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "card", "amount_minor": 2400}}
        with Daemon(self._folder / "again", data=mount_path / "data").start() as box:
            with box.staff() as staff:
                assert staff.post("/api/v1/orders", order).status == 201
            assert "the journal is whole" in box.done("journal", "verify")
            assert box.stop() == 0, box.errors()
        self.restarts += 1

    def _journal_complaints(self, data: Path, done: list[Done]) -> list[str]:
        lost = lost_answers(data, done, TICKETS)
        self.lost += len(lost)
        return faults_of_journal(data) + (
            [f"lost {len(lost)} of {len(done)} answers, first: {lost[0]}"] if lost else []
        )


def cut(folder: Path, states: int, answers: int, seed: int, module: str = "appliance") -> tuple[Stall, Report]:
    stall = Stall(folder / "box", answers, module)
    (folder / "disk").mkdir()
    report = campaign(stall.load, stall.check, states, seed, folder / "disk")
    doubts = f"{stall.doubted} papers in doubt; {stall.lost} answers lost; {stall.restarts} restarts"
    print(f"\n{module}: {report.summary()}; {doubts}")
    return stall, report


def test_twenty_power_cuts_lose_nothing_that_was_answered(tmp_path: Path) -> None:
    stall, report = cut(tmp_path, states=20, answers=300, seed=20)
    report.require_good()
    assert stall.lost == 0
    assert stall.restarts > 0
    assert sum(state.demanded_facts > 0 for state in report.states) >= 10


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_two_hundred_power_cuts_lose_nothing_that_was_answered(tmp_path: Path) -> None:
    stall, report = cut(tmp_path, states=200, answers=3000, seed=200)
    report.require_good()
    assert stall.doubted > 0, "no cut met a printer at work"


def test_negative_control_a_store_that_answers_before_it_flushes_is_caught(tmp_path: Path) -> None:
    stall, report = cut(tmp_path, states=10, answers=300, seed=10, module="tests.system.careless")
    assert stall.lost > 0
    with pytest.raises(AssertionError, match=r"lost \d+ of \d+ answers"):
        report.require_good()
