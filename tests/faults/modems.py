"""A GSM modem; the work at hand is a text message that waits in the queue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import serial

from appliance.core.devices import Condition, Health
from appliance.core.sms.message import SmsStatus
from appliance.drivers.modem.gsm import ANSWER_S, SEND_S, GsmModem
from appliance.services import sms
from appliance.services.stations import SmsStation
from appliance.services.stations.texting import LOOK_S
from appliance.sim.modem import EmulatedModem
from appliance.sim.wires import SerialWire
from tests.faults.rig import LIMIT_S, Rig
from tests.faults.table import Cell, Row
from tests.faults.wrongs import Denied, Positioner
from tests.waiting import wait_until

NUMBER = "+491705550123"
TOLD = {SmsStatus.DELIVERED: "delivered", SmsStatus.UNSURE: "unsure: staff is told, nobody sends it again"}


class ModemRig(Rig):
    """An emulated modem; each sale here also queues a message."""

    name = kind = "modem"

    def make(self) -> Any:
        self.modem = EmulatedModem(self.port)
        self.held = ExitStack()
        self.denied = Denied(GsmModem(str(self.port), answer_limit_s=0.3, send_limit_s=0.3), self.port)
        self.denied.is_on = False
        return self.denied

    def station(self) -> Callable[[Any], Condition | None]:
        return SmsStation(self.box.desk, look_s=0.02, wait_s=0.02).step

    def sell(self) -> int:
        number = super().sell()
        self.box.submit(lambda books: sms.queue(books, NUMBER, f"Receipt {number}", number))
        return number

    def statuses(self) -> list[SmsStatus]:
        self.box.clock.advance(60)  # so that what was put off is due again
        with self.box.reading() as books:
            return [message.status for message in reversed(books.sms.newest(100))]

    def works(self) -> None:
        self.sell()
        wait_until(lambda: set(self.statuses()) <= set(TOLD), LIMIT_S)

    def afterwards(self) -> str:
        *before, last = self.statuses()
        assert last is SmsStatus.DELIVERED
        for number, status in enumerate(before, start=1):
            times = [one.text for one in self.modem.messages].count(f"Receipt {number}")
            assert times == 1 or (times == 0 and status is SmsStatus.UNSURE), f"message {number}: {status}, {times}"
        return f"sold; its message is {TOLD[before[0]]}"

    def settle(self) -> None:
        """Leave what waits for a network to the end of the fault."""

    def lose_power_in_the_message(self) -> None:
        """Sell, and pull the cable when half of the message is in the modem."""
        feed, cut = self.modem.feed, threading.Event()

        def half(data: bytes) -> bytes:
            if b"\x1a" in data or len(data) > 30:
                cut.set()
                return b""
            return feed(data)

        self.modem.feed = half  # type: ignore[method-assign]
        self.sell()
        assert cut.wait(LIMIT_S)
        self.modem.feed = feed  # type: ignore[method-assign]
        self.modem.fail("unplugged")

    def say_nothing_after_the_message(self) -> None:
        self.modem.fail("no_answer")
        self.sell()
        wait_until(lambda: SmsStatus.UNSURE in self.statuses(), LIMIT_S)
        self.modem.fail("silent")

    def ring_without_end(self) -> None:
        self.modem.fail("flood")
        self.sell()

    def put_something_else(self) -> None:
        self.modem.fail("unplugged")
        other = SerialWire(Positioner(), self.port)
        self.held.callback(other.close)

    def take_by_another_program(self) -> None:
        self.step_aside(lambda: self.held.enter_context(serial.Serial(str(self.port), exclusive=True)))

    def replug(self) -> None:
        self.modem.fail("unplugged")
        self.wait_for(Health.OFFLINE)
        self.modem.fail(None)
        self.wait_for(Health.READY)

    def heal(self) -> None:
        self.held.close()
        self.denied.is_on = False
        self.modem.fail(None)

    def clear(self) -> None:
        self.held.close()
        self.modem.close()


def _fault(name: str) -> Callable[[ModemRig], None]:
    return lambda rig: rig.modem.fail(name)


def _deny(rig: ModemRig) -> None:
    rig.denied.is_on = True


R, OFF, READY = ModemRig, Health.OFFLINE, Health.READY
NO_MODEM, SILENT = "There is no modem", "does not answer"
MODEM = {
    "absent at start": Cell(_fault("unplugged"), R.heal, OFF, NO_MODEM, at_start=True),
    "unplugged while used": Cell(_fault("unplugged"), R.heal, OFF, NO_MODEM),
    "replugged elsewhere": Cell(R.replug, R.heal, READY, note="the name by role follows it"),
    "silent": Cell(R.say_nothing_after_the_message, R.heal, OFF, SILENT, work_is_at_hand=True),
    "slow by 10x": Cell(_fault("slow"), R.heal, READY),
    "garbage": Cell(_fault("garbage"), R.heal, OFF, SILENT),
    "half a frame": Cell(_fault("half"), R.heal, OFF, SILENT),
    "flood": Cell(R.ring_without_end, R.heal, READY, work_is_at_hand=True),
    "NAK": Cell(_fault("nak"), R.heal, READY),
    "busy": Cell(R.take_by_another_program, R.heal, OFF, "another program"),
    "permission denied": Cell(_deny, R.heal, OFF, "may not be used", at_start=True),
    "wrong device": Cell(R.put_something_else, R.heal, OFF, SILENT, at_start=True),
    "power cut between bytes": Cell(R.lose_power_in_the_message, R.heal, OFF, NO_MODEM, work_is_at_hand=True),
}
ROWS = (Row("Modem, GSM", ModemRig, MODEM, noticed_s=max(LOOK_S, SEND_S) + ANSWER_S),)
