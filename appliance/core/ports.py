"""What the services need of the store: the books, as one command sees them inside its transaction.

The store provides them twice with one set of classes: for writing, inside the desk's transaction, and for reading,
on a read-only connection (where every method that writes raises).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from appliance.core.clock import Moment
from appliance.core.journal import Entry
from appliance.core.trade import (
    Event,
    Member,
    Offer,
    Order,
    OrderStatus,
    Payment,
    PrintJob,
    PrintStatus,
    RefundLine,
    Sale,
    Ticket,
    TicketStatus,
    Voucher,
)


class JournalPort(Protocol):
    """The append-only journal."""

    def append(self, kind: str, data: Mapping[str, Any]) -> Entry:
        """Write the next entry, at the command's moment; a rehearsal marks it. Raises ValueError: unknown kind."""

    def head(self) -> Entry | None:
        """Return the newest entry."""

    def after(self, seq: int, limit: int) -> Sequence[Entry]:
        """Return up to `limit` entries that follow `seq`, oldest first."""

    def newest(self, kinds: Sequence[str], limit: int) -> Sequence[Entry]:
        """Return the newest entries of these kinds, newest first."""

    def all(self) -> Iterator[Entry]:
        """Walk the whole journal, oldest first."""

    def sign_head(self, entry: Entry, signature: bytes, public_key: bytes) -> None:
        """Keep the box's signature over an entry's hash."""


class EventsPort(Protocol):
    """The event that this box works for, and its offers and vouchers."""

    def current(self) -> Event | None:
        """Return the loaded event."""

    def replace(self, event: Event, source: str) -> None:
        """Take an event (`source` is its TOML text); another event's stock, voucher uses and head count
        are forgotten.

        Of the same event, stock counted before is kept unless the text now lists another number: that counts.
        """

    def source(self) -> str | None:
        """Return the TOML text of the loaded event."""

    def offers(self) -> Sequence[Offer]:
        """Return the offers in the event's order, each with the stock that can be sold now."""

    def take_stock(self, offer: str, quantity: int) -> bool:
        """Reserve stock; False, and nothing taken, if there is not enough. Unlimited offers always succeed."""

    def return_stock(self, offer: str, quantity: int) -> None:
        """Give reserved or sold stock back."""

    def set_stock(self, offer: str, stock: int | None) -> None:
        """Set the stock that can be sold now."""

    def voucher(self, code: str) -> Voucher | None:
        """Find a voucher by its code."""

    def use_voucher(self, code: str, times: int = 1) -> None:
        """Count a use; -1 gives it back."""


class OrdersPort(Protocol):
    """Orders, payments, sales and refunds."""

    def add(self, order: Order) -> None:
        """Keep a new order."""

    def get(self, id: str) -> Order | None:
        """Find an order."""

    def set_status(self, id: str, status: OrderStatus) -> None:
        """Close an order one way or the other."""

    def open(self) -> Sequence[Order]:
        """Return the open orders, oldest first."""

    def grow_older(self, elapsed_s: int) -> None:
        """Add to the age of every open order; ages do not depend on the wall clock."""

    def older_than(self, age_s: int) -> Sequence[Order]:
        """Return the open orders of at least this age."""

    def add_payment(self, payment: Payment) -> None:
        """Keep a payment."""

    def payments(self, order_id: str) -> Sequence[Payment]:
        """Return an order's payments, oldest first."""

    def next_sale_number(self) -> int:
        """Return the number that the next sale of this box gets; without gaps."""

    def add_sale(self, sale: Sale) -> None:
        """Keep a sale."""

    def sale(self, number: int) -> Sale | None:
        """Find a sale by its number."""

    def sale_of_order(self, order_id: str) -> Sale | None:
        """Find the sale that an order became."""

    def newest_sales(self, limit: int) -> Sequence[Sale]:
        """Return the newest sales, newest first."""

    def refunded(self, number: int) -> Mapping[str, int]:
        """Return how many of each offer of a sale were given back."""

    def add_refund(self, number: int, lines: Sequence[RefundLine], tender: str, reason: str, at: str, seq: int) -> int:
        """Keep a refund; return its number."""


@dataclass(frozen=True, slots=True)
class ScannerLayout:
    """A scanner's keyboard: what arrives -> what is on the code, and until when its calibration card is awaited."""

    swaps: Mapping[str, str]
    card_expected_until: str | None = None


class TicketsPort(Protocol):
    """Tickets and their uses, members, and the keyboards of scanners."""

    def find(self, id: str) -> Ticket | None:
        """Find a ticket by the hash of its code."""

    def import_all(self, tickets: Iterable[Ticket], source: str = "") -> tuple[int, int, int]:
        """Add or update tickets, never forgetting a use; return how many are new, changed and the same.

        `source` names the list that they come from. A ticket of several lists belongs to the one taken in last.
        """

    def sources(self) -> Mapping[str, int]:
        """Return how many tickets came from each list."""

    def remove_unused(self, source: str, limit: int) -> int:
        """Take away up to `limit` tickets of a list that were never used; return how many it were."""

    def add(self, ticket: Ticket) -> None:
        """Keep a ticket that is on no list (a signed one), unless it is known; its uses are not taken over."""

    def keep_use(self, ticket: Ticket, came_in: int) -> None:
        """Keep how a ticket was used, and that so many more people are inside (below 0: fewer)."""

    def set_status(self, id: str, status: TicketStatus) -> bool:
        """Change what a ticket is worth, such as from unpaid to valid; False if it is not known."""

    def inside(self) -> int:
        """Return how many people are inside."""

    def counts(self) -> Mapping[str, int]:
        """Return the number of tickets of each TicketStatus, and how many were `used`."""

    def all(self) -> Iterator[Ticket]:
        """Walk all tickets."""

    def layout(self, scanner: str) -> ScannerLayout | None:
        """Return what is known of a scanner's keyboard; None if nothing."""

    def keep_layout(self, scanner: str, layout: ScannerLayout) -> None:
        """Keep what is known of a scanner's keyboard."""

    def member(self, code: str) -> Member | None:
        """Find a member by the code of the card."""

    def add_member(self, member: Member) -> None:
        """Keep a new member."""

    def add_credits(self, code: str, credits: int) -> None:
        """Add to a member's balance."""


class PrintsPort(Protocol):
    """The print jobs."""

    def add(self, kind: str, subject: str, document: list[dict[str, Any]]) -> int:
        """Queue a document; return the job's id."""

    def get(self, id: int) -> PrintJob | None:
        """Find a job."""

    def next_queued(self) -> PrintJob | None:
        """Return the oldest queued job."""

    def by_status(self, statuses: Sequence[PrintStatus], limit: int) -> Sequence[PrintJob]:
        """Return jobs in these states, newest first."""

    def set_status(self, id: int, status: PrintStatus, reason: str = "") -> None:
        """Note how a job fares."""

    def count(self, status: PrintStatus) -> int:
        """Count the jobs in one state."""


class CursorsPort(Protocol):
    """How far somebody has read the journal: `mqtt.published`, `mqtt.stored`; `desk.tried` is a mere trial."""

    def get(self, name: str) -> int:
        """Return a cursor, 0 if it was never set."""

    def set(self, name: str, seq: int) -> None:
        """Move a cursor."""


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


@dataclass(frozen=True, slots=True)
class Shift:
    """One cashier's session of the till. `opened_seq` and `closed_seq` are its journal entries."""

    id: int
    opened_at: str
    opened_seq: int
    float_minor: int
    closed_at: str | None = None
    closed_seq: int | None = None
    counted_minor: int | None = None


class FiguresPort(Protocol):
    """Sums over the books; rehearsals are in none of them."""

    def sales(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Return {"sales", "takings_minor", "refunds_minor", "items", …} between two journal entries."""

    def tenders(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Return what was taken by tender, refunds subtracted."""

    def offers_sold(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Return how many of each offer were sold, refunds subtracted."""

    def taxes(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, Mapping[str, int]]:
        """Return {tax id: {"gross_minor", "tax_minor", "rate_ppm"}} of the sales, before refunds."""

    def tally(self, name: str) -> int:
        """Return a running sum: the number of entries of a kind, or `takings_minor`."""


class ShiftsPort(Protocol):
    """Shifts of the till."""

    def current(self) -> Shift | None:
        """Return the open shift."""

    def last_closed(self) -> Shift | None:
        """Return the newest closed shift."""

    def open(self, opened_at: str, opened_seq: int, float_minor: int) -> Shift:
        """Open a shift."""

    def close(self, id: int, closed_at: str, closed_seq: int, counted_minor: int) -> None:
        """Close a shift."""


class Books(Protocol):
    """All of the store as one command or one reader sees it."""

    @property
    def moment(self) -> Moment:
        """When this command runs."""

    @property
    def rehearsal(self) -> bool:
        """Whether what happens now counts for nothing."""

    @property
    def journal(self) -> JournalPort: ...
    @property
    def events(self) -> EventsPort: ...
    @property
    def orders(self) -> OrdersPort: ...
    @property
    def tickets(self) -> TicketsPort: ...
    @property
    def prints(self) -> PrintsPort: ...
    @property
    def cursors(self) -> CursorsPort: ...
    @property
    def answers(self) -> AnswersPort: ...
    @property
    def shifts(self) -> ShiftsPort: ...
    @property
    def figures(self) -> FiguresPort: ...

    def new_id(self) -> str:
        """Return a fresh UUIDv7."""

    def new_code(self, length: int) -> str:
        """Return a random code of capitals and digits that are not taken for one another."""

    def attempt(self) -> AbstractContextManager[None]:
        """Undo all that happens inside if it ends with an exception, which goes on to the caller."""


class LedgerPort(Protocol):
    """A write connection to the store, as its one owner uses it. Every method may raise StoreUnavailable."""

    def begin(self, moment: Moment) -> Books:
        """Start a transaction that no other writer can enter."""

    def commit(self) -> int:
        """Put the transaction on the disk; return the number of the newest journal entry."""

    def rollback(self) -> None:
        """Undo the whole transaction. Never raises."""

    def tidy(self) -> None:
        """Use a quiet moment to move finished work out of the write-ahead log, once there is enough of it."""

    def close(self) -> None:
        """Let go of the store."""


T = TypeVar("T")


class DeskPort(Protocol):
    """The one owner of the books."""

    def submit(self, command: Callable[[Books], T], timeout_s: float = 10.0) -> T:
        """Run a command in a transaction and return its result once that is on the disk.

        Raises what the command raises (its changes are undone, nobody else's), StoreUnavailable (nothing was
        changed) and TimeoutError (the outcome is not known: ask again with the same idempotency key).
        """

    def reading(self) -> AbstractContextManager[Books]:
        """Open the books for reading, as of now, on a read-only connection of the calling thread."""

    @property
    def head_seq(self) -> int:
        """Number of the newest committed journal entry; readable from any thread without asking the store."""

    def wait_head(self, seq: int, timeout_s: float) -> int:
        """Wait until the newest committed entry is beyond `seq` or the time is over; return the head."""
