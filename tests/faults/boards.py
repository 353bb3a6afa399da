"""The PiJuice on its I2C bus, and the panel on its pins."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from gpiozero import LED
from gpiozero.pins.mock import MockFactory

from appliance.config import BatterySettings
from appliance.core.devices import Condition, Health
from appliance.core.power import PowerLimits
from appliance.drivers.battery.pijuice import PiJuice
from appliance.drivers.battery.pijuice_module import ModulePiJuice
from appliance.drivers.panel.gpio import GpioPanel
from appliance.services.stations import READ_S, PanelStation, PowerStation
from appliance.sim.panel import PanelEmulator
from appliance.sim.pijuice import PiJuiceController
from tests.faults.rig import LIMIT_S, Rig
from tests.faults.table import Cell, Impossible, Row
from tests.upstream.finding import STAND_IN, load
from tests.waiting import wait_until

BATTERY_POLL_S = BatterySettings().poll_s
READ = 1  # flag of an I2C message that reads, linux/i2c.h


class BadBus:
    """The bus between driver and board, with what goes wrong on the way."""

    def __init__(self, board: PiJuiceController) -> None:
        self._board = board
        self.fault: str | None = None

    def open(self, number: int) -> BadBus:
        """Open the bus, as the package smbus does. Raises OSError."""
        if self.fault == "denied":
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        return self

    def i2c_rdwr(self, *messages: Any) -> None:
        """Carry out one transfer, or half of it."""
        with self._transfer():
            self._board.i2c_rdwr(*messages)
            for message in messages:
                if message.flags & READ:
                    for place, byte in enumerate(self._spoilt([*message])):
                        message.buf[place] = byte

    def read_i2c_block_data(self, address: int, command: int, length: int) -> list[int]:
        """Read as the package smbus does."""
        with self._transfer():
            return self._spoilt(self._board.read_i2c_block_data(address, command, length))

    def write_i2c_block_data(self, address: int, command: int, data: list[int]) -> None:
        """Write as the package smbus does."""
        with self._transfer():
            self._board.write_i2c_block_data(address, command, data)

    @contextmanager
    def _transfer(self) -> Iterator[None]:
        self.open(1)
        if self.fault == "slow":
            threading.Event().wait(0.01)  # a transfer takes about one millisecond at 100 kHz
        yield
        if self.fault == "power":
            raise OSError(errno.EREMOTEIO, os.strerror(errno.EREMOTEIO))

    def _spoilt(self, answer: list[int]) -> list[int]:
        if self.fault == "wrong":
            return [0x5A] * len(answer)
        return answer[: len(answer) // 2] + [0xFF] * -(-len(answer) // 2) if self.fault == "half" else answer

    def close(self) -> None:
        """Let go."""


class BatteryRig(Rig):
    """A PiJuice; the work at hand is the next reading."""

    name = kind = "battery"
    interval_s = 0.02

    def make(self) -> Any:
        self.controller = PiJuiceController()
        self.bus = BadBus(self.controller)
        return PiJuice(self.bus)

    def station(self) -> Callable[[Any], Condition | None]:
        return PowerStation(self.box.desk, self.board, PowerLimits()).step

    def works(self) -> None:
        self.controller.set(charge_pct=63)
        wait_until(lambda: (self.board.get("battery") or {}).get("charge_pct") == 63, LIMIT_S)  # type: ignore[attr-defined]

    def afterwards(self) -> str:
        return "sold; the next reading is right"


class ModuleRig(BatteryRig):
    """The same board, asked through a module with the face of its maker's."""

    def make(self) -> Any:
        self.controller = PiJuiceController()
        self.bus = BadBus(self.controller)
        return ModulePiJuice(load(STAND_IN, self.bus.open))


def _board(name: str) -> Callable[[BatteryRig], None]:
    return lambda rig: rig.controller.fail(name)


def _bus(name: str) -> Callable[[BatteryRig], None]:
    return lambda rig: setattr(rig.bus, "fault", name)


def _heal(rig: BatteryRig) -> None:
    rig.controller.fail(None)
    rig.bus.fault = None


OFF, READY = Health.OFFLINE, Health.READY
BATTERY = {
    "absent at start": Cell(_board("unplugged"), _heal, OFF, "does not answer", at_start=True),
    "unplugged while used": Cell(_board("unplugged"), _heal, OFF, "does not answer"),
    "replugged elsewhere": Impossible("There is one header; on another bus or address it is another setting."),
    "silent": Cell(_board("silent"), _heal, OFF, "does not answer"),
    "slow by 10x": Cell(_bus("slow"), _heal, READY),
    "garbage": Cell(_board("bad_checksum"), _heal, OFF, "garbled"),
    "half a frame": Cell(_bus("half"), _heal, OFF, "garbled"),
    "flood": Impossible("On I2C the box gives the clock: a board cannot say more than it is asked."),
    "NAK": Cell(_board("nak_once"), _heal, READY),
    "busy": Cell(_board("busy"), _heal, OFF, "does not answer"),
    "permission denied": Cell(_bus("denied"), _heal, OFF, "may not be used", at_start=True),
    "wrong device": Cell(_bus("wrong"), _heal, OFF, "garbled"),
    "power cut between bytes": Cell(_bus("power"), _heal, OFF, "does not answer"),
}


PINS = {"green": 17, "amber": 27, "red": 22, "status": 23, "buzzer": 24, "button": 25}


class TroubledPins(MockFactory):
    """Pins that the system may refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = False

    def pin(self, name: Any, pin_class: Any = None) -> Any:
        """Hand out a pin, unless it is refused."""
        if self.refused:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/dev/gpiochip0")
        return super().pin(name, pin_class)


class PanelRig(Rig):
    """Lamps, buzzer and button; the work at hand is to show that the box is well."""

    name = kind = "panel"

    def make(self) -> Any:
        self.factory = TroubledPins()
        self.panel = PanelEmulator(self.factory, PINS)
        self.held = ExitStack()
        self.well = True
        return GpioPanel(PINS, self.factory)

    def station(self) -> Callable[[Any], Condition | None]:
        return PanelStation(self.board, lambda: self.well).step

    def works(self) -> None:
        self.well = False
        wait_until(lambda: self.panel.state()["status"] == "slow", LIMIT_S)
        self.well = True

    def afterwards(self) -> str:
        return "sold; the lamps show what they should"

    def take_a_pin(self) -> None:
        self.step_aside(lambda: self.held.enter_context(LED(17, pin_factory=self.factory)))

    def clear(self) -> None:
        self.held.close()
        self.factory.reset()


def _refuse(rig: PanelRig) -> None:
    rig.factory.refused = True


def _grant(rig: PanelRig) -> None:
    rig.factory.refused = False


NO_ANSWER = Impossible("A lamp or relay answers nothing: what is on its wire cannot be told from the pin.")
NO_BYTES = Impossible("A pin has a level and no bytes.")
PANEL: dict[str, Cell | Impossible] = {
    "absent at start": NO_ANSWER,
    "unplugged while used": NO_ANSWER,
    "replugged elsewhere": Impossible("Other pins are another setting."),
    "silent": NO_ANSWER,
    "slow by 10x": NO_BYTES,
    "garbage": NO_BYTES,
    "half a frame": NO_BYTES,
    "flood": Impossible("A button that chatters gives at most 8 presses at a time; see tests/drivers/test_panel.py."),
    "NAK": NO_BYTES,
    "busy": Cell(PanelRig.take_a_pin, lambda rig: rig.held.close(), OFF, "in use already"),
    "permission denied": Cell(_refuse, _grant, OFF, "may not be used", at_start=True),
    "wrong device": NO_ANSWER,
    "power cut between bytes": NO_BYTES,
}
ROWS = (
    Row("Battery, PiJuice", BatteryRig, BATTERY, noticed_s=BATTERY_POLL_S),
    Row("Battery, PiJuice by its maker's module", ModuleRig, BATTERY, noticed_s=BATTERY_POLL_S),
    Row("Panel, pins", PanelRig, PANEL, noticed_s=READ_S),
)
