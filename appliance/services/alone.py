"""What a guest at a kiosk finishes without staff: its slip for the till, and what it can be paid with."""

from __future__ import annotations

from appliance.core.order_slip import order_slip
from appliance.core.ports import Books
from appliance.core.trade import Event, order_code
from appliance.services import till
from appliance.services.carts import current_event


def print_slip(books: Books, order_id: str) -> int:
    """Print the slip by which staff finds an open order; return the print job's id. Raises Refusal."""
    order = till.payable_order(books, order_id)
    slip = order_slip(order, current_event(books), books.moment.text())
    return books.prints.add("order", f"order {order_code(order.id)}", slip.to_json())


def ways_to_pay(event: Event) -> tuple[str, ...]:
    """Tell by what a guest can pay at this event without staff: `credit`, `voucher` (a gift card)."""
    gifts = any(voucher.balance_minor for voucher in event.vouchers)
    return tuple(way for way, is_there in (("credit", event.credit_value_minor), ("voucher", gifts)) if is_there)
