"""The till: orders, payments, sales and stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from appliance.core.errors import NotFound, Refusal
from appliance.core.money import in_cash
from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.core.trade import Discount, Event, OfferKind, Order, OrderLine, OrderStatus, Payment, Sale, Tender
from appliance.services import receipts, restock, stock, unpaid
from appliance.services.caps import check_caps, check_tip
from appliance.services.carts import current_event, fill
from appliance.services.grants import grant
from appliance.services.stored import STORED, charge

MAX_AMOUNT_MINOR = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Paid:
    """What became of a payment: `sale` once the order is paid in full."""

    order: Order
    sale: Sale | None
    change_minor: int
    balance_after: int | None = None  # credits, or minor units, left on the card that paid


def open_order(
    books: Books,
    lines: Sequence[Wanted],
    voucher: str | None = None,
    member: str | None = None,
    discounts: Sequence[Discount] = (),
    delivery: restock.Delivery | None = None,
    hold_min: int | None = None,
) -> Order:
    """Price an order and reserve its stock, its share of the window and its voucher. Raises Refusal.

    `hold_min` is how long they are kept while nobody pays, if that is shorter than the box keeps any.
    """
    cart = fill(books, lines, voucher, member, discounts, delivery.tier.offer if delivery else "")
    _check_credits(cart.lines, member)
    for line in cart.lines:
        if not line.ticket and not books.events.take_stock(line.offer, line.quantity, cart.window):
            raise Refusal("sold_out", f"Not enough '{line.name}' left for {line.quantity}.", status=409)
    restock.check(books, cart, delivery)
    if cart.voucher:
        books.events.use_voucher(cart.voucher.code)
    order = Order(
        id=books.new_id(),
        status=OrderStatus.OPEN,
        currency=cart.event.currency,
        lines=cart.lines,
        total_minor=cart.total_minor,
        paid_minor=0,
        voucher=cart.voucher.code if cart.voucher else None,
        member=cart.member.code if cart.member else None,
        opened_at=books.moment.text(),
        rehearsal=books.rehearsal,
        window=cart.window,
        notes=cart.notes,
        hold_min=hold_min,
    )
    books.orders.add(order)
    restock.keep(books, order, delivery)
    data = {"order": order.id, "total_minor": order.total_minor, "lines": _brief(cart.lines), "window": cart.window}
    books.journal.append("order.opened", data)
    stock.note_low(books, [line.offer for line in cart.lines], is_count=False)
    return order


def take_payment(
    books: Books,
    order_id: str,
    tender: str,
    amount_minor: int | None,
    reference: str = "",
    code: str | None = None,
    tip_minor: int = 0,
    paper: bool = True,
) -> Paid:
    """Take money for an order; when nothing is due any more it becomes a sale. Raises Refusal.

    `amount_minor` is what was handed over, tip included: of cash the rest is change, a card is never overpaid.
    `code` is the card of a tender that has a balance here, see stored.py; of a gift card an amount need not be named.
    Without `paper` no receipt is printed now: a guest is asked for it.
    """
    order = payable_order(books, order_id, tender)
    if not order.paid_minor:  # with money in it, it goes on to its end
        unpaid.check_still_unpaid(books, order.lines)
    if tender in STORED:
        check_tip(current_event(books), tip_minor, is_last=False)  # credits and gift cards hold no money to give away
        return receive(books, order, charge(books, order, Tender(tender), amount_minor, code), paper)
    if amount_minor is None:
        raise Refusal("amount", "Say how much was taken.")
    credited, rounding = _credited(books, order, Tender(tender), amount_minor - tip_minor)
    check_caps(books, current_event(books), Tender(tender), amount_minor)
    check_tip(current_event(books), tip_minor, is_last=credited == order.open_minor)
    now = books.moment.text()
    payment = Payment(order.id, Tender(tender), credited, amount_minor, now, reference, rounding, tip_minor=tip_minor)
    return receive(books, order, payment, paper)


def complete_free(books: Books, order_id: str, paper: bool = True) -> Paid:
    """Turn an order that costs nothing into a sale; of `paper` see take_payment. Raises Refusal."""
    order = payable_order(books, order_id)
    if order.due_minor:
        raise Refusal("due", "This order is still to be paid.", status=409)
    return Paid(replace(order, status=OrderStatus.PAID), _complete(books, order, paper), 0)


def payable_order(books: Books, order_id: str, tender: str = Tender.CASH) -> Order:
    """Return an order that more can be paid for by a tender. Raises Refusal."""
    order = _open_order(books, order_id)
    if tender not in set(Tender):
        raise Refusal("tender_unknown", f"This till takes {' and '.join(Tender)}, not '{tender}'.")
    if order.pending_minor and not order.open_minor:
        raise Refusal("pending", "All that is due is being paid by card: settle that payment first.", status=409)
    return order


def check_tender(event: Event, tender: str) -> None:
    """See that an event takes a tender. Raises Refusal."""
    if tender == Tender.TRANSFER and event.transfer is None:
        raise Refusal("no_transfer", "This event takes no transfers: its file has no [transfer].")


def receive(books: Books, order: Order, payment: Payment, paper: bool = True) -> Paid:
    """Keep a payment that was checked; when nothing is due any more its order becomes a sale."""
    books.orders.add_payment(payment)
    data = {"order": order.id, "tender": payment.tender, "amount_minor": payment.amount_minor}
    data["tendered_minor"] = payment.tendered_minor
    for name in ("rounding_minor", "tip_minor"):
        if getattr(payment, name):
            data[name] = getattr(payment, name)
    books.journal.append("payment.taken", data)
    order = replace(order, paid_minor=order.paid_minor + payment.amount_minor)
    if order.due_minor:
        return Paid(order, None, payment.change_minor, payment.balance_after)
    sale = _complete(books, order, paper)
    return Paid(replace(order, status=OrderStatus.PAID), sale, payment.change_minor, payment.balance_after)


def cancel_order(books: Books, order_id: str) -> Order:
    """Give up an open order: its stock and voucher are free again. Raises Refusal."""
    order = _open_order(books, order_id)
    if order.paid_minor:
        raise Refusal("part_paid", "Money was taken for this order: finish it, then refund it.", status=409)
    if order.pending_minor:
        raise Refusal("pending", "A payment of this order is pending: settle it first.", status=409)
    return release(books, order, OrderStatus.CANCELLED)


def expire_orders(books: Books, elapsed_s: int, expire_after_s: int) -> int:
    """Let open orders grow older by `elapsed_s` and give up those that waited too long; return how many.

    Orders with money in them wait for a person. Ages do not follow the wall clock, which may jump.
    """
    books.orders.grow_older(elapsed_s)
    old = [
        order for order in books.orders.older_than(expire_after_s) if not order.paid_minor and not order.pending_minor
    ]
    for order in old:
        release(books, order, OrderStatus.EXPIRED)
    return len(old)


def correct_stock(books: Books, offer: str, counted: int | None, reason: str) -> None:
    """Take a count of what is there, what open orders hold with it; None is without limit. Raises Refusal."""
    known, held = stock.on_shelf(books, offer), books.orders.held(offer)
    left = None if counted is None else counted - held
    if left is not None and left < 0:
        message = f"Open orders hold {held} of '{known.name}': count those as well, or give the orders up first."
        raise Refusal("stock_held", message, status=409)
    books.events.set_stock(offer, left)
    books.journal.append("stock.corrected", {"offer": offer, "from": known.stock, "to": left, "reason": reason})
    stock.note_low(books, [offer])


def _check_credits(lines: Sequence[OrderLine], member: str | None) -> None:
    kinds = {line.kind for line in lines}
    if OfferKind.CREDIT in kinds and not member and OfferKind.MEMBERSHIP not in kinds:
        raise Refusal("member_needed", "Credits go onto a member's card: scan or type it first, or add a membership.")


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


def _credited(books: Books, order: Order, tender: Tender, amount_minor: int) -> tuple[int, int]:
    """Return how much of a payment goes to the order, and by how much cash is rounded if it pays all that is due."""
    event = current_event(books)
    due, step = order.open_minor, event.cash_step_minor
    payable = in_cash(due, step) if tender is Tender.CASH else due
    if not (0 < amount_minor <= MAX_AMOUNT_MINOR or amount_minor == payable == 0):
        raise Refusal("amount", "The amount must be more than nothing, and no more than a till can hold.")
    if tender is not Tender.CASH and amount_minor > due:
        raise Refusal("overpaid", "Only cash can be more than is due: take no more.")
    check_tender(event, tender)
    if due <= amount_minor < payable:  # more than was due, and less than coins can pay: somebody found smaller ones
        return due, amount_minor - due
    return (due, payable - due) if amount_minor >= payable else (amount_minor, 0)


def _complete(books: Books, order: Order, paper: bool) -> Sale:
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
        "lines": [
            said | {"tax": line.tax, "tax_rate_ppm": line.tax_rate_ppm}  # so that the journal alone gives the taxes
            for said, line in zip(_brief(order.lines), order.lines, strict=True)
        ],
        "tenders": [{"tender": payment.tender, "amount_minor": payment.amount_minor} for payment in payments],
        **({"tips_minor": tips} if (tips := sum(payment.tip_minor for payment in payments)) else {}),
        "window": order.window,
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
        window=order.window,
        page=books.new_code() if event.receipt_links else "",
    )
    books.orders.add_sale(sale)
    if paper:
        receipts.to_paper(books, sale, entry.data)
    return sale


def release(books: Books, order: Order, status: OrderStatus) -> Order:
    """Give up an open order that nobody paid: its stock and voucher are free again."""
    for line in order.lines:
        if not line.ticket:
            books.events.return_stock(line.offer, line.quantity, order.window)
    if order.voucher:
        books.events.use_voucher(order.voucher, -1)
    restock.release(books, order)
    books.orders.set_status(order.id, status)
    books.journal.append(f"order.{status}", {"order": order.id})
    return replace(order, status=status)


def _brief(lines: Sequence[OrderLine]) -> list[dict[str, Any]]:
    return [
        {"offer": line.offer, "kind": line.kind, "quantity": line.quantity, "total_minor": line.total_minor}
        | ({"adjustments": _explained(line)} if line.adjustments else {})
        for line in lines
    ]


def _explained(line: OrderLine) -> list[dict[str, Any]]:
    return [{"kind": step.kind, "what": step.what, "amount_minor": step.amount_minor} for step in line.adjustments]
