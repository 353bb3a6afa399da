"""The way to root: one wish, one answer; see appliance/rootly.py, which grants them on the image."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

from appliance.core.errors import StallboxError

SOCKET = Path("/run/stallbox/ask")
LIMIT_S = 60.0
_log = logging.getLogger(__name__)


def asked(path: Path, wish: str) -> str:
    """Send a wish and return the answer. Raises StallboxError where nobody listens."""
    try:
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(LIMIT_S)
            wire.connect(str(path))
            wire.sendall(f"{' '.join(wish.split())}\n".encode())
            wire.shutdown(socket.SHUT_WR)
            return wire.makefile(encoding="utf-8", errors="replace").readline().strip()
    except OSError as error:
        raise StallboxError("no_root", f"Nobody listens at {path}: {error}. Only the image has this.") from error


class Root:
    """Asks root for the few things that only root may do, where there is a root to ask."""

    def __init__(self, path: Path = SOCKET) -> None:
        self._path = path

    @property
    def listens(self) -> bool:
        """Whether this system has such a root."""
        return self._path.is_socket()

    def do(self, wish: str, code: str, failed: str) -> None:
        """Have root do it. Raises StallboxError, with `code` and `failed` if root does not do it."""
        if not self.listens:
            raise StallboxError("no_root", "Only a box from the card's image does this: here it is done by hand.")
        told = asked(self._path, wish)
        if told != "ok":
            _log.error("root did not do '%s': %s", " ".join(wish.split()[:2]), told)
            raise StallboxError(code, failed)

    def set_time(self, at_s: int) -> bool:
        """Set the system's own clock; tell whether it was done. Never raises: the daemon has a clock of its own."""
        if not self.listens:
            return False
        try:
            told = asked(self._path, f"time {at_s}")
        except StallboxError as error:
            told = error.message
        if told != "ok":
            _log.error("the system's clock is not set: %s", told)
        return told == "ok"
