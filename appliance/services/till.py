"""The till: orders, payments, sales and stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from appliance.core.errors import NotFound, Refusal
from appliance.core.ports import Books
from appliance.core.pricing import Wanted, price
from appliance.core.receipt import receipt
from appliance.core.trade import Event, OfferKind, Order, OrderLine, OrderStatus, Payment, Sale, Tender, Voucher
from appliance.services.grants import grant

MAX_AMOUNT_MINOR = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Paid:
    """What became of a payment: `sale` once the order is paid in full."""

    order: Order
    sale: Sale | None
    change_minor: int


def open_order(books: Books, lines: Sequence[Wanted], voucher: str | None = None, member: str | None = None) -> Order:
    """Price an order and reserve its stock. Raises Refusal."""
    event = current_event(books)
    coupon = _usable_voucher(books, voucher) if voucher else None
    member = member.strip().upper() if member else None
    if member and books.tickets.member(member) is None:
        raise NotFound("member_unknown", f"There is no member '{member}'.")
    priced = price(event, lines, coupon)
    _check_credits(priced, member)
    for line in priced:
        if not books.events.take_stock(line.offer, line.quantity):
            raise Refusal("sold_out", f"Not enough '{line.name}' left for {line.quantity}.", status=409)
    if coupon:
        books.events.use_voucher(coupon.code)
    total = sum(line.total_minor for line in priced)
    order = Order(
        id=books.new_id(),
        status=OrderStatus.OPEN,
        currency=event.currency,
        lines=priced,
        total_minor=total,
        paid_minor=0,
        voucher=coupon.code if coupon else None,
        member=member,
        opened_at=books.moment.text(),
        rehearsal=books.rehearsal,
    )
    books.orders.add(order)
    books.journal.append("order.opened", {"order": order.id, "total_minor": total, "lines": _brief(priced)})
    return order


def take_payment(books: Books, order_id: str, tender: str, amount_minor: int, reference: str = "") -> Paid:
    """Take money for an order; when nothing is due any more it becomes a sale. Raises Refusal.

    `amount_minor` is what was handed over: of cash the rest comes back as change, a card is never overpaid.
    """
    order = _open_order(books, order_id)
    if tender not in set(Tender):
        raise Refusal("tender_unknown", f"This till takes {' and '.join(Tender)}, not '{tender}'.")
    credited = _credited(order, Tender(tender), amount_minor)
    now = books.moment.text()
    payment = Payment(order.id, Tender(tender), credited, amount_minor, now, reference)
    books.orders.add_payment(payment)
    books.journal.append(
        "payment.taken",
        {"order": order.id, "tender": tender, "amount_minor": credited, "tendered_minor": amount_minor},
    )
    order = replace(order, paid_minor=order.paid_minor + credited)
    if order.due_minor:
        return Paid(order, None, payment.change_minor)
    return Paid(replace(order, status=OrderStatus.PAID), _complete(books, order), payment.change_minor)


def cancel_order(books: Books, order_id: str) -> Order:
    """Give up an open order: its stock and voucher are free again. Raises Refusal."""
    order = _open_order(books, order_id)
    if order.paid_minor:
        raise Refusal("part_paid", "Money was taken for this order: finish it, then refund it.", status=409)
    return release(books, order, OrderStatus.CANCELLED)


def expire_orders(books: Books, elapsed_s: int, expire_after_s: int) -> int:
    """Let open orders grow older by `elapsed_s` and give up those that waited too long; return how many.

    Orders with money in them wait for a person. Ages do not follow the wall clock, which may jump.
    """
    books.orders.grow_older(elapsed_s)
    old = [order for order in books.orders.older_than(expire_after_s) if not order.paid_minor]
    for order in old:
        release(books, order, OrderStatus.EXPIRED)
    return len(old)


def correct_stock(books: Books, offer: str, stock: int | None, reason: str) -> None:
    """Set what can be sold of an offer now; None is without limit. Raises Refusal."""
    known = {known.id: known for known in books.events.offers()}
    if offer not in known:
        raise NotFound("offer_unknown", f"There is no offer '{offer}' at this event.")
    books.events.set_stock(offer, stock)
    books.journal.append("stock.corrected", {"offer": offer, "from": known[offer].stock, "to": stock, "reason": reason})


def current_event(books: Books) -> Event:
    """Return the event that this box sells for. Raises Refusal if none is loaded."""
    event = books.events.current()
    if event is None:
        raise Refusal("no_event", "No event is loaded on this box yet.", status=409)
    return event


def _usable_voucher(books: Books, code: str) -> Voucher:
    voucher = books.events.voucher(code.strip().upper())
    if voucher is None:
        raise NotFound("voucher_unknown", f"There is no voucher '{code}' at this event.")
    if voucher.uses is not None and voucher.used >= voucher.uses:
        raise Refusal("voucher_used", f"The voucher '{voucher.code}' is used up.", status=409)
    return voucher


def _check_credits(lines: Sequence[OrderLine], member: str | None) -> None:
    if not member and any(line.kind is OfferKind.CREDIT for line in lines):
        raise Refusal("member_needed", "Credits go onto a member's card: scan or type it first.")


def _open_order(books: Books, order_id: str) -> Order:
    order = books.orders.get(order_id)
    if order is None:
        raise NotFound("order_unknown", "There is no such order on this box.")
    if order.status is not OrderStatus.OPEN:
        raise Refusal(f"order_{order.status}", f"This order is {order.status} already.", status=409)
    check_rehearsal(books, order.rehearsal)
    return order


def check_rehearsal(books: Books, rehearsal: bool) -> None:
    """Keep rehearsals and the real thing apart: neither goes on with the other's. Raises Refusal."""
    if rehearsal != books.rehearsal:
        which = "was a rehearsal: begin a new one" if rehearsal else "is real: end the rehearsal first"
        raise Refusal("rehearsal", f"This {which}.", status=409)


def _credited(order: Order, tender: Tender, amount_minor: int) -> int:
    """Return how much of a payment goes to the order."""
    if not (0 < amount_minor <= MAX_AMOUNT_MINOR or amount_minor == order.due_minor == 0):
        raise Refusal("amount", "The amount must be more than nothing, and no more than a till can hold.")
    if tender is not Tender.CASH and amount_minor > order.due_minor:
        raise Refusal("overpaid", "A card cannot be charged more than is due.")
    return min(amount_minor, order.due_minor)


def _complete(books: Books, order: Order) -> Sale:
    """Turn a paid order into a sale: number, journal, what comes with it, and its receipt."""
    event = current_event(books)
    books.orders.set_status(order.id, OrderStatus.PAID)
    granted = grant(books, order, event)
    payments = tuple(books.orders.payments(order.id))
    number = books.orders.next_sale_number()
    data: dict[str, Any] = {
        "number": number,
        "order": order.id,
        "currency": order.currency,
        "total_minor": order.total_minor,
        "lines": _brief(order.lines),
        "tenders": [{"tender": payment.tender, "amount_minor": payment.amount_minor} for payment in payments],
    }
    entry = books.journal.append("sale.completed", data)
    sale = Sale(
        number=number,
        order_id=order.id,
        currency=order.currency,
        total_minor=order.total_minor,
        refunded_minor=0,
        lines=order.lines,
        payments=payments,
        at=books.moment.text(),
        seq=entry.seq,
        granted=granted,
        rehearsal=order.rehearsal,
    )
    books.orders.add_sale(sale)
    books.prints.add("receipt", f"sale {number}", receipt(sale, event).to_json())
    return sale


def release(books: Books, order: Order, status: OrderStatus) -> Order:
    """Give up an open order that nobody paid: its stock and voucher are free again."""
    for line in order.lines:
        books.events.return_stock(line.offer, line.quantity)
    if order.voucher:
        books.events.use_voucher(order.voucher, -1)
    books.orders.set_status(order.id, status)
    books.journal.append(f"order.{status}", {"order": order.id})
    return replace(order, status=status)


def _brief(lines: Sequence[OrderLine]) -> list[dict[str, Any]]:
    return [
        {"offer": line.offer, "kind": line.kind, "quantity": line.quantity, "total_minor": line.total_minor}
        for line in lines
    ]
