"""What the owner's page does with the network: the stall's Wi-Fi, and whether its tablets may use the uplink."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.datastructures import MultiDict

from appliance.core import hotspot
from appliance.core.errors import Refusal, StallboxError
from appliance.core.ports import NetworkPort
from appliance.core.receipt import welcome_slip
from appliance.web import speech
from appliance.web.context import WebContext


def keep_wifi(context: WebContext, form: MultiDict[str, str], address: str) -> str:
    """Keep name and password of the Wi-Fi, and have the box's own radio go by them; or print how to join it.

    Raises Refusal.
    """
    if form.get("act") == "print":
        slip = welcome_slip(context.box_name, address, context.wifi if context.wifi[0] else None)
        context.desk.submit(lambda books: books.prints.add("slip", "how to join", slip.to_json()))
        return speech.say("wifi_prints")
    name, password = form.get("network", "").strip(), form.get("password", "")
    if context.network is None:
        _keep(context, name, password)
        return speech.say("wifi_kept")
    country = form.get("country", "").strip().upper()
    hotspot.check(name, password, country)
    _ask_root(lambda network: network.set_hotspot(name, password, country), context.network)
    _keep(context, name, password)
    return speech.say("wifi_changed", name=name)


def share(context: WebContext, form: MultiDict[str, str]) -> str:
    """Let the stall's tablets use the uplink, or not. Raises Refusal."""
    if context.network is None:
        raise Refusal("no_root", "Only a box from the card's image shares its uplink.", 409)
    is_wanted = form.get("act") == "on"
    _ask_root(lambda network: network.share(is_wanted), context.network)
    return speech.say("share_told_on" if is_wanted else "share_told_off")


def _keep(context: WebContext, name: str, password: str) -> None:
    context.settings.keep("wifi", {"name": name, "password": password})
    context.wifi = name, password


def _ask_root(act: Callable[[NetworkPort], None], network: NetworkPort) -> None:
    try:
        act(network)
    except StallboxError as error:
        raise Refusal(error.code, error.message, 409) from error
