"""The routes of payments whose answer is not known yet."""

from __future__ import annotations

from typing import Any

from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.core.trade import PendingStatus
from appliance.services import pending, transfers
from appliance.web import pay_shapes
from appliance.web.fields import Body, Field, Text
from appliance.web.routes import NO_FIELDS, Call, Route
from appliance.web.tokens import Role

SETTLED = Body(
    (
        Field("outcome", Text(choices=(str(PendingStatus.PAID), str(PendingStatus.FAILED)))),
        Field("reference", Text(max_length=80, min_length=0), required=False, default=""),
    )
)


def list_payments(books: Books, call: Call) -> dict[str, Any]:
    """List the payments that wait, oldest first."""
    if call.query.get("status", PendingStatus.PENDING) != PendingStatus.PENDING:
        raise Refusal("unknown_choice", "'status' must be pending.")
    return {"payments": [pay_shapes.pending_payment(books, one) for one in books.pending.waiting()]}


def settle_payment(books: Books, call: Call) -> dict[str, Any]:
    """Say what became of a payment."""
    asked, paid = pending.settle(books, call.path["payment_id"], **call.fields)
    return pay_shapes.paid(books, paid, asked)


def print_code(books: Books, call: Call) -> dict[str, Any]:
    """Print the code of a pending transfer."""
    return {"job": transfers.print_code(books, call.path["payment_id"])}


ROUTES = (
    Route("GET", "/payments", Role.STAFF, list_payments, "AskedPayments",
          "Payments that wait for an answer, oldest first.", query=("status",)),
    Route("POST", "/payments/{payment_id}/settle", Role.STAFF, settle_payment, "Paid",
          "Say whether a pending payment was paid or failed.", body=SETTLED, refusals=(404, 409)),
    Route("POST", "/payments/{payment_id}/slip", Role.STAFF, print_code, "SlipPrinted",
          "Print the code by which a guest pays a pending transfer.", body=NO_FIELDS, status=201, refusals=(404, 409)),
)  # fmt: skip
