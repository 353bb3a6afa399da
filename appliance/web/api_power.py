"""The battery's route: how it stands, how long it lasts, the last day's curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from appliance.core.ports import Books
from appliance.services import power
from appliance.web.routes import Call, Route
from appliance.web.tokens import Role


def show_power(books: Books, call: Call) -> dict[str, Any]:
    """Tell the newest reading, the time left with its error, and the samples of the last 24 hours."""
    found = call.context.board.get("battery")
    battery = dict(found) if isinstance(found, Mapping) else {}
    left_min, error_min = battery.get("left_min"), battery.get("left_error_min")
    return {
        "battery": battery,
        "left": None if left_min is None else {"left_min": left_min, "error_min": error_min},
        "curve": list(power.curve(books)),
        "limits": dict(call.context.power_limits),
    }


ROUTES = (
    Route("GET", "/power", Role.STAFF, show_power, "Power", "The battery: now, time left, the last day's curve."),
)
