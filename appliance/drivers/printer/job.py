"""One print job on its way to paper: sent in small batches, each confirmed before the next.

After each batch the printer is asked a question that it answers only in its turn, when all before it is on paper.
So never more than one batch waits in its input buffer, real-time questions always get through, and the last answer
confirms the whole job.
"""

from __future__ import annotations

import enum
import itertools
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from appliance.core.devices import PrinterNotReady, PrintUnsure
from appliance.core.errors import DeviceLost
from appliance.drivers.printer.links import LineLost, Link
from appliance.drivers.printer.status import trouble
from appliance.drivers.printer.talk import Talk

BATCH_BYTES = 1024  # fits the smallest input buffers (4 KiB) with room for questions
SEND_SLICE_S = 0.2
_process_numbers = itertools.count(secrets.randbelow(10_000))


class Confirm(enum.StrEnum):
    """How a printer is asked whether all is on paper."""

    PROCESS_ID = "process_id"  # GS ( H function 48: names the job; Epson and good clones
    GS_R = "gs_r"  # GS r 1: paper sensor in its turn; nearly all
    NONE = "none"  # neither: the job counts as printed when the printer stays well for `settle_s`


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a job waits for what."""

    patience_s: float = 600.0  # a person to bring paper or close the cover
    write_limit_s: float = 10.0  # a line that takes nothing
    silence_limit_s: float = 10.0  # a printer that answers nothing in the middle of a job
    confirm_limit_s: float = 30.0  # a printer that is well and does not confirm
    settle_s: float = 2.0  # only with Confirm.NONE
    poll_s: float = 0.5  # between two looks at a printer that is busy or waits for a person


class Job:
    """Sends one document. Use once."""

    def __init__(self, link: Link, talk: Talk, confirm: Confirm, limits: Limits, stopping: Callable[[], bool]) -> None:
        """`stopping` is asked often and ends the job early."""
        self._link = link
        self._talk = talk
        self._confirm = confirm
        self._limits = limits
        self._stopping = stopping
        self._sent_bytes = 0

    def run(self, pieces: Sequence[bytes]) -> None:
        """Send whole commands and return when they are on paper. Raises PrinterNotReady or PrintUnsure."""
        batches = list(_batches(pieces))
        for number, batch in enumerate(batches, start=1):
            question, is_answered = self._question(is_last=number == len(batches))
            self._send(batch + question)
            self._wait(is_answered)

    def _question(self, is_last: bool) -> tuple[bytes, Callable[[_Watch], bool]]:
        """Return what to send after a batch, and how to tell that the batch is on paper."""
        talk = self._talk
        if self._confirm is Confirm.PROCESS_ID:
            process_id = b"%04d" % (next(_process_numbers) % 10_000)
            talk.process_ids.clear()  # ids come round: only what is said from now on confirms
            return b"\x1d(H\x06\x0000" + process_id, lambda watch: process_id in talk.process_ids
        if self._confirm is Confirm.GS_R:
            answers_before = talk.ordered_count
            return b"\x1dr\x01", lambda watch: talk.ordered_count > answers_before
        settle_s = self._limits.settle_s if is_last else 0.0
        return b"", lambda watch: watch.well_for(settle_s)

    def _send(self, data: bytes) -> None:
        sent_bytes = 0
        give_up_at = time.monotonic() + self._limits.write_limit_s
        while sent_bytes < len(data):
            self._check_stop()
            try:
                taken_bytes = self._link.send(data[sent_bytes:], SEND_SLICE_S)
            except LineLost as error:
                raise self._failed(error.code, error.message) from error
            if taken_bytes:
                give_up_at = time.monotonic() + self._limits.write_limit_s
            elif time.monotonic() > give_up_at:
                raise self._failed("printer_stalled", "The printer takes no more data.")
            sent_bytes += taken_bytes
            self._sent_bytes += taken_bytes

    def _wait(self, is_answered: Callable[[_Watch], bool]) -> None:
        """Wait for the answer; meanwhile ask why it does not come, and be patient where a person is needed."""
        watch = _Watch(self._limits)
        listen_s = 0.0 if self._confirm is Confirm.NONE else self._limits.poll_s
        while not is_answered(watch):
            self._check_stop()
            try:
                self._talk.listen(listen_s)
                if not is_answered(watch):
                    self._look(watch)
            except LineLost as error:
                raise self._failed(error.code, error.message) from error
            listen_s = self._limits.poll_s

    def _look(self, watch: _Watch) -> None:
        """Ask how the printer is, and give up when it has been so for too long."""
        try:
            status = self._talk.status()
        except LineLost:
            raise
        except DeviceLost as error:
            if watch.silent_too_long():
                raise self._failed(error.code, error.message) from error
            return
        watch.heard(status.can_print)
        if watch.person_too_late():
            raise self._failed(*trouble(status))
        if self._confirm is not Confirm.NONE and watch.unconfirmed_too_long():
            raise self._failed("printer_unconfirmed", "The printer does not confirm the job.")

    def _check_stop(self) -> None:
        if self._stopping():
            raise self._failed("print_stopped", "The box was told to stop.")

    def _failed(self, code: str, message: str) -> PrinterNotReady | PrintUnsure:
        if not self._sent_bytes:
            return PrinterNotReady(code, message)
        return PrintUnsure(code, f"{message} Look at the paper: it is not known whether all was printed.")


class _Watch:
    """How long the printer has been well, in need of a person, or silent."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._heard_at = time.monotonic()
        self._well_since: float | None = None
        self._needs_person_since: float | None = None

    def heard(self, can_print: bool) -> None:
        now = self._heard_at = time.monotonic()
        if can_print:
            self._well_since, self._needs_person_since = self._well_since or now, None
        else:
            self._well_since, self._needs_person_since = None, self._needs_person_since or now

    def well_for(self, limit_s: float) -> bool:
        return _is_over(self._well_since, limit_s)

    def silent_too_long(self) -> bool:
        return _is_over(self._heard_at, self._limits.silence_limit_s)

    def person_too_late(self) -> bool:
        return _is_over(self._needs_person_since, self._limits.patience_s)

    def unconfirmed_too_long(self) -> bool:
        return _is_over(self._well_since, self._limits.confirm_limit_s)


def _is_over(since: float | None, limit_s: float) -> bool:
    return since is not None and time.monotonic() - since >= limit_s


def _batches(pieces: Sequence[bytes]) -> Iterator[bytes]:
    """Join whole commands into batches of at most BATCH_BYTES; a longer command is a batch of its own."""
    batch = b""
    for piece in pieces:
        if batch and len(batch) + len(piece) > BATCH_BYTES:
            yield batch
            batch = b""
        batch += piece
    if batch:
        yield batch
