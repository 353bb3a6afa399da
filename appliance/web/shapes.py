"""The shapes that leave the box: values of the trade as plain JSON. Fields may be added, none renamed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from appliance.core.devices import DeviceState
from appliance.core.journal import Entry
from appliance.core.money import Currency
from appliance.core.ports import Shift
from appliance.core.receipt import page_path
from appliance.core.shift_report import ShiftReport
from appliance.core.trade import (
    Adjustment,
    Event,
    Offer,
    Order,
    OrderLine,
    Payment,
    PrintJob,
    RefundLine,
    Sale,
    Window,
    order_code,
)
from appliance.core.trade.restock import restock_id, restock_name
from appliance.core.unitprice import UnitPrice
from appliance.core.verdict import Card, CodeKind, Decision, Direction, Verdict, card
from appliance.core.wording import screen_line
from appliance.services.door import DoorState


def event(value: Event) -> dict[str, Any]:
    """Shape an event as the tablets need it, with how its money is written."""
    currency = Currency(value.currency)
    return {
        "id": value.id,
        "name": value.name,
        "place": value.place,
        "language": value.language,
        "time_zone": value.time_zone,
        "currency": value.currency,
        "currency_exponent": currency.exponent,
        "currency_prefix": currency.text(0).removesuffix(currency.number(0)),
        "cash_step_minor": value.cash_step_minor,
        "tips_pct": list(value.tips_pct),
        "receipt_always": value.receipt_always,
        "takes_transfers": value.transfer is not None,
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


def offer(value: Offer, currency: str, unit: UnitPrice) -> dict[str, Any]:
    """Shape an offer with its prices of now; `stock` null is unlimited."""
    return {
        "id": value.id,
        "kind": str(value.kind),
        "name": value.name,
        "description": value.description,
        "price_minor": unit.now_minor,
        "list_price_minor": unit.list_minor,
        "price_name": unit.rule,
        "member_price_minor": unit.member_minor,
        "currency": currency,
        "stock": value.stock,
        "category": value.category,
        "barcode": value.barcode or None,
        "photo": f"/media/{value.photo}" if value.photo else None,
        "max_per_order": value.max_per_order,
        "variant_of": value.variant_of or None,
        "variant": value.variant,
        "family": value.family,
        "names": dict(value.names),
        "family_names": dict(value.family_names),
        "variant_names": dict(value.variant_names),
        "suggest": str(value.suggest.when),
        "restock": {"offer": restock_id(value.id), "name": restock_name(value.name)} if value.restock else None,
    }


def little_left(value: Offer) -> dict[str, Any]:
    """Shape an offer of which little is left."""
    return {"offer": value.id, "name": value.name, "stock": value.stock}


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
        "pays_ticket": bool(value.ticket),
        "adjustments": [adjustment(one) for one in value.adjustments],
    }


def adjustment(value: Adjustment) -> dict[str, Any]:
    """Shape one step from a price to what it costs."""
    return {"kind": str(value.kind), "what": value.what, "amount_minor": value.amount_minor}


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
        "pending_minor": value.pending_minor,
        "lines": [line(one) for one in value.lines],
        "voucher": value.voucher,
        "member": value.member,
        "opened_at": value.opened_at,
        "rehearsal": value.rehearsal,
        "window": value.window or None,
        "notes": list(value.notes),
        "hold_min": value.hold_min,
    }


def payment(value: Payment) -> dict[str, Any]:
    """Shape a payment that was taken."""
    return {
        "tender": str(value.tender),
        "amount_minor": value.amount_minor,
        "tendered_minor": value.tendered_minor,
        "change_minor": value.change_minor,
        "rounding_minor": value.rounding_minor,
        "tip_minor": value.tip_minor,
        "reference": value.reference,
        "at": value.at,
        "balance_after": value.balance_after,
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
        "window": value.window or None,
        "page": page_path(value.page) if value.page else None,
    }


def sale_in_brief(value: Sale) -> dict[str, Any]:
    """Shape what a guest's screen needs of the sale that its order became."""
    page = page_path(value.page) if value.page else None
    return {"number": value.number, "page": page, "has_granted": bool(value.granted)}


def refund_line(value: RefundLine) -> dict[str, Any]:
    """Shape a line of a refund."""
    return {"offer": value.offer, "quantity": value.quantity, "amount_minor": value.amount_minor}


def verdict(value: Verdict) -> dict[str, Any]:
    """Shape what a scan is worth, with the card that shows it; without what only `private` may add.

    This is kept with its Idempotency-Key, so it names no holder, and of notes only that of the ticket's type.
    """
    return {
        "verdict": str(value.verdict),
        "reason": value.reason,
        "kind": str(value.kind),
        "title": value.title,
        "message": value.message,
        "first_used_at": value.first_used_at,
        "seq": value.seq,
        "advice": value.advice,
        "ticket_type": value.ticket_type,
        "holder": "",
        "note": value.type_note,
        "direction": str(value.direction),
        "can_override": value.can_override,
        "overridden": value.overridden,
        "inside": value.inside,
        "capacity": value.capacity,
        "guest": asdict(value.guest) if value.guest else None,
        "due": {"offer": value.due.offer, "amount_minor": value.due.amount_minor} if value.due else None,
        "names": value.names,
        **verdict_card(value.card),
    }


def private(holder: str, note: str) -> dict[str, Any]:
    """Shape what staff sees of a ticket and no disk keeps; laid over an answer once that is committed."""
    return {"holder": holder, **({"note": note} if note else {})}


def landed(value: Verdict, language: str) -> dict[str, Any]:
    """Shape a scan for the tablet at the scanner: the code of what it puts into its cart, and nobody's name."""
    said = screen_line(value, language)
    is_for_cart = value.kind in (CodeKind.VOUCHER, CodeKind.MEMBER)
    return {
        "seq": value.seq,
        "kind": str(value.kind),
        "verdict": str(value.verdict),
        "code": value.code if is_for_cart else "",
        "names": value.names,
        "title": said.title if said else "",
        "message": said.message if said else "",
    }


def verdict_card(value: Card) -> dict[str, Any]:
    """Shape how a verdict looks and sounds."""
    return {
        "word": value.word,
        "colour": value.colour,
        "icon": value.icon,
        "sound": str(value.sound),
        "light": str(value.light),
    }


def noted_verdict(entry: Entry) -> dict[str, Any]:
    """Shape a scan as the journal has it: with the note of the ticket's type, not its own. Older entries say less."""
    data = entry.data
    decision, direction = data.get("verdict", str(Decision.INFO)), data.get("direction", str(Direction.ENTRY))
    shown = card(Decision(decision), data.get("attention", False), Direction(direction))
    return {
        "verdict": decision,
        "kind": data.get("kind", str(CodeKind.UNKNOWN)),
        "first_used_at": data.get("first_used_at"),
        **{name: data.get(name, "") for name in ("reason", "title", "message", "source")},
        **{name: data.get(name, "") for name in ("advice", "ticket_type", "overridden", "names")},
        "direction": direction,
        "note": data.get("type_note", "") if data.get("attention") else "",
        "inside": data.get("inside"),
        "guest": data.get("guest"),
        **verdict_card(shown),
        "seq": entry.seq,
        "at": entry.at,
        "rehearsal": bool(data.get("rehearsal", False)),
    }


def door(value: DoorState) -> dict[str, Any]:
    """Shape how the door stands."""
    is_full = value.capacity is not None and value.inside >= value.capacity
    is_warned = value.capacity_warning is not None and value.inside >= value.capacity_warning
    return {
        "inside": value.inside,
        "capacity": value.capacity,
        "capacity_warning": value.capacity_warning,
        "level": "full" if is_full else "nearly_full" if is_warned else "free",
        "newest": [noted_verdict(entry) for entry in value.newest],
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
    return value.as_dict()
