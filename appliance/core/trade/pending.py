"""Payments that were asked for, and whose answer is not known yet."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from appliance.core.trade.orders import Tender

# Tenders whose answer comes from elsewhere, and may be late.
ASKED_ELSEWHERE = (Tender.CARD, Tender.TRANSFER)


class PendingStatus(enum.StrEnum):
    """What is known of a payment that was asked for."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PendingPayment:
    """Money that a terminal or a guest's bank was asked for.

    `age_s` counts while the box runs, whatever its clock says.
    """

    id: int
    order_id: str
    tender: Tender
    amount_minor: int
    currency: str
    reference: str
    at: str
    age_s: int = 0
    status: PendingStatus = PendingStatus.PENDING
    tip_minor: int = 0  # on top of `amount_minor`

    @property
    def asked_minor(self) -> int:
        """What the terminal or the code asks for: the amount and its tip."""
        return self.amount_minor + self.tip_minor
