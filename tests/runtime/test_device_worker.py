"""The worker that owns a device, on a real wire: a Unix socket whose other end can go and come back."""

from __future__ import annotations

import itertools
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.core.devices import Health
from appliance.core.errors import DeviceLost
from appliance.runtime.board import Board
from appliance.runtime.device_worker import Condition, DeviceWorker, backoff
from tests.waiting import wait_until


class LineReader:
    """A device that reads lines from a Unix socket; small, but with a true wire and true losses."""

    model = "line"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened = 0
        self._wire: socket.socket | None = None

    def open(self) -> None:
        self._wire = socket.socket(socket.AF_UNIX)
        try:
            self._wire.connect(str(self.path))
        except OSError as error:
            raise DeviceLost("line_gone", "The line is not there.", "Plug it in.") from error
        self._wire.settimeout(0.02)
        self.opened += 1

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    @property
    def is_open(self) -> bool:
        return self._wire is not None

    def read(self) -> bytes | None:
        try:
            data = self._wire.recv(100)
        except TimeoutError:
            return None
        except OSError as error:
            raise DeviceLost("line_reset", "The line was reset.") from error
        if not data:
            raise DeviceLost("line_cut", "The line was cut.")
        return data


class FarEnd:
    """The other end of the wire."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._listener: socket.socket | None = None
        self._peers: list[socket.socket] = []

    def plug(self) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.settimeout(5)
        self._listener.bind(str(self.path))
        self._listener.listen()

    def send(self, data: bytes) -> None:
        if not self._peers:
            self._peers.append(self._listener.accept()[0])
        self._peers[-1].sendall(data)

    def unplug(self) -> None:
        for end in (*self._peers, self._listener):
            if end is not None:
                end.close()
        self._peers, self._listener = [], None
        self.path.unlink(missing_ok=True)


@pytest.fixture
def far_end(tmp_path) -> Iterator[FarEnd]:
    far_end = FarEnd(tmp_path / "line")
    yield far_end
    far_end.unplug()


@contextmanager
def running(worker: DeviceWorker) -> Iterator[DeviceWorker]:
    worker.start()
    try:
        yield worker
    finally:
        assert worker.stop(5)


def at_once() -> Iterator[float]:
    return itertools.repeat(0.002)


def health(board: Board) -> Health | None:
    state = board.device("line")
    return state.health if state else None


def test_lost_and_back_again_with_one_line_each(far_end, caplog):
    board, device, got = Board(), LineReader(far_end.path), []

    def step(line: LineReader) -> None:
        if data := line.read():
            got.append(data)

    worker = DeviceWorker("line", "scanner", device, step, board, waits=at_once)
    with caplog.at_level(logging.INFO, "appliance"), running(worker):
        wait_until(lambda: health(board) is Health.OFFLINE)
        state = board.device("line")
        assert (state.reason, state.advice, state.kind, state.model) == (
            "The line is not there.",
            "Plug it in.",
            "scanner",
            "line",
        )
        far_end.plug()
        far_end.send(b"one")
        wait_until(lambda: got == [b"one"] and health(board) is Health.READY)
        assert board.device("line").reason == ""
        far_end.unplug()
        wait_until(lambda: health(board) is Health.OFFLINE)
        far_end.plug()
        far_end.send(b"two")
        wait_until(lambda: got == [b"one", b"two"] and health(board) is Health.READY)
    assert not device.is_open
    assert caplog.messages == [
        "line is offline: The line is not there. Plug it in.",
        "line is back",
        caplog.messages[2],
        "line is back",
    ]
    assert caplog.messages[2].startswith("line is offline: The line ")


def test_the_device_is_ready_only_after_a_step_went_well(far_end):
    far_end.plug()
    board, healths, steps = Board(), [], itertools.count()
    board.subscribe(lambda version: healths.append(health(board)))

    def silent_twice(line: LineReader) -> None:
        if next(steps) < 2:
            raise DeviceLost("silent", "It opens and says nothing.")

    with running(DeviceWorker("line", "scanner", LineReader(far_end.path), silent_twice, board, waits=at_once)):
        wait_until(lambda: health(board) is Health.READY)
    assert healths == [Health.OFFLINE, Health.READY]


def test_a_step_may_say_how_the_device_is(far_end):
    far_end.plug()
    board, said = Board(), [Condition(Health.DEGRADED, "Near its end.", "Fetch a roll.", {"paper": "near_end"})]

    with running(DeviceWorker("line", "printer", LineReader(far_end.path), lambda line: said[0], board)):
        wait_until(lambda: health(board) is Health.DEGRADED)
        assert board.device("line").details == {"paper": "near_end"}
        said[0] = Condition()
        wait_until(lambda: health(board) is Health.READY)


def test_no_device_is_absent_and_not_ready(far_end):
    far_end.plug()
    device = LineReader(far_end.path)
    device.model = "absent"
    board = Board()
    with running(DeviceWorker("line", "scanner", device, LineReader.read, board)):
        wait_until(lambda: health(board) is Health.ABSENT)


def test_waits_grow_while_it_is_lost_and_begin_anew_after_a_good_step(far_end):
    board, asked = Board(), []

    def waits() -> Iterator[float]:
        for number in itertools.count():
            asked.append(number)
            yield 0.001

    with running(DeviceWorker("line", "scanner", LineReader(far_end.path), LineReader.read, board, waits=waits)):
        wait_until(lambda: len(asked) >= 3)
        far_end.plug()
        wait_until(lambda: health(board) is Health.READY)
        tries = len(asked)
        assert asked == list(range(tries))
        far_end.unplug()
        wait_until(lambda: len(asked) > tries)
    assert asked[tries] == 0


def test_a_stop_ends_the_wait_for_a_lost_device_at_once(far_end):
    board = Board()
    lost = DeviceWorker(
        "line", "scanner", LineReader(far_end.path), LineReader.read, board, waits=lambda: itertools.repeat(3600.0)
    )
    with running(lost):
        wait_until(lambda: health(board) is Health.OFFLINE)


def test_an_interrupted_read_at_the_stop_is_no_loss(far_end):
    far_end.plug()
    board, device, inside = Board(), LineReader(far_end.path), threading.Event()

    def step(line: LineReader) -> None:
        inside.set()
        line._wire.settimeout(60)
        line.read()

    def hang_up() -> None:
        device._wire.shutdown(socket.SHUT_RDWR)

    with running(DeviceWorker("line", "scanner", device, step, board, interrupt=hang_up)):
        assert inside.wait(5)
    assert board.device("line") is None or health(board) is Health.READY


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_any_other_exception_ends_the_worker_and_closes_the_device(far_end, monkeypatch):
    far_end.plug()
    caught, device = [], LineReader(far_end.path)
    monkeypatch.setattr(threading, "excepthook", caught.append)
    worker = DeviceWorker("line", "scanner", device, lambda line: {}["nothing"], Board())
    worker.start()
    wait_until(lambda: not worker.alive)
    assert caught[0].exc_type is KeyError
    assert not device.is_open


def test_backoff_doubles_to_its_limit_with_chance():
    for waits in (list(itertools.islice(backoff(0.5, 10), 8)) for _ in range(200)):
        for wait_s, longest_s in zip(waits, (0.5, 1, 2, 4, 8, 10, 10, 10), strict=True):
            assert longest_s / 2 <= wait_s <= longest_s
    assert len({next(backoff()) for _ in range(50)}) > 1
