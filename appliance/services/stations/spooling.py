"""The spool's hand: what is queued goes to paper once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from appliance.core.devices import (
    Condition,
    Health,
    Paper,
    Printer,
    PrinterNotReady,
    PrinterStatus,
    PrintUnsure,
)
from appliance.core.document import Document, linked
from appliance.core.errors import StoreUnavailable
from appliance.core.ports import Books, DeskPort
from appliance.core.printers import EVERYTHING, Share
from appliance.core.trade import PrintJob, PrintStatus
from appliance.services import printing
from appliance.services.stations.pace import READ_S

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a job ended that the store does not know of yet."""

    job_id: int
    status: PrintStatus
    reason: str


class PrintStation:
    """The spool's hand: looks at the printer now and then, prints what is queued for it, one job at a time.

    A store that takes nothing puts printing off: what is on paper already is noted as soon as it can be.
    """

    def __init__(
        self, desk: DeskPort, poll_s: float, share: Share = EVERYTHING, address: Callable[[], str] = lambda: ""
    ) -> None:
        """Print one printer's share of the spool; `address` tells where links on paper lead."""
        self._share = share
        self._address = address
        self._desk = desk
        self._poll_s = poll_s
        self._seen_seq = -1
        self._next_poll_s = 0.0
        self._begun = False
        self._ended: _Ended | None = None
        self._put_off = False

    def step(self, printer: Printer) -> Condition | None:
        """Wait a moment for something to print and print all there is."""
        try:
            return self._step(printer)
        except (StoreUnavailable, TimeoutError) as error:
            if not self._put_off:  # one line, however long it lasts
                log.error("printing is put off: %s", error)
            self._put_off = True
            return None

    def _step(self, printer: Printer) -> Condition | None:
        head_seq = self._desk.wait_head(self._seen_seq, READ_S)
        is_news, self._seen_seq = head_seq > self._seen_seq, head_seq
        due = time.monotonic() >= self._next_poll_s
        if not due and (not is_news or printer.model == "absent"):
            return None
        self._next_poll_s = time.monotonic() + READ_S  # soon again, should paper, printer or store be missing
        if not self._begun:  # what is claimed at the start was being printed when the power went
            self._desk.submit(lambda books: printing.doubt_interrupted(books, self._share))
            self._begun = True
        if printer.model == "absent":
            self._desk.submit(lambda books: printing.discard_queued(books, self._share))
            self._put_off = False
            self._next_poll_s = time.monotonic() + self._poll_s
            return Condition(Health.ABSENT)
        status = printer.status()
        if status.can_print and self._print_all(printer):
            self._next_poll_s = time.monotonic() + self._poll_s
        return printer_condition(printer.status() if status.can_print else status)

    def _print_all(self, printer: Printer) -> bool:
        """Print until nothing is queued; False if a job did not end well."""
        job = self._next_job()
        while job is not None:
            outcome, reason = self._print(printer, Document.from_json(job.document))
            self._ended = _Ended(job.id, outcome, reason)
            job = self._next_job()
            if outcome is not PrintStatus.PRINTED:
                return False
        return True

    def _next_job(self) -> PrintJob | None:
        """Note how the last job ended and claim the next, in one command that may be given twice."""
        ended = self._ended

        def turn(books: Books) -> PrintJob | None:
            printing.put_back(books, ended.job_id if ended else None, self._share)
            if ended is None:
                return printing.claim_next(books, self._share)
            return printing.finish(books, ended.job_id, ended.status, ended.reason, self._share)

        job = self._desk.submit(turn)
        self._ended, self._put_off = None, False
        return job

    def _print(self, printer: Printer, document: Document) -> tuple[PrintStatus, str]:
        try:
            printer.print(linked(document, self._address()))
        except PrinterNotReady as error:
            return PrintStatus.QUEUED, error.message
        except PrintUnsure as error:
            log.warning("a print job's end is not known: %s", error.message)
            return PrintStatus.UNSURE, error.message
        return PrintStatus.PRINTED, ""


def printer_condition(status: PrinterStatus) -> Condition:
    """Say in words how a printer is that answered."""
    details = {"paper": status.paper.value, "cover_open": status.cover_open}
    if status.error:
        return Condition(Health.OFFLINE, f"The printer reports: {status.error}.", "Switch it off and on.", details)
    if status.cover_open:
        return Condition(Health.OFFLINE, "The printer's cover is open.", "Close the cover.", details)
    if status.paper is Paper.OUT:
        return Condition(Health.OFFLINE, "The printer is out of paper.", "Put in a new roll.", details)
    if not status.online:
        return Condition(Health.OFFLINE, "The printer is switched off-line.", "Press its feed button.", details)
    if status.paper is Paper.NEAR_END:
        return Condition(Health.DEGRADED, "The paper is near its end.", "Have a new roll at hand.", details)
    return Condition(details=details)
