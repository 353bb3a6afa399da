"""The relays: the cash drawer, opened by what the journal says, and the stall's lights."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Protocol

from appliance.core.devices import BoardPort, Condition, Device
from appliance.core.errors import StoreUnavailable
from appliance.core.journal import Entry
from appliance.core.ports import DeskPort
from appliance.core.stall_lights import Lighting, lights_on
from appliance.core.trade import Tender
from appliance.services import lights
from appliance.services.stations.pace import SLOW_S

DRAWER, LIGHTS = "drawer", ("lights_1", "lights_2")
_READ_AT_ONCE = 100


class Relays(Device, Protocol):
    """Relays by name."""

    def set(self, name: str, on: bool) -> None:
        """Pull or release one. Raises DeviceLost."""

    def pulse(self, name: str, seconds: float) -> None:
        """Pull one for so long and return at once. Raises DeviceLost."""


class RelayStation:
    """Opens the drawer once for each new entry that is about cash, and switches the lights.

    What was journalled before the start, or while the relays were away, opens nothing: nobody stands there any more.
    """

    def __init__(
        self,
        desk: DeskPort,
        board: BoardPort,
        pulse_s: float,
        lighting: Lighting,
        on_at: str,
        off_at: str,
        has_lights: bool = True,
    ) -> None:
        self._desk = desk
        self._board = board
        self._pulse_s = pulse_s
        self._times = (lighting, on_at, off_at)
        self._has_lights = has_lights
        self._seen_seq = -1  # the head is known once the desk runs
        self._look_at_s = 0.0

    def step(self, relays: Relays) -> Condition | None:
        """Wait a moment for news, then see to drawer and lights."""
        before, self._seen_seq = self._seen_seq, self._desk.wait_head(self._seen_seq, SLOW_S)
        try:
            if 0 <= before < self._seen_seq:
                self._open_drawer(relays, before)
            if self._has_lights and time.monotonic() >= self._look_at_s:
                self._look_at_s = time.monotonic() + SLOW_S
                self._switch_lights(relays)
        except StoreUnavailable:
            pass  # the desk has said so in the log
        return None

    def _open_drawer(self, relays: Relays, before: int) -> None:
        with self._desk.reading() as books:
            entries = books.journal.after(before, _READ_AT_ONCE)
        if any(opens_drawer(entry) for entry in entries):
            relays.pulse(DRAWER, self._pulse_s)

    def _switch_lights(self, relays: Relays) -> None:
        battery = self._board.get("battery")
        power_state = str(battery.get("state", "")) if isinstance(battery, Mapping) else ""
        lighting, on_at, off_at = self._times
        with self._desk.reading() as books:
            now = lights.lighting(books, lighting)
            about = (now, on_at, off_at, books.events.current(), books.moment.text())
        on = lights_on(*about, power_state)
        for name in LIGHTS:
            relays.set(name, on)
        self._board.set("lights", {"on": on, "saved": not on and lights_on(*about)})


def opens_drawer(entry: Entry) -> bool:
    """Tell whether an entry is about cash that goes into the drawer or out of it."""
    data = entry.data
    if entry.kind == "sale.completed":
        return any(part["tender"] == Tender.CASH for part in data["tenders"])
    return entry.kind in ("drawer.opened", "cash.moved") or (
        entry.kind == "sale.refunded" and any(part["tender"] == Tender.CASH for part in data.get("tenders", ()))
    )
