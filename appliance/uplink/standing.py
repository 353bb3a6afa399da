"""How the uplink is doing, told to the board, which also keeps the log's two lines: one when lost, one when back."""

from __future__ import annotations

from appliance.core.devices import BoardPort, DeviceState, Health
from appliance.core.errors import DeviceLost
from appliance.core.ports import DeskPort
from appliance.uplink.outbox import Outbox
from appliance.uplink.telemetry import queue

_FIGURES_EVERY_S = 1.0  # each change wakes every open screen


class Standing:
    """The uplink's device state and its figures on the board."""

    def __init__(self, board: BoardPort, desk: DeskPort) -> None:
        self._board = board
        self._desk = desk
        self._shown: tuple[Health, str] | None = None
        self._figures_at_s = 0.0
        self._caught_up = False

    @property
    def connected(self) -> bool:
        """Whether the broker can be reached at present."""
        return self._shown is not None and self._shown[0] in (Health.READY, Health.DEGRADED)

    def offline(self, loss: DeviceLost) -> None:
        """The broker cannot be reached now."""
        self._show(Health.OFFLINE, loss.message, loss.advice)

    def ready(self) -> None:
        """Connected, and nothing to complain of."""
        self._show(Health.READY, "", "")

    def degraded(self, reason: str, advice: str) -> None:
        """Connected, but something does not get through."""
        self._show(Health.DEGRADED, reason, advice)

    def figures(self, outbox: Outbox, now_s: float) -> None:
        """Put the cursors and what waits on the board: now and then, and as soon as nothing waits any more."""
        caught_up = outbox.published >= self._desk.head_seq
        if now_s >= self._figures_at_s or (caught_up and not self._caught_up):
            self._figures_at_s = now_s + _FIGURES_EVERY_S
            self._caught_up = caught_up
            self._board.set("uplink", {"connected": self.connected, **queue(outbox, self._desk.head_seq)})

    def _show(self, health: Health, reason: str, advice: str) -> None:
        if self._shown != (health, reason):
            self._shown = health, reason
            self._figures_at_s = 0.0
            self._board.set_device(DeviceState("uplink", "uplink", "mqtt", health, reason, advice))
