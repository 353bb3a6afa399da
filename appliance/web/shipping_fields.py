"""What an order says of how its restock is sent, and to whom."""

from __future__ import annotations

from appliance.core.ports import Books
from appliance.services import restock
from appliance.web.fields import Body, Field, Text
from appliance.web.routes import Call

SHIPPING = Body(
    (
        Field("tier", Text(max_length=40)),
        Field("name", Text(max_length=80, min_length=0), required=False, default=""),
        Field("phone", Text(max_length=30, min_length=0), required=False, default=""),
        Field("address", Text(max_length=400, min_length=0, printable=False), required=False, default=""),
    )
)


def tier_of(call: Call) -> str:
    """Return the tier that a cart names; empty if it names none."""
    return str(call.fields["shipping"]["tier"]) if call.fields["shipping"] else ""


def delivery(books: Books, call: Call) -> restock.Delivery | None:
    """Check and seal to whom an order goes; None if it does not say. Raises Refusal."""
    sent = call.fields["shipping"]
    return restock.delivery(books, call.context.contacts, **sent) if sent else None
