"""The stall's own Wi-Fi: what may be its name, password and country."""

from __future__ import annotations

import re

from appliance.core.errors import Refusal

NAME_BYTES = 32  # IEEE 802.11, 9.4.2.2: an SSID has at most 32 octets
_PASSWORD = re.compile(r"[ -~]{8,63}")  # IEEE 802.11, annex J.4: printable ASCII
_COUNTRY = re.compile("[A-Z]{2}")  # ISO 3166-1: where the radio is, for its channels and power


def check(name: str, password: str, country: str) -> None:
    """Check what a hotspot is to go by; an empty country leaves it as it is. Raises Refusal."""
    if not name or len(name.encode()) > NAME_BYTES or not name.isprintable():
        raise Refusal("bad_wifi_name", "Write a name of at most 32 letters, fewer with accents.")
    if not _PASSWORD.fullmatch(password):
        raise Refusal("bad_wifi_password", "Write a password of 8 to 63 letters, digits and signs, without accents.")
    if country and not _COUNTRY.fullmatch(country):
        raise Refusal("bad_country", "Write the country in two letters, such as DE, IN or PE.")
