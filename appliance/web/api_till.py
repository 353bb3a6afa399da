"""The till's routes: offers, orders, payments, sales, refunds, stock."""

from __future__ import annotations

from typing import Any

from appliance.core.errors import NotFound, Refusal
from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.core.trade import Tender
from appliance.services import refunds, till
from appliance.web import shapes
from appliance.web.fields import Body, Field, Flag, Many, Text, Whole
from appliance.web.routes import NO_FIELDS, Call, Route
from appliance.web.tokens import Role

MAX_AMOUNT_MINOR = 1_000_000_000
MAX_QUANTITY = 999
MAX_LINES = 100
MAX_STOCK = 1_000_000

OFFER_ID = Text(max_length=40)
WANTED = Body((Field("offer", OFFER_ID), Field("quantity", Whole(1, MAX_QUANTITY))))
PAYMENT = Body(
    (
        Field("tender", Text(choices=tuple(Tender))),
        Field("amount_minor", Whole(0, MAX_AMOUNT_MINOR)),
        Field("reference", Text(max_length=80, min_length=0), required=False, default=""),
    )
)
ORDER = Body(
    (
        Field("lines", Many(WANTED, max_items=MAX_LINES, min_items=1)),
        Field("voucher", Text(max_length=80), required=False),
        Field("member", Text(max_length=80), required=False),
        Field("payment", PAYMENT, required=False),
    )
)
REFUND = Body(
    (
        Field("lines", Many(WANTED, max_items=MAX_LINES), required=False, default=()),
        Field("reason", Text(max_length=200)),
        Field("tender", Text(choices=tuple(Tender)), required=False, default=str(Tender.CASH)),
        Field("restock", Flag(), required=False, default=True),
    )
)
STOCK = Body((Field("stock", Whole(0, MAX_STOCK), nullable=True), Field("reason", Text(max_length=200))))


def list_offers(books: Books, call: Call) -> dict[str, Any]:
    """Tell what can be sold now."""
    event = books.events.current()
    if event is None:
        return {"offers": []}
    return {"offers": [shapes.offer(offer, event.currency) for offer in books.events.offers()]}


def open_order(books: Books, call: Call) -> dict[str, Any]:
    """Open an order; with a payment in the same breath, if the staff sends one."""
    payment = call.fields["payment"]
    if payment is not None and call.role < Role.STAFF:
        raise Refusal("forbidden", "Taking a payment needs the role 'staff'.", 403)
    order = till.open_order(books, _wanted(call.fields["lines"]), call.fields["voucher"], call.fields["member"])
    if payment is None:
        return shapes.order(order)
    return _paid(till.take_payment(books, order.id, **payment))


def list_orders(books: Books, call: Call) -> dict[str, Any]:
    """List the open orders, oldest first."""
    if call.query.get("status", "open") != "open":
        raise Refusal("unknown_choice", "'status' must be open.")
    return {"orders": [shapes.order(order) for order in books.orders.open()]}


def show_order(books: Books, call: Call) -> dict[str, Any]:
    """Show an order; whoever has its id, which cannot be guessed, may see it."""
    order = books.orders.get(call.path["order_id"])
    if order is None:
        raise NotFound("order_unknown", "There is no such order on this box.")
    return shapes.order(order)


def cancel_order(books: Books, call: Call) -> dict[str, Any]:
    """Give an order up."""
    return shapes.order(till.cancel_order(books, call.path["order_id"]))


def take_payment(books: Books, call: Call) -> dict[str, Any]:
    """Take money for an order."""
    return _paid(till.take_payment(books, call.path["order_id"], **call.fields))


def list_sales(books: Books, call: Call) -> dict[str, Any]:
    """List the newest sales, newest first."""
    return {"sales": [shapes.sale(sale) for sale in books.orders.newest_sales(50)]}


def show_sale(books: Books, call: Call) -> dict[str, Any]:
    """Show a sale by its number."""
    sale = books.orders.sale(call.path["number"])
    if sale is None:
        raise NotFound("sale_unknown", f"There is no sale {call.path['number']} on this box.")
    return shapes.sale(sale)


def refund_sale(books: Books, call: Call) -> dict[str, Any]:
    """Give some or all of a sale back."""
    fields = call.fields
    done = refunds.refund(
        books, call.path["number"], _wanted(fields["lines"]), fields["reason"], fields["tender"], fields["restock"]
    )
    return {
        "refund": {
            "number": done.number,
            "amount_minor": done.amount_minor,
            "tender": str(done.tender),
            "lines": [shapes.refund_line(line) for line in done.lines],
            "seq": done.seq,
        },
        "sale": shapes.sale(done.sale),
    }


def correct_stock(books: Books, call: Call) -> dict[str, Any]:
    """Set an offer's stock as it was counted."""
    offer_id = call.path["offer_id"]
    till.correct_stock(books, offer_id, call.fields["stock"], call.fields["reason"])
    return next(offer for offer in list_offers(books, call)["offers"] if offer["id"] == offer_id)


def _wanted(lines: list[dict[str, Any]]) -> list[Wanted]:
    return [Wanted(line["offer"], line["quantity"]) for line in lines]


def _paid(paid: till.Paid) -> dict[str, Any]:
    sale = None if paid.sale is None else shapes.sale(paid.sale)
    return {"order": shapes.order(paid.order), "sale": sale, "change_minor": paid.change_minor}


ROUTES = (
    Route("GET", "/offers", Role.KIOSK, list_offers, "Offers", "What can be sold now."),
    Route("POST", "/orders", Role.KIOSK, open_order, "OrderOrPaid", "Open an order; staff may pay it at once.",
          body=ORDER, status=201, refusals=(404, 409)),
    Route("GET", "/orders", Role.STAFF, list_orders, "Orders", "The open orders, oldest first.", query=("status",)),
    Route("GET", "/orders/{order_id}", Role.KIOSK, show_order, "Order", "One order.", refusals=(404,)),
    Route("POST", "/orders/{order_id}/cancel", Role.KIOSK, cancel_order, "Order", "Give an open order up.",
          body=NO_FIELDS, refusals=(404, 409)),
    Route("POST", "/orders/{order_id}/payments", Role.STAFF, take_payment, "Paid", "Take money for an order.",
          body=PAYMENT, status=201, refusals=(404, 409)),
    Route("GET", "/sales", Role.STAFF, list_sales, "Sales", "The newest sales, newest first."),
    Route("GET", "/sales/{number}", Role.STAFF, show_sale, "Sale", "One sale.", refusals=(404,)),
    Route("POST", "/sales/{number}/refund", Role.STAFF, refund_sale, "Refunded",
          "Give some of a sale back; without lines, all that is left.", body=REFUND, status=201, refusals=(404, 409)),
    Route("POST", "/offers/{offer_id}/stock", Role.STAFF, correct_stock, "Offer", "Set the stock as counted.",
          body=STOCK, refusals=(404, 409)),
)  # fmt: skip
