"""A box without this scanner."""

from __future__ import annotations

import threading


class AbsentScanner:
    """Never reads anything. It waits as a real scanner does, so that its worker does not spin."""

    model = "absent"

    def __init__(self) -> None:
        self._closed = threading.Event()

    def open(self) -> None:
        """Be ready to wait."""
        self._closed.clear()

    def read(self, timeout_s: float) -> bytes | None:
        """Wait for `timeout_s`, or until it is closed, and return None."""
        self._closed.wait(timeout_s)
        return None

    def close(self) -> None:
        """End a wait under way."""
        self._closed.set()
