"""What a code is: a ticket, a voucher, a member card, a product, an order slip, a receipt, or nothing known."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from appliance.core.codes import SignedFound, SignedReader, barcode_key, cases, is_barcode, ticket_id
from appliance.core.money import Currency
from appliance.core.ports import Books
from appliance.core.trade import Order, OrderStatus, Ticket, TicketStatus, order_code
from appliance.core.verdict import CodeKind, Decision, Verdict

_ORDER_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ORDER_CODE = re.compile(r"[0-9A-F]{5}")
_RECEIPT = re.compile(r"RECEIPT[ -]([1-9][0-9]{0,14})")


@dataclass(frozen=True, slots=True)
class TicketFound:
    """A ticket. `is_new` if no list has it and its signature is all that speaks for it."""

    ticket: Ticket
    is_new: bool = False


def resolve(books: Books, code: str, readers: Sequence[SignedReader] = ()) -> TicketFound | Verdict | str:
    """Say what a code is: a ticket to decide about, a verdict that only tells, or why it is no ticket here."""
    signed = next(filter(None, (reader(code) for reader in readers)), None)
    if found := _ticket(books, code, signed):
        return found
    for look in _TELLERS:
        if told := look(books, code):
            return told
    return signed.problem if signed else "unknown"


def _ticket(books: Books, code: str, signed: SignedFound | None) -> TicketFound | None:
    listed = next(filter(None, (books.tickets.find(ticket_id(spelling)) for spelling in cases(code))), None)
    if signed is None or signed.problem:
        return TicketFound(listed) if listed else None
    kept = books.tickets.find(signed.id)
    if kept and listed and kept.id != listed.id:  # its uses by the payload, its standing by the list
        return TicketFound(replace(kept, status=listed.status, note=listed.note))
    if known := kept or listed:
        return TicketFound(known)
    return TicketFound(_of_signature(signed), is_new=True)


def _of_signature(signed: SignedFound) -> Ticket:
    return Ticket(
        signed.id,
        signed.product,
        TicketStatus.VALID,
        event=signed.event,
        valid_from=signed.valid_from,
        valid_until=signed.valid_until,
        entries_allowed=signed.entries_allowed,
    )


def _voucher(books: Books, code: str) -> Verdict | None:
    voucher = books.events.voucher(code.upper())
    if voucher is None:
        return None
    if voucher.uses is not None and voucher.used >= voucher.uses:
        return _tell(CodeKind.VOUCHER, "Voucher", "This voucher is used up.")
    worth = f"{voucher.percent_off} %" if voucher.percent_off else _money(books, voucher.amount_off_minor)
    return _tell(CodeKind.VOUCHER, "Voucher", f"A voucher: {worth} off at the till.")


def _member(books: Books, code: str) -> Verdict | None:
    member = books.tickets.member(code.upper())
    return _tell(CodeKind.MEMBER, "Member", f"A member, with {member.credits} credits.") if member else None


def _product(books: Books, code: str) -> Verdict | None:
    if not is_barcode(code):
        return None
    offers = [offer for offer in books.events.offers() if offer.barcode]
    found = next((offer for offer in offers if barcode_key(offer.barcode) == barcode_key(code)), None)
    if found is None:
        return None
    left = "" if found.stock is None else f", {found.stock} left"
    return _tell(CodeKind.PRODUCT, found.name, f"{_money(books, found.price_minor)}{left}.")


def _order(books: Books, code: str) -> Verdict | None:
    order = None
    if _ORDER_ID.fullmatch(code.lower()):
        order = books.orders.get(code.lower())
    elif _ORDER_CODE.fullmatch(code.upper()):
        order = next((one for one in books.orders.open() if order_code(one.id) == code.upper()), None)
    return _tell(CodeKind.ORDER, f"Order {order_code(order.id)}", _standing(order)) if order else None


def _standing(order: Order) -> str:
    if order.status is OrderStatus.OPEN:
        return f"{Currency(order.currency).text(order.due_minor)} is to be paid at the till."
    return f"This order is {order.status}."


def _receipt(books: Books, code: str) -> Verdict | None:
    match = _RECEIPT.fullmatch(code.upper())
    sale = books.orders.sale(int(match[1])) if match else None
    if sale is None:
        return None
    money = Currency(sale.currency).text
    back = f", {money(sale.refunded_minor)} given back" if sale.refunded_minor else ""
    return _tell(CodeKind.ORDER, f"Receipt {sale.number}", f"{money(sale.total_minor)} paid{back}.")


_TELLERS: tuple[Callable[[Books, str], Verdict | None], ...] = (_voucher, _member, _product, _order, _receipt)


def _tell(kind: CodeKind, title: str, message: str) -> Verdict:
    return Verdict(Decision.INFO, kind, title, message)


def _money(books: Books, amount_minor: int) -> str:
    event = books.events.current()
    return Currency(event.currency).text(amount_minor) if event else str(amount_minor)
