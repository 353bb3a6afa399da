"""The hand that sends text messages: one part at a time, each step on the disk before the next."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from appliance.core.devices import Condition
from appliance.core.errors import DeviceLost, StoreUnavailable
from appliance.core.modem import Modem, SmsRefused, SmsUnsure, modem_condition
from appliance.core.ports import Books, DeskPort
from appliance.core.sms.message import SmsMessage
from appliance.core.sms.parts import parts_of
from appliance.services import sms
from appliance.services.stations.pace import SLOW_S

log = logging.getLogger(__name__)
LOOK_S = 10.0  # time between two looks at an idle modem
T = TypeVar("T")


class SmsStation:
    """Looks at the modem now and then, sends what is queued and due, takes in status reports.

    What was sent while the store takes nothing is noted as soon as it can be, before anything else is sent.
    """

    def __init__(self, desk: DeskPort, look_s: float = LOOK_S, wait_s: float = SLOW_S) -> None:
        self._desk = desk
        self._look_s = look_s
        self._wait_s = wait_s
        self._seen_seq = -1
        self._next_look_s = 0.0
        self._owed: deque[Callable[[Books], object]] = deque([sms.doubt_interrupted])
        self._put_off = False

    def step(self, modem: Modem) -> Condition | None:
        """Wait a moment for something to send, and send it."""
        try:
            return self._step(modem)
        except (StoreUnavailable, TimeoutError) as error:
            if not self._put_off:  # one line, however long it lasts
                log.error("sending text messages is put off: %s", error)
            self._put_off = True
            return None

    def _step(self, modem: Modem) -> Condition | None:
        head_seq = self._desk.wait_head(self._seen_seq, self._wait_s)
        is_news, self._seen_seq = head_seq > self._seen_seq, head_seq
        self._settle()
        self._take_reports(modem)
        if not is_news and time.monotonic() < self._next_look_s:
            return None
        if not is_news or self._next_look_s == 0.0 or self._is_due():
            self._next_look_s = time.monotonic() + self._look_s
            status = modem.status()
            if status.can_send:
                self._send_all(modem)
            return modem_condition(status)
        return None

    def _is_due(self) -> bool:
        with self._desk.reading() as books:
            return books.sms.next_due(books.moment.text()) is not None

    def _settle(self) -> None:
        while self._owed:
            self._desk.submit(self._owed[0])
            self._owed.popleft()
        self._put_off = False

    def _take_reports(self, modem: Modem) -> None:
        for report in modem.reports(0):
            self._owed.append(partial(sms.take_report, report=report))
        self._settle()

    def _send_all(self, modem: Modem) -> None:
        while self._is_due() and (message := self._asked(lambda: self._desk.submit(sms.claim_next))) is not None:
            self._send(modem, message)

    def _send(self, modem: Modem, message: SmsMessage) -> None:
        """Send what is left of a message. Raises DeviceLost."""
        parts = parts_of(message.text, sms.reference_of(message))
        for number, part in list(enumerate(parts, 1))[message.sent_parts :]:
            try:
                reference = modem.send(message.number, part)
            except SmsRefused as error:
                end = partial(sms.put_back if error.temporary else sms.fail, id=message.id, reason=error.message)
                return self._note(end)
            except SmsUnsure as error:
                log.warning("the end of text message %s is not known", message.id)
                return self._note(partial(sms.doubt, id=message.id, reason=error.message))
            except DeviceLost as lost:
                self._note(partial(sms.put_back, id=message.id, reason=lost.message, counts=False))
                raise
            self._note(partial(sms.note_part, id=message.id, part=number, reference=reference))
        return None

    def _note(self, command: Callable[[Books], object]) -> None:
        self._owed.append(command)
        self._asked(self._settle)

    def _asked(self, act: Callable[[], T]) -> T:
        """Ask the desk for something. If it does not answer, a message stays claimed that nobody goes on with."""
        try:
            return act()
        except (StoreUnavailable, TimeoutError):
            self._owed.append(sms.put_back_claimed)  # after all that was asked so far; nothing is at the modem then
            raise
