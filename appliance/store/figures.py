"""Sums over the books. Each is asked of SQLite itself; rehearsals are in none of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from appliance.core.money import tax_included

_ALL = 2**63 - 1
_SALES = "rehearsal = 0 AND seq > :since AND seq <= :until"


class Figures:
    """See FiguresPort in core/ports.py."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def sales(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Count and sum sales and refunds between two journal entries."""
        span = _span(since_seq, until_seq)
        count, total = self._row(f"SELECT count(*), coalesce(sum(total_minor), 0) FROM sales WHERE {_SALES}", span)
        refunds = self._row(f"SELECT count(*), coalesce(sum(amount_minor), 0) FROM refunds WHERE {_SALES}", span)
        items = self._row(
            "SELECT coalesce(sum(quantity), 0) FROM order_lines WHERE order_id IN"
            f" (SELECT order_id FROM sales WHERE {_SALES})",
            span,
        )
        return {
            "sales": count,
            "gross_minor": total,
            "refunds": refunds[0],
            "refunds_minor": refunds[1],
            "takings_minor": total - refunds[1],
            "items": items[0],
        }

    def tenders(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Sum what was taken by tender, refunds subtracted."""
        query = (
            "SELECT tender, sum(amount) FROM ("
            " SELECT tender, amount_minor AS amount FROM payments WHERE order_id IN"
            f" (SELECT order_id FROM sales WHERE {_SALES})"
            f" UNION ALL SELECT tender, -amount_minor FROM refunds WHERE {_SALES}"
            ") GROUP BY tender ORDER BY tender"
        )
        return dict(self._db.execute(query, _span(since_seq, until_seq)))

    def offers_sold(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Count what was sold of each offer, refunds subtracted."""
        query = (
            "SELECT offer, sum(n) FROM ("
            " SELECT offer, quantity AS n FROM order_lines WHERE order_id IN"
            f" (SELECT order_id FROM sales WHERE {_SALES})"
            " UNION ALL SELECT offer, -quantity FROM refund_lines WHERE refund IN"
            f" (SELECT number FROM refunds WHERE {_SALES})"
            ") GROUP BY offer ORDER BY offer"
        )
        return dict(self._db.execute(query, _span(since_seq, until_seq)))

    def taxes(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, Mapping[str, int]]:
        """Sum the tax in the sales by rate, from each sale's own tax as its receipt shows it."""
        query = (
            "SELECT order_id, tax, tax_rate_ppm, sum(total_minor) FROM order_lines WHERE order_id IN"
            f" (SELECT order_id FROM sales WHERE {_SALES}) GROUP BY order_id, tax, tax_rate_ppm"
        )
        totals: dict[str, dict[str, int]] = {}
        for _, tax, rate_ppm, gross in self._db.execute(query, _span(since_seq, until_seq)):
            total = totals.setdefault(tax, {"rate_ppm": rate_ppm, "gross_minor": 0, "tax_minor": 0})
            total["gross_minor"] += gross
            total["tax_minor"] += tax_included(gross, rate_ppm)
        return totals

    def tally(self, name: str) -> int:
        """Return a running sum: the number of entries of a kind, or `takings_minor`."""
        row = self._db.execute("SELECT value FROM tallies WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _row(self, query: str, span: Mapping[str, int]) -> tuple[Any, ...]:
        return tuple(self._db.execute(query, span).fetchone())


def _span(since_seq: int, until_seq: int | None) -> dict[str, int]:
    return {"since": since_seq, "until": _ALL if until_seq is None else until_seq}
