"""The tables of restock: how each order is sent, to whom (sealed), and what left together."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from appliance.core.clock import Moment
from appliance.core.printers import KINDS_WITH_CONTACTS
from appliance.core.trade import Handoff, Parcel, ParcelItem, ParcelState, Way
from appliance.store.journal import span_of

MIGRATION = """
CREATE TABLE restock_orders (
    order_id TEXT PRIMARY KEY REFERENCES orders (id), tier TEXT NOT NULL, way TEXT NOT NULL, state TEXT NOT NULL,
    changed_at TEXT NOT NULL, handoff INTEGER REFERENCES handoffs (number), contact BLOB
) WITHOUT ROWID;
CREATE INDEX restock_orders_waiting ON restock_orders (order_id) WHERE state = 'ordered';
CREATE INDEX restock_orders_by_handoff ON restock_orders (handoff) WHERE handoff IS NOT NULL;
CREATE TABLE handoffs (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, reason TEXT NOT NULL, rehearsal INTEGER NOT NULL
);
ALTER TABLE stock ADD COLUMN called_low INTEGER NOT NULL DEFAULT 0;
"""
_PARCEL = """
    SELECT r.order_id, r.way, r.tier,
        (SELECT name FROM order_lines l WHERE l.order_id = r.order_id AND l.offer = r.tier),
        r.state, r.changed_at, s.number, coalesce(s.at, ''), r.handoff
    FROM restock_orders r JOIN orders o ON o.id = r.order_id AND o.rehearsal = :rehearsal
    {join} sales s ON s.order_id = r.order_id
"""
_ITEMS = """
    SELECT l.name, l.quantity - coalesce((
        SELECT sum(b.quantity) FROM refund_lines b JOIN refunds f ON f.number = b.refund
        JOIN sales s ON s.number = f.sale WHERE s.order_id = l.order_id AND b.offer = l.offer
    ), 0) AS kept FROM order_lines l WHERE l.order_id = ? AND l.kind = 'restock' AND kept > 0 ORDER BY l.position
"""
_FIGURES = """
    SELECT count(DISTINCT s.number) FILTER (WHERE l.kind = 'restock'),
        sum(l.quantity - coalesce(b.quantity, 0)) FILTER (WHERE l.kind = 'restock'),
        sum(l.total_minor - coalesce(b.amount_minor, 0)) FILTER (WHERE l.kind = 'restock'),
        sum(l.total_minor - coalesce(b.amount_minor, 0)) FILTER (WHERE l.kind = 'shipping')
    FROM restock_orders r JOIN sales s
        ON s.order_id = r.order_id AND s.rehearsal = 0 AND s.seq > :since AND s.seq <= :until
    JOIN order_lines l ON l.order_id = r.order_id
    LEFT JOIN (
        SELECT f.sale, b.offer, sum(b.quantity) AS quantity, sum(b.amount_minor) AS amount_minor
        FROM refund_lines b JOIN refunds f ON f.number = b.refund GROUP BY f.sale, b.offer
    ) b ON b.sale = s.number AND b.offer = l.offer
"""
_PAPERS = f"kind IN ({', '.join(f'{kind!r}' for kind in sorted(KINDS_WITH_CONTACTS))}) AND document <> '[]'"


class Restock:
    """See RestockPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection, moment: Moment, rehearsal: bool) -> None:
        self._db = connection
        self._moment = moment
        self._rehearsal = rehearsal

    def add(self, order_id: str, tier: str, way: Way, sealed: bytes) -> None:
        """Keep how an order is sent."""
        row = (order_id, tier, way.value, ParcelState.ORDERED.value, self._moment.text(), sealed)
        query = "INSERT INTO restock_orders (order_id, tier, way, state, changed_at, contact) VALUES (?,?,?,?,?,?)"
        self._db.execute(query, row)

    def get(self, order_id: str) -> Parcel | None:
        """Find the parcel of an order."""
        found = self._all("LEFT JOIN", "WHERE r.order_id = :order_id", order_id=order_id)
        return next(iter(found), None)

    def parcels(self) -> Sequence[Parcel]:
        """Return the parcels of all paid orders."""
        return self._all("JOIN", "ORDER BY s.number DESC")

    def waiting(self) -> Sequence[Parcel]:
        """Return what is to be sent and did not leave yet."""
        return self._all("JOIN", "WHERE r.state = 'ordered' AND r.way <> 'pickup' ORDER BY s.number")

    def waiting_count(self) -> int:
        """Count what is still here."""
        return self._count(
            "restock_orders r JOIN orders o ON o.id = r.order_id"
            f" WHERE r.state = 'ordered' AND o.status = 'paid' AND o.rehearsal = {int(self._rehearsal)}"
        )

    def of_handoff(self, number: int) -> Sequence[Parcel]:
        """Return what left with a hand-off."""
        return self._all("JOIN", "WHERE r.handoff = :number ORDER BY s.number", number=number)

    def set_state(self, order_id: str, state: ParcelState, handoff: int | None = None) -> None:
        """Note how far a parcel has come."""
        query = "UPDATE restock_orders SET state = ?, changed_at = ?, handoff = ? WHERE order_id = ?"
        self._db.execute(query, (state.value, self._moment.text(), handoff, order_id))

    def sealed(self, order_id: str) -> bytes | None:
        """Return the sealed contact of an order."""
        row = self._db.execute("SELECT contact FROM restock_orders WHERE order_id = ?", (order_id,)).fetchone()
        return row[0] if row else None

    def forget(self, order_id: str) -> None:
        """Wipe the contact of an order."""
        self._db.execute("UPDATE restock_orders SET contact = NULL WHERE order_id = ?", (order_id,))

    def add_handoff(self, reason: str) -> Handoff:
        """Number a hand-off of now."""
        at = self._moment.text()
        added = self._db.execute(
            "INSERT INTO handoffs (at, reason, rehearsal) VALUES (?,?,?)", (at, reason, self._rehearsal)
        )
        return Handoff(int(added.lastrowid or 0), at, reason)

    def handoff(self, number: int) -> Handoff | None:
        """Find a hand-off."""
        return next((one for one in self.handoffs() if one.number == number), None)

    def handoffs(self) -> Sequence[Handoff]:
        """Return all hand-offs."""
        query = "SELECT number, at, reason FROM handoffs WHERE rehearsal = ? ORDER BY number DESC"
        return [Handoff(*row) for row in self._db.execute(query, (self._rehearsal,))]

    def figures(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Sum what was sold as restock between two journal entries."""
        names = ("orders", "pieces", "goods_minor", "shipping_minor")
        row = self._db.execute(_FIGURES, span_of(since_seq, until_seq)).fetchone()
        return {name: value or 0 for name, value in zip(names, row, strict=True)}

    def warn_low(self, offer: str, is_low: bool) -> bool:
        """Remember whether an offer was called low."""
        query = "UPDATE stock SET called_low = :low WHERE offer = :offer AND called_low <> :low"
        return self._db.execute(query, {"low": is_low, "offer": offer}).rowcount == 1

    def personal(self) -> Mapping[str, int]:
        """Count contacts, and papers that have one."""
        return {
            "contacts": self._count("restock_orders WHERE contact IS NOT NULL"),
            "labels": self._count(f"print_jobs WHERE {_PAPERS}"),
        }

    def purge(self) -> Mapping[str, int]:
        """Wipe every contact; a paper that still waits is not printed any more."""
        counts = self.personal()
        self._db.execute("UPDATE restock_orders SET contact = NULL WHERE contact IS NOT NULL")
        change = "status = CASE WHEN status = 'printed' THEN status ELSE 'discarded' END, document = '[]'"
        self._db.execute(f"UPDATE print_jobs SET {change} WHERE {_PAPERS}")
        return counts

    def _all(self, join: str, which: str, **values: Any) -> list[Parcel]:
        query = _PARCEL.format(join=join) + which
        rows = self._db.execute(query, {"rehearsal": self._rehearsal, **values}).fetchall()
        return [self._parcel(*row) for row in rows]

    def _parcel(self, order_id: str, way: str, tier: str, tier_name: str, state: str, *rest: Any) -> Parcel:
        items = tuple(ParcelItem(*row) for row in self._db.execute(_ITEMS, (order_id,)))
        changed_at, sale, sold_at, handoff = rest
        known = (order_id, Way(way), tier, tier_name, ParcelState(state))
        return Parcel(*known, changed_at, sale, sold_at, handoff, items)

    def _count(self, what: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {what}").fetchone()[0])
