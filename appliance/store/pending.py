"""The table of payments whose answer is not known yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from appliance.core.trade import Order, PendingPayment, PendingStatus, Tender

MIGRATION = """
    ALTER TABLE payments ADD COLUMN account TEXT NOT NULL DEFAULT '';
    ALTER TABLE payments ADD COLUMN balance_after INTEGER;
    ALTER TABLE issued_vouchers ADD COLUMN balance_minor INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE pending_payments (
        id INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL REFERENCES orders (id), tender TEXT NOT NULL,
        amount_minor INTEGER NOT NULL, reference TEXT NOT NULL, at TEXT NOT NULL, order_age_s INTEGER NOT NULL,
        rehearsal INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'pending', settled_at TEXT
    );
    CREATE INDEX pending_payments_waiting ON pending_payments (order_id, amount_minor) WHERE status = 'pending';
    """

# What of an order is asked for, as a column of a query over `orders`.
ASKED_OF_ORDER = (
    "(SELECT coalesce(sum(amount_minor), 0) FROM pending_payments"
    " WHERE order_id = orders.id AND status = 'pending') AS pending_minor"
)
_FOUND = (
    "SELECT p.id, p.order_id, p.tender, p.amount_minor, orders.currency, p.reference, p.at,"
    " orders.age_s - p.order_age_s, p.status, p.tip_minor FROM pending_payments p JOIN orders ON orders.id = p.order_id"
)


class Pending:
    """See PendingPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection, rehearsal: bool) -> None:
        self._db = connection
        self._rehearsal = rehearsal

    def add(
        self, order: Order, tender: Tender, amount_minor: int, reference: str, at: str, tip_minor: int = 0
    ) -> PendingPayment:
        """Keep a payment that was asked for."""
        done = self._db.execute(
            "INSERT INTO pending_payments (order_id, tender, amount_minor, reference, at, order_age_s, rehearsal,"
            " tip_minor) SELECT id, ?, ?, ?, ?, age_s, ?, ? FROM orders WHERE id = ?",
            (tender.value, amount_minor, reference, at, self._rehearsal, tip_minor, order.id),
        )
        id = int(done.lastrowid or 0)
        return PendingPayment(id, order.id, tender, amount_minor, order.currency, reference, at, tip_minor=tip_minor)

    def get(self, id: int) -> PendingPayment | None:
        """Find one."""
        row = self._db.execute(f"{_FOUND} WHERE p.id = ?", (id,)).fetchone()
        return _payment(row) if row else None

    def waiting(self) -> Sequence[PendingPayment]:
        """Return those that wait, oldest first."""
        query = f"{_FOUND} WHERE p.status = 'pending' AND p.rehearsal = ? ORDER BY p.id"
        return [_payment(row) for row in self._db.execute(query, (self._rehearsal,))]

    def count(self) -> int:
        """Count those that wait."""
        query = "SELECT count(*) FROM pending_payments WHERE status = 'pending' AND rehearsal = ?"
        return int(self._db.execute(query, (self._rehearsal,)).fetchone()[0])

    def sum_minor(self, tender: Tender) -> int:
        """Sum what waits of a tender."""
        query = (
            "SELECT coalesce(sum(amount_minor), 0) FROM pending_payments"
            " WHERE status = 'pending' AND tender = ? AND rehearsal = ?"
        )
        return int(self._db.execute(query, (tender.value, self._rehearsal)).fetchone()[0])

    def settle(self, id: int, status: PendingStatus, reference: str, at: str) -> None:
        """Keep what became of one."""
        query = "UPDATE pending_payments SET status = ?, reference = ?, settled_at = ? WHERE id = ?"
        self._db.execute(query, (status.value, reference, at, id))


def _payment(row: tuple[Any, ...]) -> PendingPayment:
    id, order_id, tender, amount, currency, reference, at, age_s, status, tip = row
    standing = PendingStatus(status)
    return PendingPayment(id, order_id, Tender(tender), amount, currency, reference, at, age_s, standing, tip)
