"""Paying with what a guest has here already: a member's credits, and what is left on a gift card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from appliance.core.codes import ticket_id
from appliance.core.errors import NotFound, Refusal
from appliance.core.money import Currency
from appliance.core.ports import Books
from appliance.core.trade import Event, OfferKind, Order, Payment, Sale, Tender
from appliance.core.vouchers import check_standing
from appliance.services.carts import current_event

STORED = (Tender.CREDIT, Tender.VOUCHER)


def charge(books: Books, order: Order, tender: Tender, amount_minor: int | None, code: str | None) -> Payment:
    """Take so much of an order off a balance (None: as much as it holds and is due). Raises Refusal."""
    if order.open_minor <= 0 or (amount_minor is not None and amount_minor <= 0):
        raise Refusal("amount", "The amount must be more than nothing.")
    if amount_minor is not None and amount_minor > order.open_minor:
        raise Refusal("overpaid", f"Only {_due(order)} is due: take no more.")
    take = _spend_credits if tender is Tender.CREDIT else _spend_voucher
    amount, account, left = take(books, order, amount_minor, (code or "").strip().upper())
    return Payment(order.id, tender, amount, amount, books.moment.text(), account=account, balance_after=left)


def give_back(books: Books, sale: Sale, tender: Tender, amount_minor: int) -> None:
    """Give a refund back to where the money came from, never more than came from there. Raises Refusal.

    It must be called before the refund is kept: what was given back so far says whose turn it is.
    """
    before = books.orders.refunded_by(sale.number, tender)
    paid = [(one.account, one.amount_minor) for one in sale.payments if one.tender is tender]
    if before + amount_minor > sum(amount for _, amount in paid):
        left = Currency(sale.currency).text(sum(amount for _, amount in paid) - before)
        raise Refusal("not_paid_so", f"Of this sale {left} can go back by {tender}: give the rest back otherwise.")
    for account, part in _parts(paid, before, amount_minor):
        if tender is Tender.CREDIT:
            _return_credits(books, account, part)
        else:
            books.events.change_balance(account, part)
            books.journal.append("voucher.returned", {"voucher": account, "amount_minor": part})


def returnable(event: Event, tender: Tender, amount_minor: int) -> int:
    """Round an amount down to what a tender can give back: credits go back whole."""
    value = event.credit_value_minor if tender is Tender.CREDIT else None
    return amount_minor - amount_minor % (value or 1)


def _spend_credits(books: Books, order: Order, amount_minor: int | None, code: str) -> tuple[int, str, int]:
    event = current_event(books)
    if any(line.kind is OfferKind.CREDIT for line in order.lines):  # ten for the price of nine would breed
        raise Refusal("credits_for_credits", "Credits do not buy credits: take the money in another way.")
    card = code or order.member
    if not card:
        raise Refusal("member_needed", "Credits are on a member's card: scan or type it.")
    member = books.tickets.member(card)
    if member is None:
        raise NotFound("member_unknown", f"There is no member '{card}': check the card.")
    value = _value(event)
    credits = min(member.credits, order.open_minor // value) if amount_minor is None else _credits(event, amount_minor)
    if not credits:
        raise Refusal("credits_short", f"No credits are left on this card for {_due(order)}.", status=409)
    if credits > member.credits:
        raise Refusal("credits_short", f"This takes {credits} credits, and the card has {member.credits}.", status=409)
    books.tickets.add_credits(member.code, -credits)
    data = {"member_sha256": ticket_id(member.code), "credits": credits, "order": order.id}
    books.journal.append("credits.spent", data)
    return credits * value, member.code, member.credits - credits


def _spend_voucher(books: Books, order: Order, amount_minor: int | None, code: str) -> tuple[int, str, int]:
    voucher = books.events.voucher(code) if code else None
    if voucher is None:
        raise NotFound("voucher_unknown", f"There is no gift card '{code}' at this event: check how it is written.")
    if voucher.left_minor is None:
        message = "This voucher holds no balance: it takes something off the price of an order."
        raise Refusal("no_balance", message)
    check_standing(voucher, current_event(books), books.moment.text())
    if voucher.left_minor == 0:
        raise Refusal("voucher_empty", "Nothing is left on this gift card.", status=409)
    amount = min(order.open_minor if amount_minor is None else amount_minor, voucher.left_minor)
    books.events.change_balance(voucher.code, -amount)
    left = voucher.left_minor - amount
    data = {"voucher": voucher.code, "amount_minor": amount, "left_minor": left, "order": order.id}
    books.journal.append("voucher.spent", data)
    return amount, voucher.code, left


def _due(order: Order) -> str:
    return Currency(order.currency).text(order.open_minor)


def _value(event: Event) -> int:
    """Return what a credit is worth. Raises Refusal where it is worth nothing."""
    if event.credit_value_minor is None:
        raise Refusal("no_credit_value", "At this event credits do not pay amounts: take the money in another way.")
    return event.credit_value_minor


def _credits(event: Event, amount_minor: int) -> int:
    """Return how many credits an amount is. Raises Refusal: only whole credits are spent."""
    value = _value(event)
    if amount_minor % value:
        worth = Currency(event.currency).text(value)
        raise Refusal("whole_credits", f"A credit is worth {worth}: choose an amount that whole credits make up.")
    return amount_minor // value


def _return_credits(books: Books, card: str, amount_minor: int) -> None:
    if books.tickets.member(card) is None:
        raise Refusal("member_unknown", "The member's card is not on this box any more: give it back otherwise.")
    credits = _credits(current_event(books), amount_minor)
    books.tickets.add_credits(card, credits)
    books.journal.append("credits.returned", {"member_sha256": ticket_id(card), "credits": credits})


def _parts(paid: Sequence[tuple[str, int]], before: int, amount_minor: int) -> Iterator[tuple[str, int]]:
    """Share a refund over the accounts in the order of their payments, after what was given back before."""
    end = 0
    for account, amount in paid:
        begin, end = end, end + amount
        part = min(end, before + amount_minor) - max(begin, before)
        if part > 0:
            yield account, part
