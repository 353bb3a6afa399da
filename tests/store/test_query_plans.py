"""What the box asks of its store all evening finds its rows by an index, however many there are."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.core.printers import share_of
from appliance.core.trade import PrintStatus
from appliance.services import door, overview, printing, till
from appliance.services.events import load_event
from appliance.store.books import SqliteBooks
from appliance.store.database import open_writer
from tests.books import EVENT_TEXT, Clock

# Read without an index, and rightly: one row, a handful of them, or only the newest few by the table's own key.
SMALL = ("events", "shifts", "stock", "journal_head")
NEWEST = ("journal ORDER BY seq DESC LIMIT", "sales ORDER BY number DESC LIMIT")


def sell(books: Books) -> None:
    order = till.open_order(books, [Wanted("cup", 1)])
    till.take_payment(books, order.id, "cash", order.total_minor)


HOT: dict[str, Callable[[Books], object]] = {
    "scan": lambda books: door.scan(books, "STREET-GOOD-1", "door"),
    "sale": sell,
    "counts of the snapshot": overview.counts,
    "cards of the snapshot": lambda books: (overview.event_card(books), overview.shift_card(books)),
    "claim of a print job": printing.claim_next,
    "claim by a labels printer": lambda books: printing.claim_next(books, share_of("labels", ["labels"])),
    "claim beside a labels printer": lambda books: printing.claim_next(books, share_of("receipts", ["labels"])),
    "how full the spool is": lambda books: (books.prints.count(PrintStatus.QUEUED), books.prints.span()),
    "trimming of the spool": printing.trim_spool,
    "end of a print job": lambda books: printing.finish(books, 1, PrintStatus.PRINTED),
    "print jobs that need a person": lambda books: books.prints.by_status([PrintStatus.UNSURE], 50),
    "open orders": lambda books: books.orders.open(),
    "orders that grow old": lambda books: till.expire_orders(books, 30, 1800),
    "newest sales": lambda books: books.orders.newest_sales(50),
    "run of the uplink": lambda books: books.journal.after(7, 250),
    "newest scans": lambda books: books.journal.newest(["ticket.admitted", "ticket.refused"], 20),
}


@pytest.mark.parametrize("name", HOT)
def test_a_hot_path_reads_no_table_from_end_to_end(name: str, tmp_path: Path) -> None:
    with contextlib.closing(open_writer(tmp_path / "stallbox.db")) as connection:
        books = SqliteBooks(connection, Clock()(), rehearsal=False)
        load_event(books, EVENT_TEXT)
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        HOT[name](books)
        connection.set_trace_callback(None)
        found = [plan for statement in asked for plan in scans(connection, statement)]
    assert asked
    assert not found


def scans(connection: sqlite3.Connection, statement: str) -> list[str]:
    """The full scans in a statement's plan."""
    if not statement.startswith(("SELECT", "UPDATE", "DELETE")) or any(by_key in statement for by_key in NEWEST):
        return []
    steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    whole = [step for step in steps if step.startswith("SCAN") and " INDEX " not in step]
    return [f"{step}: {statement}" for step in whole if step.split()[1] not in SMALL]
