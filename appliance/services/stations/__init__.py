"""What each device does at the stall: the step that its worker repeats. Ports only; threads are the runtime's."""

from __future__ import annotations

from appliance.services.stations.button import Button
from appliance.services.stations.lights import VERDICT_S, PanelStation
from appliance.services.stations.pace import READ_S
from appliance.services.stations.power import PowerStation, battery_condition, clock_of
from appliance.services.stations.relays import RelayStation
from appliance.services.stations.scanning import ScanStation
from appliance.services.stations.spooling import PrintStation, printer_condition
from appliance.services.stations.texting import SmsStation

__all__ = [
    "READ_S",
    "VERDICT_S",
    "Button",
    "PanelStation",
    "PowerStation",
    "PrintStation",
    "RelayStation",
    "ScanStation",
    "SmsStation",
    "battery_condition",
    "clock_of",
    "printer_condition",
]
