"""Frames and decoding, held against frames that were seen on the wire."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from appliance.core.devices import PowerSource
from appliance.drivers.battery import registers
from appliance.drivers.battery.registers import BadFrame, Register

DATA = st.binary(min_size=1, max_size=17)


def frame(text: str) -> bytes:
    return bytes.fromhex(text)


def test_status_as_seen_on_the_wire() -> None:
    status = registers.status(registers.read_data(frame("f6 09")))
    assert status == registers.Status(
        fault=False,
        button=True,
        battery_present=True,
        charging=True,
        input_source=PowerSource.PRESENT,
        io_source=PowerSource.PRESENT,
    )


def test_measurements_as_seen_on_the_wire() -> None:
    assert registers.millivolts(registers.read_data(frame("74 0f 84"))) == 3956
    assert registers.milliamperes(registers.read_data(frame("38 ff 38"))) == -200
    assert registers.temperature_c(registers.read_data(frame("f6 ff f6"))) == -10


@pytest.mark.parametrize(
    ("register", "data", "seen"),
    [
        (Register.POWER_OFF, "1e", "62 1e e1"),
        (Register.WAKE_ON_CHARGE, "28", "63 28 d7"),
        (Register.CLOCK, "00 45 06 80 ff ff ff 00 ff", "b0 00 45 06 80 ff ff ff 00 ff 3c"),
    ],
)
def test_writes_as_seen_on_the_wire(register: Register, data: str, seen: str) -> None:
    assert registers.write_frame(register, frame(data)) == frame(seen)


@pytest.mark.parametrize(
    ("byte", "present", "charging", "input_source", "io_source"),
    [
        (0x00, True, False, "absent", "absent"),
        (0x04, True, True, "absent", "absent"),
        (0x08, True, True, "absent", "absent"),
        (0x0C, False, False, "absent", "absent"),
        (0x10, True, False, "bad", "absent"),
        (0x20, True, False, "weak", "absent"),
        (0x30, True, False, "present", "absent"),
        (0x40, True, False, "absent", "bad"),
        (0x80, True, False, "absent", "weak"),
        (0xC0, True, False, "absent", "present"),
    ],
)
def test_each_field_of_the_status_byte(
    byte: int, present: bool, charging: bool, input_source: str, io_source: str
) -> None:
    status = registers.status(bytes((byte,)))
    assert (status.battery_present, status.charging) == (present, charging)
    assert (status.input_source, status.io_source) == (input_source, io_source)
    assert not status.fault


@pytest.mark.parametrize(
    ("byte", "names"),
    [
        (0x00, ()),
        (0x01, ("button_power_off",)),
        (0x0A, ("undervoltage_power_off", "watchdog_reset")),
        (0x24, ("system_power_off", "battery_profile_invalid")),
        (0x40, ("charging_suspended_by_temperature",)),
        (0x80, ("charging_cool",)),
        (0xC0, ("charging_warm",)),
    ],
)
def test_faults_by_name(byte: int, names: tuple[str, ...]) -> None:
    assert registers.faults(bytes((byte,))) == names


@given(DATA)
def test_a_whole_frame_gives_its_data(data: bytes) -> None:
    check = 0xFF
    for byte in data:
        check ^= byte
    assert registers.read_data(data + bytes((check,))) == data


@given(DATA)
def test_a_lost_first_bit_is_mended(data: bytes) -> None:
    assume(data[0] & 0x80)
    sent = registers.write_frame(Register.STATUS, data)[1:]
    assert registers.read_data(bytes((sent[0] & 0x7F,)) + sent[1:]) == data


@given(DATA, st.data())
def test_any_other_flipped_bit_is_found(data: bytes, draw: st.DataObject) -> None:
    sent = bytearray(registers.write_frame(Register.STATUS, data)[1:])
    place, bit = draw.draw(st.integers(0, len(data))), draw.draw(st.integers(0, 6))
    sent[place] ^= 1 << bit
    with pytest.raises(BadFrame, match="does not fit"):
        registers.read_data(bytes(sent))


@pytest.mark.parametrize("stuck", [0x00, 0xFF])
def test_a_stuck_bus_is_no_answer_to_a_status(stuck: int) -> None:
    with pytest.raises(BadFrame):
        registers.read_data(bytes((stuck, stuck)))


def test_the_clock_in_24_and_in_12_hour_form() -> None:
    at = dt.datetime(2026, 11, 22, 18, 38, 43, tzinfo=dt.UTC)
    assert registers.clock(frame("43 38 18 01 22 11 26 00 00")) == at
    assert registers.clock(frame("43 38 66 01 22 11 26 00 00")) == at  # 06 PM
    assert registers.clock(frame("43 38 52 01 22 11 26 00 00")) == at.replace(hour=0)  # 12 AM
    assert registers.clock(frame("43 38 72 01 22 11 26 00 00")) == at.replace(hour=12)  # 12 PM


@pytest.mark.parametrize(
    "bytes_", ["00 00 00 06 01 01 00 00 00", "ff ff ff ff ff ff ff ff ff", "00 00 00 01 31 02 26 00 00"]
)
def test_a_clock_that_was_never_set_or_is_no_time_is_none(bytes_: str) -> None:
    assert registers.clock(frame(bytes_)) is None


@given(st.binary(min_size=9, max_size=9))
def test_any_nine_bytes_are_a_time_or_none(data: bytes) -> None:
    at = registers.clock(data)
    assert at is None or at.tzinfo is dt.UTC
