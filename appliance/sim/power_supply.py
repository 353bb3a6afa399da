"""Emulated power supplies of the kernel: the files that a UPS board's driver shows below /sys/class/power_supply.

Source: Documentation/ABI/testing/sysfs-class-power of the Linux kernel.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from appliance.sim import faults


@dataclass(frozen=True)
class SupplyState:
    """What the board measures."""

    charge_pct: float = 80.0
    charging: bool = False
    temperature_c: int = 21
    battery_mv: int = 3956
    battery_ma: int = 350  # without sign, as many drivers have it
    online: bool = False
    health: str = "Good"


class SupplyFolder:
    """The class folder with one battery and one charger. Faults:

    `silent`     the driver is there but its files give no answer
    `garbage`    its files hold what is no number
    `wild`       one measure is far out of the world: a charge of 255 %, -60 degrees
    `unplugged`  the board is gone, and what the kernel showed of it
    """

    FAULTS = ("silent", "garbage", "wild", "unplugged")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fault: str | None = None
        self._state = SupplyState()
        self._write()

    @property
    def state(self) -> SupplyState:
        """What the board measures now."""
        return self._state

    def set(self, **changes: Any) -> None:
        """Change what is measured: fields of SupplyState. `charging` alone plugs a charger in or out."""
        if "charging" in changes:
            changes.setdefault("online", changes["charging"])
        self._state = replace(self._state, **changes)
        self._write()

    def fail(self, fault: str | None) -> None:
        """Break in the way named, or heal (None). Raises ValueError."""
        faults.check(fault, self.FAULTS)
        self.fault = fault
        self._write()

    def _write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.fault == "unplugged":
            for place in self.folder.glob("*"):  # the class itself is the kernel's and stays
                shutil.rmtree(place, ignore_errors=True)
            return
        for name, values in {"battery": self._battery(), "charger": self._charger()}.items():
            place = self.folder / name
            place.mkdir(exist_ok=True)
            for key, value in values.items():
                self._file(place / key, str(value))

    def _battery(self) -> dict[str, object]:
        state, wild = self._state, self.fault == "wild"
        return {
            "type": "Battery",
            "present": 1,
            "status": "Charging" if state.charging else "Discharging",
            "capacity": 255 if wild else round(state.charge_pct),
            "voltage_now": state.battery_mv * 1000,
            "current_now": state.battery_ma * 1000,
            "temp": -600 if wild else state.temperature_c * 10,
            "health": state.health,
        }

    def _charger(self) -> dict[str, object]:
        return {"type": "Mains", "online": int(self._state.online)}

    def _file(self, path: Path, text: str) -> None:
        measured = path.name not in ("type", "present")
        if self.fault == "silent" and measured:
            path.unlink(missing_ok=True)
            return
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(("\x7f??" if self.fault == "garbage" and measured else text) + "\n")
        fresh.replace(path)
