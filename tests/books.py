"""A box for tests: the real desk over a real store with the shipped example event, and a clock to be set."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Barrier
from types import TracebackType
from typing import Any, TypeVar

from appliance.core.clock import ClockQuality, Moment
from appliance.core.journal import ChainFault
from appliance.core.ports import Books, LedgerPort
from appliance.core.pricing import Wanted
from appliance.core.trade import Sale
from appliance.runtime.desk import Desk
from appliance.services import till
from appliance.services.events import load_event
from appliance.services.tickets import import_tickets, read_tickets
from appliance.store.books import Ledger, Readers
from appliance.store.keys import SigningKey, is_signed

EVENTS = Path(__file__).parent.parent / "config" / "events"
EVENT_TEXT = (EVENTS / "street-series.toml").read_text(encoding="utf-8")
TICKETS_TEXT = (EVENTS / "street-series-tickets.csv").read_text(encoding="utf-8")
DURING = dt.datetime(2026, 12, 5, 21, 30, tzinfo=dt.UTC)  # the first window is open

T = TypeVar("T")


class Clock:
    """Says what it was set to."""

    def __init__(self) -> None:
        self.at = DURING

    def __call__(self) -> Moment:
        return Moment(self.at, ClockQuality.SYNCED)

    def advance(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=seconds)


class Box:
    """Desk, ledger and readers of one store; `restart` is a stop and a start over the same files.

    `wrap` puts something between the desk and its ledger, to listen or to fail.
    """

    def __init__(
        self,
        folder: Path,
        *,
        rehearsal: bool = False,
        synchronous: str = "FULL",
        event: str = EVENT_TEXT,
        wrap: Callable[[LedgerPort], LedgerPort] | None = None,
    ) -> None:
        self.path = folder / "stallbox.db"
        self.clock = Clock()
        self.key = SigningKey(secrets.token_bytes(32))
        self.rehearsal = rehearsal
        self._synchronous = synchronous
        self._event = event
        self._wrap = wrap or (lambda ledger: ledger)

    def __enter__(self) -> Box:
        self.open()
        self.submit(lambda books: load_event(books, self._event))
        self.submit(lambda books: import_tickets(books, read_tickets(TICKETS_TEXT), "street-series-tickets.csv"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.desk.stop(10)

    def open(self) -> None:
        ledger = self._wrap(Ledger(self.path, self.rehearsal, synchronous=self._synchronous))
        self.desk = Desk(ledger, Readers(self.path, self.rehearsal), self.clock)
        self.desk.start()

    def restart(self, *, rehearsal: bool | None = None) -> None:
        assert self.desk.stop(10)
        self.rehearsal = self.rehearsal if rehearsal is None else rehearsal
        self.open()

    def submit(self, command: Callable[[Books], T]) -> T:
        return self.desk.submit(command)

    def reading(self) -> AbstractContextManager[Books]:
        return self.desk.reading()

    def sell(self, *lines: tuple[str, int], tender: str = "cash", voucher: str | None = None) -> Sale:
        """Order and pay to the last unit."""

        def act(books: Books) -> Sale:
            order = till.open_order(books, [Wanted(*line) for line in lines], voucher)
            sale = till.take_payment(books, order.id, tender, order.total_minor).sale
            assert sale is not None
            return sale

        return self.submit(act)

    def stock(self, offer: str) -> int | None:
        with self.reading() as books:
            return next(known.stock for known in books.events.offers() if known.id == offer)

    def entries(self, *kinds: str) -> list[dict[str, Any]]:
        """The data of the journal's entries of these kinds (none named: of all), oldest first."""
        with self.reading() as books:
            return [dict(entry.data) for entry in books.journal.all() if not kinds or entry.kind in kinds]

    def verify(self) -> list[ChainFault]:
        with self.reading() as books:
            return books.journal.verify(is_signed, self.key.public_key)  # type: ignore[attr-defined]


def all_at_once(acts: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """Run every act on a thread of its own, released at one instant; return results or exceptions, in order."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | BaseException:
        barrier.wait(10)
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
