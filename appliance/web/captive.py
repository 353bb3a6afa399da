"""The way in: what phones ask when they join the stall's Wi-Fi, and the page that says how to open the kiosk.

The hotspot's DNS leads the hosts below here (image/overlay/etc/NetworkManager/dnsmasq-shared.d). A phone that gets
another answer than it expects shows a sheet with our page. The sheet is no place for a till: it closes by itself and
forgets. So the page only says what to open; once the guest says "Stay joined", the phone gets what it expects and
stays on a Wi-Fi that leads nowhere else.

What each system asks and expects: Android, NetworkMonitor.java (`generate_204`); Apple, CaptiveNetworkSupport
(`Success`); Windows, NCSI (`Microsoft Connect Test`); Firefox, captivedetect (`success`); GNOME,
NetworkManager.conf(5).
"""

from __future__ import annotations

import collections
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request

from appliance.web.context import WebContext

JOIN = "/join"
REMEMBERED = 2000  # clients that said they stay: more than a hotspot ever has addresses for


@dataclass(frozen=True, slots=True)
class Probe:
    """What a system expects from one of its hosts where nothing is in the way."""

    body: str = ""
    status: int = 200
    type: str = "text/plain"


_APPLE = Probe("<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>", type="text/html")
_ANDROID = Probe(status=204)
# host -> path -> what is expected; an empty path stands for every other one
PROBES: Mapping[str, Mapping[str, Probe]] = MappingProxyType(
    {
        "connectivitycheck.gstatic.com": {"": _ANDROID},
        "connectivitycheck.android.com": {"": _ANDROID},
        "clients3.google.com": {"": _ANDROID},
        "captive.apple.com": {"": _APPLE},
        "www.msftconnecttest.com": {"": Probe("Microsoft Connect Test")},
        "www.msftncsi.com": {"": Probe("Microsoft NCSI")},
        "detectportal.firefox.com": {
            "": Probe("success\n"),
            "/canonical.html": Probe(
                '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
                type="text/html",
            ),
        },
        "nmcheck.gnome.org": {"": Probe("NetworkManager is online\n")},
    }
)


class Joined:
    """The clients that said they stay, by address; the oldest is forgotten first."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._addresses: collections.OrderedDict[str, None] = collections.OrderedDict()
        self._lock = threading.Lock()

    def add(self, address: str) -> None:
        """Note that a client stays."""
        with self._lock:
            self._addresses[address] = None
            self._addresses.move_to_end(address)
            while len(self._addresses) > self._most:
                self._addresses.popitem(last=False)

    def __contains__(self, address: str) -> bool:
        """Tell whether a client stays."""
        with self._lock:
            return address in self._addresses


def add(app: Flask, context: WebContext) -> None:
    """Have the application answer the probes, and show the page to them."""
    joined = Joined()
    app.before_request(lambda: _answer_probe(context, joined))
    app.register_blueprint(_pages(context, joined))


def _answer_probe(context: WebContext, joined: Joined) -> Response | None:
    paths = PROBES.get(request.host.partition(":")[0].lower())
    if paths is None or request.path in (JOIN, f"{JOIN}/stay") or request.path.startswith("/static/"):
        return None
    if _client() not in joined:
        return make_response(redirect(f"{_address(context)}{JOIN}", 302))
    probe = paths.get(request.path, paths[""])
    return Response(probe.body, probe.status, content_type=probe.type)


def _pages(context: WebContext, joined: Joined) -> Blueprint:
    blueprint = Blueprint("captive", __name__)

    @blueprint.get(JOIN)
    def join() -> str:
        return _page(context, joined)

    @blueprint.post(f"{JOIN}/stay")  # no form token: it only speaks for its own sender, and does no harm
    def stay() -> str:
        joined.add(_client())
        return _page(context, joined)

    @blueprint.get("/captive-portal")
    def api() -> Response:
        """Answer as RFC 8908, section 5; phones that insist on https do not get so far."""
        told = {"captive": _client() not in joined, "user-portal-url": f"{_address(context)}{JOIN}"}
        return Response(json.dumps(told), content_type="application/captive+json")

    return blueprint


def _page(context: WebContext, joined: Joined) -> str:
    stays = _client() in joined
    return render_template("join.html", box=context.box_name, address=_address(context), stays=stays)


def _address(context: WebContext) -> str:
    return context.public_url or request.host_url.rstrip("/")


def _client() -> str:
    return request.remote_addr or ""
