"""Notices to systemd: ready, status, still alive, stopping. Without systemd they go nowhere.

The protocol is a datagram of `NAME=value` lines to the socket in $NOTIFY_SOCKET; see sd_notify(3) and
sd_watchdog_enabled(3).
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping

_log = logging.getLogger(__name__)


class Notifier:
    """Tells systemd how the daemon is. `watchdog_s` is the longest silence that it bears, None if any."""

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        # An abstract socket is written with @ and addressed with a NUL byte in front.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._works = bool(address)
        self._failed_before = False
        self.watchdog_s = watchdog_s

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Notifier:
        """Read $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID as systemd sets them."""
        period_us, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
        ours = period_us.isdecimal() and int(period_us) > 0 and pid in ("", str(os.getpid()))
        return cls(environ.get("NOTIFY_SOCKET", ""), int(period_us) / 1e6 if ours else None)

    def ready(self) -> None:
        """The daemon does its work from now on."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send("STATUS=" + " ".join(text.split()))

    def alive(self) -> None:
        """Feed the watchdog."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The daemon is on its way out."""
        self._send("STOPPING=1")

    def _send(self, line: str) -> None:
        if not self._works:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as wire:
                wire.settimeout(1.0)
                wire.sendto(line.encode(), self._address)
        except OSError as error:
            # Said once; if it was more than a hiccup, the watchdog speaks next.
            log = _log.debug if self._failed_before else _log.warning
            log("systemd does not take notices at %s: %s", self._address, error)
            self._failed_before = True
