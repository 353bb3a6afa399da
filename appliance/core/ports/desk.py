"""All the books at once, their write connection, and its one owner."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from appliance.core.clock import Moment
from appliance.core.ports.door import TicketsPort
from appliance.core.ports.event import EventsPort
from appliance.core.ports.holders import HoldersPort
from appliance.core.ports.issued import IssuedPort
from appliance.core.ports.journal import CursorsPort, JournalPort
from appliance.core.ports.pending import PendingPort
from appliance.core.ports.power import PowerPort
from appliance.core.ports.restock import RestockPort
from appliance.core.ports.shifts import CashiersPort, ShiftsPort, TakingsPort
from appliance.core.ports.sms import SmsPort
from appliance.core.ports.spool import AnswersPort, PrintsPort
from appliance.core.ports.tablets import TabletsPort
from appliance.core.ports.till import FiguresPort, OrdersPort
from appliance.core.trade import Actor


class Books(Protocol):
    """All of the store as one command or one reader sees it."""

    @property
    def moment(self) -> Moment:
        """When this command runs."""

    @property
    def rehearsal(self) -> bool:
        """Whether what happens now counts for nothing."""

    @property
    def actor(self) -> Actor:
        """Who does what is done now; every journal entry says so."""

    @property
    def journal(self) -> JournalPort: ...
    @property
    def events(self) -> EventsPort: ...
    @property
    def orders(self) -> OrdersPort: ...
    @property
    def pending(self) -> PendingPort: ...
    @property
    def tickets(self) -> TicketsPort: ...
    @property
    def issued(self) -> IssuedPort: ...
    @property
    def holders(self) -> HoldersPort: ...
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
    @property
    def power(self) -> PowerPort: ...
    @property
    def takings(self) -> TakingsPort: ...
    @property
    def cashiers(self) -> CashiersPort: ...
    @property
    def sms(self) -> SmsPort: ...
    @property
    def restock(self) -> RestockPort: ...
    @property
    def tablets(self) -> TabletsPort: ...

    def new_id(self) -> str:
        """Return a fresh UUIDv7."""

    def new_code(self) -> str:
        """Return a new random short code; see core/shortcode.py."""

    def acting(self, actor: Actor) -> AbstractContextManager[None]:
        """Let all that happens inside be done by somebody."""

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
        changed) and TimeoutError (it had not begun and is never done; or it has begun and takes too long, and its
        outcome is not known: ask again with the same idempotency key).
        """

    def reading(self) -> AbstractContextManager[Books]:
        """Open the books for reading, as of now, on a read-only connection of the calling thread."""

    @property
    def head_seq(self) -> int:
        """Number of the newest committed journal entry; readable from any thread without asking the store."""

    def wait_head(self, seq: int, timeout_s: float) -> int:
        """Wait until the newest committed entry is beyond `seq` or the time is over; return the head."""
