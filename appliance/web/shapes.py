"""The shapes that leave the box: values of the trade as plain JSON. Fields may be added, none renamed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from appliance.core.admission import Verdict
from appliance.core.devices import DeviceState
from appliance.core.money import Currency
from appliance.core.ports import Shift
from appliance.core.trade import Event, Offer, Order, OrderLine, Payment, PrintJob, RefundLine, Sale, Window
from appliance.services.shifts import ShiftReport

CODE_LENGTH = 5  # hex digits of an order's id: enough to tell the few open orders apart


def order_code(order_id: str) -> str:
    """Return the short code by which people call an order: the end of its id, which is random."""
    return order_id[-CODE_LENGTH:].upper()


def event(value: Event) -> dict[str, Any]:
    """Shape an event as the tablets need it, with how its money is written."""
    currency = Currency(value.currency)
    return {
        "id": value.id,
        "name": value.name,
        "place": value.place,
        "currency": value.currency,
        "currency_exponent": currency.exponent,
        "currency_prefix": currency.text(0).removesuffix(currency.number(0)),
    }


def window(value: Window, state: str) -> dict[str, Any]:
    """Shape a sales window; `state` is `open` or `scheduled`."""
    return {
        "id": value.id,
        "name": value.name,
        "place": value.place,
        "opens_at": value.opens_at,
        "closes_at": value.closes_at,
        "state": state,
    }


def offer(value: Offer, currency: str) -> dict[str, Any]:
    """Shape an offer; `stock` null is unlimited."""
    return {
        "id": value.id,
        "kind": str(value.kind),
        "name": value.name,
        "description": value.description,
        "price_minor": value.price_minor,
        "currency": currency,
        "stock": value.stock,
    }


def line(value: OrderLine) -> dict[str, Any]:
    """Shape a line of an order or a sale."""
    return {
        "offer": value.offer,
        "kind": str(value.kind),
        "name": value.name,
        "quantity": value.quantity,
        "unit_price_minor": value.unit_price_minor,
        "discount_minor": value.discount_minor,
        "total_minor": value.total_minor,
        "tax": value.tax,
        "tax_rate_ppm": value.tax_rate_ppm,
    }


def order(value: Order) -> dict[str, Any]:
    """Shape an order."""
    return {
        "id": value.id,
        "code": order_code(value.id),
        "status": str(value.status),
        "currency": value.currency,
        "total_minor": value.total_minor,
        "paid_minor": value.paid_minor,
        "due_minor": value.due_minor,
        "lines": [line(one) for one in value.lines],
        "voucher": value.voucher,
        "member": value.member,
        "opened_at": value.opened_at,
        "rehearsal": value.rehearsal,
    }


def payment(value: Payment) -> dict[str, Any]:
    """Shape a payment that was taken."""
    return {
        "tender": str(value.tender),
        "amount_minor": value.amount_minor,
        "tendered_minor": value.tendered_minor,
        "change_minor": value.change_minor,
        "reference": value.reference,
        "at": value.at,
    }


def sale(value: Sale) -> dict[str, Any]:
    """Shape a sale."""
    return {
        "number": value.number,
        "order_id": value.order_id,
        "currency": value.currency,
        "total_minor": value.total_minor,
        "refunded_minor": value.refunded_minor,
        "lines": [line(one) for one in value.lines],
        "payments": [payment(one) for one in value.payments],
        "at": value.at,
        "seq": value.seq,
        "granted": dict(value.granted),
        "rehearsal": value.rehearsal,
    }


def refund_line(value: RefundLine) -> dict[str, Any]:
    """Shape a line of a refund."""
    return {"offer": value.offer, "quantity": value.quantity, "amount_minor": value.amount_minor}


def verdict(value: Verdict) -> dict[str, Any]:
    """Shape what a scan is worth."""
    return {
        "verdict": str(value.verdict),
        "reason": value.reason,
        "kind": str(value.kind),
        "title": value.title,
        "message": value.message,
        "first_used_at": value.first_used_at,
        "seq": value.seq,
    }


def print_job(value: PrintJob) -> dict[str, Any]:
    """Shape a print job, without the document itself."""
    return {
        "id": value.id,
        "status": str(value.status),
        "kind": value.kind,
        "subject": value.subject,
        "queued_at": value.queued_at,
        "reason": value.reason,
    }


def device(value: DeviceState) -> dict[str, Any]:
    """Shape a device's state."""
    return {
        "kind": value.kind,
        "model": value.model,
        "state": str(value.health),
        "reason": value.reason,
        "advice": value.advice,
        "since": value.since,
        "details": dict(value.details),
    }


def shift(value: Shift) -> dict[str, Any]:
    """Shape a shift of the till."""
    return {
        "id": value.id,
        "opened_at": value.opened_at,
        "float_minor": value.float_minor,
        "closed_at": value.closed_at,
        "counted_minor": value.counted_minor,
    }


def shift_report(value: ShiftReport) -> dict[str, Any]:
    """Shape an X or Z report."""
    return asdict(value)
