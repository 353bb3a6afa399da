"""Payments whose answer is not known yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from appliance.core.trade import Order, PendingPayment, PendingStatus, Tender


class PendingPort(Protocol):
    """Payments that were asked for. Rehearsals and the real thing each see their own."""

    def add(
        self, order: Order, tender: Tender, amount_minor: int, reference: str, at: str, tip_minor: int = 0
    ) -> PendingPayment:
        """Keep a payment that was asked for."""

    def get(self, id: int) -> PendingPayment | None:
        """Find one, settled or not."""

    def waiting(self) -> Sequence[PendingPayment]:
        """Return those that nobody settled yet, oldest first."""

    def count(self) -> int:
        """Count those that nobody settled yet."""

    def sum_minor(self, tender: Tender) -> int:
        """Sum what is waiting of a tender."""

    def settle(self, id: int, status: PendingStatus, reference: str, at: str) -> None:
        """Keep what became of one."""
