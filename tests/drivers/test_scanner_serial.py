from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import DeviceLost
from appliance.drivers.scanner.codes import CodeCutter
from appliance.drivers.scanner.serial import SerialScanner
from appliance.sim.scanner import Deaf, SerialScannerEmulator
from appliance.sim.wires import SerialWire

LIMIT_S = 5
ENDS = [b"\r", b"\n", b"\r\n", b"\r\n\r\n"]
CODES = st.lists(st.binary(min_size=1, max_size=30).filter(lambda code: not set(code) & set(b"\r\n")), max_size=8)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[SerialWire]:
    made = SerialWire(Deaf(), tmp_path / "line")
    yield made
    made.close()


@pytest.fixture
def scanner(line: SerialWire) -> Iterator[SerialScanner]:
    made = SerialScanner(str(line.path), max_code_bytes=64)
    made.open()
    yield made
    made.close()


@pytest.mark.parametrize("end", ENDS)
def test_every_terminator_gives_one_code_and_no_empty_one(line: SerialWire, scanner: SerialScanner, end: bytes) -> None:
    emulator = SerialScannerEmulator(line, terminator=end)
    emulator.scan("ONE")
    emulator.scan("TWO")
    assert [scanner.read(LIMIT_S), scanner.read(LIMIT_S), scanner.read(0)] == [b"ONE", b"TWO", None]


def test_bytes_that_are_no_text_come_through(line: SerialWire, scanner: SerialScanner) -> None:
    line.send(b"]d2\x1d\x00\xff\x11\x13\x03\x04\r")
    assert scanner.read(LIMIT_S) == b"]d2\x1d\x00\xff\x11\x13\x03\x04"


def test_an_oversized_code_is_dropped_and_the_next_one_read(line: SerialWire, scanner: SerialScanner) -> None:
    line.send(b"x" * 65 + b"\r" + b"y" * 64 + b"\r")
    assert scanner.read(LIMIT_S) == b"y" * 64


def test_an_oversized_code_without_terminator_ends_at_the_pause(line: SerialWire, scanner: SerialScanner) -> None:
    line.send(b"x" * 500)
    assert scanner.read(0.3) is None
    line.send(b"NEXT\r")
    assert scanner.read(LIMIT_S) == b"NEXT"


def test_a_flood_does_not_hold_the_read_nor_the_memory(line: SerialWire, scanner: SerialScanner) -> None:
    with ThreadPoolExecutor(1) as pool:
        flood = pool.submit(line.send, b"x" * 300_000)
        while not flood.done():
            assert scanner.read(0.01) is None
    assert scanner.read(0.3) is None
    line.send(b"AFTER\r")
    assert scanner.read(LIMIT_S) == b"AFTER"


def test_fault_garbage_is_a_code_that_is_not_the_ticket(line: SerialWire, scanner: SerialScanner) -> None:
    emulator = SerialScannerEmulator(line)
    emulator.fail("garbage")
    emulator.scan("TICKET")
    code = scanner.read(LIMIT_S)
    assert code is not None
    assert len(code) == 6
    assert b"TICKET" not in code


def test_fault_noise_stands_before_the_code(line: SerialWire, scanner: SerialScanner) -> None:
    emulator = SerialScannerEmulator(line)
    emulator.fail("noise")
    emulator.scan("TICKET")
    code = scanner.read(LIMIT_S)
    assert code is not None
    assert code.endswith(b"TICKET")
    assert len(code) == 9


def test_a_second_program_is_kept_out(line: SerialWire, scanner: SerialScanner) -> None:
    second = SerialScanner(str(line.path))
    with pytest.raises(DeviceLost) as lost:
        second.open()
    assert lost.value.code == "busy"


def test_a_line_that_nobody_reads_loses_bytes_and_does_not_block(line: SerialWire) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(line.send, b"x" * 100_000).result(LIMIT_S) is None


@given(CODES, st.sampled_from(ENDS), st.data())
def test_codes_survive_any_split(codes: list[bytes], end: bytes, data: st.DataObject) -> None:
    stream = b"".join(code + end for code in codes)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    cutter = CodeCutter(b"\r\n", 100)
    found: list[bytes] = []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += cutter.feed(stream[start:stop])
    assert found == codes
    assert not cutter.under_way


@given(st.lists(st.binary(max_size=50)), st.integers(1, 20))
def test_no_code_is_ever_longer_than_allowed_nor_empty(chunks: list[bytes], limit: int) -> None:
    cutter = CodeCutter(b"\r\n", limit)
    found = [code for chunk in chunks for code in cutter.feed(chunk)] + cutter.end()
    lines = b"".join(chunks).replace(b"\r", b"\n").split(b"\n")
    assert found == [line for line in lines if 0 < len(line) <= limit]


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="max_code_bytes"):
        SerialScanner("/dev/null", max_code_bytes=0)
