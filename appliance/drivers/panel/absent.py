"""A box without a panel."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from appliance.core.devices import Blink, Lamp, Sound


class AbsentPanel:
    """Shows nothing and is never pressed."""

    model = "absent"

    def __init__(self) -> None:
        self._closed = threading.Event()

    def open(self) -> None:
        """Be ready to wait."""
        self._closed.clear()

    def show(self, lamps: Mapping[Lamp, Blink]) -> None:
        """Show nothing."""

    def sound(self, sound: Sound) -> None:
        """Sound nothing."""

    def pressed(self, timeout_s: float) -> float | None:
        """Wait for `timeout_s`, or until it is closed, and return None."""
        self._closed.wait(timeout_s)
        return None

    def close(self) -> None:
        """End a wait under way."""
        self._closed.set()
