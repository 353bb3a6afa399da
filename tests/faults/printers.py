"""The receipt printer on each of its lines."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import serial

from appliance.config import PrinterSettings
from appliance.core.devices import Condition, Health
from appliance.core.trade import PrintStatus
from appliance.drivers.printer.job import Limits
from appliance.drivers.printer.links import Link, SerialLink, TcpLink, UsbLink
from appliance.drivers.printer.printer import EscposPrinter
from appliance.drivers.printer.render import Renderer
from appliance.drivers.printer.talk import ANSWER_S
from appliance.services.stations import PrintStation
from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.wires import SerialWire, TcpWire, Wire
from tests.faults.rig import LIMIT_S, Rig
from tests.faults.table import Cell, Impossible, Row
from tests.faults.wrongs import Denied, Listening, Positioner
from tests.waiting import wait_until

LIMITS = Limits(patience_s=10, write_limit_s=1, silence_limit_s=1.5, confirm_limit_s=1.5, settle_s=0.1, poll_s=0.02)
IN_THE_JOB = 300  # bytes of a receipt after which something happens
WORDS = {PrintStatus.PRINTED: "printed once", PrintStatus.UNSURE: "unsure: staff is asked to look at the paper"}


class PrinterRig(Rig):
    """An emulated printer; what the till sells goes through the spool."""

    name = kind = "printer"

    def make(self) -> Any:
        self.paper = EmulatedPrinter()
        self.ears = Listening(self.paper)
        self.held = ExitStack()
        self.wire = self.plug(self.ears)
        self.paper.connect(self.wire)
        driver = EscposPrinter(self.link(), Renderer(), "process_id", LIMITS, answer_limit_s=0.3)
        self.denied = Denied(driver, self.port)
        self.denied.is_on = False
        return self.denied

    def plug(self, device: Any) -> Wire:
        return SerialWire(device, self.port)

    def link(self) -> Link:
        return SerialLink(str(self.port), 115200)

    def station(self) -> Callable[[Any], Condition | None]:
        return PrintStation(self.box.desk, poll_s=0.02).step

    def works(self) -> None:
        number = self.sell()
        try:
            wait_until(lambda: self.times(number) == 1 and not self.under_way(), LIMIT_S)
        except AssertionError as error:
            raise AssertionError(f"receipt {number} did not come: {self.state().reason}\n{self.jobs()}") from error

    def afterwards(self) -> str:
        *before, _ = self.jobs()
        told = []
        for number, status in enumerate(before, start=1):
            times = self.times(number)
            assert times == 1 or (times == 0 and status is PrintStatus.UNSURE), f"receipt {number}: {status}, {times}"
            told.append(WORDS[status])
        if len(told) == 1:
            return f"sold; its receipt is {told[0]}"
        return f"sold; the receipt in the printer is {told[0]}, the next one {told[1]}"

    def settle(self) -> None:
        wait_until(lambda: not self.under_way(), LIMIT_S)

    def jobs(self) -> list[PrintStatus]:
        with self.box.reading() as books:
            return [job.status for job in reversed(books.prints.by_status(list(PrintStatus), 100))]

    def under_way(self) -> bool:
        return bool({PrintStatus.QUEUED, PrintStatus.PRINTING} & set(self.jobs()))

    def times(self, number: int) -> int:
        return self.paper.text().count(f"Receipt {number} ")

    def stop_in_the_job(self) -> None:
        """Sell, and open the cover when some of the receipt is on paper."""
        self.paper.fail_after("cover_open", IN_THE_JOB)
        self.sell()
        wait_until(lambda: self.paper.fault == "cover_open", LIMIT_S)

    def lose_power_in_the_job(self) -> None:
        self.paper.lose_power_after(IN_THE_JOB)
        self.sell()
        wait_until(lambda: self.paper.fault == "power_lost", LIMIT_S)

    def pull_in_the_job(self) -> None:
        self.stop_in_the_job()
        self.paper.set_fault("unplugged")

    def replace(self, device: Any) -> None:
        """Put something else on the same port."""
        self.wire.unplug()
        self.other = self.plug_other(device)
        self.held.callback(self.other.close)

    def plug_other(self, device: Any) -> Wire:
        return self.plug(device)

    def put_back(self) -> None:
        self.held.close()
        self.paper.set_fault("power_lost")
        self.paper.set_fault(None)
        self.wire.plug()

    def take_by_another_program(self) -> None:
        self.step_aside(lambda: self.held.enter_context(serial.Serial(str(self.port), exclusive=True)))

    def clear(self) -> None:
        self.held.close()
        self.wire.close()


class UsbRig(PrinterRig):
    def link(self) -> Link:
        return UsbLink(str(self.port))


class TcpRig(PrinterRig):
    def plug(self, device: Any) -> Wire:
        return TcpWire(device)

    def plug_other(self, device: Any) -> Wire:
        assert isinstance(self.wire, TcpWire)
        return TcpWire(device, self.wire.port)

    def link(self) -> Link:
        assert isinstance(self.wire, TcpWire)
        return TcpLink(self.wire.host, self.wire.port, connect_limit_s=0.5)

    def take_by_another_computer(self) -> None:
        """Hang up, and let another computer be served first."""
        assert isinstance(self.wire, TcpWire)
        self.paper.set_fault("unplugged")
        self.wait_for(Health.OFFLINE)
        self.step_aside(self._call)

    def _call(self) -> None:
        assert isinstance(self.wire, TcpWire)
        self.paper.set_fault(None)
        self.held.enter_context(socket.create_connection((self.wire.host, self.wire.port), 5))


def _set(name: str) -> Callable[[PrinterRig], None]:
    return lambda rig: rig.paper.set_fault(name)


def _hear(name: str) -> Callable[[PrinterRig], None]:
    return lambda rig: setattr(rig.ears, "fault", name)


def _mend(rig: PrinterRig) -> None:
    rig.ears.fault = None
    rig.paper.set_fault(None)


def _switch_on(rig: PrinterRig) -> None:
    rig.paper.set_fault("power_lost")  # what lay in its buffer is gone
    rig.paper.set_fault(None)


def _deny(rig: PrinterRig) -> None:
    rig.denied.is_on = True


def _allow(rig: PrinterRig) -> None:
    rig.denied.is_on = False


OFF = Health.OFFLINE


def _pulled(says: str) -> Cell:
    """First the line is gone, and a moment later there is nothing at its end: the latter is what stays to be read."""
    return Cell(PrinterRig.pull_in_the_job, _switch_on, OFF, says, work_is_at_hand=True)


COMMON: dict[str, Cell | Impossible] = {
    "absent at start": Cell(_set("unplugged"), _mend, OFF, at_start=True),
    "unplugged while used": _pulled("There is no printer"),
    "replugged elsewhere": Cell(
        lambda rig: rig.replace(rig.ears), lambda rig: None, Health.READY, note="the name by role follows it"
    ),
    "silent": Cell(_set("silent"), _mend, OFF, "does not answer"),
    "slow by 10x": Cell(_hear("slow"), _mend, Health.READY),
    "garbage": Cell(_set("garbage"), _mend, OFF, "makes no sense"),
    "half a frame": Cell(_hear("half"), _mend, Health.READY),
    "flood": Cell(_hear("flood"), _mend, Health.READY),
    "NAK": Impossible("ESC/POS knows no refusal: a printer drops what it does not understand."),
    "wrong device": Cell(lambda rig: rig.replace(Positioner()), PrinterRig.put_back, OFF, "makes no sense"),
    "power cut between bytes": Cell(
        PrinterRig.lose_power_in_the_job, _switch_on, OFF, "does not answer", work_is_at_hand=True
    ),
}
SERIAL = {
    "busy": Cell(PrinterRig.take_by_another_program, lambda rig: rig.held.close(), OFF, "another program"),
    "permission denied": Cell(_deny, _allow, OFF, "may not be used", at_start=True),
}
USB = {
    "busy": Cell(_hear("busy"), _mend, OFF, "does not answer"),
    "permission denied": Cell(_deny, _allow, OFF, "may not be used", at_start=True),
}
TCP = {
    "unplugged while used": _pulled("takes no call"),
    "replugged elsewhere": Cell(
        lambda rig: rig.replace(rig.ears), lambda rig: None, Health.READY, note="on another cable, at its address"
    ),
    "busy": Cell(TcpRig.take_by_another_computer, lambda rig: rig.held.close(), OFF, "does not answer"),
    "permission denied": Impossible("A network printer asks nobody who he is; one that takes no call is `absent`."),
}
NOTICED_S = max(PrinterSettings().poll_s, Limits().silence_limit_s) + ANSWER_S  # idle; in the middle of a job
ROWS = (
    Row("Printer, serial line", PrinterRig, {**COMMON, **SERIAL}, NOTICED_S),
    Row("Printer, USB", UsbRig, {**COMMON, **USB}, NOTICED_S),
    Row("Printer, network", TcpRig, {**COMMON, **TCP}, NOTICED_S),
)
