"""The things of the trade as plain values: offers, orders, payments, sales, tickets, members."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class OfferKind(enum.StrEnum):
    """What an offer sells."""

    PRODUCT = "product"
    MICROBUNDLE = "microbundle"
    MEMBERSHIP = "membership"
    TICKET = "ticket"
    CREDIT = "credit"


class OrderStatus(enum.StrEnum):
    """Life of an order."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Tender(enum.StrEnum):
    """Ways of paying that the till takes today."""

    CASH = "cash"
    CARD = "card"  # on a terminal of its own; the box only notes it


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax rate; `rate_ppm` 190,000 is 19 %."""

    id: str
    name: str
    rate_ppm: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be sold. `stock` None is unlimited; `credits` counts for kind `credit` only."""

    id: str
    kind: OfferKind
    name: str
    price_minor: int
    tax: str
    stock: int | None = None
    description: str = ""
    credits: int = 0
    barcode: str = ""  # EAN-8, UPC-A or EAN-13


@dataclass(frozen=True, slots=True)
class Voucher:
    """A code worth a discount: a percentage or an amount, `uses` times (None: without limit)."""

    code: str
    percent_off: int = 0
    amount_off_minor: int = 0
    uses: int | None = 1
    used: int = 0


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order with all that was decided about it. `total_minor` is after `discount_minor`."""

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

    @property
    def due_minor(self) -> int:
        """What is still to be paid."""
        return self.total_minor - self.paid_minor


ORDER_CODE_LENGTH = 5  # hex digits: enough to tell the few open orders apart


def order_code(order_id: str) -> str:
    """Return the short code by which people call an order: the end of its id, which is random."""
    return order_id[-ORDER_CODE_LENGTH:].upper()


@dataclass(frozen=True, slots=True)
class Payment:
    """Money taken for an order: `tendered_minor` was handed over, `amount_minor` of it went to the order."""

    order_id: str
    tender: Tender
    amount_minor: int
    tendered_minor: int
    at: str
    reference: str = ""

    @property
    def change_minor(self) -> int:
        """What was given back."""
        return self.tendered_minor - self.amount_minor


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


@dataclass(frozen=True, slots=True)
class RefundLine:
    """How many of which offer of a sale were given back, and for how much."""

    offer: str
    quantity: int
    amount_minor: int


class TicketStatus(enum.StrEnum):
    """What a list says of a ticket."""

    VALID = "valid"
    CANCELLED = "cancelled"  # by the organiser
    BLOCKED = "blocked"  # for now; the organiser can lift it
    REVOKED = "revoked"  # another ticket took its place
    UNPAID = "unpaid"  # may be paid at the till


class EntryRule(enum.StrEnum):
    """How often a ticket lets somebody in."""

    COUNTED = "counted"  # as often as `entries` says, whoever comes
    REENTRY = "reentry"  # one person, who may come back after going out
    DAILY = "daily"  # one person, once on each day of the event


@dataclass(frozen=True, slots=True)
class Ticket:
    """A right to enter. `id` is the SHA-256 of its code: the code itself is not kept.

    Times are RFC 3339 in UTC. What is None or empty here, the ticket's type says (see TicketType).
    """

    id: str
    product: str
    status: TicketStatus
    first_used_at: str | None = None
    first_used_by: str = ""  # the scanner or tablet that admitted it
    event: str = ""  # the event that it is for; empty: the one that is loaded
    valid_from: str | None = None
    valid_until: str | None = None  # this instant is too late
    entry: EntryRule | None = None
    entries_allowed: int | None = None  # 0: without limit
    entries_used: int = 0
    inside: int = 0  # how many people came in with it and did not go out
    last_entry_at: str | None = None
    note: str = ""  # what staff should see to; never a name
    price_due_minor: int = 0  # what is missing of an unpaid one; 0: the price of its type's offer


@dataclass(frozen=True, slots=True)
class TicketType:
    """What holds for every ticket of one product, unless the ticket itself says otherwise."""

    product: str
    name: str = ""
    entry: EntryRule = EntryRule.COUNTED
    entries: int | None = None  # None: 1 if counted, else without limit, which is 0
    offer: str = ""  # the offer whose price an unpaid ticket costs
    note: str = ""
    valid_from: str | None = None
    valid_until: str | None = None


class KeyFormat(enum.StrEnum):
    """Whose signed tickets a key is for."""

    STALLBOX = "stallbox"
    PRETIX = "pretix"


@dataclass(frozen=True, slots=True)
class TicketKey:
    """A key that the door trusts: the 32 bytes of an Ed25519 public key."""

    format: KeyFormat
    public_key: bytes


@dataclass(frozen=True, slots=True)
class PretixItem:
    """What pretix's number of a product means at this door."""

    item: int
    product: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person with a membership. `code` is what the card says."""

    code: str
    credits: int
    joined_at: str


@dataclass(frozen=True, slots=True)
class Window:
    """A sales window of an event at one of its stops; times are RFC 3339 in UTC."""

    id: str
    name: str
    place: str
    opens_at: str
    closes_at: str


@dataclass(frozen=True, slots=True)
class Event:
    """One pop-up, as its file describes it."""

    id: str
    name: str
    place: str
    currency: str
    time_zone: str
    prices_include_tax: bool
    seller: tuple[str, ...]  # the lines at the head of a receipt
    thanks: str
    windows: tuple[Window, ...]
    tax_rates: tuple[TaxRate, ...]
    offers: tuple[Offer, ...]
    vouchers: tuple[Voucher, ...] = ()
    tickets_file: str | None = None
    admits: tuple[str, ...] = ()  # products admitted at the door; empty: every one
    ticket_types: tuple[TicketType, ...] = ()
    exits: tuple[str, ...] = ()  # scanners where people go out
    capacity: int | None = None  # people inside at most; None: without limit
    capacity_warning: int | None = None  # people inside from which staff is warned
    ticket_keys: tuple[TicketKey, ...] = ()
    pretix_items: tuple[PretixItem, ...] = ()

    def tax_rate(self, id: str) -> TaxRate:
        """Return the tax rate by its id. Raises KeyError."""
        return next(rate for rate in self.tax_rates if rate.id == id)


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
