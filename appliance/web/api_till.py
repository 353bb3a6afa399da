"""The till's routes: offers, orders, payments, sales, refunds, stock."""

from __future__ import annotations

from typing import Any

from appliance.core.errors import NotFound, Refusal
from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.core.trade import Discount, Right, Tender, open_window
from appliance.core.unitprice import unit_price
from appliance.services import alone, receipts, refunds, stock, stored, till
from appliance.web import pay_shapes, shapes
from appliance.web.fields import Body, Field, Flag, Many, Text, Whole
from appliance.web.routes import NO_FIELDS, Call, Route
from appliance.web.shipping_fields import SHIPPING, delivery
from appliance.web.tokens import Role

MAX_AMOUNT_MINOR = 1_000_000_000
MAX_QUANTITY = 999
MAX_LINES = 100
MAX_DISCOUNTS = 20
MAX_STOCK = 1_000_000

OFFER_ID = Text(max_length=40)
WANTED = Body((Field("offer", OFFER_ID), Field("quantity", Whole(1, MAX_QUANTITY))))
ORDERED = Body((*WANTED.fields, Field("ticket", Text(max_length=4096), required=False)))
PAPER = Field("paper", Flag(), required=False, default=True)  # false: no receipt is printed unless it is asked for
PAYMENT = Body(
    (
        Field("tender", Text(choices=tuple(Tender))),
        Field("amount_minor", Whole(0, MAX_AMOUNT_MINOR), required=False),
        Field("code", Text(max_length=80), required=False),
        Field("reference", Text(max_length=80, min_length=0), required=False, default=""),
        Field("pending", Flag(), required=False, default=False),
        Field("tip_minor", Whole(0, MAX_AMOUNT_MINOR), required=False, default=0),
        PAPER,
    )
)
DISCOUNT = Body(
    (
        Field("reason", Text(max_length=80)),
        Field("percent_off", Whole(0, 100), required=False, default=0),
        Field("amount_off_minor", Whole(0, MAX_AMOUNT_MINOR), required=False, default=0),
        Field("offer", OFFER_ID, required=False),
    )
)
ORDER = Body(
    (
        Field("lines", Many(ORDERED, max_items=MAX_LINES, min_items=1)),
        Field("voucher", Text(max_length=80), required=False),
        Field("member", Text(max_length=80), required=False),
        Field("discounts", Many(DISCOUNT, max_items=MAX_DISCOUNTS), required=False, default=(), right=Right.DISCOUNT),
        Field("payment", PAYMENT, required=False),
        Field("shipping", SHIPPING, required=False),
        PAPER,
    )
)
OF_ORDER = Body((Field("order", Text(max_length=40)),))
REFUND = Body(
    (
        Field("lines", Many(WANTED, max_items=MAX_LINES), required=False, default=()),
        Field("reason", Text(max_length=200)),
        Field("tender", Text(choices=tuple(Tender)), required=False),
        Field("restock", Flag(), required=False, default=True),
    )
)
VOID = Body((Field("reason", Text(max_length=200)),))
STOCK = Body((Field("stock", Whole(0, MAX_STOCK), nullable=True), Field("reason", Text(max_length=200))))


def list_offers(books: Books, call: Call) -> dict[str, Any]:
    """Tell what can be sold now."""
    event, at = books.events.current(), books.moment.text()
    if event is None:
        return {"offers": []}
    window = open_window(event, at)
    there = stock.shelf(books, window.id if window else "")
    return {"offers": [shapes.offer(offer, event.currency, unit_price(event, offer, at)) for offer in there]}


def open_order(books: Books, call: Call) -> dict[str, Any]:
    """Open an order; with a payment in the same breath, if the staff sends one."""
    payment = call.fields["payment"]
    if payment is not None and call.role < Role.STAFF:
        raise Refusal("forbidden", "Taking a payment needs the role 'staff'.", 403)
    if payment is None and call.context.board.get("closing"):  # one that is paid at once is the sale at hand
        raise Refusal("closing", "The box is about to switch off and takes no new orders. Try again later.", 503)
    hold_min = call.context.guest_hold_min if call.role < Role.STAFF else None
    order = till.open_order(books, *cart_fields(call), delivery=delivery(books, call), hold_min=hold_min)
    if payment is None and call.role < Role.STAFF and not order.due_minor:  # nobody has to take any money
        return pay_shapes.paid(books, till.complete_free(books, order.id, call.fields["paper"]))
    if payment is None:
        return shapes.order(order)
    return pay_shapes.pay(books, order.id, payment)


def list_orders(books: Books, call: Call) -> dict[str, Any]:
    """List the open orders, oldest first."""
    if call.query.get("status", "open") != "open":
        raise Refusal("unknown_choice", "'status' must be open.")
    return {"orders": [shapes.order(order) for order in books.orders.open()]}


def show_order(books: Books, call: Call) -> dict[str, Any]:
    """Show an order, and the sale that it became; whoever has its id, which cannot be guessed, may see it."""
    order = books.orders.get(call.path["order_id"])
    if order is None:
        raise NotFound("order_unknown", "There is no such order on this box.")
    sale = books.orders.sale_of_order(order.id)
    return {**shapes.order(order), "sale": None if sale is None else shapes.sale_in_brief(sale)}


def cancel_order(books: Books, call: Call) -> dict[str, Any]:
    """Give an order up."""
    return shapes.order(till.cancel_order(books, call.path["order_id"]))


def take_payment(books: Books, call: Call) -> dict[str, Any]:
    """Take money for an order; a kiosk only what a guest has here already."""
    if call.role < Role.STAFF and (call.fields["tender"] not in stored.STORED or call.fields["pending"]):
        raise Refusal("forbidden", "Taking money needs the role 'staff': a kiosk takes credits and gift cards.", 403)
    return pay_shapes.pay(books, call.path["order_id"], call.fields)


def print_slip(books: Books, call: Call) -> dict[str, Any]:
    """Print the slip of an order, for whoever takes it to the till."""
    return {"job": alone.print_slip(books, call.path["order_id"])}


def print_receipt(books: Books, call: Call) -> dict[str, Any]:
    """Print the receipt of a sale that was made without paper."""
    return {"job": receipts.to_paper_for_guest(books, call.path["number"], call.fields["order"])}


def list_sales(books: Books, call: Call) -> dict[str, Any]:
    """List the newest sales, newest first."""
    return {"sales": [shapes.sale(sale) for sale in books.orders.newest_sales(50)]}


def show_sale(books: Books, call: Call) -> dict[str, Any]:
    """Show a sale by its number."""
    sale = books.orders.sale(call.path["number"])
    if sale is None:
        raise NotFound("sale_unknown", f"There is no sale {call.path['number']} on this box.")
    given_back = dict(books.orders.refunded(sale.number))
    return shapes.sale(sale) | {"given_back": given_back, "why_no_void": refunds.why_no_void(books, sale)}


def refund_sale(books: Books, call: Call) -> dict[str, Any]:
    """Give some or all of a sale back."""
    fields = call.fields
    done = refunds.refund(
        books, call.path["number"], _wanted(fields["lines"]), fields["reason"], fields["tender"], fields["restock"]
    )
    return _refunded(done)


def void_sale(books: Books, call: Call) -> dict[str, Any]:
    """Undo a sale of this shift."""
    return _refunded(refunds.void(books, call.path["number"], call.fields["reason"]))


def _refunded(done: refunds.Refunded) -> dict[str, Any]:
    return {
        "refund": {
            "number": done.number,
            "amount_minor": done.amount_minor,
            "tender": str(done.tender),
            "parts": [{"tender": str(part.tender), "paid_out_minor": part.paid_out_minor} for part in done.parts],
            "lines": [shapes.refund_line(line) for line in done.lines],
            "seq": done.seq,
            "tickets": [{"offer": one.offer, "was_used": one.was_used} for one in done.tickets],
            "paid_out_minor": done.paid_out_minor,
        },
        "sale": shapes.sale(done.sale),
    }


def correct_stock(books: Books, call: Call) -> dict[str, Any]:
    """Set an offer's stock as it was counted."""
    offer_id = call.path["offer_id"]
    till.correct_stock(books, offer_id, call.fields["stock"], call.fields["reason"])
    return next(offer for offer in list_offers(books, call)["offers"] if offer["id"] == offer_id)


def cart_fields(
    call: Call,
) -> tuple[list[Wanted], str | None, str | None, list[Discount]]:
    """Return what a body says of a cart: lines, voucher, member, discounts. Raises Refusal: staff only for the last."""
    fields = call.fields
    if call.role < Role.STAFF and any(line["ticket"] for line in fields["lines"]):
        raise Refusal("forbidden", "Paying for a ticket needs the role 'staff'.", 403)  # or guests could try codes
    if fields["discounts"] and call.role < Role.STAFF:
        raise Refusal("forbidden", "Giving a discount needs the role 'staff'.", 403)
    discounts = [Discount(**discount) for discount in fields["discounts"]]
    if any((discount.percent_off > 0) == (discount.amount_off_minor > 0) for discount in discounts):
        raise Refusal("discount", "A discount takes off either percent_off or amount_off_minor: send one of them.")
    return _wanted(fields["lines"]), fields["voucher"], fields["member"], discounts


def _wanted(lines: list[dict[str, Any]]) -> list[Wanted]:
    return [Wanted(line["offer"], line["quantity"], line.get("ticket") or "") for line in lines]


ROUTES = (
    Route("GET", "/offers", Role.KIOSK, list_offers, "Offers", "What can be sold now."),
    Route("POST", "/orders", Role.KIOSK, open_order, "OrderOrPaid", "Open an order; staff may pay it at once.",
          body=ORDER, status=201, refusals=(404, 409)),
    Route("GET", "/orders", Role.STAFF, list_orders, "Orders", "The open orders, oldest first.", query=("status",)),
    Route("GET", "/orders/{order_id}", Role.KIOSK, show_order, "OrderInFull", "One order.", refusals=(404,)),
    Route("POST", "/orders/{order_id}/cancel", Role.KIOSK, cancel_order, "Order", "Give an open order up.",
          body=NO_FIELDS, refusals=(404, 409), right=Right.VOID),
    Route("POST", "/orders/{order_id}/payments", Role.KIOSK, take_payment, "Paid",
          "Take money for an order; a kiosk takes credits and gift cards.",
          body=PAYMENT, status=201, refusals=(404, 409)),
    Route("POST", "/orders/{order_id}/slip", Role.KIOSK, print_slip, "SlipPrinted",
          "Print an order's slip, which is paid at the till.", body=NO_FIELDS, status=201, refusals=(404, 409)),
    Route("POST", "/sales/{number}/receipt", Role.KIOSK, print_receipt, "SlipPrinted",
          "Print the receipt of a sale that was made without paper; by the order that became it.",
          body=OF_ORDER, status=201, refusals=(404, 409)),
    Route("GET", "/sales", Role.STAFF, list_sales, "Sales", "The newest sales, newest first."),
    Route("GET", "/sales/{number}", Role.STAFF, show_sale, "SaleInFull", "One sale, and what of it was given back.",
          refusals=(404,)),
    Route("POST", "/sales/{number}/refund", Role.STAFF, refund_sale, "Refunded",
          "Give some of a sale back; without lines, all that is left.", body=REFUND, status=201, refusals=(404, 409),
          right=Right.REFUND),
    Route("POST", "/sales/{number}/void", Role.STAFF, void_sale, "Refunded",
          "Undo a sale of this shift: all of it, tips too, goes back as it came.", body=VOID, status=201,
          refusals=(404, 409), right=Right.VOID),
    Route("POST", "/offers/{offer_id}/stock", Role.STAFF, correct_stock, "Offer", "Set the stock as counted.",
          body=STOCK, refusals=(404, 409), right=Right.STOCK),
)  # fmt: skip
