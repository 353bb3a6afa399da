"""How the uplink is doing, told to the board and the log: each change once."""

from __future__ import annotations

import logging

from appliance.core.devices import BoardPort, DeviceState, Health
from appliance.core.errors import DeviceLost, StoreUnavailable
from appliance.core.ports import DeskPort
from appliance.uplink.outbox import Outbox
from appliance.uplink.telemetry import queue

log = logging.getLogger(__name__)


class Standing:
    """The uplink's device state and its figures on the board."""

    def __init__(self, board: BoardPort, desk: DeskPort) -> None:
        self._board = board
        self._desk = desk
        self._shown: tuple[Health, str] | None = None
        self._figures: dict[str, object] = {}
        self.connected = False

    def offline(self, loss: DeviceLost) -> None:
        """The broker cannot be reached now."""
        self.connected = False
        self._show(Health.OFFLINE, loss.message, loss.advice)

    def stopped(self) -> None:
        """The uplink was ended in good order."""
        self.connected = False
        self._show(Health.OFFLINE, "The uplink is stopped.", "It starts again with the box.")

    def ready(self) -> None:
        """Connected, and nothing to complain of."""
        self.connected = True
        self._show(Health.READY, "", "")

    def degraded(self, reason: str, advice: str) -> None:
        """Connected, but something does not get through."""
        self.connected = True
        self._show(Health.DEGRADED, reason, advice)

    def figures(self, outbox: Outbox) -> None:
        """Put the cursors and what waits on the board, if they changed."""
        figures = {"connected": self.connected, **queue(outbox, self._desk.head_seq)}
        if figures != self._figures:
            self._figures = figures
            self._board.set("uplink", figures)

    def _show(self, health: Health, reason: str, advice: str) -> None:
        if self._shown == (health, reason):
            return
        was, self._shown = self._shown, (health, reason)
        if health is Health.READY:
            log.info("uplink: connected")
        elif was is None or was[0] is not health:
            log.warning("uplink: %s", reason)
        self._board.set_device(DeviceState("uplink", "uplink", "mqtt", health, reason, advice, self._moment()))

    def _moment(self) -> str:
        try:
            with self._desk.reading() as books:
                return books.moment.text()
        except StoreUnavailable:
            return ""
