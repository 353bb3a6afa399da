"""An emulated PiJuice: an I2C bus with the board's controller on it, answering byte for byte as firmware 1.6 does.

It offers smbus2's `i2c_rdwr` and the block calls of the older smbus. The power inputs are "absent", "bad", "weak"
or "present". Register table: the board's firmware (command_server.c), as observed on the wire.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from appliance.sim import faults

_READ_FLAG = 0x0001  # I2C_M_RD of linux/i2c.h
_SOURCES = ("absent", "bad", "weak", "present")
_NOTHING_DRIVES_THE_BUS = 0xFF
_FIRMWARE = bytes((0x16, 0x00))  # version 1.6, variant 0

# Registers that keep what is written to them: command -> what they hold after a reset.
_KEPT = {
    0x51: b"\x01",  # charging enabled
    0x61: b"\x00\x00",  # watchdog, minutes
    0x62: b"\xff",  # power off, seconds; 0xFF none
    0x63: b"\x7f",  # wake on charge, percent; 0x7F disabled
    0x64: b"\x00",  # switched supply
    0x66: b"\x00\x00\x00",  # LED D1, red green blue
    0x67: b"\x00\x00\x00",  # LED D2
    0xC2: b"\x00\x00",  # alarm control
}
_ERRORS = {
    "silent": errno.EREMOTEIO,
    "nak_once": errno.EREMOTEIO,
    "busy": errno.ETIMEDOUT,
    "unplugged": errno.ENXIO,
}
_RANGES = {
    "charge_pct": (0, 100),
    "battery_mv": (0, 0xFFFF),
    "battery_ma": (-0x8000, 0x7FFF),
    "temperature_c": (-128, 127),
    "io_mv": (0, 0xFFFF),
    "io_ma": (-0x8000, 0x7FFF),
    "fault_flags": (0, 0xFF),
}


@dataclass(frozen=True)
class BoardState:
    """What the board measures."""

    charge_pct: float = 80.0
    charging: bool = False
    battery_present: bool = True
    battery_mv: int = 3956
    battery_ma: int = 350  # negative while it charges
    temperature_c: int = 21
    input_source: str = "absent"  # the board's own socket
    io_source: str = "absent"  # 5 V through the header
    io_mv: int = 5050
    io_ma: int = 600
    fault_flags: int = 0  # register 0x44


class PiJuiceController:
    """The board on its bus. Thread safe. Faults:

    `silent`        it acknowledges nothing
    `nak_once`      it misses one transfer, then answers again
    `bad_checksum`  its answers carry a wrong checksum
    `first_bit`     the first bit of each answer is lost on the wire
    `deaf`          what is written to it arrives garbled, so it ignores it
    `busy`          it holds the clock line until the bus times out
    `unplugged`     it is off the bus
    """

    FAULTS = ("silent", "nak_once", "bad_checksum", "first_bit", "deaf", "busy", "unplugged")

    def __init__(self, address: int = 0x14, now: Callable[[], dt.datetime] | None = None) -> None:
        self.address = address
        self.fault: str | None = None
        self.writes: deque[tuple[int, bytes]] = deque(maxlen=1000)  # command and data of each write taken over
        self._state = BoardState()
        self._kept = dict(_KEPT)
        self._for_good: dict[int, int] = {}  # command -> what the board's EEPROM holds
        self._now = now or (lambda: dt.datetime.now(dt.UTC))
        self._clock_offset: dt.timedelta | None = dt.timedelta()
        self._lock = threading.RLock()

    # What a hand at the table does and an eye sees.

    @property
    def state(self) -> BoardState:
        """What the board measures now."""
        return self._state

    def set(self, **changes: Any) -> None:
        """Change what the board measures: fields of BoardState. Raises TypeError, ValueError and changes nothing.

        `charging` alone plugs a charger into the board's own socket, or pulls it.
        """
        if "charging" in changes:
            changes.setdefault("input_source", "present" if changes["charging"] else "absent")
            changes.setdefault("battery_ma", -200 if changes["charging"] else 350)
        with self._lock:
            state = replace(self._state, **changes)
            _check(state)
            self._state = state

    def fail(self, fault: str | None) -> None:
        """Break in the way named, or heal (None). Raises ValueError."""
        faults.check(fault, self.FAULTS)
        with self._lock:
            self.fault = fault

    @property
    def power_off_s(self) -> int | None:
        """Seconds after which the board was told to cut the power; None if it was not."""
        value = self._kept[0x62][0]
        return None if value == 0xFF else value

    @property
    def watchdog_min(self) -> int:
        """Minutes of the watchdog; 0 when off."""
        return int.from_bytes(self._kept[0x61], "little") & 0x3FFF

    def led(self, number: int) -> tuple[int, int, int]:
        """Red, green and blue of LED 1 or 2."""
        red, green, blue = self._kept[0x65 + number]
        return red, green, blue

    def keep_for_good(self, command: int, value: int) -> None:
        """Have the board's EEPROM hold a one-byte setting: read as that value, it says so by its highest bit."""
        self._for_good[command] = value

    def lose_clock(self) -> None:
        """Let the clock forget the time, as after weeks without a battery."""
        with self._lock:
            self._clock_offset = None

    # The bus.

    def i2c_rdwr(self, *messages: Any) -> None:
        """Carry out smbus2 messages as one transfer. Raises OSError."""
        with self._lock:
            command = 0
            for message in messages:
                self._check_bus(message.addr)
                if message.flags & _READ_FLAG:
                    for place, byte in enumerate(self._answer(command, message.len)):
                        message.buf[place] = byte
                else:
                    command, *frame = (message.buf[place][0] for place in range(message.len))
                    self._take(command, bytes(frame))

    def read_i2c_block_data(self, address: int, command: int, length: int) -> list[int]:
        """Read as the older smbus does. Raises OSError."""
        with self._lock:
            self._check_bus(address)
            return list(self._answer(command, length))

    def write_i2c_block_data(self, address: int, command: int, data: Iterable[int]) -> None:
        """Write as the older smbus does. Raises OSError."""
        with self._lock:
            self._check_bus(address)
            self._take(command, bytes(data))

    def close(self) -> None:
        """Do nothing: the board stays on its bus."""

    # The controller.

    def _check_bus(self, address: int) -> None:
        number = errno.EREMOTEIO if address != self.address else _ERRORS.get(self.fault or "")
        if self.fault == "nak_once":
            self.fault = None
        if number:
            raise OSError(number, os.strerror(number))

    def _answer(self, command: int, length: int) -> bytes:
        """Return `length` bytes as they arrive: data, checksum, then the idle bus."""
        data = self._data(command)
        if data is None:  # the board answers a single byte without a checksum
            return bytes((_NOTHING_DRIVES_THE_BUS,)) * length
        frame = bytearray((*data, _xor(data)))
        if self.fault == "bad_checksum":
            frame[-1] ^= 0x55
        if self.fault == "first_bit":
            frame[0] &= 0x7F
        return bytes(frame[:length]).ljust(length, bytes((_NOTHING_DRIVES_THE_BUS,)))

    def _take(self, command: int, frame: bytes) -> None:
        """Take over a write; one that does not fit is ignored without a word."""
        data, last = frame[:-1], frame[-1:]
        if self.fault == "deaf" or last != bytes((_xor(data),)):
            return
        if command == 0x44:  # a zero clears one of the first four flags
            self.set(fault_flags=self._state.fault_flags & (data[0] | 0xF0))
        elif command == 0xB0 and len(data) == 9:
            self._set_clock(data)
        elif command in self._kept and len(data) == len(self._kept[command]):
            self._kept[command] = data
        else:
            return
        self.writes.append((command, data))

    def _data(self, command: int) -> bytes | None:
        """Return what a register holds; None for a command that the board does not know."""
        state = self._state
        if command in self._kept:
            held = self._kept[command]
            return bytes((held[0] | 0x80,)) if self._for_good.get(command) == held[0] else held
        measured: dict[int, Callable[[], bytes]] = {
            0x40: self._status,
            0x41: lambda: bytes((int(state.charge_pct),)),
            0x42: lambda: _word(state.charge_pct * 10),
            0x44: lambda: bytes((int(state.fault_flags),)),
            0x45: lambda: b"\x00\x00",
            0x47: lambda: bytes((int(state.temperature_c) & 0xFF, 0xFF)),
            0x49: lambda: _word(state.battery_mv),
            0x4B: lambda: _word(state.battery_ma),
            0x4D: lambda: _word(state.io_mv),
            0x4F: lambda: _word(state.io_ma),
            0xB0: self._clock,
            0xFD: lambda: _FIRMWARE,
        }
        return measured[command]() if command in measured else None

    def _status(self) -> bytes:
        state = self._state
        battery = 0
        if not state.battery_present:
            battery = 3
        elif state.charging:
            battery = 2 if state.io_source == "present" and state.input_source != "present" else 1
        sources = _SOURCES.index(state.input_source) << 4 | _SOURCES.index(state.io_source) << 6
        return bytes((bool(state.fault_flags) | battery << 2 | sources,))

    def _clock(self) -> bytes:
        """Return second, minute, hour, weekday, day, month, year in BCD, 1/256 seconds, daylight saving."""
        if self._clock_offset is None:
            return bytes((0, 0, 0, 6, 1, 1, 0, 0, 0))  # Saturday, 1 January 2000
        at = self._now() + self._clock_offset
        weekday = at.isoweekday() % 7 + 1  # 1 is Sunday
        digits = (at.second, at.minute, at.hour, weekday, at.day, at.month, at.year % 100)
        return bytes((*(value // 10 << 4 | value % 10 for value in digits), at.microsecond * 256 // 1_000_000, 0))

    def _set_clock(self, data: bytes) -> None:
        second, minute, hour, _, day, month, year = ((byte >> 4) * 10 + (byte & 0xF) for byte in data[:7])
        with contextlib.suppress(ValueError):  # bytes that are no time leave the clock as it was
            at = dt.datetime(2000 + year, month, day, hour, minute, second, tzinfo=dt.UTC)
            self._clock_offset = at - self._now()


def _check(state: BoardState) -> None:
    for name, (low, high) in _RANGES.items():
        value = getattr(state, name)
        if not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"{name} must be {low} to {high}")
    if not {state.input_source, state.io_source} <= set(_SOURCES):
        raise ValueError(f"a power input is one of {', '.join(_SOURCES)}")


def _xor(data: bytes) -> int:
    result = 0xFF
    for byte in data:
        result ^= byte
    return result


def _word(value: float) -> bytes:
    return bytes((int(value) & 0xFF, int(value) >> 8 & 0xFF))
