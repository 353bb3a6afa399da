"""What stands on the counter, printers, relays and modem: the step of each for its worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from appliance.config import Settings
from appliance.core.devices import BoardPort, Condition
from appliance.core.ports import DeskPort
from appliance.core.printers import RECEIPTS, share_of
from appliance.core.stall_lights import Lighting
from appliance.equipment import printer_name
from appliance.services.stations import PrintStation, RelayStation, SmsStation


def counter_steps(
    settings: Settings, desk: DeskPort, board: BoardPort, address: Callable[[], str] = lambda: ""
) -> dict[str, Callable[[Any], Condition | None]]:
    """Return the step of each printer, and of the relays and the modem where there are any, by the device's name.

    `address` tells where people open the box.
    """
    further = {role: chosen for role, chosen in settings.printers.items() if chosen.driver != "absent"}
    steps: dict[str, Callable[[Any], Condition | None]] = {
        printer_name(role): PrintStation(desk, chosen.poll_s, share_of(role, further), address).step
        for role, chosen in {RECEIPTS: settings.printer, **further}.items()
    }
    relays = settings.relays
    if relays.driver != "absent":
        pulse_s, lighting = relays.drawer_pulse_ms / 1000, Lighting(relays.lights)
        has_lights = bool(relays.lights_1_pin or relays.lights_2_pin)
        station = RelayStation(desk, board, pulse_s, lighting, relays.on_at, relays.off_at, has_lights)
        steps["relays"] = station.step
    if settings.modem.driver != "absent":
        steps["modem"] = SmsStation(desk).step
    return steps
