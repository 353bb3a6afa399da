"""JSON Schemas of the answers, as openapi.json gives them. Fields may be added to answers, none renamed."""

from __future__ import annotations

from typing import Any

from appliance.core.devices import Blink, Health, Sound
from appliance.core.trade import OfferKind, OrderStatus, PrintStatus, Tender
from appliance.core.verdict import CodeKind, Decision, Direction

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
WHOLE_OR_NULL: Schema = {"type": ["integer", "null"]}
OBJECT: Schema = {"type": "object"}
COUNTS: Schema = {"type": "object", "additionalProperties": WHOLE}
TIME: Schema = {"type": "string", "description": "RFC 3339 in UTC."}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _one_of(values: Any) -> Schema:
    return {"type": "string", "enum": [str(value) for value in values]}


_SCANNED: Schema = {
    "verdict": _one_of(Decision),
    "reason": TEXT,
    "kind": _one_of(CodeKind),
    "title": TEXT,
    "message": TEXT,
    "first_used_at": TEXT_OR_NULL,
    "seq": COUNT,
    "advice": {"type": "string", "description": "What would make it pass."},
    "ticket_type": TEXT,
    "direction": _one_of(Direction),
    "overridden": {"type": "string", "description": "The reason that staff passed over."},
    "inside": {**WHOLE_OR_NULL, "description": "People inside after this scan."},
    "word": TEXT,
    "colour": _one_of(("green", "amber", "red", "blue")),
    "icon": TEXT,
    "sound": _one_of(Sound),
    "light": _one_of(Blink),
}


SCHEMAS: dict[str, Schema] = {
    "Error": _object(error=_object(code=TEXT, message=TEXT)),
    "Health": {
        "type": "object",
        "properties": {"status": _one_of(("ok", "unavailable")), "reasons": {"type": "array", "items": TEXT}},
        "required": ["status"],
    },
    "Offer": _object(
        id=TEXT,
        kind=_one_of(OfferKind),
        name=TEXT,
        description=TEXT,
        price_minor=COUNT,
        currency=TEXT,
        stock={**WHOLE_OR_NULL, "description": "null: unlimited"},
    ),
    "Offers": _object(offers=_list("Offer")),
    "Line": _object(
        offer=TEXT,
        kind=_one_of(OfferKind),
        name=TEXT,
        quantity=COUNT,
        unit_price_minor=COUNT,
        discount_minor=COUNT,
        total_minor=COUNT,
        tax=TEXT,
        tax_rate_ppm=COUNT,
    ),
    "Order": _object(
        id=TEXT,
        code={"type": "string", "description": "What people call the order."},
        status=_one_of(OrderStatus),
        currency=TEXT,
        total_minor=COUNT,
        paid_minor=COUNT,
        due_minor=WHOLE,
        lines=_list("Line"),
        voucher=TEXT_OR_NULL,
        member=TEXT_OR_NULL,
        opened_at=TIME,
        rehearsal=FLAG,
    ),
    "Orders": _object(orders=_list("Order")),
    "Payment": _object(
        tender=_one_of(Tender), amount_minor=COUNT, tendered_minor=COUNT, change_minor=COUNT, reference=TEXT, at=TIME
    ),
    "Sale": _object(
        number=COUNT,
        order_id=TEXT,
        currency=TEXT,
        total_minor=COUNT,
        refunded_minor=COUNT,
        lines=_list("Line"),
        payments=_list("Payment"),
        at=TIME,
        seq=COUNT,
        granted={"type": "object", "additionalProperties": TEXT},
        rehearsal=FLAG,
    ),
    "Sales": _object(sales=_list("Sale")),
    "Paid": _object(order=_ref("Order"), sale=_or_null(_ref("Sale")), change_minor=COUNT),
    "OrderOrPaid": {"anyOf": [_ref("Order"), _ref("Paid")]},
    "RefundLine": _object(offer=TEXT, quantity=COUNT, amount_minor=COUNT),
    "Refunded": _object(
        refund=_object(
            number=COUNT, amount_minor=COUNT, tender=_one_of(Tender), lines=_list("RefundLine"), seq=COUNT
        ),
        sale=_ref("Sale"),
    ),
    "Verdict": _object(
        **_SCANNED,
        note={"type": "string", "description": "What staff should see to."},
        can_override={"type": "boolean", "description": "Staff may admit it all the same."},
        capacity=WHOLE_OR_NULL,
    ),
    "NotedVerdict": _object(**_SCANNED, at=TIME, source=TEXT, rehearsal=FLAG),
    "Verdicts": _object(verdicts=_list("NotedVerdict")),
    "Door": _object(
        inside=COUNT,
        capacity=WHOLE_OR_NULL,
        capacity_warning=WHOLE_OR_NULL,
        level=_one_of(("free", "nearly_full", "full")),
        newest=_list("NotedVerdict"),
    ),
    "Calibration": _object(scanner=TEXT, card=TEXT, wait_s=COUNT),
    "Noted": _object(noted=TEXT),
    "Shift": _object(
        id=COUNT,
        opened_at=TIME,
        float_minor=COUNT,
        closed_at=TEXT_OR_NULL,
        counted_minor=WHOLE_OR_NULL,
    ),
    "ShiftReport": _object(
        kind=_one_of(("X", "Z")),
        shift=COUNT,
        currency=TEXT,
        opened_at=TIME,
        closed_at=TEXT_OR_NULL,
        float_minor=COUNT,
        sales=COUNTS,
        tenders=COUNTS,
        taxes={"type": "object", "additionalProperties": COUNTS},
        offers=COUNTS,
        expected_minor=WHOLE,
        counted_minor=WHOLE_OR_NULL,
        difference_minor=WHOLE_OR_NULL,
        journal_seq=COUNT,
        journal_hash=TEXT,
    ),
    "PrintJob": _object(id=COUNT, status=_one_of(PrintStatus), kind=TEXT, subject=TEXT, queued_at=TIME, reason=TEXT),
    "Prints": _object(prints=_list("PrintJob")),
    "Printed": _object(print=_ref("PrintJob")),
    "Device": _object(
        kind=TEXT, model=TEXT, state=_one_of(Health), reason=TEXT, advice=TEXT, since=TEXT, details=OBJECT
    ),
    "Event": _object(
        id=TEXT, name=TEXT, place=TEXT, currency=TEXT, currency_exponent=COUNT, currency_prefix=TEXT
    ),
    "Window": _object(
        id=TEXT, name=TEXT, place=TEXT, opens_at=TIME, closes_at=TIME, state=_one_of(("open", "scheduled"))
    ),
    "State": _object(
        seq=COUNT,
        box=TEXT,
        box_name=TEXT,
        version=TEXT,
        event=_or_null(_ref("Event")),
        window=_or_null(_ref("Window")),
        devices={"type": "object", "additionalProperties": _ref("Device")},
        battery=OBJECT,
        uplink=OBJECT,
        shift=_or_null(_object(id=COUNT, opened_at=TIME)),
        counts=COUNTS,
    ),
}  # fmt: skip
