"""The PiJuice's registers: frames and what their bytes mean. Pure.

Source: the board's firmware 1.6 (command_server.c) as observed on the wire. A read answers data and a checksum; a
write is the command, data and a checksum. The checksum is 0xFF XOR all data bytes, the command left out. The board
ignores a write with a bad checksum without a word.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from appliance.core.devices import PowerSource

ADDRESS = 0x14


class Register(enum.IntEnum):
    """Commands that this driver uses."""

    STATUS = 0x40
    CHARGE = 0x41
    FAULT = 0x44
    TEMPERATURE = 0x47
    BATTERY_VOLTAGE = 0x49
    BATTERY_CURRENT = 0x4B
    IO_VOLTAGE = 0x4D
    IO_CURRENT = 0x4F
    POWER_OFF = 0x62
    WAKE_ON_CHARGE = 0x63
    SYSTEM_SWITCH = 0x64
    CLOCK = 0xB0


LENGTHS = {
    Register.STATUS: 1,
    Register.CHARGE: 1,
    Register.FAULT: 1,
    Register.TEMPERATURE: 2,
    Register.BATTERY_VOLTAGE: 2,
    Register.BATTERY_CURRENT: 2,
    Register.IO_VOLTAGE: 2,
    Register.IO_CURRENT: 2,
    Register.POWER_OFF: 1,
    Register.WAKE_ON_CHARGE: 1,
    Register.SYSTEM_SWITCH: 1,
    Register.CLOCK: 9,
}

WAKE_DISABLED = 0x7F
POWER_OFF_NONE = 0xFF
NON_VOLATILE = 0x80  # of WAKE_ON_CHARGE: reads as set where the board's EEPROM holds a value
SWITCH_OFF = 0  # of SYSTEM_SWITCH; it could also give 500 or 2100 mA

_SOURCES = (PowerSource.ABSENT, PowerSource.BAD, PowerSource.WEAK, PowerSource.PRESENT)
_FAULTS = {
    0: "button_power_off",
    1: "undervoltage_power_off",
    2: "system_power_off",
    3: "watchdog_reset",
    5: "battery_profile_invalid",
}
_TEMPERATURE_FAULTS = (None, "charging_suspended_by_temperature", "charging_cool", "charging_warm")
YEAR_UNSET = 2000  # a clock that lost its power begins here


class BadFrame(Exception):
    """An answer whose checksum does not fit."""


def checksum(data: bytes) -> int:
    """Return 0xFF XOR all bytes."""
    total = 0xFF
    for byte in data:
        total ^= byte
    return total


def write_frame(register: Register, data: bytes) -> bytes:
    """Return what goes on the wire to write a register."""
    return bytes((register, *data, checksum(data)))


def read_data(frame: bytes) -> bytes:
    """Return the data of an answer. Raises BadFrame.

    The first bit on the wire can be lost and then reads 0: an answer that fits with it set is taken as such.
    """
    data, last = frame[:-1], frame[-1]
    if checksum(data) == last:
        return data
    mended = bytes((data[0] | 0x80, *data[1:]))
    if checksum(mended) == last:
        return mended
    raise BadFrame(f"checksum {last:#04x} does not fit {data.hex(' ')}")


@dataclass(frozen=True, slots=True)
class Status:
    """The status byte."""

    fault: bool
    button: bool
    battery_present: bool
    charging: bool
    input_source: PowerSource
    io_source: PowerSource


def status(data: bytes) -> Status:
    """Read register 0x40."""
    byte = data[0]
    battery = byte >> 2 & 0b11  # 0 normal, 1 charging from the input, 2 charging from 5 V, 3 not present
    return Status(
        fault=bool(byte & 0b01),
        button=bool(byte & 0b10),
        battery_present=battery != 3,
        charging=battery in (1, 2),
        input_source=_SOURCES[byte >> 4 & 0b11],
        io_source=_SOURCES[byte >> 6],
    )


def faults(data: bytes) -> tuple[str, ...]:
    """Read register 0x44 as names."""
    byte = data[0]
    named = [name for bit, name in _FAULTS.items() if byte >> bit & 1]
    temperature = _TEMPERATURE_FAULTS[byte >> 6]
    return (*named, temperature) if temperature else tuple(named)


def temperature_c(data: bytes) -> int:
    """Read register 0x47: the first byte, signed."""
    return int.from_bytes(data[:1], "little", signed=True)


def millivolts(data: bytes) -> int:
    """Read a voltage register."""
    return int.from_bytes(data, "little")


def milliamperes(data: bytes) -> int:
    """Read a current register. Battery: positive while it discharges; header: positive towards the Pi."""
    return int.from_bytes(data, "little", signed=True)


def power_off_byte(delay_s: int) -> int:
    """Write when the power is cut. Raises ValueError."""
    if not 0 <= delay_s <= 250:
        raise ValueError("delay_s must be 0 to 250")
    return delay_s


def wake_byte(charge_pct: int | None) -> int:
    """Write at which charge the Pi is switched on; None: never. Raises ValueError."""
    if charge_pct is not None and not 0 <= charge_pct <= 100:
        raise ValueError("charge_pct must be 0 to 100, or None")
    return WAKE_DISABLED if charge_pct is None else charge_pct


def holds(register: Register, read: int, written: int) -> bool:
    """Tell whether a register reads as it was written: a power-off counts down meanwhile."""
    if register is Register.WAKE_ON_CHARGE:
        read &= ~NON_VOLATILE
    return read == written or (register is Register.POWER_OFF and read < written)


def clock(data: bytes) -> dt.datetime | None:
    """Read the clock's nine bytes as UTC; None if it was never set or its bytes are no time.

    Bytes: second, minute, hour (bit 6: 12-hour, then bit 5: afternoon), weekday, day, month, year since 2000, all
    BCD; then 1/256 seconds and daylight saving.
    """
    try:
        second, minute, day, month = (_bcd(data[place]) for place in (0, 1, 4, 5))
        at = dt.datetime(2000 + _bcd(data[6]), month, day, _hour(data[2]), minute, second, tzinfo=dt.UTC)
    except ValueError:
        return None
    return None if at.year == YEAR_UNSET else at


def clock_bytes(at: dt.datetime) -> bytes:
    """Write a time as the clock's nine bytes; weekday 1 is Sunday."""
    at = at.astimezone(dt.UTC)
    values = (at.second, at.minute, at.hour, at.isoweekday() % 7 + 1, at.day, at.month, at.year % 100)
    return bytes((*(value // 10 << 4 | value % 10 for value in values), at.microsecond * 256 // 1_000_000, 0))


def _bcd(byte: int) -> int:
    """Read two decimal digits. Raises ValueError."""
    return int(f"{byte:02x}")


def _hour(byte: int) -> int:
    if not byte & 0x40:
        return _bcd(byte)
    return _bcd(byte & 0x1F) % 12 + (12 if byte & 0x20 else 0)
