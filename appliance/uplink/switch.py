"""The uplink that is wanted now: it may be exchanged while the box runs, and there may be none."""

from __future__ import annotations

import threading
from collections.abc import Callable

from appliance.core.devices import BoardPort, DeviceState, Health
from appliance.uplink.worker import Uplink

IDLE_S = 20.0


class UplinkSwitch:
    """Runs one uplink after the other; `change` comes from any thread, all else from the worker's own."""

    def __init__(self, board: BoardPort, uplink: Uplink | None) -> None:
        self._board = board
        self._uplink = uplink
        self._again = threading.Event()

    def change(self, uplink: Uplink | None) -> None:
        """Go by another uplink, or by none, from now on."""
        if uplink is None and self._uplink is None:  # nothing runs that tells it when it ends
            self._tell_absent()
        self._uplink = uplink
        self.wake()

    def wake(self) -> None:
        """End what runs."""
        self._again.set()

    def step(self, beat: Callable[[], None], is_stopping: Callable[[], bool]) -> None:
        """Run until there is a change, or a while of idleness is over."""
        self._again.clear()
        uplink = self._uplink
        if is_stopping():
            return
        if uplink is None:
            self._again.wait(IDLE_S)
            return
        uplink.run(self._again, beat)
        if self._uplink is None:
            self._tell_absent()

    def _tell_absent(self) -> None:
        self._board.set_device(DeviceState("uplink", "uplink", "mqtt", Health.ABSENT))
        self._board.set("uplink", {})  # as of a box that never had one
