"""Victron products on a VE.Direct cable, and the kernel's power supplies; the work at hand is the next reading."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

import serial

from appliance.config import BatterySettings
from appliance.core.devices import Condition, Health
from appliance.core.power import PowerLimits
from appliance.drivers.battery import power_supply, victron
from appliance.drivers.battery.power_supply import PowerSupply
from appliance.services.stations import PowerStation
from appliance.sim.power_supply import SupplyFolder
from appliance.sim.victron import VictronProduct
from tests.faults.rig import LIMIT_S, Rig
from tests.faults.table import Cell, Impossible, Row
from tests.faults.wrongs import NMEA, Denied
from tests.waiting import wait_until

HURRIED_PATIENCE_S = 0.5  # a block comes each 20 ms here, and not each second
SLOW_BYTE_S = 0.005  # ten times what a byte takes at 19,200 baud
SLOW_READ_S = 0.01  # ten times what the kernel's driver needs to ask a board on I2C
POLL_S = BatterySettings().poll_s


class MeasuringRig(Rig):
    """A battery board that only measures."""

    name = kind = "battery"
    interval_s = 0.02

    def make(self) -> Any:
        self.held = ExitStack()
        self.denied = Denied(self.plug(), self.port)
        self.denied.is_on = False
        return self.denied

    def plug(self) -> Any:
        raise NotImplementedError

    def station(self) -> Callable[[Any], Condition | None]:
        return PowerStation(self.box.desk, self.board, PowerLimits()).step

    def works(self) -> None:
        self.emulator.set(charge_pct=63)
        wait_until(lambda: (self.board.get("battery") or {}).get("charge_pct") == 63, LIMIT_S)  # type: ignore[attr-defined]

    def afterwards(self) -> str:
        return "sold; the next reading is right"

    def replug(self) -> None:
        self.emulator.fail("unplugged")
        self.wait_for(Health.OFFLINE)
        self.emulator.fail(None)

    def heal(self) -> None:
        self.held.close()
        self.denied.is_on = False
        self.emulator.fail(None)

    emulator: Any


class Product(VictronProduct):
    """A product whose speech is changed on its way."""

    speech: bytes | None = None
    slow = False

    def _spoilt(self, fields: Mapping[str, object]) -> bytes:
        return super()._spoilt(fields) if self.speech is None else self.speech

    def say(self) -> None:
        """Send what comes, byte by byte where it is slow."""
        if not self.slow:
            super().say()
            return
        for byte in b"".join(map(self._spoilt, self._blocks())):
            self._wire.send(bytes((byte,)))
            threading.Event().wait(SLOW_BYTE_S)


class VictronRig(MeasuringRig):
    """A battery monitor."""

    def plug(self) -> Any:
        self.patience = ExitStack()
        self.patience.enter_context(mock.patch.object(victron, "PATIENCE_S", HURRIED_PATIENCE_S))
        self.emulator = Product(self.port, "bmv", 0.02)
        self.emulator.start()
        return victron.Victron(str(self.port))

    def slow_down(self) -> None:
        self.patience.enter_context(mock.patch.object(victron, "PATIENCE_S", LIMIT_S))
        self.emulator.slow = True

    def flood(self) -> None:
        for _ in range(200):
            self.emulator.say()

    def lose_power_in_the_block(self) -> None:
        self.emulator.fail("half_block")
        self.emulator.say()
        self.emulator.fail("silent")

    def take_by_another_program(self) -> None:
        self.step_aside(lambda: self.held.enter_context(serial.Serial(str(self.port), exclusive=True)))

    def talk_of_places(self) -> None:
        self.emulator.speech = NMEA

    def heal(self) -> None:
        self.emulator.speech, self.emulator.slow = None, False
        super().heal()

    def clear(self) -> None:
        self.held.close()
        self.emulator.close()
        self.patience.close()


class SupplyRig(MeasuringRig):
    """A UPS board with a driver in the kernel."""

    def plug(self) -> Any:
        self.emulator = SupplyFolder(self.port)
        return PowerSupply(self.port)

    def replug(self) -> None:
        super().replug()
        (self.port / "battery").rename(self.port / "battery-1")

    def slow_down(self) -> None:
        read = power_supply._text

        def slowly(folder: Path, name: str) -> str:
            threading.Event().wait(SLOW_READ_S)  # in the file's read, where the kernel's driver asks the board
            return read(folder, name)

        self.held.enter_context(mock.patch.object(power_supply, "_text", slowly))

    def refuse_one(self) -> None:
        """Have one file give an error, as a driver does that got no acknowledge for it."""
        (self.port / "battery" / "temp").unlink()
        (self.port / "battery" / "temp").mkdir()

    def grant_it(self) -> None:
        (self.port / "battery" / "temp").rmdir()

    def be_a_mouse(self) -> None:
        (self.port / "battery" / "scope").write_text("Device\n")

    def be_a_board(self) -> None:
        (self.port / "battery" / "scope").unlink()

    def lose_power_in_the_reading(self) -> None:
        self.emulator.fail("silent")
        self.emulator.fail("unplugged")


def _fail(name: str) -> Callable[[MeasuringRig], None]:
    return lambda rig: rig.emulator.fail(name)


def _deny(rig: MeasuringRig) -> None:
    rig.denied.is_on = True


OFF, READY = Health.OFFLINE, Health.READY
M, V, S = MeasuringRig, VictronRig, SupplyRig
NO_CABLE, NO_BOARD = "There is no VE.Direct cable", "knows no battery"
VICTRON: dict[str, Cell | Impossible] = {
    "absent at start": Cell(_fail("unplugged"), V.heal, OFF, NO_CABLE, at_start=True),
    "unplugged while used": Cell(_fail("unplugged"), V.heal, OFF, NO_CABLE),
    "replugged elsewhere": Cell(M.replug, V.heal, READY, note="the name by role follows it"),
    "silent": Cell(_fail("silent"), V.heal, OFF, "Nothing comes"),
    "slow by 10x": Cell(V.slow_down, V.heal, READY),
    "garbage": Cell(_fail("garbage"), V.heal, OFF, "garbled"),
    "half a frame": Cell(_fail("half_block"), V.heal, OFF, "garbled"),
    "flood": Cell(V.flood, V.heal, READY),
    "NAK": Impossible("In its text mode a product talks by itself: the box asks nothing, so nothing is refused."),
    "busy": Cell(V.take_by_another_program, V.heal, OFF, "another program"),
    "permission denied": Cell(_deny, V.heal, OFF, "may not be read", at_start=True),
    "wrong device": Cell(V.talk_of_places, V.heal, OFF, "garbled"),
    "power cut between bytes": Cell(V.lose_power_in_the_block, V.heal, OFF, "Nothing comes"),
}
WHOLE = "The kernel's driver talks to the board and hands over whole files"
SUPPLY: dict[str, Cell | Impossible] = {
    "absent at start": Cell(_fail("unplugged"), S.heal, OFF, NO_BOARD, at_start=True),
    "unplugged while used": Cell(_fail("unplugged"), S.heal, OFF, NO_BOARD),
    "replugged elsewhere": Cell(S.replug, S.heal, READY, note="under another name of the kernel's too"),
    "silent": Cell(_fail("silent"), S.heal, OFF, "does not answer"),
    "slow by 10x": Cell(S.slow_down, S.heal, READY),
    "garbage": Cell(_fail("garbage"), S.heal, OFF, "makes no sense"),
    "half a frame": Impossible(f"{WHOLE}; half a one it keeps to itself."),
    "flood": Impossible(f"{WHOLE}, one for each time that the box reads."),
    "NAK": Cell(S.refuse_one, S.grant_it, READY, note="the one measure is left out meanwhile"),
    "busy": Impossible("Any number of programs may read these files at once."),
    "permission denied": Cell(_deny, S.heal, OFF, "Permission denied", at_start=True),
    "wrong device": Cell(S.be_a_mouse, S.be_a_board, OFF, "knows no battery"),
    "power cut between bytes": Cell(S.lose_power_in_the_reading, S.heal, OFF, NO_BOARD),
}
ROWS = (
    Row("Battery, Victron VE.Direct", VictronRig, VICTRON, noticed_s=POLL_S + victron.PATIENCE_S),
    Row("Battery, kernel's power supply", SupplyRig, SUPPLY, noticed_s=POLL_S),
)
