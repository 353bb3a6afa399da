"""When the stall's lights burn. Pure."""

from __future__ import annotations

import enum
from zoneinfo import ZoneInfo

from appliance.core.clock import parse_timestamp
from appliance.core.event import window_at
from appliance.core.trade import Event

ENOUGH = ("", "normal", "saving")  # power states in which there is charge for lights


class Lighting(enum.StrEnum):
    """What the lights go by."""

    OFF = "off"
    ON = "on"
    TIMER = "timer"  # from on_at to off_at, by the clock on the wall
    WINDOWS = "windows"  # while a sales window is open


def lights_on(
    lighting: Lighting, on_at: str, off_at: str, event: Event | None, now: str, power_state: str = ""
) -> bool:
    """Tell whether the lights burn; `now` is RFC 3339, `on_at` and `off_at` are `HH:MM`, perhaps over midnight."""
    if power_state not in ENOUGH:
        return False
    if lighting is Lighting.WINDOWS:
        window = window_at(event, now) if event else None
        return window is not None and window[1] == "open"
    if lighting is Lighting.TIMER:
        zone = ZoneInfo(event.time_zone if event else "UTC")
        wall = parse_timestamp(now).astimezone(zone).strftime("%H:%M")
        return on_at <= wall < off_at if on_at <= off_at else wall >= on_at or wall < off_at
    return lighting is Lighting.ON
