"""The routes of the stall's lights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.services import lights
from appliance.services.lights import Switch
from appliance.web.fields import Body, Field, Text
from appliance.web.routes import Call, Route
from appliance.web.tokens import Role

SWITCHED = Body((Field("to", Text(choices=tuple(Switch))),))


def show_lights(books: Books, call: Call) -> dict[str, Any]:
    """Tell how the lights burn."""
    now = call.context.board.get("lights")
    facts = now if isinstance(now, Mapping) else {}
    return {
        "present": bool(facts),
        "to": str(lights.chosen(books)),
        "on": bool(facts.get("on")),
        "saved": bool(facts.get("saved")),
    }


def switch_lights(books: Books, call: Call) -> dict[str, Any]:
    """Switch the lights."""
    if call.context.board.get("lights") is None:
        raise Refusal("no_lights", "This box switches no lights: set relays.lights_1_pin first.", status=409)
    lights.switch(books, Switch(call.fields["to"]))
    return show_lights(books, call)


ROUTES = (
    Route("GET", "/lights", Role.STAFF, show_lights, "Lights", "How the stall's lights burn."),
    Route("POST", "/lights", Role.STAFF, switch_lights, "Lights",
          "Switch the stall's lights: on, off, or by themselves again.", body=SWITCHED, refusals=(409,)),
)  # fmt: skip
