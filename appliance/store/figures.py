"""Sums over the books. Each is asked of SQLite itself; rehearsals are in none of them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from appliance.store.journal import add_to_tally, span_of
from appliance.store.tickets import INSIDE

_SALES = "rehearsal = 0 AND seq > :since AND seq <= :until"

_WINDOW_FIGURES = ("sales", "gross_minor", "items", "with_microbundle", "memberships", "refunds", "refunds_minor")
_BY_WINDOW = """
    SELECT window_id, count(*), sum(total_minor), sum(items), sum(extras > 0), sum(joined), 0, 0
    FROM sales JOIN (
        SELECT order_id, sum(quantity) FILTER (WHERE kind <> 'shipping') AS items, sum(kind = 'microbundle') AS extras,
            sum(CASE kind WHEN 'membership' THEN quantity ELSE 0 END) AS joined
        FROM order_lines GROUP BY order_id
    ) USING (order_id)
    WHERE rehearsal = 0 AND seq > :since AND seq <= :until GROUP BY window_id ORDER BY window_id
"""
_REFUNDS_BY_WINDOW = """
    SELECT window_id, count(*), sum(refunds.amount_minor) FROM refunds JOIN sales ON sales.number = refunds.sale
    WHERE refunds.rehearsal = 0 AND refunds.seq > :since AND refunds.seq <= :until GROUP BY window_id
"""
# Who came: entries that name the window in which they were written.
_VISITS = {
    "browsed": "kind = 'signal.noted' AND json_extract(data, '$.what') = 'browsed'",
    "tried": "kind = 'signal.noted' AND json_extract(data, '$.what') = 'tried'",
    "admitted": "kind IN ('ticket.admitted', 'ticket.overridden')",
}
_VISITS_BY_WINDOW = """
    SELECT coalesce(json_extract(data, '$.window'), '') AS window_id, count(*) FROM journal
    WHERE json_extract(data, '$.rehearsal') IS NULL AND {} AND seq > :since AND seq <= :until GROUP BY window_id
"""
_ENTRIES_BY_KIND = """
    SELECT kind, count(*) FROM journal
    WHERE json_extract(data, '$.rehearsal') IS NULL AND seq > :since AND seq <= :until GROUP BY kind
"""
_NOTHING = dict.fromkeys((*_WINDOW_FIGURES, *_VISITS), 0)


class Figures:
    """See FiguresPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def sales(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, int]:
        """Count and sum sales and refunds between two journal entries."""
        span = span_of(since_seq, until_seq)
        count, total = self._row(f"SELECT count(*), coalesce(sum(total_minor), 0) FROM sales WHERE {_SALES}", span)
        refunds = self._row(f"SELECT count(*), coalesce(sum(amount_minor), 0) FROM refunds WHERE {_SALES}", span)
        items = self._row(
            "SELECT coalesce(sum(quantity), 0) FROM order_lines WHERE kind <> 'shipping' AND order_id IN"
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
            " SELECT tender, amount_minor + rounding_minor AS amount FROM payments WHERE order_id IN"
            f" (SELECT order_id FROM sales WHERE {_SALES})"
            " UNION ALL SELECT tender, -amount_minor - rounding_minor FROM refund_parts WHERE refund IN"
            f" (SELECT number FROM refunds WHERE {_SALES})"
            ") GROUP BY tender ORDER BY tender"
        )
        return dict(self._db.execute(query, span_of(since_seq, until_seq)))

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
        return dict(self._db.execute(query, span_of(since_seq, until_seq)))

    def windows(self, since_seq: int = 0, until_seq: int | None = None) -> Mapping[str, Mapping[str, int]]:
        """Count and sum by sales window; a refund counts for the window of its sale, a visit for that of its time."""
        span = span_of(since_seq, until_seq)
        found: defaultdict[str, dict[str, int]] = defaultdict(_NOTHING.copy)
        for window, *counts in self._db.execute(_BY_WINDOW, span):
            found[window] |= dict(zip(_WINDOW_FIGURES, counts, strict=True))
        for window, count, amount in self._db.execute(_REFUNDS_BY_WINDOW, span):
            found[window] |= {"refunds": count, "refunds_minor": amount}
        for name, which in _VISITS.items():
            for window, count in self._db.execute(_VISITS_BY_WINDOW.format(which), span):
                found[window][name] = count
        for figures in found.values():
            figures["takings_minor"] = figures["gross_minor"] - figures["refunds_minor"]
        return found

    def tally(self, name: str) -> int:
        """Return a running sum: the number of entries of a kind, or `takings_minor`."""
        row = self._db.execute("SELECT value FROM tallies WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def tally_anew(self, spans: Sequence[tuple[int, int | None]]) -> None:
        """Begin the running sums with what lies in these spans of the journal."""
        self._db.execute("DELETE FROM tallies WHERE name <> ?", (INSIDE,))
        for since_seq, until_seq in spans:
            for kind, count in self._db.execute(_ENTRIES_BY_KIND, span_of(since_seq, until_seq)).fetchall():
                add_to_tally(self._db, kind, count)
            add_to_tally(self._db, "takings_minor", self.sales(since_seq, until_seq)["takings_minor"])

    def _row(self, query: str, span: Mapping[str, int]) -> tuple[Any, ...]:
        return tuple(self._db.execute(query, span).fetchone())
