"""The routes of text messages."""

from __future__ import annotations

from typing import Any

from appliance.core.ports import Books
from appliance.core.sms.message import SmsMessage
from appliance.core.sms.numbers import masked
from appliance.services import sms
from appliance.web.fields import Body, Field, Text
from appliance.web.routes import Call, Route
from appliance.web.tokens import Role

NEWEST = 50
RECEIPT = Body((Field("number", Text(max_length=40)), Field("order", Text(max_length=40), required=False)))


def text_receipt(books: Books, call: Call) -> dict[str, Any]:
    """Queue the receipt of a sale; a kiosk names the order that became it."""
    order = None if call.role >= Role.STAFF else call.fields["order"] or ""
    made = sms.text_receipt(books, call.context.sms, call.path["number"], call.fields["number"], order)
    return {"id": made.id, "status": str(made.status), "parts": made.parts}


def list_sms(books: Books, call: Call) -> dict[str, Any]:
    """List the newest messages."""
    return {"messages": [shape(message) for message in books.sms.newest(NEWEST)]}


def shape(message: SmsMessage) -> dict[str, Any]:
    """Shape a message: never its text, and of its number the last digits only."""
    return {
        "id": message.id,
        "status": str(message.status),
        "sale": message.sale,
        "number": masked(message.number),
        "parts": message.parts,
        "sent_parts": message.sent_parts,
        "tries": message.tries,
        "queued_at": message.queued_at,
        "ended_at": message.ended_at,
        "reason": message.reason,
    }


ROUTES = (
    Route("POST", "/sales/{number}/sms", Role.KIOSK, text_receipt, "SmsQueued", "Text the receipt of a sale.",
          body=RECEIPT, status=201, refusals=(404, 429)),
    Route("GET", "/sms", Role.STAFF, list_sms, "SmsMessages", "The newest text messages, numbers masked."),
)  # fmt: skip
