"""What a power cut left in a data folder, held against what was answered and what was on paper before."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from appliance.bootstrap import Box
from appliance.config import load
from appliance.services import printing
from appliance.store import keys
from appliance.store.books import audit
from tests.system.clients import Done
from tests.system.load import EVENT, codes
from tests.system.model import losses, model_of, surplus

# What has to hold between the tables whenever a transaction is whole or not there at all.
HALF_DONE = {
    "a sale without entry": "SELECT count(*) FROM sales WHERE seq NOT IN (SELECT seq FROM journal)",
    "an entry without sale": "SELECT count(*) FROM journal WHERE kind = 'sale.completed'"
    " AND seq NOT IN (SELECT seq FROM sales)",
    "a refund without entry": "SELECT count(*) FROM refunds WHERE seq NOT IN (SELECT seq FROM journal)",
    "a paid order without sale": "SELECT count(*) FROM orders WHERE status = 'paid'"
    " AND id NOT IN (SELECT order_id FROM sales)",
    "a payment that is not on its order": "SELECT count(*) FROM orders WHERE paid_minor <>"
    " (SELECT coalesce(sum(amount_minor), 0) FROM payments WHERE order_id = orders.id)",
    "a sale without receipt": "SELECT count(*) FROM sales"
    " WHERE 'sale ' || number NOT IN (SELECT subject FROM print_jobs)",
    "takings that do not add up": "SELECT coalesce((SELECT value FROM tallies WHERE name = 'takings_minor'), 0)"
    " <> (SELECT coalesce(sum(total_minor - refunded_minor), 0) FROM sales)",
}


def as_stored(sent: Collection[str]) -> set[str]:
    """Name the Idempotency-Keys as the store does."""
    return {hashlib.sha256(key.encode()).hexdigest() for key in sent}


def open_as_the_box_does(data: Path, *config: Path) -> int:
    """Do with the folder what a start does, up to the doubt about interrupted paper; return how much that is.

    Raises StallboxError where the box would not start.
    """
    box = Box(load(config), data)
    box.desk.start()
    try:
        return box.desk.submit(printing.doubt_interrupted)
    finally:
        box.desk.stop(10)


def faults_of_journal(data: Path) -> list[str]:
    """Complaints of the journal's own audit."""
    return [f"entry {fault.seq}: {fault.message}" for fault in audit(data / "stallbox.db", keys.is_signed, None).faults]


def lost_answers(data: Path, done: Sequence[Done], tickets: int) -> list[str]:
    """What was answered under the load of tests.system.load and is not in the journal."""
    return losses(model_of(EVENT, codes(tickets), done), journal_of(data / "stallbox.db"))


def doubled(data: Path, done: Sequence[Done], tickets: int, under_way: int) -> list[str]:
    """What is in the journal beyond the answers, and more of it than the requests that were under way explain."""
    more = surplus(model_of(EVENT, codes(tickets), done), journal_of(data / "stallbox.db"))
    return [f"{what}: {count} that nobody was answered" for what, count in more.items() if count > under_way]


def complaints_of_store(store: Path, papers: Collection[int], known_keys: Collection[str]) -> Iterator[str]:
    """Complaints about a store after a start on it, given the receipts on paper and the keys as stored."""
    with contextlib.closing(sqlite3.connect(store)) as books:
        verdict = books.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            yield f"damaged: {verdict}"
        for what, query in HALF_DONE.items():
            if books.execute(query).fetchone()[0]:
                yield what
        for key, body in books.execute("SELECT key, body FROM answers"):
            if key not in known_keys:
                yield f"an answer that nobody asked for: {key} {body}"
        statuses = dict(books.execute("SELECT subject, status FROM print_jobs WHERE kind = 'receipt'"))
        for number in papers:
            if (status := statuses.get(f"sale {number}")) not in ("printed", "unsure"):
                yield f"receipt {number} is on paper and would be printed again: it is {status}"
        if books.execute("SELECT count(*) FROM print_jobs WHERE status = 'printing'").fetchone()[0]:
            yield "a job is still being printed, by nobody"


def journal_of(store: Path) -> list[dict[str, Any]]:
    """The entries as they lie in the table."""
    with contextlib.closing(sqlite3.connect(store)) as connection:
        rows = connection.execute("SELECT seq, kind, data FROM journal ORDER BY seq")
        return [{"seq": seq, "kind": kind, "data": json.loads(data)} for seq, kind, data in rows]
