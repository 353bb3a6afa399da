"""The store as the rest of the box sees it: one ledger for the owner who writes, readers for everybody."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.core import shortcode
from appliance.core.clock import ClockQuality, Moment
from appliance.core.errors import StoreUnavailable
from appliance.core.ids import uuid7
from appliance.core.journal import ChainFault
from appliance.core.ports import SignaturePort
from appliance.core.trade import NOBODY, Actor
from appliance.store.cashiers import Cashiers
from appliance.store.database import open_reader, open_writer, translated
from appliance.store.events import Events
from appliance.store.figures import Figures
from appliance.store.holders import Holders
from appliance.store.issued import Issued
from appliance.store.journal import Journal, SignatureCheck
from appliance.store.orders import Orders
from appliance.store.pending import Pending
from appliance.store.power import PowerSamples
from appliance.store.records import Answers, Cursors, Prints, Shifts
from appliance.store.restock import Restock
from appliance.store.sms import Sms
from appliance.store.tablets import Tablets
from appliance.store.takings import Takings
from appliance.store.tickets import Tickets

TIDY_COMMITS = 100  # about 10 MB of log after sales, and one checkpoint's three syncs for a hundred answers


class SqliteBooks:
    """See Books in core/ports."""

    def __init__(
        self, connection: sqlite3.Connection, moment: Moment, rehearsal: bool, signer: SignaturePort | None = None
    ) -> None:
        self._db = connection
        self.moment = moment
        self.rehearsal = rehearsal
        self.actor = NOBODY
        self.journal = Journal(connection, moment, rehearsal, self.new_id, signer)
        self.events = Events(connection, moment)
        self.orders = Orders(connection, rehearsal)
        self.pending = Pending(connection, rehearsal)
        self.tickets = Tickets(connection)
        self.issued = Issued(connection, moment)
        self.holders = Holders(connection)
        self.prints = Prints(connection, moment)
        self.cursors = Cursors(connection)
        self.answers = Answers(connection, moment)
        self.shifts = Shifts(connection)
        self.figures = Figures(connection)
        self.power = PowerSamples(connection)
        self.takings = Takings(connection)
        self.cashiers = Cashiers(connection)
        self.sms = Sms(connection, moment)
        self.restock = Restock(connection, moment, rehearsal)
        self.tablets = Tablets(connection)

    def new_id(self) -> str:
        """Return a fresh UUIDv7."""
        return uuid7(int(self.moment.at.timestamp() * 1000), os.urandom(10))

    def new_code(self) -> str:
        """Return a new short code."""
        return shortcode.complete([secrets.randbelow(len(shortcode.ALPHABET)) for _ in range(shortcode.RANDOM_CHARS)])

    @contextlib.contextmanager
    def acting(self, actor: Actor) -> Iterator[None]:
        """Let all that happens inside be done by somebody."""
        self.actor, self.journal.marks = actor, actor.marks()
        try:
            yield
        finally:  # others' commands follow in the same transaction
            self.actor, self.journal.marks = NOBODY, {}

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo all that happens inside if it ends with an exception."""
        with translated():
            self._db.execute("SAVEPOINT attempt")
            try:
                yield
            except BaseException as error:  # whatever it is goes on to the caller, once its traces are gone
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK TO attempt")
                    self._db.execute("RELEASE attempt")
                elif not isinstance(error, (sqlite3.Error, StoreUnavailable)):  # SQLite undid it all, others' work too
                    raise StoreUnavailable("store_failed", f"The store gave up: {error!r}.") from error
                raise
            self._db.execute("RELEASE attempt")


class Ledger:
    """The write connection; see LedgerPort in core/ports. Its owner is one thread."""

    def __init__(
        self,
        path: Path,
        rehearsal: bool = False,
        checkpoint_pages: int = 10_000,
        synchronous: str = "FULL",
        signer: SignaturePort | None = None,
    ) -> None:
        """Open the store for writing; `signer` is a signature device, of which Stallbox has none: docs/law.md."""
        self._db = open_writer(path, checkpoint_pages, synchronous)
        self._rehearsal = rehearsal
        self._signer = signer
        self._commits = 0  # since the last checkpoint

    def begin(self, moment: Moment) -> SqliteBooks:
        """Start a transaction with BEGIN IMMEDIATE: a deferred one could fail half-way beside another writer."""
        with translated():
            self._db.execute("BEGIN IMMEDIATE")
        return SqliteBooks(self._db, moment, self._rehearsal, self._signer)

    def commit(self) -> int:
        """Put the transaction on the disk; return the newest entry's number."""
        with translated():
            row = self._db.execute("SELECT seq FROM journal_head").fetchone()
            self._db.execute("COMMIT")
        self._commits += 1
        return int(row[0]) if row else 0

    def rollback(self) -> None:
        """Undo the whole transaction."""
        with contextlib.suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def tidy(self) -> None:
        """Once there are enough, move committed pages from the write-ahead log into the store.

        Each time costs two syncs, and the next commit a third to begin the log anew: not worth it for a few.
        """
        if self._commits < TIDY_COMMITS:
            return
        self._commits = 0
        with translated():
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close the connection."""
        self._db.close()


class Readers:
    """Read-only connections, one a thread, each reading a consistent state of the store."""

    def __init__(self, path: Path, rehearsal: bool = False) -> None:
        self._path = path
        self._rehearsal = rehearsal
        self._own = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._is_closed = False
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def reading(self, moment: Moment) -> Iterator[SqliteBooks]:
        """Open the books as of now. Raises StoreUnavailable."""
        connection = self._connection()
        with translated():
            connection.execute("BEGIN")
            try:
                yield SqliteBooks(connection, moment, self._rehearsal)
            finally:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close every connection; nobody may be reading any more, and whoever comes later is refused."""
        with self._lock:
            self._is_closed = True
            for connection in self._all:
                connection.close()
            self._all.clear()

    def _connection(self) -> sqlite3.Connection:
        if self._is_closed:
            raise StoreUnavailable("store_closed", "The box's store is closed: try again when it is back.")
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            if not self._path.exists():
                raise StoreUnavailable("store_missing", f"There is no store at {self._path}.")
            connection = self._own.connection = open_reader(self._path)
            with self._lock:
                self._all.append(connection)
        return connection


@dataclass(frozen=True, slots=True)
class Audit:
    """What a check of the whole journal found."""

    entries: int
    signed_heads: int
    faults: tuple[ChainFault, ...]


def audit(path: Path, is_signed: SignatureCheck, public_key: bytes | None) -> Audit:
    """Check the journal of a store that may be in use; see Journal.verify. Raises StoreUnavailable."""
    if not path.exists():
        raise StoreUnavailable("store_missing", f"There is no store at {path}.")
    with translated(), contextlib.closing(open_reader(path)) as connection:
        connection.execute("BEGIN")  # one state of the store throughout
        books = SqliteBooks(connection, Moment(dt.datetime.now(dt.UTC), ClockQuality.GUESS), rehearsal=False)
        count = int(connection.execute("SELECT count(*) FROM journal").fetchone()[0])
        signed = int(connection.execute("SELECT count(*) FROM signed_heads").fetchone()[0])
        return Audit(count, signed, tuple(books.journal.verify(is_signed, public_key)))
