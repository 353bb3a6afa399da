"""Carts that are priced without an order, and the figures of the sales windows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from appliance.core.ports import Books
from appliance.core.trade import Right
from appliance.services import carts, windows
from appliance.web import cart_shapes
from appliance.web.api_till import MAX_LINES, ORDER, ORDERED, cart_fields
from appliance.web.fields import Body, Field, Many
from appliance.web.rights import may_by
from appliance.web.routes import Call, Route
from appliance.web.shipping_fields import tier_of
from appliance.web.tokens import Role

CART = Body(
    (
        Field("lines", Many(ORDERED, max_items=MAX_LINES)),
        # Whoever may not give a discount may see what it would come to.
        *(replace(field, right="") for field in ORDER.fields if field.name not in ("lines", "payment", "paper")),
    )
)


def price_cart(books: Books, call: Call) -> dict[str, Any]:
    """Price a cart as an order would be, and reserve nothing."""
    cart = carts.fill(books, *cart_fields(call), shipping=tier_of(call))
    return cart_shapes.cart(cart, carts.suggestions(books, cart))


def list_windows(books: Books, call: Call) -> dict[str, Any]:
    """List the sales windows with their figures; those of money for who may see reports."""
    with_money = may_by(books, call.role, Right.REPORT)
    return {"windows": [cart_shapes.window_figures(one, with_money) for one in windows.figures(books)]}


ROUTES = (
    Route("POST", "/carts/price", Role.KIOSK, price_cart, "Cart", "Price a cart, explain it, suggest more.",
          body=CART, reads=True, refusals=(404, 409)),
    Route("GET", "/windows", Role.STAFF, list_windows, "Windows", "The sales windows, each with its own figures.",
          refusals=(409,)),
)  # fmt: skip
