"""Reads what an ESC/POS printer says.

Every byte carries fixed bits that tell what it is (Epson ESC/POS command reference, by command name):

    DLE EOT 1-4    0xx1xx10            one byte, at once
    GS a (ASB)     0xx1xx00 + 3 bytes  unasked, when something changes
    GS r           0xx0xxxx            one byte, in its turn
    GS ( H fn 48   37h 22h d1-d4 00h   the process ID, when all before it is on paper
    GS ( L fn 64   37h 72h 40h/41h names 00h   what is in its graphics memory; 41h: more follows
    XON, XOFF      11h, 13h            flow control

A byte that fits none of these is garbage and never a status.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from appliance.core.devices import Paper, PrinterStatus

FIXED_BITS = 0x93  # bits 0, 1, 4 and 7
REALTIME, AUTOMATIC = 0x12, 0x10
ORDERED_BITS = 0x90  # bits 4 and 7 are off
FLOW_CONTROL = {0x11, 0x13}
BLOCK_HEADER, PROCESS_ID, STORED = 0x37, 0x22, 0x72
BLOCK_LIMIT_BYTES = 84  # the longest block that Epson documents: 40 names of two letters
AUTOMATIC_BYTES = 4


class Kind(enum.Enum):
    """What an answer is."""

    REALTIME = enum.auto()
    ORDERED = enum.auto()
    PROCESS_ID = enum.auto()
    STORED = enum.auto()
    OTHER = enum.auto()  # valid, and nobody asked: automatic status, other blocks
    GARBAGE = enum.auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `data` is the status byte, the four bytes of the process ID, or 40h/41h and the names stored."""

    kind: Kind
    data: bytes


class AnswerReader:
    """Cuts what comes up the line into answers, however it arrives. Never raises."""

    def __init__(self) -> None:
        """Start with nothing pending."""
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Answer]:
        """Return the answers that `data` completes."""
        self._pending += data
        answers = []
        while self._pending:
            length = self._length()
            if len(self._pending) < length:
                break
            raw = bytes(self._pending[:length])
            del self._pending[:length]
            if raw[0] not in FLOW_CONTROL:
                answers.append(_answer(raw))
        return answers

    def forget(self) -> None:
        """Drop an answer that was begun and never finished."""
        self._pending.clear()

    def _length(self) -> int:
        first = self._pending[0]
        if first & FIXED_BITS == AUTOMATIC:
            return AUTOMATIC_BYTES
        if first != BLOCK_HEADER:
            return 1
        end = self._pending.find(0)
        if end >= 0:
            return end + 1
        return len(self._pending) + 1 if len(self._pending) < BLOCK_LIMIT_BYTES else 1


def _answer(raw: bytes) -> Answer:
    first = raw[0]
    if len(raw) == 7 and raw[:2] == bytes([BLOCK_HEADER, PROCESS_ID]):
        return Answer(Kind.PROCESS_ID, raw[2:6])
    if raw[:2] == bytes([BLOCK_HEADER, STORED]):
        return Answer(Kind.STORED, raw[2:-1])
    if len(raw) > 1:
        return Answer(Kind.OTHER, raw)
    if first & FIXED_BITS == REALTIME:
        return Answer(Kind.REALTIME, raw)
    if first & ORDERED_BITS == 0:
        return Answer(Kind.ORDERED, raw)
    return Answer(Kind.GARBAGE, raw)


def printer_status(printer: int, cause: int | None, error: int | None, paper: int | None) -> PrinterStatus:
    """Put the answers to DLE EOT 1 (printer), 2 (offline cause), 3 (error) and 4 (paper) together.

    None is a question that was not asked or not answered; without an answer of its own, paper is UNKNOWN.
    DLE EOT 1: bit 3 offline. DLE EOT 2: bit 2 cover open, bit 5 stopped at the paper's end, bit 6 error.
    """
    cause = cause or 0
    state = _paper(paper)
    if cause & 0x20:
        state = Paper.OUT
    return PrinterStatus(
        online=not printer & 0x08,
        paper=state,
        cover_open=bool(cause & 0x04),
        error=_error(error or 0) or ("unknown" if cause & 0x40 else ""),
    )


def _paper(answer: int | None) -> Paper:
    """DLE EOT 4: bits 5 and 6 paper end, bits 2 and 3 near end."""
    if answer is None:
        return Paper.UNKNOWN
    if answer & 0x60:
        return Paper.OUT
    return Paper.NEAR_END if answer & 0x0C else Paper.OK


def _error(answer: int) -> str:
    """DLE EOT 3: bit 3 cutter, bit 5 unrecoverable, bit 6 recovers by itself (hot head), bit 2 recoverable."""
    names = ((0x08, "cutter"), (0x20, "broken"), (0x40, "overheated"), (0x04, "jammed"))
    return next((name for bit, name in names if answer & bit), "")


def trouble(status: PrinterStatus) -> tuple[str, str]:
    """Return a code and a sentence on why the printer cannot print now; ("", "") when it can."""
    if status.can_print:
        return "", ""
    if status.cover_open:
        return "printer_cover_open", "The printer's cover is open; close it."
    if status.paper is Paper.OUT:
        return "printer_paper_out", "The printer is out of paper; put in a new roll."
    if status.error:
        return "printer_error", f"The printer reports an error ({status.error}); switch it off and on."
    return "printer_offline", "The printer is offline; press its button or switch it off and on."
