"""The PiJuice battery board on an I2C bus, by its registers."""

from __future__ import annotations

import datetime as dt
import errno
import time

from smbus2 import i2c_msg

from appliance.core.devices import BatteryReading
from appliance.core.errors import DeviceLost
from appliance.drivers.battery import registers
from appliance.drivers.battery.bus import I2cBus
from appliance.drivers.battery.registers import LENGTHS, BadFrame, Register

_ATTEMPTS = 2
_SETTLE_S = 0.2  # the board may take this long until a register reads back as written
_WIRING = "Check that the PiJuice sits firmly on the header, that I2C is switched on, and its address."


class PiJuice:
    """A PiJuice behind `bus`: `open_bus(1)`, or any object with smbus2's `i2c_rdwr` and `close`.

    Each call raises DeviceLost (`silent`, `no_bus`, `no_permission`, `bad_checksum`, `not_accepted`) when the board
    does not do it twice.
    """

    model = "pijuice"

    def __init__(self, bus: I2cBus, address: int = registers.ADDRESS) -> None:
        self._bus = bus
        self._address = address

    def open(self) -> None:
        """Make sure that the board answers. Raises DeviceLost."""
        self._read(Register.STATUS)

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()

    def read(self) -> BatteryReading:
        """Measure everything that the board measures. Raises DeviceLost."""
        status = registers.status(self._read(Register.STATUS))
        return BatteryReading(
            charge_pct=float(self._read(Register.CHARGE)[0]),
            charging=status.charging,
            battery_present=status.battery_present,
            battery_mv=registers.millivolts(self._read(Register.BATTERY_VOLTAGE)),
            battery_ma=registers.milliamperes(self._read(Register.BATTERY_CURRENT)),
            temperature_c=registers.temperature_c(self._read(Register.TEMPERATURE)),
            input_source=status.input_source,
            io_source=status.io_source,
            io_mv=registers.millivolts(self._read(Register.IO_VOLTAGE)),
            io_ma=registers.milliamperes(self._read(Register.IO_CURRENT)),
            faults=registers.faults(self._read(Register.FAULT)),
        )

    def read_clock(self) -> dt.datetime | None:
        """Return the board's clock in UTC; None if it was never set. Raises DeviceLost."""
        return registers.clock(self._read(Register.CLOCK))

    def set_clock(self, at: dt.datetime) -> None:
        """Set the board's clock. Raises DeviceLost."""
        self._send(registers.write_frame(Register.CLOCK, registers.clock_bytes(at)))

    def cut_after_halt(self, delay_s: int, wake_pct: int | None) -> bool:
        """Have the board end the Pi's power; the order is that of its maker's service: wake-up, VSYS, power.

        Raises DeviceLost, ValueError.
        """
        off, wake = registers.power_off_byte(delay_s), registers.wake_byte(wake_pct)
        self._write(Register.WAKE_ON_CHARGE, wake)
        self._write(Register.SYSTEM_SWITCH, registers.SWITCH_OFF)
        self._write(Register.POWER_OFF, off)
        return True

    def keep_on(self) -> None:
        """Take a planned power-off back. Raises DeviceLost."""
        self._write(Register.POWER_OFF, registers.POWER_OFF_NONE)

    def _read(self, register: Register) -> bytes:
        """Read a register, a second time if the first goes wrong."""
        error: OSError | BadFrame | None = None
        for _ in range(_ATTEMPTS):
            answer = i2c_msg.read(self._address, LENGTHS[register] + 1)
            try:
                self._bus.i2c_rdwr(i2c_msg.write(self._address, [register]), answer)
                return registers.read_data(bytes(answer))
            except (OSError, BadFrame) as caught:
                error = caught
        raise self._lost(error) from error

    def _write(self, register: Register, value: int) -> None:
        """Write a one-byte register and read it back: the board ignores what it did not understand."""
        frame = registers.write_frame(register, bytes((value,)))
        for _ in range(_ATTEMPTS):
            self._send(frame)
            if self._holds(register, value):
                return
        raise not_accepted(register)

    def _send(self, frame: bytes) -> None:
        """Put a frame on the bus, a second time if nobody acknowledges it."""
        error: OSError | None = None
        for _ in range(_ATTEMPTS):
            try:
                self._bus.i2c_rdwr(i2c_msg.write(self._address, frame))
                return
            except OSError as caught:
                error = caught
        raise self._lost(error) from error

    def _holds(self, register: Register, value: int) -> bool:
        """Whether the register reads as written, at once or a little later."""
        for pause_s in (0.0, _SETTLE_S):
            time.sleep(pause_s)
            if registers.holds(register, self._read(register)[0], value):
                return True
        return False

    def _lost(self, error: OSError | BadFrame | None) -> DeviceLost:
        self._bus.close()  # so that the next try opens the bus afresh
        return garbled(str(error)) if isinstance(error, BadFrame) else bus_lost(error, self._address)


def bus_lost(error: OSError | None, address: int) -> DeviceLost:
    """Return the error for a bus or a board that is not there, by the system's error number."""
    number = error.errno if error else None
    if number == errno.ENOENT:
        advice = "Switch I2C on (raspi-config, Interface Options), or correct the bus's number."
        return DeviceLost("no_bus", "There is no I2C bus for the battery board.", advice)
    if number in (errno.EACCES, errno.EPERM):
        advice = "Let the user of the service use the bus: group i2c."
        return DeviceLost("no_permission", "The battery board's bus may not be used by this user.", advice)
    return DeviceLost("silent", f"The battery board at {address:#04x} does not answer.", _WIRING)


def garbled(why: str) -> DeviceLost:
    """Return the error for a board whose answers make no sense."""
    return DeviceLost("bad_checksum", f"The battery board's answers are garbled: {why}.", _WIRING)


def not_accepted(register: Register) -> DeviceLost:
    """Return the error for a board that does not keep what is written to it."""
    name = register.name.lower()
    return DeviceLost("not_accepted", f"The battery board did not take over a setting ({name}).", _WIRING)
