"""What the owner's page does with the uplink: try a broker out, and go by it from then on."""

from __future__ import annotations

import re

from werkzeug.datastructures import MultiDict

from appliance.core.errors import DeviceLost, Refusal
from appliance.core.ports import FleetWish
from appliance.web import speech
from appliance.web.context import WebContext

PORTS = {True: 8883, False: 1883}  # registered with IANA: with TLS and without


def wish_of(form: MultiDict[str, str]) -> FleetWish:
    """Read a form. Raises Refusal."""
    is_tls, port = form.get("tls") == "on", form.get("port", "").strip()
    if port and not re.fullmatch(r"\d{1,5}", port):
        raise Refusal("bad_port", "Write the port as a number from 1 to 65535.")
    return FleetWish(
        enabled=form.get("act") != "off",
        host=form.get("host", "").strip(),
        port=int(port or PORTS[is_tls]),
        tls=is_tls,
        username=form.get("username", "").strip(),
        fleet=form.get("fleet", "").strip(),
        password=form.get("password") or None,
    )


def act(context: WebContext, form: MultiDict[str, str]) -> str:
    """Do what the form asks for; return what to tell the owner. Raises Refusal."""
    if context.fleet is None:
        raise Refusal("no_fleet", "The uplink of this box is set in its configuration only.", 409)
    wish = wish_of(form)
    if form.get("act") == "try":
        try:
            context.fleet.try_out(wish)
        except DeviceLost as lost:
            raise Refusal(lost.code, f"{lost.message} {lost.advice}", 409) from lost
        return speech.say("fleet_tried", host=wish.host)
    context.fleet.keep(wish)
    if not wish.enabled:
        return speech.say("fleet_ended")
    return speech.say("fleet_kept", host=wish.host)
