"""The PiJuice through its maker's own Python module, where that is installed (Raspberry Pi OS: pijuice-base).

The module's calls raise nothing: each answers {"error": "NO_ERROR", "data": …}, or an error alone. A transfer takes
it 50 ms, and after one that failed it asks the board nothing for 4 s; so a second try takes an object of its own
(pijuice.py 1.6 to 1.8).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from appliance.core.devices import BatteryReading, PowerSource
from appliance.drivers.battery import registers
from appliance.drivers.battery.pijuice import bus_lost, garbled, not_accepted
from appliance.drivers.battery.registers import Register

Make = Callable[[int, int], Any]  # an I2C bus's number and the board's address -> the module's PiJuice object

OLDEST = (1, 6)  # those before call what Python 3.9 took away (Thread.isAlive)
_ATTEMPTS = 2
_DONE, _GARBLED, _NOT_VERIFIED = "NO_ERROR", "DATA_CORRUPTED", "WRITE_FAILED"
_SOURCES = {
    "NOT_PRESENT": PowerSource.ABSENT,
    "BAD": PowerSource.BAD,
    "WEAK": PowerSource.WEAK,
    "PRESENT": PowerSource.PRESENT,
}
_FAULTS = {  # what the module calls otherwise than the rest of the box
    "forced_power_off": "undervoltage_power_off",
    "forced_sys_power_off": "system_power_off",
    "SUSPEND": "charging_suspended_by_temperature",
    "COOL": "charging_cool",
    "WARM": "charging_warm",
}


def installed() -> Make | None:
    """Return what makes the module's PiJuice object; None where there is no module that runs here."""
    try:
        import pijuice
    except ImportError:  # also without the smbus that it needs
        return None
    version = tuple(int(part) for part in str(pijuice.__version__).split(".")[:2])
    make: Make = pijuice.PiJuice
    return make if version >= OLDEST else None


class ModulePiJuice:
    """A PiJuice that the module talks to; the same readings as by its registers. One thread may use it."""

    model = "pijuice"

    def __init__(self, make: Make, bus: int = 1, address: int = registers.ADDRESS) -> None:
        self._make = make
        self._bus = bus
        self._address = address
        self._board: Any = None

    def open(self) -> None:
        """Make sure that the board answers. Raises DeviceLost."""
        self._ask("status", "GetStatus")

    def close(self) -> None:
        """Let go of the bus: the module closes it with its object."""
        self._board = None

    def read(self) -> BatteryReading:
        """Measure everything that the board measures. Raises DeviceLost."""
        status = self._ask("status", "GetStatus")
        return BatteryReading(
            charge_pct=float(self._ask("status", "GetChargeLevel")),
            charging=status["battery"].startswith("CHARGING"),
            battery_present=status["battery"] != "NOT_PRESENT",
            battery_mv=self._ask("status", "GetBatteryVoltage"),
            battery_ma=self._ask("status", "GetBatteryCurrent"),
            temperature_c=_temperature_c(self._ask("status", "GetBatteryTemperature")),
            input_source=_SOURCES[status["powerInput"]],
            io_source=_SOURCES[status["powerInput5vIo"]],
            io_mv=self._ask("status", "GetIoVoltage"),
            io_ma=self._ask("status", "GetIoCurrent"),
            faults=_faults(self._ask("status", "GetFaultStatus")),
        )

    def read_clock(self) -> dt.datetime | None:
        """Return the board's clock in UTC; None if it was never set. Raises DeviceLost."""
        told = self._ask("rtcAlarm", "GetTime")
        try:
            day = (told["year"], told["month"], told["day"])
            at = dt.datetime(*day, _hour(told["hour"]), told["minute"], told["second"], tzinfo=dt.UTC)
        except ValueError:
            return None
        return None if at.year == registers.YEAR_UNSET else at

    def set_clock(self, at: dt.datetime) -> None:
        """Set the board's clock. Raises DeviceLost."""
        at = at.astimezone(dt.UTC)
        wanted = {name: getattr(at, name) for name in ("year", "month", "day", "hour", "minute", "second")}
        # Its check fails where a minute begins between writing and reading.
        self._ask("rtcAlarm", "SetTime", {**wanted, "weekday": at.isoweekday() % 7 + 1}, borne=_NOT_VERIFIED)

    def cut_after_halt(self, delay_s: int, wake_pct: int | None) -> bool:
        """Have the board end the Pi's power; the order is that of its maker's service: wake-up, VSYS, power.

        Raises DeviceLost, ValueError.
        """
        off, wake = registers.power_off_byte(delay_s), registers.wake_byte(wake_pct)
        self._set(Register.WAKE_ON_CHARGE, "WakeUpOnCharge", wake, "DISABLED" if wake_pct is None else wake_pct)
        self._set(Register.SYSTEM_SWITCH, "SystemPowerSwitch", registers.SWITCH_OFF, 0)
        self._set(Register.POWER_OFF, "PowerOff", off, off)
        return True

    def keep_on(self) -> None:
        """Take a planned power-off back. Raises DeviceLost."""
        self._set(Register.POWER_OFF, "PowerOff", registers.POWER_OFF_NONE, registers.POWER_OFF_NONE)

    def _set(self, register: Register, name: str, value: int, argument: int | str) -> None:
        """Write a setting and read it back: the board ignores what it did not understand, the module not always."""
        for _ in range(_ATTEMPTS):
            self._ask("power", f"Set{name}", argument, borne=_NOT_VERIFIED)
            if registers.holds(register, _byte(self._ask("power", f"Get{name}")), value):
                return
        raise not_accepted(register)

    def _ask(self, part: str, call: str, *arguments: object, borne: str = _DONE) -> Any:
        """Call the module and return its data, a second time if the first goes wrong; `borne` is no error here."""
        answer = {}
        for _ in range(_ATTEMPTS):
            answer = getattr(getattr(self._opened(), part), call)(*arguments)
            if answer["error"] in (_DONE, borne):
                return answer.get("data")
            self.close()
        raise garbled("a checksum does not fit") if answer["error"] == _GARBLED else bus_lost(None, self._address)

    def _opened(self) -> Any:
        if self._board is None:
            try:
                self._board = self._make(self._bus, self._address)
            except OSError as error:
                raise bus_lost(error, self._address) from error
        return self._board


def _temperature_c(value: int) -> int:
    """Read the first of the two bytes, signed: releases of the module differ in what they make of the second."""
    return registers.temperature_c(bytes((value & 0xFF,)))


def _faults(told: Mapping[str, object]) -> tuple[str, ...]:
    """Name what is told: flags by their names, the temperature's by its value."""
    named = (name if flag is True else str(flag) for name, flag in told.items())
    return tuple(_FAULTS.get(name, name) for name in named)


def _hour(told: int | str) -> int:
    """Read an hour; one of a 12-hour clock comes as `11 PM`. Raises ValueError."""
    if isinstance(told, int):
        return told
    hour, _, half = told.partition(" ")
    return int(hour) % 12 + (12 if half == "PM" else 0)


def _byte(told: Any) -> int:
    """Read a setting as its register's byte: some come as a list of one, no wake-up as a word."""
    if told == "DISABLED":
        return registers.WAKE_DISABLED
    return int(told[0] if isinstance(told, list) else told)
