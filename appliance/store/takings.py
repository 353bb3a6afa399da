"""What a span of the journal brought, in detail. Each figure is asked of SQLite itself."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from appliance.core.money import tax_included
from appliance.store.journal import span_of

_SPAN = "seq > :since AND seq <= :until"
_REAL = f"rehearsal = 0 AND {_SPAN}"
_SOLD = f"order_id IN (SELECT order_id FROM sales WHERE {_REAL})"
# Sales that the span changed: made in it, or given back in it.
_TOUCHED = f"rehearsal = 0 AND (({_SPAN}) OR number IN (SELECT sale FROM refunds WHERE {_REAL}))"


class Takings:
    """See TakingsPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def taxes(self, since_seq: int, until_seq: int | None) -> Mapping[str, Mapping[str, int]]:
        """Sum gross, net and tax by rate, refunds subtracted.

        A sale's tax is that of its worth by rate, as on its receipt. A refund takes off the tax of the worth before
        it less that of the worth after it, so that all refunds of a sale together take off exactly its tax.
        """
        totals: dict[tuple[str, int], dict[str, int]] = {}
        for (tax, rate_ppm), before, after in self._worths(since_seq, until_seq):
            total = totals.setdefault((tax, rate_ppm), {"gross_minor": 0, "net_minor": 0, "tax_minor": 0})
            tax_minor = tax_included(after, rate_ppm) - tax_included(before, rate_ppm)
            total["gross_minor"] += after - before
            total["net_minor"] += after - before - tax_minor
            total["tax_minor"] += tax_minor
        named: dict[str, dict[str, int]] = {}
        for (tax, rate_ppm), total in sorted(totals.items()):
            name = tax if tax not in named else f"{tax} {rate_ppm / 10_000:g} %"  # a rate that changed meanwhile
            named[name] = {"rate_ppm": rate_ppm, **total}
        return named

    def offers(self, since_seq: int, until_seq: int | None) -> Mapping[str, tuple[str, int, int]]:
        """Count and sum what was sold of each offer, refunds subtracted."""
        query = (
            "SELECT offer, max(name), sum(n), sum(amount) FROM ("
            f" SELECT offer, name, quantity AS n, total_minor AS amount FROM order_lines WHERE {_SOLD}"
            " UNION ALL SELECT r.offer, (SELECT name FROM order_lines l JOIN sales s ON s.order_id = l.order_id"
            "   JOIN refunds f ON f.sale = s.number WHERE f.number = r.refund AND l.offer = r.offer),"
            f"  -quantity, -amount_minor FROM refund_lines r WHERE refund IN (SELECT number FROM refunds WHERE {_REAL})"
            ") GROUP BY offer ORDER BY offer"
        )
        return {offer: (name, count, amount) for offer, name, count, amount in self._rows(query, since_seq, until_seq)}

    def cashiers(self, since_seq: int, until_seq: int | None) -> Mapping[str, Mapping[str, int]]:
        """Count and sum sales and refunds by who did them, as the journal names them."""
        found: dict[str, dict[str, int]] = {}
        for what, amount, column in (("sales", "total_minor", "gross"), ("refunds", "amount_minor", "refunds")):
            for id, count, total in self._rows(_by(what, amount, "cashier"), since_seq, until_seq):
                figures = found.setdefault(id, {"sales": 0, "gross_minor": 0, "refunds": 0, "refunds_minor": 0})
                figures |= {what: count, f"{column}_minor": total}
        return dict(sorted(found.items()))

    def windows(self, since_seq: int, until_seq: int | None) -> Mapping[str, Mapping[str, int]]:
        """Count and sum the sales by the window that they were made in."""
        query = (
            f"SELECT window_id, count(*), sum(total_minor) FROM sales WHERE {_REAL} AND window_id <> ''"
            " GROUP BY window_id ORDER BY window_id"
        )
        rows = self._rows(query, since_seq, until_seq)
        return {id: {"sales": count, "gross_minor": total} for id, count, total in rows}

    def discounts(self, since_seq: int, until_seq: int | None) -> tuple[int, int]:
        """Count the sales with something taken off, and sum it."""
        query = (
            "SELECT count(DISTINCT order_id), coalesce(sum(discount_minor), 0) FROM order_lines"
            f" WHERE discount_minor > 0 AND {_SOLD}"
        )
        return self._pair(query, since_seq, until_seq)

    def voids(self, since_seq: int, until_seq: int | None) -> tuple[int, int]:
        """Count the orders that were given up by hand, and sum them."""
        query = (
            "SELECT count(*), coalesce(sum(total_minor), 0) FROM journal j JOIN orders o"
            " ON o.id = json_extract(j.data, '$.order')"
            f" WHERE j.kind = 'order.cancelled' AND o.rehearsal = 0 AND {_SPAN}"
        )
        return self._pair(query, since_seq, until_seq)

    def numbers(self, since_seq: int, until_seq: int | None) -> tuple[int, int] | None:
        """Return the first and the last number of the sales."""
        first, last = self._pair(f"SELECT min(number), max(number) FROM sales WHERE {_REAL}", since_seq, until_seq)
        return (first, last) if first is not None else None

    def given_back(self, tender: str, since_seq: int, until_seq: int | None) -> int:
        """Sum what was given back by a tender."""
        query = (
            "SELECT tender, sum(amount_minor + rounding_minor) FROM refund_parts"
            f" WHERE refund IN (SELECT number FROM refunds WHERE {_REAL}) GROUP BY tender"
        )
        return int(dict(self._rows(query, since_seq, until_seq)).get(tender, 0))

    def tips(self, since_seq: int, until_seq: int | None) -> Mapping[str, int]:
        """Sum the tips by tender, those of voided sales subtracted."""
        query = (
            "SELECT tender, sum(tip) FROM ("
            " SELECT tender, tip_minor AS tip FROM payments WHERE tip_minor > 0 AND order_id IN"
            f" (SELECT order_id FROM sales WHERE {_REAL})"
            " UNION ALL SELECT tender, -tip_minor FROM refund_parts WHERE tip_minor > 0 AND refund IN"
            f" (SELECT number FROM refunds WHERE {_REAL})"
            ") GROUP BY tender ORDER BY tender"
        )
        return dict(self._rows(query, since_seq, until_seq))

    def voided_sales(self, since_seq: int, until_seq: int | None) -> tuple[int, int]:
        """Count the sales that were voided, and sum them."""
        query = f"SELECT count(*), coalesce(sum(amount_minor), 0) FROM refunds WHERE is_void = 1 AND {_REAL}"
        return self._pair(query, since_seq, until_seq)

    def part_paid(self, tender: str) -> int:
        """Sum what was taken by a tender for orders that are still open."""
        query = (
            "SELECT coalesce(sum(p.amount_minor + p.rounding_minor), 0) FROM orders o"
            " JOIN payments p ON p.order_id = o.id"
            " WHERE o.status = 'open' AND o.rehearsal = 0 AND p.tender = ?"
        )
        return int(self._db.execute(query, (tender,)).fetchone()[0])

    def _worths(self, since_seq: int, until_seq: int | None) -> Iterator[tuple[tuple[str, int], int, int]]:
        """Yield, by sale and tax rate, what the sale was worth when the span began and when it ended."""
        lines = (
            "SELECT s.number, l.offer, l.tax, l.tax_rate_ppm, l.total_minor, s.seq FROM order_lines l"
            f" JOIN (SELECT * FROM sales WHERE {_TOUCHED}) s ON s.order_id = l.order_id"
        )
        back = (
            "SELECT f.sale, r.offer, r.amount_minor, f.seq FROM refund_lines r JOIN refunds f ON f.number = r.refund"
            f" WHERE f.seq <= :until AND f.sale IN (SELECT number FROM sales WHERE {_TOUCHED})"
        )
        worth: dict[tuple[int, str, int], list[int]] = defaultdict(lambda: [0, 0])
        rates: dict[tuple[int, str], tuple[str, int]] = {}
        for sale, offer, tax, rate_ppm, total, seq in self._rows(lines, since_seq, until_seq):
            rates[sale, offer] = (tax, rate_ppm)
            _add(worth[sale, tax, rate_ppm], total, seq, since_seq)
        for sale, offer, amount, seq in self._rows(back, since_seq, until_seq):
            _add(worth[sale, *rates[sale, offer]], -amount, seq, since_seq)
        for (_, tax, rate_ppm), (before, after) in worth.items():
            yield (tax, rate_ppm), before, after

    def _rows(self, query: str, since_seq: int, until_seq: int | None) -> list[tuple[Any, ...]]:
        return self._db.execute(query, span_of(since_seq, until_seq)).fetchall()

    def _pair(self, query: str, since_seq: int, until_seq: int | None) -> tuple[Any, Any]:
        first, second = self._rows(query, since_seq, until_seq)[0]
        return first, second


def _by(table: str, amount: str, mark: str) -> str:
    """Write a query that counts and sums a table's rows by a mark of their journal entries."""
    return (
        f"SELECT coalesce(json_extract(j.data, '$.{mark}'), '') AS mark, count(*), sum(t.{amount})"
        f" FROM (SELECT * FROM {table} WHERE {_REAL}) t JOIN journal j ON j.seq = t.seq GROUP BY mark ORDER BY mark"
    )


def _add(worth: list[int], amount: int, seq: int, since_seq: int) -> None:
    """Add to what a sale is worth when the span ends, and, if it was so before, when it began."""
    worth[1] += amount
    if seq <= since_seq:
        worth[0] += amount
