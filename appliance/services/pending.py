"""Payments that a terminal or a bank was asked for: kept before anybody waits for the answer, settled by a person.

"Could not ask" is not "failed": as long as nobody knows, the amount stays asked for and cannot be charged again.
"""

from __future__ import annotations

from typing import Any

from appliance.core.errors import NotFound, Refusal
from appliance.core.money import Currency
from appliance.core.ports import Books
from appliance.core.trade import (
    ASKED_ELSEWHERE,
    Order,
    OrderStatus,
    Payment,
    PendingPayment,
    PendingStatus,
    Tender,
)
from appliance.services import till, unpaid
from appliance.services.caps import check_caps, check_tip
from appliance.services.carts import current_event
from appliance.services.transfers import code_of


def ask(
    books: Books, order_id: str, tender: str, amount_minor: int | None, reference: str = "", tip_minor: int = 0
) -> tuple[PendingPayment, till.Paid]:
    """Keep a payment whose answer is not known yet; it blocks its amount until it is settled. Raises Refusal.

    `amount_minor` is what is asked for, with `tip_minor` in it.
    """
    order = till.payable_order(books, order_id, tender)
    if tender not in ASKED_ELSEWHERE:
        raise Refusal("not_pending", f"Only {' and '.join(ASKED_ELSEWHERE)} can be pending: take '{tender}' at once.")
    event = current_event(books)
    if amount_minor is None or not 0 < amount_minor - tip_minor <= order.open_minor:
        left = Currency(order.currency).text(order.open_minor)
        raise Refusal("overpaid", f"More than nothing, and at most what is due, can be asked for: {left}.")
    till.check_tender(event, tender)
    check_tip(event, tip_minor, is_last=amount_minor - tip_minor == order.open_minor)
    check_caps(books, event, Tender(tender), amount_minor, is_pending=True)
    if not order.paid_minor:
        unpaid.check_still_unpaid(books, order.lines)
    at = books.moment.text()
    asked = books.pending.add(order, Tender(tender), amount_minor - tip_minor, reference, at, tip_minor)
    if tender == Tender.TRANSFER:
        code_of(books, asked)  # refused now rather than when its code is to be shown
    books.journal.append("payment.asked", _told(asked))
    return asked, till.Paid(_order(books, asked), None, 0)


def settle(books: Books, payment_id: int, outcome: str, reference: str = "") -> tuple[PendingPayment, till.Paid]:
    """Say whether a payment came: `paid` may complete the sale, `failed` frees its amount. Raises Refusal."""
    asked = books.pending.get(payment_id)
    if asked is None:
        raise NotFound("payment_unknown", "There is no such pending payment on this box.")
    if asked.status is not PendingStatus.PENDING:
        raise Refusal("payment_settled", f"This payment is settled already: {asked.status}.", status=409)
    order = _order(books, asked)
    till.check_rehearsal(books, order.rehearsal)
    now, told = books.moment.text(), reference or asked.reference
    books.pending.settle(asked.id, PendingStatus(outcome), told, now)
    books.journal.append("payment.settled", _told(asked) | {"outcome": outcome})
    order = _order(books, asked)
    if outcome == PendingStatus.FAILED:
        paid = till.Paid(order, None, 0)
    else:
        came = Payment(
            order.id, asked.tender, asked.amount_minor, asked.asked_minor, now, told, tip_minor=asked.tip_minor
        )
        paid = till.receive(books, order, came)
    settled = books.pending.get(asked.id)
    if settled is None:
        raise NotFound("payment_unknown", "There is no such pending payment on this box.")
    return settled, paid


def _told(asked: PendingPayment) -> dict[str, Any]:
    data = {"order": asked.order_id, "payment": asked.id, "tender": asked.tender, "amount_minor": asked.amount_minor}
    return data | ({"tip_minor": asked.tip_minor} if asked.tip_minor else {})


def _order(books: Books, asked: PendingPayment) -> Order:
    order = books.orders.get(asked.order_id)
    if order is None or order.status is not OrderStatus.OPEN:
        raise Refusal("order_closed", "The order of this payment is not open any more.", status=409)
    return order
