"""The PiJuice battery board on an I2C bus."""

from __future__ import annotations

import datetime as dt
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

    Each call raises DeviceLost (`silent`, `bad_checksum`, `not_accepted`) when the board does not do it twice.
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
        self.wake_on_charge(wake_pct)
        self.set_system_switch(0)
        self.set_power_off(delay_s)
        return True

    def keep_on(self) -> None:
        """Take a planned power-off back. Raises DeviceLost."""
        self.set_power_off(None)

    def set_power_off(self, delay_s: int | None) -> None:
        """Cut the Pi's power in 0 to 250 s, the last thing before a shutdown; None takes it back.

        Raises DeviceLost, ValueError.
        """
        if delay_s is not None and not 0 <= delay_s <= 250:
            raise ValueError("delay_s must be 0 to 250, or None")
        self._write(Register.POWER_OFF, registers.POWER_OFF_NONE if delay_s is None else delay_s)

    def wake_on_charge(self, charge_pct: int | None) -> None:
        """Switch the Pi on once the battery is charged so far; None: never. Raises DeviceLost, ValueError."""
        if charge_pct is not None and not 0 <= charge_pct <= 100:
            raise ValueError("charge_pct must be 0 to 100, or None")
        self._write(Register.WAKE_ON_CHARGE, registers.WAKE_DISABLED if charge_pct is None else charge_pct)

    def set_system_switch(self, current_ma: int) -> None:
        """Set the switched supply (VSYS) to 0, 500 or 2100 mA. Raises DeviceLost, ValueError."""
        if current_ma not in registers.SWITCH_CURRENTS_MA:
            raise ValueError("current_ma must be 0, 500 or 2100")
        self._write(Register.SYSTEM_SWITCH, registers.SWITCH_CURRENTS_MA[current_ma])

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
        raise DeviceLost(
            "not_accepted", f"The battery board did not take over a setting ({register.name.lower()}).", _WIRING
        )

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
        """Whether the register reads as written, at once or a little later. A power-off counts down meanwhile."""
        for pause_s in (0.0, _SETTLE_S):
            time.sleep(pause_s)
            held = self._read(register)[0]
            if held == value or (register is Register.POWER_OFF and held < value):
                return True
        return False

    def _lost(self, error: OSError | BadFrame | None) -> DeviceLost:
        self._bus.close()  # so that the next try opens the bus afresh
        if isinstance(error, BadFrame):
            return DeviceLost("bad_checksum", f"The battery board's answers are garbled: {error}.", _WIRING)
        return DeviceLost("silent", f"The battery board at {self._address:#04x} does not answer.", _WIRING)
