"""What every scanner driver must do, on its emulator's wire."""

from __future__ import annotations

import contextlib
import os
import queue
import stat
import string
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from appliance.core.devices import Health, Scanner
from appliance.core.errors import DeviceLost
from appliance.drivers.scanner.camera import CameraScanner
from appliance.drivers.scanner.frames import PictureSource
from appliance.drivers.scanner.hid import HidScanner
from appliance.drivers.scanner.serial import SerialScanner
from appliance.runtime.board import Board
from appliance.runtime.device_worker import DeviceWorker, backoff
from appliance.sim.camera import CameraEmulator
from appliance.sim.scanner import Deaf, HidScannerEmulator, SerialScannerEmulator
from appliance.sim.wires import SerialWire
from tests.waiting import wait_until

LIMIT_S = 5
IDLE_END_S = 0.3  # longer than a busy machine keeps the emulator from typing on


class Bench:
    """One scanner: the driver under test on one end, the emulator on the other."""

    def __init__(self, kind: str, path: Path) -> None:
        self.kind = kind
        self.path = path
        self.wire: SerialWire | None = None
        self.emulator: SerialScannerEmulator | HidScannerEmulator | CameraEmulator
        self.driver: Scanner
        if kind == "serial":
            self.wire = SerialWire(Deaf(), path)
            self.emulator = SerialScannerEmulator(self.wire)
        elif kind == "hid":
            self.emulator = HidScannerEmulator(path)
        else:
            self.emulator = CameraEmulator(path)
        self.driver = self.another(path)

    def another(self, path: Path) -> Scanner:
        """A driver of the same kind, for this or another path."""
        if self.kind == "serial":
            return SerialScanner(str(path), idle_end_s=IDLE_END_S)
        if self.kind == "hid":
            return HidScanner(str(path), idle_end_s=IDLE_END_S)
        return CameraScanner(PictureSource(str(path), stall_s=0.3))

    def close(self) -> None:
        self.driver.close()
        self.emulator.fail("unplugged")
        if self.wire:
            self.wire.close()


KINDS = ("serial", "hid", "camera")
WIRED = pytest.mark.parametrize("bench", ["serial", "hid"], indirect=True)  # what sends characters, not pictures


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(request.param, tmp_path / "scanner")
    made.driver.open()
    yield made
    made.close()


def test_a_code_comes_as_scanned(bench: Bench) -> None:
    bench.emulator.scan("TKT-0001")
    assert bench.driver.read(LIMIT_S) == b"TKT-0001"


def test_every_character_of_a_us_keyboard(bench: Bench) -> None:
    everything = string.ascii_letters + string.digits + string.punctuation + " "
    bench.emulator.scan(everything)
    assert bench.driver.read(LIMIT_S) == everything.encode()


def test_codes_come_one_by_one_and_in_order(bench: Bench) -> None:
    for number in range(5):
        bench.emulator.scan(f"CODE-{number}")
    assert [bench.driver.read(LIMIT_S) for _ in range(5)] == [f"CODE-{number}".encode() for number in range(5)]


def test_nothing_scanned_is_none_in_time(bench: Bench) -> None:
    assert bench.driver.read(0) is None
    assert bench.driver.read(0.02) is None


def test_a_waiting_read_gets_a_code_that_comes_later(bench: Bench) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bench.driver.read, LIMIT_S)
        bench.emulator.scan("LATE")
        assert waiting.result(LIMIT_S) == b"LATE"


@WIRED
def test_fault_no_terminator_a_pause_ends_the_code(bench: Bench) -> None:
    bench.emulator.fail("no_terminator")
    bench.emulator.scan("PAUSE")
    assert bench.driver.read(LIMIT_S) == b"PAUSE"


@WIRED
def test_a_pause_is_counted_over_short_reads(bench: Bench) -> None:
    bench.emulator.fail("no_terminator")
    bench.emulator.scan("SHORT")
    codes = [code for code in (bench.driver.read(0.01) for _ in range(60)) if code]
    assert codes == [b"SHORT"]


@WIRED
def test_fault_double_gives_the_code_twice(bench: Bench) -> None:
    bench.emulator.fail("double")
    bench.emulator.scan("TWICE")
    assert [bench.driver.read(LIMIT_S) for _ in range(2)] == [b"TWICE", b"TWICE"]
    assert bench.driver.read(0) is None


def test_fault_unplugged_says_so_and_a_replug_heals(bench: Bench) -> None:
    bench.emulator.scan("BEFORE")
    assert bench.driver.read(LIMIT_S) == b"BEFORE"
    bench.emulator.fail("unplugged")
    with pytest.raises(DeviceLost, match="unplugged") as lost:
        bench.driver.read(LIMIT_S)
    assert lost.value.code == "unplugged"
    assert "Plug the scanner in" in lost.value.advice
    with pytest.raises(DeviceLost) as missing:
        bench.driver.open()
    assert missing.value.code == "not_found"

    bench.emulator.fail(None)
    bench.driver.open()
    bench.emulator.scan("AFTER")
    assert bench.driver.read(LIMIT_S) == b"AFTER"


def test_unplugged_before_the_first_code(bench: Bench) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bench.driver.read, LIMIT_S)
        bench.emulator.fail("unplugged")
        with pytest.raises(DeviceLost) as lost:
            waiting.result(LIMIT_S)
    assert lost.value.code == "unplugged"


@WIRED
def test_half_a_code_before_an_unplug_never_joins_one_after(bench: Bench) -> None:
    bench.emulator.fail("no_terminator")
    bench.emulator.scan("HALF")
    bench.driver.read(0)
    bench.emulator.fail("unplugged")
    with pytest.raises(DeviceLost):
        bench.driver.read(LIMIT_S)
    bench.emulator.fail(None)
    bench.driver.open()
    bench.emulator.scan("WHOLE")
    assert bench.driver.read(LIMIT_S) == b"WHOLE"


def test_codes_scanned_while_closed_are_not_read_later(bench: Bench) -> None:
    bench.driver.close()
    bench.emulator.scan("STALE")
    wait_until(lambda: bench.wire is None or bench.wire.quiet)
    bench.driver.open()
    bench.emulator.scan("FRESH")
    assert bench.driver.read(LIMIT_S) == b"FRESH"


def test_codes_left_unread_are_not_read_after_opening_again(bench: Bench) -> None:
    bench.emulator.scan("READ")
    assert bench.driver.read(LIMIT_S) == b"READ"
    bench.emulator.scan("LEFT")
    wait_until(lambda: bench.wire is None or bench.wire.quiet)
    bench.driver.open()
    bench.emulator.scan("FRESH")
    assert bench.driver.read(LIMIT_S) == b"FRESH"


def test_closing_twice_is_fine_and_reading_closed_is_lost(bench: Bench) -> None:
    bench.driver.close()
    bench.driver.close()
    with pytest.raises(DeviceLost) as lost:
        bench.driver.read(0)
    assert lost.value.code == "not_open"


def test_opening_twice_leaks_nothing(bench: Bench) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(10):
        bench.driver.open()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_a_path_that_is_no_scanner_is_refused(bench: Bench, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    with pytest.raises(DeviceLost) as lost:
        bench.another(plain).open()
    assert lost.value.code == "unusable"
    assert str(plain) in lost.value.message


def test_a_path_where_nothing_is(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(DeviceLost) as lost:
        bench.another(tmp_path / "nothing").open()
    assert lost.value.code == "not_found"
    assert "configuration" in lost.value.advice


def test_one_that_another_program_holds_is_busy_until_it_is_let_go(bench: Bench) -> None:
    second = bench.another(bench.path)
    with pytest.raises(DeviceLost) as lost:
        second.open()
    assert lost.value.code == "busy"
    bench.emulator.scan("FIRST")
    assert bench.driver.read(LIMIT_S) == b"FIRST"  # who came first is not disturbed
    bench.driver.close()
    second.open()
    bench.emulator.scan("SECOND")
    assert second.read(LIMIT_S) == b"SECOND"
    second.close()


def test_one_that_this_user_may_not_read(bench: Bench) -> None:
    bench.driver.close()
    with nobody(bench.path), pytest.raises(DeviceLost) as lost:
        bench.driver.open()
    assert lost.value.code == "no_permission"
    bench.driver.open()


@contextlib.contextmanager
def nobody(path: Path) -> Iterator[None]:
    """Take this process's right to a path away: its mode, and being root."""
    path = path.resolve()
    mode, user = path.stat().st_mode, os.geteuid()
    path.chmod(0)
    try:
        if user == 0:
            os.seteuid(65534)
        yield
    finally:
        os.seteuid(user)
        path.chmod(stat.S_IMODE(mode))


def test_a_scanner_on_a_worker_goes_offline_with_its_reason_and_comes_back(bench: Bench) -> None:
    board, codes = Board(), queue.Queue[bytes]()

    def step(scanner: Scanner) -> None:
        code = scanner.read(0.05)
        if code is not None:
            codes.put(code)

    bench.driver.close()
    worker = DeviceWorker("scanner.door", "scanner", bench.driver, step, board, waits=lambda: backoff(0.01, 0.02))
    worker.start()

    def health() -> Health | None:
        found = board.device("scanner.door")
        return found and found.health

    try:
        for turn in range(2):
            wait_until(lambda: health() is Health.READY)
            bench.emulator.scan(f"CODE-{turn}")
            assert codes.get(timeout=LIMIT_S) == f"CODE-{turn}".encode()
            bench.emulator.fail("unplugged")
            wait_until(lambda: health() is Health.OFFLINE)
            found = board.device("scanner.door")
            assert found is not None
            assert found.reason
            assert found.advice
            bench.emulator.fail(None)
        wait_until(lambda: health() is Health.READY)
    finally:
        assert worker.stop()


def test_an_unknown_fault_is_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match="unplugged"):
        bench.emulator.fail("on_fire")
