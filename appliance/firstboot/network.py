"""The files of the box's own network: the hotspot for NetworkManager, the cable for the firewall."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from appliance.core.shortcode import ALPHABET

ADDRESS = "10.42.0.1"
PASSWORD_GROUPS, GROUP_CHARS = 3, 5  # 15 characters of 31: 74 bits, beyond trying out what was overheard


@dataclass(frozen=True, slots=True)
class Hotspot:
    """The stall's Wi-Fi."""

    name: str
    password: str
    channel: int = 6

    def __repr__(self) -> str:
        return f"Hotspot({self.name!r}, channel {self.channel})"


def draw_password(digits: Callable[[int], int]) -> str:
    """Draw a password that can be typed from paper: `digits(n)` draws a number below n."""
    groups = ["".join(ALPHABET[digits(len(ALPHABET))] for _ in range(GROUP_CHARS)) for _ in range(PASSWORD_GROUPS)]
    return "-".join(groups).lower()


def hotspot_keyfile(hotspot: Hotspot) -> str:
    """Return the hotspot as NetworkManager's keyfile; nm-settings-keyfile(5).

    PMF is off: the Pi's own radio refuses the group key that it needs (raspberrypi/linux#7247). Clients are kept
    apart by the access point.
    """
    id = uuid.uuid5(uuid.NAMESPACE_URL, "stallbox:hotspot")
    return f"""\
# Written by `stallbox first-boot`.
[connection]
id=stallbox-hotspot
uuid={id}
type=wifi
interface-name=hotspot0
autoconnect=true
autoconnect-priority=100
autoconnect-retries=0

[wifi]
mode=ap
band=bg
channel={hotspot.channel}
ssid={_bytes(hotspot.name)}
ap-isolation=1

[wifi-security]
key-mgmt=wpa-psk
proto=rsn;
pairwise=ccmp;
group=ccmp;
pmf=1
psk={_escaped(hotspot.password)}

[ipv4]
method=shared
address1={ADDRESS}/24

[ipv6]
method=disabled
"""


def cable_keyfile() -> str:
    """Return any network cable as an uplink: addresses from whoever is there, and never waited for."""
    return f"""\
# Written by `stallbox first-boot`.
[connection]
id=stallbox-cable
uuid={uuid.uuid5(uuid.NAMESPACE_URL, "stallbox:cable")}
type=ethernet
autoconnect=true
autoconnect-retries=0
multi-connect=3

[ipv4]
method=auto
may-fail=true

[ipv6]
method=auto
may-fail=true
"""


def cable_firewall(of_stall: bool) -> str:
    """Return the firewall's file for the cable: the stall's own tablets hang on it, or it is an uplink."""
    if not of_stall:
        return "# The cable is an uplink: nothing from it is let in.\n"
    # As the kernel and udev name Ethernet: eth0, end0, enp1s0, enx…
    return 'add rule inet stallbox opened iifname "e*" jump stall\n'


def _bytes(text: str) -> str:
    """Write an SSID as bytes, which no letter of it can break out of: 78;105;"""
    return "".join(f"{byte};" for byte in text.encode())


def _escaped(text: str) -> str:
    """Escape a value of a keyfile as GLib reads it: backslashes, and spaces at its ends."""
    text = text.replace("\\", "\\\\")
    if text.startswith(" "):
        text = "\\s" + text[1:]
    return text[:-1] + "\\s" if text.endswith(" ") else text
