"""Payments as plain JSON, and the one place where a payment of any tender comes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from appliance.core.ports import Books
from appliance.core.trade import PendingPayment, order_code
from appliance.services import pending, till, transfers
from appliance.web import qr, shapes


def pay(books: Books, order_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Take a payment, or keep it as pending. Raises Refusal."""
    sent = {name: value for name, value in fields.items() if name not in ("pending", "code", "paper")}
    if not fields["pending"]:
        return paid(books, till.take_payment(books, order_id, **sent, code=fields["code"], paper=fields["paper"]))
    asked, so_far = pending.ask(books, order_id, **sent)
    return paid(books, so_far, asked)


def paid(books: Books, value: till.Paid, asked: PendingPayment | None = None) -> dict[str, Any]:
    """Shape what became of a payment."""
    return {
        "order": shapes.order(value.order),
        "sale": None if value.sale is None else shapes.sale(value.sale),
        "change_minor": value.change_minor,
        "balance_after": value.balance_after,
        "payment": None if asked is None else pending_payment(books, asked),
    }


def pending_payment(books: Books, value: PendingPayment) -> dict[str, Any]:
    """Shape a payment that was asked for; of a transfer with the code that pays it."""
    code = transfers.code_of(books, value)
    return {
        "id": value.id,
        "status": str(value.status),
        "tender": str(value.tender),
        "amount_minor": value.amount_minor,
        "currency": value.currency,
        "order_id": value.order_id,
        "order_code": order_code(value.order_id),
        "reference": value.reference,
        "at": value.at,
        "age_s": value.age_s,
        "tip_minor": value.tip_minor,
        "code": None if code is None else qr.drawn(code),
    }
