"""What the uplink needs to know; the composition root fills it from the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from appliance.core.errors import StallboxError

_DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}  # registered with IANA


class Broker(NamedTuple):
    """Where the broker listens."""

    host: str
    port: int
    tls: bool


@dataclass(frozen=True, slots=True)
class UplinkSettings:
    """One box's way to its broker. `url` is `mqtt://host[:port]` or `mqtts://host[:port]`."""

    url: str
    fleet: str
    box: str
    boot_id: str
    version: str
    username: str = ""
    password: str = field(default="", repr=False)
    keepalive_s: int = 30
    in_flight: int = 100  # entries sent and not yet acknowledged by the broker
    publish_timeout_s: float = 20.0  # the broker acknowledges nothing for so long: the line is dead
    telemetry_every_s: float = 30.0
    resend_after_s: float = 120.0
    reconnect_min_s: float = 1.0
    reconnect_max_s: float = 120.0
    home_assistant: bool = False

    @property
    def client_id(self) -> str:
        """The name under which the broker knows this box; unique in the fleet."""
        return f"stallbox-{self.fleet}-{self.box}"

    @property
    def source(self) -> str:
        """The CloudEvents source of this box."""
        return f"/stallbox/{self.fleet}/{self.box}"

    def broker(self) -> Broker:
        """Take the URL apart. Raises ValueError with a sentence for a person."""
        parts = urlsplit(self.url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"'{self.url}' is no broker address; write mqtt://host:1883 or mqtts://host:8883")
        return Broker(parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme], parts.scheme == "mqtts")


def first_line(path: str) -> str:
    """Return the password in a file, empty where no file is named. Raises StallboxError."""
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StallboxError("password_file", f"The broker's password cannot be read: {error}.") from error
