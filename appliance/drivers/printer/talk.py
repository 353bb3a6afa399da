"""Questions to a printer and its answers, with a limit on every wait."""

from __future__ import annotations

import time

from appliance.core.devices import PrinterStatus
from appliance.core.errors import DeviceLost
from appliance.drivers.printer.links import LineLost, Link
from appliance.drivers.printer.logo import ASK_STORED
from appliance.drivers.printer.status import Answer, AnswerReader, Kind, printer_status

PRINTER, OFFLINE_CAUSE, ERROR, PAPER = 1, 2, 3, 4  # DLE EOT n
OFFLINE_BIT = 0x08
ANSWER_S = 1.0  # a real-time question is answered at once, whatever the printer is at
QUIET_S = 0.05  # a late answer to an earlier question has this long to come in
ACKNOWLEDGE = b"\x06"  # each block of names waits for it
MORE_FOLLOWS = 0x41
ADVICE = "Check that the printer is on and its settings (baud rate, ESC/POS mode) fit."


class Talk:
    """One conversation over an open line. Nothing that comes up the line is lost while something else is asked."""

    def __init__(self, link: Link, answer_limit_s: float = ANSWER_S) -> None:
        """`answer_limit_s` is how long a printer may take to answer a real-time question."""
        self._link = link
        self._answer_limit_s = answer_limit_s
        self._reader = AnswerReader()
        self._unanswered = False
        self.process_ids: set[bytes] = set()  # heard since a job last asked
        self.ordered_count = 0

    def status(self) -> PrinterStatus:
        """Ask how the printer is; two questions when all is well. Raises DeviceLost when it is silent or raves."""
        printer = self._ask(PRINTER)
        if printer is None:
            raise DeviceLost("printer_silent", "The printer does not answer.", ADVICE)
        offline = bool(printer & OFFLINE_BIT)
        cause = self._ask(OFFLINE_CAUSE) if offline else None
        error = self._ask(ERROR) if offline else None
        return printer_status(printer, cause, error, self._ask(PAPER))

    def stored_names(self) -> set[bytes] | None:
        """Ask which names the printer's graphics memory holds; None when it has none or does not tell.

        To be asked while the printer is idle: the question waits its turn. Raises LineLost.
        """
        self._send(ASK_STORED)
        names: set[bytes] = set()
        deadline = time.monotonic() + self._answer_limit_s
        while (left := deadline - time.monotonic()) > 0:
            for answer in self._take(self._link.receive(left)):
                if answer.kind is not Kind.STORED:
                    continue
                self._send(ACKNOWLEDGE)
                names |= {answer.data[at : at + 2] for at in range(1, len(answer.data), 2)}
                if answer.data[:1] != bytes([MORE_FOLLOWS]):
                    return names
        self._reader.forget()
        return None

    def listen(self, limit_s: float) -> None:
        """Take in what the printer says by itself, until something came or the limit is over. Raises LineLost."""
        self._take(self._link.receive(limit_s))

    def _ask(self, question: int) -> int | None:
        """Ask one real-time question (DLE EOT n). None when no answer came in time."""
        self._hear_the_late()
        self._send(bytes([0x10, 0x04, question]))
        self._unanswered = True
        deadline = time.monotonic() + self._answer_limit_s
        while (left := deadline - time.monotonic()) > 0:
            for answer in self._take(self._link.receive(left)):
                if answer.kind is Kind.REALTIME:
                    self._unanswered = False
                    return answer.data[0]
                if answer.kind is Kind.GARBAGE:
                    raise DeviceLost("printer_garbled", "The printer's answer makes no sense.", ADVICE)
        self._reader.forget()
        return None

    def _send(self, question: bytes) -> None:
        if self._link.send(question, self._answer_limit_s) < len(question):
            raise LineLost("printer_stalled", "The printer takes no data.", ADVICE)

    def _hear_the_late(self) -> None:
        """Take in what waits on the line, so that it is not taken for the answer to the next question."""
        deadline = time.monotonic() + self._answer_limit_s
        while time.monotonic() < deadline:
            data = self._link.receive(QUIET_S if self._unanswered else 0)
            if not data:
                break
            self._take(data)
        self._unanswered = False

    def _take(self, data: bytes) -> list[Answer]:
        answers = self._reader.feed(data)
        for answer in answers:
            if answer.kind is Kind.PROCESS_ID:
                self.process_ids.add(answer.data)
            elif answer.kind is Kind.ORDERED:
                self.ordered_count += 1
        return answers
