"""Orders, payments, sales and refunds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any

from appliance.core.trade import (
    Adjustment,
    AdjustmentKind,
    OfferKind,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    RefundLine,
    RefundPart,
    Sale,
    Tender,
)
from appliance.store.journal import add_to_tally
from appliance.store.pending import ASKED_OF_ORDER

_ORDER = (
    "id, status, currency, total_minor, paid_minor, voucher, member, opened_at, rehearsal, window_id, notes, hold_min"
)
_READ = f"{_ORDER}, {ASKED_OF_ORDER}"
_LINE = (
    "offer, kind, name, quantity, unit_price_minor, discount_minor, tax, tax_rate_ppm, total_minor, credits"
    ", ticket, adjustments"
)
_PAYMENT = (
    "order_id, tender, amount_minor, tendered_minor, at, reference, rounding_minor, account, balance_after, tip_minor"
)
_SALE = "number, order_id, currency, total_minor, refunded_minor, granted, at, seq, rehearsal, window_id, page"


class Orders:
    """See OrdersPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection, rehearsal: bool) -> None:
        self._db = connection
        self._rehearsal = rehearsal

    def add(self, order: Order) -> None:
        """Keep a new order."""
        self._db.execute(
            f"INSERT INTO orders ({_ORDER}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                order.id,
                order.status.value,
                order.currency,
                order.total_minor,
                order.paid_minor,
                order.voucher,
                order.member,
                order.opened_at,
                order.rehearsal,
                order.window,
                json.dumps(order.notes, ensure_ascii=False),
                order.hold_min,
            ),
        )
        self._db.executemany(
            f"INSERT INTO order_lines (order_id, position, {_LINE}) VALUES ({','.join('?' * 14)})",
            ((order.id, position, *_line_row(line)) for position, line in enumerate(order.lines)),
        )

    def get(self, id: str) -> Order | None:
        """Find an order."""
        row = self._db.execute(f"SELECT {_READ} FROM orders WHERE id = ?", (id,)).fetchone()
        return self._order(row) if row else None

    def set_status(self, id: str, status: OrderStatus) -> None:
        """Close an order."""
        self._db.execute("UPDATE orders SET status = ? WHERE id = ?", (status.value, id))

    def open(self) -> Sequence[Order]:
        """Return the open orders, oldest first."""
        rows = self._db.execute(f"SELECT {_READ} FROM orders WHERE status = 'open' ORDER BY age_s DESC, rowid")
        return [self._order(row) for row in rows.fetchall()]

    def grow_older(self, elapsed_s: int) -> None:
        """Add to the age of every open order."""
        self._db.execute("UPDATE orders SET age_s = age_s + ? WHERE status = 'open'", (elapsed_s,))

    def older_than(self, age_s: int) -> Sequence[Order]:
        """Return the open orders of at least this age, and those that are held for less and are older than that."""
        query = f"SELECT {_READ} FROM orders WHERE status = 'open' AND age_s >= min(?, coalesce(hold_min * 60, ?))"
        rows = self._db.execute(query, (age_s, age_s))
        return [self._order(row) for row in rows.fetchall()]

    def held(self, offer: str) -> int:
        """Count the pieces of an offer that open orders hold; a line that pays for a ticket holds none."""
        query = (
            "SELECT coalesce(sum(quantity), 0) FROM order_lines JOIN orders ON orders.id = order_lines.order_id"
            " WHERE status = 'open' AND offer = ? AND ticket = ''"
        )
        return int(self._db.execute(query, (offer,)).fetchone()[0])

    def add_payment(self, payment: Payment) -> None:
        """Keep a payment and note it on its order."""
        self._db.execute(
            f"INSERT INTO payments ({_PAYMENT}) VALUES (?,?,?,?,?,?,?,?,?,?)",
            astuple(payment),
        )
        self._db.execute(
            "UPDATE orders SET paid_minor = paid_minor + ? WHERE id = ?", (payment.amount_minor, payment.order_id)
        )

    def is_being_paid(self, ticket: str) -> bool:
        """Tell whether an open order is to pay for a ticket."""
        query = (
            "SELECT 1 FROM order_lines JOIN orders ON orders.id = order_lines.order_id"
            " WHERE ticket = ? AND ticket <> '' AND status = 'open'"
        )
        return self._db.execute(query, (ticket,)).fetchone() is not None

    def payments(self, order_id: str) -> Sequence[Payment]:
        """Return an order's payments, oldest first."""
        query = f"SELECT {_PAYMENT} FROM payments WHERE order_id = ? ORDER BY id"
        return [Payment(row[0], Tender(row[1]), *row[2:]) for row in self._db.execute(query, (order_id,))]

    def next_sale_number(self) -> int:
        """Return the next sale's number."""
        return int(self._db.execute("SELECT coalesce(max(number), 0) + 1 FROM sales").fetchone()[0])

    def add_sale(self, sale: Sale) -> None:
        """Keep a sale."""
        granted = json.dumps(dict(sale.granted), ensure_ascii=False)
        row = (sale.number, sale.order_id, sale.currency, sale.total_minor, sale.refunded_minor, granted)
        self._db.execute(
            f"INSERT INTO sales ({_SALE}) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (*row, sale.at, sale.seq, sale.rehearsal, sale.window, sale.page),
        )
        self._tally(sale.total_minor)

    def sale(self, number: int) -> Sale | None:
        """Find a sale by its number."""
        row = self._db.execute(f"SELECT {_SALE} FROM sales WHERE number = ?", (number,)).fetchone()
        return self._sale(row) if row else None

    def sale_of_order(self, order_id: str) -> Sale | None:
        """Find the sale that an order became."""
        row = self._db.execute(f"SELECT {_SALE} FROM sales WHERE order_id = ?", (order_id,)).fetchone()
        return self._sale(row) if row else None

    def sale_of_page(self, page: str) -> Sale | None:
        """Find the sale whose receipt's page has this name."""
        row = self._db.execute(f"SELECT {_SALE} FROM sales WHERE page = ? AND page <> ''", (page,)).fetchone()
        return self._sale(row) if row else None

    def newest_sales(self, limit: int) -> Sequence[Sale]:
        """Return the newest sales, newest first."""
        rows = self._db.execute(f"SELECT {_SALE} FROM sales ORDER BY number DESC LIMIT ?", (limit,))
        return [self._sale(row) for row in rows.fetchall()]

    def refunded(self, number: int) -> Mapping[str, int]:
        """Return how many of each offer of a sale were given back."""
        query = (
            "SELECT offer, sum(quantity) FROM refund_lines JOIN refunds ON refunds.number = refund_lines.refund"
            " WHERE sale = ? GROUP BY offer"
        )
        return dict(self._db.execute(query, (number,)))

    def refunded_by(self, number: int, tender: str) -> int:
        """Return what was given back of a sale by a tender."""
        query = (
            "SELECT coalesce(sum(p.amount_minor), 0) FROM refund_parts p JOIN refunds ON refunds.number = p.refund"
            " WHERE sale = ? AND p.tender = ?"
        )
        return int(self._db.execute(query, (number, tender)).fetchone()[0])

    def add_refund(
        self,
        number: int,
        lines: Sequence[RefundLine],
        parts: Sequence[RefundPart],
        reason: str,
        at: str,
        seq: int,
        is_void: bool = False,
    ) -> int:
        """Keep a refund; return its number."""
        amount = sum(line.amount_minor for line in lines)
        rounding = sum(part.rounding_minor for part in parts)
        done = self._db.execute(
            "INSERT INTO refunds (sale, tender, amount_minor, reason, at, seq, rehearsal, rounding_minor, is_void)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (number, parts[0].tender.value, amount, reason, at, seq, self._rehearsal, rounding, is_void),
        )
        refund = int(done.lastrowid or 0)
        self._db.executemany(
            "INSERT INTO refund_parts (refund, tender, amount_minor, rounding_minor, tip_minor) VALUES (?,?,?,?,?)",
            ((refund, *astuple(part)) for part in parts),
        )
        self._db.executemany("INSERT INTO refund_lines VALUES (?,?,?,?)", ((refund, *astuple(line)) for line in lines))
        self._db.execute("UPDATE sales SET refunded_minor = refunded_minor + ? WHERE number = ?", (amount, number))
        self._tally(-amount)
        return refund

    def _tally(self, amount_minor: int) -> None:
        if not self._rehearsal:
            add_to_tally(self._db, "takings_minor", amount_minor)

    def _lines(self, order_id: str) -> tuple[OrderLine, ...]:
        query = f"SELECT {_LINE} FROM order_lines WHERE order_id = ? ORDER BY position"
        rows = self._db.execute(query, (order_id,))
        return tuple(_line(row) for row in rows)

    def _order(self, row: tuple[Any, ...]) -> Order:
        id, status, currency, total, paid, voucher, member, opened_at, rehearsal, window, notes, hold, asked = row
        return Order(
            id,
            OrderStatus(status),
            currency,
            self._lines(id),
            total,
            paid,
            voucher,
            member,
            opened_at,
            bool(rehearsal),
            window,
            tuple(json.loads(notes)),
            asked,
            hold,
        )

    def _sale(self, row: tuple[Any, ...]) -> Sale:
        number, order_id, currency, total, refunded, granted, at, seq, rehearsal, window, page = row
        lines, payments = self._lines(order_id), tuple(self.payments(order_id))
        gifts = json.loads(granted)
        known = (number, order_id, currency, total, refunded, lines, payments, at, seq, gifts)
        return Sale(*known, bool(rehearsal), window, page)


def _line_row(line: OrderLine) -> tuple[Any, ...]:
    steps = [[step.kind.value, step.what, step.amount_minor] for step in line.adjustments]
    return (*(getattr(line, name) for name in _LINE.split(", ")[:-1]), json.dumps(steps, ensure_ascii=False))


def _line(row: tuple[Any, ...]) -> OrderLine:
    values = dict(zip(_LINE.split(", "), row, strict=True))
    return OrderLine(**values | {"kind": OfferKind(values["kind"]), "adjustments": _adjustments(values["adjustments"])})


def _adjustments(text: str) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(AdjustmentKind(kind), what, amount) for kind, what, amount in json.loads(text))
