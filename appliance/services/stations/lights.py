"""The panel: lamps and buzzer."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from contextlib import suppress

from appliance.core.devices import (
    Blink,
    BoardPort,
    Condition,
    Health,
    Lamp,
    Panel,
)
from appliance.core.panel import LIGHTS, device_lamps, lamps_for
from appliance.core.power import PowerState
from appliance.core.verdict import Verdict
from appliance.services.stations.pace import READ_S

VERDICT_S = 2.0  # how long the status lamp keeps a verdict


class PanelStation:
    """The panel: power lamps by the battery, the status lamp and buzzer by the last verdict; core/panel has the table.

    The status lamp is off while the box waits, keeps a verdict for 2 s, and is slow while the box cannot sell or
    admit (`well` says whether it can). `on_button` gets for how many seconds the button was held.
    """

    def __init__(
        self, board: BoardPort, well: Callable[[], bool], on_button: Callable[[float], None] = lambda held_s: None
    ) -> None:
        self._board = board
        self._well = well
        self._on_button = on_button
        self._verdicts: queue.Queue[tuple[Verdict, float]] = queue.Queue(1)  # and when it was told
        self._until_s = 0.0

    def show(self, verdict: Verdict, source: str) -> None:
        """Have a verdict shown; returns at once, from any thread."""
        with suppress(queue.Empty):  # only the newest counts: a panel that was away must not play an evening of them
            self._verdicts.get_nowait()
        with suppress(queue.Full):
            self._verdicts.put_nowait((verdict, time.monotonic()))

    def step(self, panel: Panel) -> Condition | None:
        """Show the newest verdict, or how the box is."""
        verdict = self._newest()
        if verdict is not None:
            panel.show({Lamp.STATUS: verdict.card.light})
            panel.sound(verdict.card.sound)
            self._until_s = time.monotonic() + VERDICT_S
        elif time.monotonic() >= self._until_s:
            panel.show({Lamp.STATUS: Blink.OFF} if self._well() else LIGHTS["not_ready"].lamps)
        panel.show(self._power_lamps())
        held_s = panel.pressed(0)
        if held_s is not None:
            self._on_button(held_s)
        return None

    def _newest(self) -> Verdict | None:
        """Wait a moment for a verdict; one whose person has long gone through is none."""
        try:
            verdict, told_s = self._verdicts.get(timeout=READ_S)
        except queue.Empty:
            return None
        return verdict if time.monotonic() - told_s < VERDICT_S else None

    def _power_lamps(self) -> dict[Lamp, Blink]:
        """Say how the power, the printer and the network are; a board that fell silent is said to be."""
        devices, battery = self._board.devices(), self._board.get("battery")
        known = battery if isinstance(battery, dict) else {}
        state = PowerState(known.get("state", PowerState.NORMAL))
        lamps = dict(device_lamps(devices, state))
        lost = any(device.kind == "battery" and device.health is Health.OFFLINE for device in devices)
        if known or lost:
            lamps |= lamps_for(state, bool(known.get("charging")), lost)
        return lamps
