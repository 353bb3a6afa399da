"""What every scanner driver must do, on its emulator's wire."""

from __future__ import annotations

import string
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from appliance.core.devices import Scanner
from appliance.core.errors import DeviceLost
from appliance.drivers.scanner.hid import HidScanner
from appliance.drivers.scanner.serial import SerialScanner
from appliance.sim.scanner import HidScannerEmulator, PtyLine, SerialScannerEmulator

LIMIT_S = 5
IDLE_END_S = 0.3  # longer than a busy machine keeps the emulator from typing on


class Bench:
    """One scanner: the driver under test on one end, the emulator on the other."""

    def __init__(self, kind: str, path: Path) -> None:
        self.path = path
        self.emulator: SerialScannerEmulator | HidScannerEmulator
        self.driver: Scanner
        if kind == "serial":
            self.emulator = SerialScannerEmulator(PtyLine(path))
            self.driver = SerialScanner(str(path), idle_end_s=IDLE_END_S)
        else:
            self.emulator = HidScannerEmulator(path)
            self.driver = HidScanner(str(path), idle_end_s=IDLE_END_S)

    def close(self) -> None:
        self.driver.close()
        self.emulator.fail("unplugged")


@pytest.fixture(params=["serial", "hid"])
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


def test_fault_no_terminator_a_pause_ends_the_code(bench: Bench) -> None:
    bench.emulator.fail("no_terminator")
    bench.emulator.scan("PAUSE")
    assert bench.driver.read(LIMIT_S) == b"PAUSE"


def test_a_pause_is_counted_over_short_reads(bench: Bench) -> None:
    bench.emulator.fail("no_terminator")
    bench.emulator.scan("SHORT")
    codes = [code for code in (bench.driver.read(0.01) for _ in range(60)) if code]
    assert codes == [b"SHORT"]


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
    bench.driver.open()
    bench.emulator.scan("FRESH")
    assert bench.driver.read(LIMIT_S) == b"FRESH"


def test_codes_left_unread_are_not_read_after_opening_again(bench: Bench) -> None:
    bench.emulator.scan("READ")
    assert bench.driver.read(LIMIT_S) == b"READ"
    bench.emulator.scan("LEFT")
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
        type(bench.driver)(str(plain)).open()  # type: ignore[call-arg]
    assert lost.value.code == "unusable"
    assert str(plain) in lost.value.message


def test_an_unknown_fault_is_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match="no_terminator"):
        bench.emulator.fail("on_fire")
