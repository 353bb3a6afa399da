"""Print jobs, and answers kept by idempotency key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from appliance.core.printers import EVERYTHING, Share
from appliance.core.trade import (
    PrintJob,
    PrintStatus,
)


class PrintsPort(Protocol):
    """The print jobs."""

    def add(self, kind: str, subject: str, document: list[dict[str, Any]]) -> int:
        """Queue a document; return the job's id."""

    def get(self, id: int) -> PrintJob | None:
        """Find a job."""

    def has(self, kind: str, subject: str) -> bool:
        """Tell whether there is, or was, a job of this kind about this."""

    def next_queued(self, share: Share = EVERYTHING) -> PrintJob | None:
        """Return the oldest queued job of a printer's share."""

    def by_status(self, statuses: Sequence[PrintStatus], limit: int, share: Share = EVERYTHING) -> Sequence[PrintJob]:
        """Return jobs in these states, newest first."""

    def discard_oldest(self, keep: int, reason: str) -> int:
        """Put away all queued jobs but the newest `keep`; return how many."""

    def span(self) -> int:
        """Return how many jobs lie between the oldest and the newest, both counted."""

    def forget_oldest(self, keep: int) -> int:
        """Drop jobs that are printed or discarded, but for the newest `keep` jobs; return how many."""

    def set_status(self, id: int, status: PrintStatus, reason: str = "") -> None:
        """Note how a job fares."""

    def redact(self, id: int) -> None:
        """Forget what is on a job's paper."""

    def count(self, status: PrintStatus) -> int:
        """Count the jobs in one state."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer that was given to an idempotency key, and the hash of the request that it answered."""

    request_sha256: str
    status: int
    body: str


class AnswersPort(Protocol):
    """Answers kept by idempotency key."""

    def get(self, key: str) -> KeptAnswer | None:
        """Find the answer to a key."""

    def keep(self, key: str, answer: KeptAnswer) -> None:
        """Keep an answer in the transaction of its effect."""
