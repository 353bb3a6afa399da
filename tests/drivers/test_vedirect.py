"""The text protocol of VE.Direct: whatever comes, whole blocks and nothing else come out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.drivers.battery.vedirect import MAX_BLOCK_BYTES, BlockReader
from appliance.drivers.battery.victron import reading_of

# A charger's block as the protocol paper prints it, its checksum counted by hand below.
FIELDS = {"PID": "0xA053", "V": "12800", "I": "-700", "VPV": "18500", "PPV": "37", "CS": "3", "ERR": "0", "H19": "12"}
NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#", min_size=1, max_size=8)
VALUES = st.text("abcdefABCDEF0123456789-", max_size=32)


def block(fields: dict[str, str]) -> bytes:
    """Frame fields independently of the emulator."""
    body = "".join(f"\r\n{name}\t{value}" for name, value in fields.items()).encode() + b"\r\nChecksum\t"
    total = 0
    for byte in body:
        total = (total + byte) & 0xFF
    return body + bytes([(256 - total) & 0xFF])


def read(*pieces: bytes) -> list[dict[str, str]]:
    reader = BlockReader()
    return [dict(found) for piece in pieces for found in reader.feed(piece)]


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=20), st.integers(1, 7))
def test_a_block_comes_out_as_it_went_in_however_it_is_cut(fields: dict[str, str], size: int) -> None:
    data = block(fields)
    assert read(*(data[at : at + size] for at in range(0, len(data), size))) == [fields]


@given(st.binary(max_size=3000))
def test_any_bytes_do_no_harm_and_the_next_but_one_block_is_read(noise: bytes) -> None:
    reader = BlockReader()
    list(reader.feed(noise))
    found = [dict(one) for one in reader.feed(block(FIELDS) * 3)]
    assert found[-2:] == [FIELDS, FIELDS]
    assert len(reader._block) <= MAX_BLOCK_BYTES


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_one_byte_that_changed_is_never_taken_for_a_reading(place: int, change: int) -> None:
    data = bytearray(block(FIELDS))
    data[place % len(data)] ^= change
    assert FIELDS not in read(bytes(data)) or bytes(data) == block(FIELDS)
    assert read(bytes(data), block(FIELDS) * 2)[-1] == FIELDS


@given(st.integers(0, 8))
def test_hex_messages_between_fields_are_in_no_sum(place: int) -> None:
    lines = block(FIELDS).split(b"\r\n")
    at = min(place, len(lines) - 1)
    data = b"\r\n".join(lines[:at]) + b":A0102000543\n" + (b"\r\n" if at else b"") + b"\r\n".join(lines[at:])
    assert read(data) == [FIELDS]


def test_a_colon_may_be_the_checksum_itself() -> None:
    fields = next(fields for number in range(100_000) if block(fields := {**FIELDS, "V": str(number)})[-1:] == b":")
    assert read(block(fields) + block(FIELDS)) == [fields, FIELDS]


@given(st.dictionaries(st.sampled_from([*FIELDS, "SOC", "T", "Alarm", "AR"]), st.text(max_size=20)))
def test_any_values_make_a_reading(fields: dict[str, str]) -> None:
    reading_of(fields)


@pytest.mark.parametrize(
    ("fields", "charge", "ma", "charging"),
    [
        ({"V": "12800", "I": "-700", "SOC": "876"}, 87.6, 700, False),
        ({"V": "13800", "I": "2500", "SOC": "876"}, 87.6, -2500, True),
        ({"V": "13800", "I": "40", "SOC": "1000"}, 100.0, -40, False),
        ({"V": "12800", "I": "---", "SOC": "---"}, None, None, False),
    ],
)
def test_a_monitor_s_fields(fields: dict[str, str], charge: float | None, ma: int | None, charging: bool) -> None:
    reading = reading_of(fields)
    assert (reading.charge_pct, reading.battery_ma, reading.charging) == (charge, ma, charging)


@pytest.mark.parametrize(("state", "charging"), [("0", False), ("2", False), ("3", True), ("4", True), ("5", True)])
def test_a_charger_s_state_of_operation(state: str, charging: bool) -> None:
    assert reading_of({**FIELDS, "CS": state}).charging is charging
