"""The way to the fleet's broker as the owner sets it: tried out, kept among the box's settings, and gone by at once."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from appliance.config import OwnSettings, Settings
from appliance.core.errors import Refusal
from appliance.core.ids import is_slug
from appliance.core.ports import FleetWish
from appliance.parts import KEYS, uplink_settings
from appliance.store.keys import write_durably
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.trial import try_broker

PASSWORD = "broker-password"  # among the keys, and with them in backups
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")


class Fleet:
    """See FleetPort in core/ports. `change` is given the settings to go by from now on."""

    def __init__(
        self, settings: Settings, data: Path, own: OwnSettings, boot_id: str, change: Callable[[Settings], None]
    ) -> None:
        self._settings = settings
        self._password = data / KEYS / PASSWORD
        self._own = own
        self._boot_id = boot_id
        self._change = change
        self._tried: FleetWish | None = None  # the last one that the broker let in, with its password

    @property
    def now(self) -> FleetWish:
        """How it is set."""
        chosen = self._settings.uplink
        broker = uplink_settings(self._without_password(), self._boot_id).broker()
        host = f"[{broker.host}]" if ":" in broker.host else broker.host
        return FleetWish(chosen.enabled, host, broker.port, broker.tls, chosen.username, self._settings.box.fleet)

    def try_out(self, wish: FleetWish) -> None:
        """Connect once, for real."""
        wish = self._with_tried_password(wish)
        try_broker(self._uplink(wish))
        self._tried = wish

    def keep(self, wish: FleetWish) -> None:
        """Keep it, and go by it from now on."""
        wish = self._with_tried_password(wish)
        wanted = self._wanted(wish)
        names = ("enabled", "url", "username", "password_file")
        chosen = {name: getattr(wanted.uplink, name) for name in names}
        self._own.keep_all({"box": {"fleet": wish.fleet}, "uplink": chosen})
        if wish.password is not None:  # only now: a setting that is refused leaves the former login whole
            write_durably(self._password, f"{wish.password}\n".encode())
        self._settings, self._tried = wanted, None
        self._change(wanted)

    def _with_tried_password(self, wish: FleetWish) -> FleetWish:
        """Add the password that was just tried out there: the page shows it no more, and nobody types it twice."""
        tried = self._tried
        if tried is None or wish.password is not None or _login(wish) != _login(tried):
            return wish
        return replace(wish, password=tried.password)

    def _uplink(self, wish: FleetWish) -> UplinkSettings:
        wanted = self._wanted(wish)
        if wish.password is None:
            return uplink_settings(wanted, self._boot_id)
        without = replace(wanted, uplink=replace(wanted.uplink, password_file=""))
        return replace(uplink_settings(without, self._boot_id), password=wish.password)

    def _wanted(self, wish: FleetWish) -> Settings:
        """Return the settings that a wish comes to. Raises Refusal."""
        _check(wish)
        chosen = self._settings.uplink
        kept = chosen.password_file if wish.password is None else str(self._password)
        uplink = replace(
            chosen,
            enabled=wish.enabled,
            url=f"{'mqtts' if wish.tls else 'mqtt'}://{wish.host}:{wish.port}",
            username=wish.username,
            password_file=kept if wish.username else "",
        )
        return replace(self._settings, uplink=uplink, box=replace(self._settings.box, fleet=wish.fleet))

    def _without_password(self) -> Settings:
        return replace(self._settings, uplink=replace(self._settings.uplink, password_file=""))


def _login(wish: FleetWish) -> tuple[str, int, bool, str]:
    return wish.host, wish.port, wish.tls, wish.username


def _check(wish: FleetWish) -> None:
    if not _is_host(wish.host):
        raise Refusal("bad_host", "Write the broker as a name or an address, such as mqtt.example.org or 192.0.2.7.")
    if not 1 <= wish.port <= 65_535:
        raise Refusal("bad_port", "Write the port as a number from 1 to 65535; 8883 with TLS, 1883 without.")
    if not is_slug(wish.fleet):
        raise Refusal("bad_fleet", "Write the fleet's name in a-z, 0-9 and single hyphens, at most 40 characters.")
    if not wish.username.isprintable() or (wish.password is not None and not wish.password.isprintable()):
        raise Refusal("bad_text", "Write user name and password on one line each.")
    if wish.password and not wish.username:
        raise Refusal("no_username", "A password needs a user name beside it.")


def _is_host(text: str) -> bool:
    """Tell whether a text is a name or an address; IPv6 stands in brackets, as in a URL."""
    if not _HOST.fullmatch(text) or len(text) > 253:  # RFC 1035, 2.3.4
        return False
    if text.startswith("["):
        try:
            ipaddress.IPv6Address(text[1:-1])
        except ValueError:
            return False
    return True
