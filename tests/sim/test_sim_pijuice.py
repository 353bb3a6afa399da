"""The emulated board, held against frames that the real firmware's own software exchanges."""

from __future__ import annotations

import datetime as dt

import pytest
from smbus2 import i2c_msg

from appliance.sim.pijuice import PiJuiceController

ADDRESS = 0x14


@pytest.fixture
def board() -> PiJuiceController:
    return PiJuiceController(now=lambda: dt.datetime(2026, 11, 22, 18, 38, 43, 500_000, tzinfo=dt.UTC))


def read(board: PiJuiceController, command: int, length: int) -> str:
    """Read by both faces of the bus, which must agree."""
    answer = i2c_msg.read(ADDRESS, length)
    board.i2c_rdwr(i2c_msg.write(ADDRESS, [command]), answer)
    assert list(answer) == board.read_i2c_block_data(ADDRESS, command, length)
    return bytes(answer).hex(" ")


def write(board: PiJuiceController, command: int, frame: str) -> None:
    board.write_i2c_block_data(ADDRESS, command, list(bytes.fromhex(frame)))


def test_measurements_are_framed_as_on_the_wire(board: PiJuiceController) -> None:
    board.set(battery_mv=3956, battery_ma=-200, temperature_c=-10)
    assert read(board, 0x49, 3) == "74 0f 84"
    assert read(board, 0x4B, 3) == "38 ff 38"
    assert read(board, 0x47, 3) == "f6 ff f6"
    assert read(board, 0x41, 2) == "50 af"
    assert read(board, 0x42, 3) == "20 03 dc"
    assert read(board, 0xFD, 3) == "16 00 e9"


@pytest.mark.parametrize(
    ("changes", "frame"),
    [
        ({}, "00 ff"),
        ({"charging": True}, "34 cb"),
        ({"charging": True, "input_source": "absent", "io_source": "present"}, "c8 37"),
        ({"battery_present": False, "io_source": "present"}, "cc 33"),
        ({"fault_flags": 8, "input_source": "weak", "io_source": "bad"}, "61 9e"),
    ],
)
def test_the_status_byte(board: PiJuiceController, changes: dict[str, object], frame: str) -> None:
    board.set(**changes)
    assert read(board, 0x40, 2) == frame


def test_writes_with_their_checksum_are_taken_over(board: PiJuiceController) -> None:
    write(board, 0x62, "1e e1")
    write(board, 0x61, "05 00 fa")
    write(board, 0x66, "ff 80 00 80")
    board.i2c_rdwr(i2c_msg.write(ADDRESS, bytes.fromhex("63 28 d7")))
    assert (board.power_off_s, board.watchdog_min, board.led(1)) == (30, 5, (255, 128, 0))
    assert list(board.writes) == [(0x62, b"\x1e"), (0x61, b"\x05\x00"), (0x66, b"\xff\x80\x00"), (0x63, b"\x28")]


@pytest.mark.parametrize("frame", ["1e e0", "1e", "", "1e 00 e1", "ff"])
def test_a_write_that_does_not_fit_is_acknowledged_and_ignored(board: PiJuiceController, frame: str) -> None:
    write(board, 0x62, frame)
    assert board.power_off_s is None
    assert not board.writes


def test_an_unknown_command_answers_one_byte_without_checksum(board: PiJuiceController) -> None:
    assert read(board, 0x01, 2) == "ff ff"


def test_fault_flags_are_cleared_by_zeros_and_only_the_first_four(board: PiJuiceController) -> None:
    board.set(fault_flags=0b0100_1001)
    write(board, 0x44, "08 f7")
    assert board.state.fault_flags == 0b0100_1000


def test_the_clock_is_bcd_and_can_be_set_and_lost(board: PiJuiceController) -> None:
    assert read(board, 0xB0, 10).startswith("43 38 18 01 22 11 26 80 00")
    write(board, 0xB0, "00 45 06 02 05 01 27 00 00 9d")
    assert read(board, 0xB0, 10).startswith("00 45 06 03 05 01 27")
    write(board, 0xB0, "ff ff ff ff ff ff ff 00 00 00")
    assert read(board, 0xB0, 10).startswith("00 45 06 03 05 01 27")
    board.lose_clock()
    assert read(board, 0xB0, 10).startswith("00 00 00 06 01 01 00")


@pytest.mark.parametrize("fault", ["silent", "busy", "unplugged"])
def test_faults_that_end_in_an_error_of_the_bus(board: PiJuiceController, fault: str) -> None:
    board.fail(fault)
    for _ in range(2):
        with pytest.raises(OSError, match="Errno"):
            board.read_i2c_block_data(ADDRESS, 0x40, 2)
    board.fail(None)
    assert read(board, 0x40, 2) == "00 ff"


def test_fault_nak_once_misses_one_transfer(board: PiJuiceController) -> None:
    board.fail("nak_once")
    with pytest.raises(OSError, match="Remote I/O"):
        board.read_i2c_block_data(ADDRESS, 0x40, 2)
    assert read(board, 0x40, 2) == "00 ff"


def test_faults_of_the_bytes(board: PiJuiceController) -> None:
    board.set(io_source="present")
    board.fail("bad_checksum")
    assert read(board, 0x40, 2) == "c0 6a"
    board.fail("first_bit")
    assert read(board, 0x40, 2) == "40 3f"
    board.fail("deaf")
    write(board, 0x62, "1e e1")
    assert board.power_off_s is None


def test_nobody_answers_at_another_address(board: PiJuiceController) -> None:
    with pytest.raises(OSError, match="Remote I/O"):
        board.i2c_rdwr(i2c_msg.write(0x15, [0x40]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"charge_pct": 101},
        {"charge_pct": "full"},
        {"temperature_c": 200},
        {"battery_mv": -1},
        {"io_source": "plenty"},
    ],
)
def test_values_that_a_board_cannot_have_are_refused(board: PiJuiceController, wrong: dict[str, object]) -> None:
    before = board.state
    with pytest.raises(ValueError, match=r"must be|one of"):
        board.set(**wrong)
    assert board.state == before


def test_an_unknown_fault_is_refused(board: PiJuiceController) -> None:
    with pytest.raises(ValueError, match="nak_once"):
        board.fail("on_fire")
