"""Scanners on a serial line and as keyboards; the work at hand is a ticket held before the scanner."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

import serial

from appliance.core.devices import Condition, Health
from appliance.core.verdict import Verdict
from appliance.drivers.scanner.hid import HidScanner
from appliance.drivers.scanner.serial import SerialScanner
from appliance.services.stations import ScanStation
from appliance.sim.scanner import Deaf, HidScannerEmulator, SerialScannerEmulator
from appliance.sim.wires import SerialWire
from tests.faults.rig import LIMIT_S, Rig
from tests.faults.table import Cell, Impossible, Row
from tests.faults.wrongs import NMEA, Denied, locked
from tests.waiting import wait_until

IDLE_END_S = 0.4  # longer than a busy machine keeps the emulator from sending on
TICKET, AFTER = "STREET-GOOD-1", "STREET-GOOD-2"


class ScannerRig(Rig):
    """A scanner at the door; verdicts are kept as they are told."""

    name, kind = "scanner.door", "scanner"

    def make(self) -> Any:
        self.verdicts: list[Verdict] = []
        self.held, self.wires = ExitStack(), ExitStack()
        self.denied = Denied(self.plug(), self.port)
        self.denied.is_on = False
        return self.denied

    def plug(self) -> Any:
        self.line = SerialWire(Deaf(), self.port)
        self.wires.callback(self.line.close)
        self.scanner: Any = SerialScannerEmulator(self.line)
        return SerialScanner(str(self.port), idle_end_s=IDLE_END_S)

    def station(self) -> Callable[[Any], Condition | None]:
        return ScanStation("door", self.box.desk, lambda verdict, role: self.verdicts.append(verdict)).step

    def told(self) -> list[str]:
        return [f"{verdict.verdict} {verdict.reason}".strip() for verdict in self.verdicts]

    def works(self) -> None:
        """Scan until the box hears it: what was scanned while it was away is lost, as the light tells."""
        heard = len(self.verdicts)

        def scanned() -> bool:
            self.scanner.scan(AFTER)
            with suppress(AssertionError):
                wait_until(lambda: len(self.verdicts) > heard, 1)
            return len(self.verdicts) > heard

        wait_until(scanned, LIMIT_S)
        self.before, self.after = self.told()[:heard], self.told()[heard:]

    def afterwards(self) -> str:
        assert self.after[0].startswith("admit"), self.told()
        scan = f"the scan at hand: {self.before[0]}" if self.before else "the scan at hand is not read: scan again"
        return f"sold; {scan}; the next is admitted"

    def scan(self) -> None:
        self.scanner.scan(TICKET)

    def settle(self) -> None:
        if self.expects_verdict:
            wait_until(lambda: self.verdicts, LIMIT_S)

    expects_verdict = True

    def pull_in_the_scan(self) -> None:
        self.line.send(TICKET[:6].encode())
        self.scanner.fail("unplugged")
        self.sell()

    def lose_power_in_the_scan(self) -> None:
        self.pull_in_the_scan()

    def replug(self) -> None:
        self.scanner.fail("unplugged")
        self.wait_for(Health.OFFLINE)
        self.scanner.fail(None)
        self.wait_for(Health.READY)
        self.scan_until_heard()

    def scan_until_heard(self) -> None:
        def heard() -> bool:
            self.scan()
            with suppress(AssertionError):
                wait_until(lambda: self.verdicts, 1)
            return bool(self.verdicts)

        wait_until(heard, LIMIT_S)

    def scan_slowly(self) -> None:
        for char in TICKET.encode() + b"\r":
            self.line.send(bytes([char]))
            threading.Event().wait(0.01)  # 9600 baud is about a millisecond a byte

    def scan_half(self) -> None:
        self.line.send(TICKET[:6].encode())

    def flood(self) -> None:
        for _ in range(50):
            self.line.send(b"x" * 4000)
            wait_until(lambda: self.line.quiet, LIMIT_S)  # the wire keeps no more than 64 KiB for a slow reader
        self.line.send(b"\r")
        self.scan()

    def talk_of_places(self) -> None:
        self.line.send(NMEA)

    def take_by_another_program(self) -> None:
        self.step_aside(lambda: self.held.enter_context(serial.Serial(str(self.port), exclusive=True)))

    def garble(self) -> None:
        self.scanner.fail("garbage")
        self.scan()

    def heal(self) -> None:
        self.held.close()
        self.denied.is_on = False
        self.scanner.fail(None)

    def clear(self) -> None:
        self.held.close()
        self.scanner.fail("unplugged")
        self.wires.close()


class HidRig(ScannerRig):
    def plug(self) -> Any:
        self.scanner = HidScannerEmulator(self.port)
        return HidScanner(str(self.port), idle_end_s=IDLE_END_S)

    def pull_in_the_scan(self) -> None:
        self._type_half()
        self.scanner.fail("unplugged")
        self.sell()

    def scan_half(self) -> None:
        self._type_half()

    def _type_half(self) -> None:
        self.scanner.fail("no_terminator")
        self.scanner.scan(TICKET[:6])
        self.scanner.fail(None)

    def scan_slowly(self) -> None:
        self.scanner.fail("no_terminator")
        for char in TICKET:
            self.scanner.scan(char)
            threading.Event().wait(0.02)
        self.scanner.fail(None)
        wait_until(lambda: self.verdicts, LIMIT_S)

    def overrun(self) -> None:
        self.scanner.fail("overrun")
        self.scan()
        self.scanner.fail(None)
        self.scan()

    def take_by_another_program(self) -> None:
        self.step_aside(lambda: self.held.enter_context(locked(self.port)))

    def point_elsewhere(self) -> None:
        self.port.rename(self.port.with_name("away"))
        self.port.symlink_to("/dev/null")

    def point_back(self) -> None:
        self.port.unlink()
        self.port.with_name("away").rename(self.port)


R = ScannerRig
OFF, READY = Health.OFFLINE, Health.READY
NONE = "There is no scanner"
SILENT = Impossible("Silence is what a scanner does between two codes; the next scan tells.")
NO_NAK = Impossible("The box asks a scanner nothing, so there is nothing to refuse.")


def _absent(rig: ScannerRig) -> None:
    rig.scanner.fail("unplugged")


def _deny(rig: ScannerRig) -> None:
    rig.denied.is_on = True


COMMON: dict[str, Cell | Impossible] = {
    "absent at start": Cell(_absent, R.heal, OFF, NONE, at_start=True),
    "unplugged while used": Cell(lambda rig: rig.pull_in_the_scan(), R.heal, OFF, NONE, work_is_at_hand=True),
    "replugged elsewhere": Cell(lambda rig: rig.replug(), R.heal, READY, note="the name by role follows it"),
    "silent": SILENT,
    "slow by 10x": Cell(lambda rig: rig.scan_slowly(), R.heal, READY),
    "half a frame": Cell(lambda rig: rig.scan_half(), R.heal, READY),
    "NAK": NO_NAK,
    "permission denied": Cell(_deny, R.heal, OFF, "may not be read", at_start=True),
    "power cut between bytes": Cell(lambda rig: rig.pull_in_the_scan(), R.heal, OFF, NONE, work_is_at_hand=True),
}
SERIAL = {
    "garbage": Cell(R.garble, R.heal, READY),
    "flood": Cell(R.flood, R.heal, READY),
    "busy": Cell(R.take_by_another_program, R.heal, OFF, "another program"),
    "wrong device": Cell(R.talk_of_places, R.heal, READY),
}
HID = {
    "garbage": Impossible("The kernel hands over whole events; keys that no code has are left out."),
    "flood": Cell(HidRig.overrun, R.heal, READY),
    "busy": Cell(HidRig.take_by_another_program, R.heal, OFF, "another program"),
    "wrong device": Cell(HidRig.point_elsewhere, HidRig.point_back, OFF, "does not work as a scanner", at_start=True),
}
ROWS = (
    Row("Scanner, serial line", ScannerRig, {**COMMON, **SERIAL}, noticed_s=0),
    Row("Scanner, keyboard (HID)", HidRig, {**COMMON, **HID}, noticed_s=0),
)
