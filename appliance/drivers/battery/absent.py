"""A box on mains power, without a battery board."""

from __future__ import annotations

from appliance.core.devices import BatteryReading, PowerSource
from appliance.drivers.battery.plain import MeasuringBoard


class AbsentBattery(MeasuringBoard):
    """Reports what is true of such a box: no battery, and power through its own plug."""

    model = "absent"

    def open(self) -> None:
        """Do nothing."""

    def read(self) -> BatteryReading:
        """Return a reading that the power rules take for normal; 100 % since nothing can run down."""
        return BatteryReading(charge_pct=100.0, charging=False, battery_present=False, io_source=PowerSource.PRESENT)

    def close(self) -> None:
        """Do nothing."""
