"""Relays on pins: the cash drawer; the work at hand is to open it for a cash sale."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest import mock

from gpiozero import LED

from appliance.core.devices import Condition, Health
from appliance.core.stall_lights import Lighting
from appliance.drivers.relay.gpio import GpioRelays
from appliance.services import stations
from appliance.services.stations import RelayStation
from tests.faults.boards import NO_ANSWER, NO_BYTES, TroubledPins
from tests.faults.rig import LIMIT_S, Rig
from tests.faults.table import PACE_S, Cell, Impossible, Row
from tests.waiting import wait_until

PINS = {"drawer": 5, "lights_1": 6, "lights_2": 26}


class RelayRig(Rig):
    """A drawer and two lights."""

    name = kind = "relays"

    def make(self) -> Any:
        self.factory = TroubledPins()
        self.held, self.pace = ExitStack(), ExitStack()
        self.pace.enter_context(mock.patch.object(stations.relays, "SLOW_S", PACE_S))
        return GpioRelays(PINS, pin_factory=self.factory)

    def station(self) -> Callable[[Any], Condition | None]:
        return RelayStation(self.box.desk, self.board, 0.02, Lighting.OFF, "17:00", "23:00").step

    def works(self) -> None:
        self.wait_for(Health.READY)
        pin = self.factory.pin(PINS["drawer"])
        pin.clear_states()
        self.sell()
        wait_until(lambda: len(pin.states) == 3, LIMIT_S)  # as it was, pulled, released

    def afterwards(self) -> str:
        return "sold; the drawer stays shut (its key opens it) and opens with the next cash sale"

    def take_a_pin(self) -> None:
        self.step_aside(lambda: self.held.enter_context(LED(PINS["drawer"], pin_factory=self.factory)))

    def clear(self) -> None:
        self.held.close()
        self.factory.reset()
        self.pace.close()


def _refuse(rig: RelayRig) -> None:
    rig.factory.refused = True


def _grant(rig: RelayRig) -> None:
    rig.factory.refused = False


CELLS: dict[str, Cell | Impossible] = {
    "absent at start": NO_ANSWER,
    "unplugged while used": NO_ANSWER,
    "replugged elsewhere": Impossible("Other pins are another setting."),
    "silent": NO_ANSWER,
    "slow by 10x": NO_BYTES,
    "garbage": NO_BYTES,
    "half a frame": NO_BYTES,
    "flood": Impossible("A relay says nothing."),
    "NAK": NO_BYTES,
    "busy": Cell(RelayRig.take_a_pin, lambda rig: rig.held.close(), Health.OFFLINE, "in use"),
    "permission denied": Cell(_refuse, _grant, Health.OFFLINE, "may not be used", at_start=True),
    "wrong device": NO_ANSWER,
    "power cut between bytes": NO_BYTES,
}
ROWS = (Row("Relays, pins", RelayRig, CELLS, noticed_s=stations.pace.SLOW_S),)
