"""Any battery board that the kernel has a driver for: the class power_supply in sysfs.

Source: Documentation/ABI/testing/sysfs-class-power of the Linux kernel: one folder a supply; `type` tells a battery
from mains and USB; voltages in µV, currents in µA (of a battery: negative while it discharges, though some drivers
give no sign), temperatures in tenths of a degree. A file that the driver does not have is missing; one that it
cannot fill now gives an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from appliance.core.devices import BatteryReading, PowerSource
from appliance.core.errors import DeviceLost
from appliance.drivers.battery.plain import MeasuringBoard

CLASS_FOLDER = Path("/sys/class/power_supply")
_ADVICE = "Check that the battery board sits firmly, and that its overlay is in the Pi's config.txt."
_STATUSES = ("Unknown", "Charging", "Discharging", "Not charging", "Full")
_ILL = ("Overheat", "Dead", "Over voltage", "Unspecified failure", "Cold", "Over current", "Watchdog timer expire")


class PowerSupply(MeasuringBoard):
    """The first battery and the first other supply below `folder`."""

    model = "power_supply"

    def __init__(self, folder: Path = CLASS_FOLDER) -> None:
        self._folder = folder

    def open(self) -> None:
        """Make sure that the kernel knows a battery. Raises DeviceLost."""
        self._battery()

    def close(self) -> None:
        """Do nothing: each reading opens its files afresh."""

    def read(self) -> BatteryReading:
        """Measure. Raises DeviceLost."""
        battery = self._battery()
        status = _text(battery, "status")
        if not status:
            raise _lost("silent", f"The battery board behind {battery} does not answer.")
        if status not in _STATUSES:
            raise _lost("garbled", f"What the battery board behind {battery} says makes no sense.")
        supply, charge_pct = self._supply(), _number(battery, "capacity")
        return BatteryReading(
            charge_pct=charge_pct,
            charging=status == "Charging",
            battery_present=_number(battery, "present") != 0,
            battery_mv=_milli(battery, "voltage_now"),
            battery_ma=_battery_ma(battery, status),
            temperature_c=_tenths(battery, "temp"),
            input_source=_source(supply, status),
            input_mv=_milli(supply, "voltage_now") if supply else None,
            input_ma=_milli(supply, "current_now") if supply else None,
            input_kind="mains" if supply else "",
            faults=tuple(name.lower() for name in [_text(battery, "health")] if name in _ILL),
        )

    def _battery(self) -> Path:
        for folder in self._supplies():
            # A battery of scope Device sits in a mouse or a scanner, and does not feed this box.
            if _text(folder, "type") == "Battery" and _text(folder, "scope") != "Device":
                return folder
        raise _lost("unplugged", f"The kernel knows no battery ({self._folder}).")

    def _supply(self) -> Path | None:
        others = (folder for folder in self._supplies() if _text(folder, "type") not in ("", "Battery"))
        return next(others, None)

    def _supplies(self) -> Iterator[Path]:
        try:
            yield from sorted(self._folder.iterdir())
        except OSError as error:
            raise _lost("unplugged", f"The kernel's power supplies cannot be read: {error.strerror}.") from error


def _battery_ma(battery: Path, status: str) -> int | None:
    """Return the current as the rest of the box has it: positive while the battery discharges."""
    current_ma = _milli(battery, "current_now")
    if current_ma is None:
        return None
    return -abs(current_ma) if status == "Charging" else abs(current_ma)


def _source(supply: Path | None, status: str) -> PowerSource:
    """Tell the input's state; a board that shows none still says by its status whether it is fed."""
    if supply is None:
        return PowerSource.PRESENT if status in ("Charging", "Full", "Not charging") else PowerSource.ABSENT
    return PowerSource.PRESENT if _number(supply, "online") else PowerSource.ABSENT


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="ascii", errors="replace").strip()
    except OSError:  # not measured, or not now
        return ""


def _number(folder: Path, name: str) -> int | None:
    try:
        return int(_text(folder, name))
    except ValueError:
        return None


def _milli(folder: Path, name: str) -> int | None:
    micro = _number(folder, name)
    return None if micro is None else round(micro / 1000)


def _tenths(folder: Path, name: str) -> int | None:
    tenths = _number(folder, name)
    return None if tenths is None else round(tenths / 10)


def _lost(code: str, message: str) -> DeviceLost:
    return DeviceLost(code, message, _ADVICE)
