"""A box reduced to its books and its uplink, with the real store and the real desk."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from appliance.core.clock import ClockQuality, Moment
from appliance.core.devices import DeviceState
from appliance.core.errors import StoreUnavailable
from appliance.core.journal import Entry
from appliance.core.ports import Books
from appliance.runtime.board import Board
from appliance.runtime.desk import Desk
from appliance.store.books import Ledger, Readers
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.worker import Uplink
from tests.brokers import Mosquitto
from tests.waiting import wait_until

T = TypeVar("T")
KINDS = ("sale.completed", "ticket.admitted", "ticket.refused", "order.opened")


def now() -> Moment:
    return Moment(dt.datetime.now(dt.UTC), ClockQuality.SYNCED)


class RecordingBoard(Board):
    """The real board, which also remembers every state that a device had."""

    def __init__(self) -> None:
        super().__init__(now)
        self.history: list[DeviceState] = []

    def set_device(self, state: DeviceState) -> None:
        self.history.append(state)
        super().set_device(state)


class FlakyDesk(Desk):
    """The real desk over a store that cannot be read, or not be written, for a while."""

    broken_reading = False
    broken_writing = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[Books]:
        if self.broken_reading:
            raise StoreUnavailable("io_error", "The disk cannot be read.")
        with super().reading() as books:
            yield books

    def submit(self, command: Callable[[Books], T], timeout_s: float = 10.0) -> T:
        if self.broken_writing:
            raise StoreUnavailable("disk_full", "The disk is full.")
        return super().submit(command, timeout_s)


class Box:
    """Starts and stops the desk and the uplink over one store."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "stallbox.db"
        self.board = RecordingBoard()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.desk = FlakyDesk(Ledger(self._path), Readers(self._path), now)
        self.desk.start()

    def add(self, count: int) -> None:
        """Write so many entries in one transaction."""

        def command(books: Books) -> None:
            for number in range(count):
                books.journal.append(KINDS[number % len(KINDS)], {"number": number, "name": "Größe"})

        self.desk.submit(command)

    def entries(self) -> list[Entry]:
        with self.desk.reading() as books:
            return list(books.journal.all())

    def ids(self) -> list[str]:
        return [entry.id for entry in self.entries()]

    def cursor(self, name: str) -> int:
        with self.desk.reading() as books:
            return books.cursors.get(name)

    def settings(self, port: int, **changes: object) -> UplinkSettings:
        base = UplinkSettings(
            url=f"mqtt://127.0.0.1:{port}",
            fleet="fleet",
            box="box",
            boot_id="boot-1",
            version="1.2.3",
            reconnect_min_s=0.05,
            reconnect_max_s=0.5,
        )
        return replace(base, **changes)  # type: ignore[arg-type]

    def start(self, port: int, **changes: object) -> None:
        """Start the uplink."""
        uplink = Uplink(self.settings(port, **changes), self.desk, self.board, lambda books: {"sales": 3})
        self._stop = threading.Event()
        self._thread = threading.Thread(target=uplink.run, args=(self._stop, lambda: None), name="uplink")
        self._thread.start()

    def stop(self) -> None:
        """Stop the uplink."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(15)
            assert not self._thread.is_alive(), "the uplink does not stop"
            self._thread = None

    def close(self) -> None:
        try:
            self.stop()
        finally:
            self.desk.stop(10)

    @property
    def state(self) -> DeviceState | None:
        return next((state for state in self.board.devices() if state.name == "uplink"), None)

    def wait_state(self, health: str, timeout_s: float = 15) -> DeviceState:
        """Wait until the uplink is in this health, and return its state."""
        wait_until(lambda: self.state is not None and self.state.health == health, timeout_s)
        assert self.state is not None
        return self.state


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path)
    yield box
    box.close()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "mosquitto").start()
    yield broker
    broker.stop()
