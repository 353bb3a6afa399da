"""What somebody wants, and the sale that it becomes: orders, payments, sales, refunds."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from appliance.core.trade.offers import Adjustment, OfferKind


class OrderStatus(enum.StrEnum):
    """Life of an order."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Tender(enum.StrEnum):
    """Ways of paying that the till takes."""

    CASH = "cash"
    CARD = "card"  # on a terminal of its own; the box only notes it
    CREDIT = "credit"  # off a member's balance
    VOUCHER = "voucher"  # off the balance of a gift card
    TRANSFER = "transfer"  # from the guest's own bank's app, by a code; staff says that it came


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order with all that was decided about it. `total_minor` is after `discount_minor`.

    `adjustments` explain the discount: their amounts and `discount_minor` add up to nothing.
    """

    offer: str
    kind: OfferKind
    name: str
    quantity: int
    unit_price_minor: int
    discount_minor: int
    tax: str
    tax_rate_ppm: int
    total_minor: int
    credits: int = 0  # that the whole line brings
    ticket: str = ""  # the unpaid ticket (its id) that is paid with this line; empty: the line brings what is new
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants. `total_minor` is what is to be paid, tax included."""

    id: str
    status: OrderStatus
    currency: str
    lines: tuple[OrderLine, ...]
    total_minor: int
    paid_minor: int
    voucher: str | None
    member: str | None
    opened_at: str
    rehearsal: bool = False
    window: str = ""  # the sales window that was open when it was; empty: none
    notes: tuple[str, ...] = ()  # what whoever ordered should be told
    pending_minor: int = 0  # of what is due, what was asked for elsewhere and not answered yet
    hold_min: int | None = None  # how long its goods are kept while nobody pays; None: as long as the box keeps any

    @property
    def due_minor(self) -> int:
        """What is still to be paid."""
        return self.total_minor - self.paid_minor

    @property
    def open_minor(self) -> int:
        """What is due and not asked for elsewhere: so much may be taken now."""
        return self.due_minor - self.pending_minor


ORDER_CODE_LENGTH = 5  # hex digits: enough to tell the few open orders apart


def order_code(order_id: str) -> str:
    """Return the short code by which people call an order: the end of its id, which is random."""
    return order_id[-ORDER_CODE_LENGTH:].upper()


@dataclass(frozen=True, slots=True)
class Payment:
    """Money taken for an order: `tendered_minor` was handed over, `amount_minor` of it went to the order.

    `rounding_minor` is what cash could not pay exactly: below 0 it was forgiven, above 0 it was paid on top.
    `tip_minor` was given for those who serve: it is in `tendered_minor`, and in no total of the sale.
    """

    order_id: str
    tender: Tender
    amount_minor: int
    tendered_minor: int
    at: str
    reference: str = ""
    rounding_minor: int = 0
    account: str = ""  # whose balance it came from: a member's card, a gift card's name in the books; never shown
    balance_after: int | None = None  # credits, or minor units, that were left there
    tip_minor: int = 0

    @property
    def change_minor(self) -> int:
        """What was given back."""
        return self.tendered_minor - self.amount_minor - self.rounding_minor - self.tip_minor


@dataclass(frozen=True, slots=True)
class Sale:
    """An order that was paid in full. `number` counts 1, 2, 3 … on this box; `seq` is its journal entry."""

    number: int
    order_id: str
    currency: str
    total_minor: int
    refunded_minor: int
    lines: tuple[OrderLine, ...]
    payments: tuple[Payment, ...]
    at: str
    seq: int
    granted: Mapping[str, str]  # what came with it: {"ticket": code, "member": code}
    rehearsal: bool = False
    window: str = ""  # the sales window in which it was ordered; empty: none
    page: str = ""  # random name of its receipt's page, which only its paper tells; empty: there is none


@dataclass(frozen=True, slots=True)
class RefundPart:
    """What of a refund goes back by one tender; cash gives back `rounding_minor` more (below 0: less)."""

    tender: Tender
    amount_minor: int
    rounding_minor: int = 0
    tip_minor: int = 0  # only of a sale that is voided

    @property
    def paid_out_minor(self) -> int:
        """What is handed over."""
        return self.amount_minor + self.rounding_minor + self.tip_minor


@dataclass(frozen=True, slots=True)
class RefundLine:
    """How many of which offer of a sale were given back, and for how much."""

    offer: str
    quantity: int
    amount_minor: int
