"""What is on its way to paper."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class PrintStatus(enum.StrEnum):
    """Life of a print job: nothing is ever printed twice by itself."""

    QUEUED = "queued"
    PRINTING = "printing"  # handed to the printer; after a power cut it becomes unsure
    PRINTED = "printed"
    UNSURE = "unsure"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A document on its way to paper. `subject` says what it is of: `sale 17`, `refund 3`, `welcome`."""

    id: int
    status: PrintStatus
    kind: str  # receipt, refund, report, slip
    subject: str
    document: list[dict[str, object]]
    queued_at: str
    reason: str = ""
