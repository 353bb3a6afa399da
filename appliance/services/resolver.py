"""What a code is: a ticket, a voucher, a member card, a product, an order slip, a receipt, or nothing known."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from appliance.core.clock import local_time
from appliance.core.codes import SignedFound, SignedReader, barcode_key, cases, is_barcode
from appliance.core.holders import CodeSecret, fast_secret, is_weak, slow_secret
from appliance.core.money import Currency
from appliance.core.ports import Books
from appliance.core.shortcode import is_mistyped
from appliance.core.trade import Order, OrderStatus, Ticket, TicketStatus, order_code
from appliance.core.unitprice import unit_price
from appliance.core.verdict import CodeKind, Decision, Verdict
from appliance.core.vouchers import objection, worth

_ORDER_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ORDER_CODE = re.compile(r"[0-9A-F]{5}")
_LINK = re.compile(r"/r/([A-Z0-9]{12})$")  # the code at the end of a receipt
_RECEIPT = re.compile(r"RECEIPT[ -]([1-9][0-9]{0,14})")


@dataclass(frozen=True, slots=True)
class TicketFound:
    """A ticket, and its holder's name if there is one.

    `is_new`: no list has it, and its signature is all that speaks for it.
    """

    ticket: Ticket
    is_new: bool = False
    holder: str = ""


def resolve(books: Books, code: str, readers: Sequence[SignedReader] = ()) -> TicketFound | Verdict | str:
    """Say what a code is: a ticket to decide about, a verdict that only tells, or why it is no ticket here."""
    signed = next(filter(None, (reader(code) for reader in readers)), None)
    if found := _ticket(books, code, signed):
        return found
    for look in _TELLERS:
        if told := look(books, code):
            return told
    if signed:
        return signed.problem
    return "mistyped" if is_mistyped(code) else "unknown"


def _ticket(books: Books, code: str, signed: SignedFound | None) -> TicketFound | None:
    found = listed(books, code)
    if signed is None or signed.problem:
        return found
    kept = books.tickets.find(signed.id)
    if kept and found and kept.id != found.ticket.id:  # its uses by the payload, its standing by the list
        return replace(found, ticket=replace(kept, status=found.ticket.status, note=found.ticket.note))
    if known := found or (TicketFound(kept) if kept else None):
        return replace(known, ticket=_completed(known.ticket, signed))
    return TicketFound(_of_signature(signed), is_new=True)


def listed(books: Books, code: str) -> TicketFound | None:
    """Find the ticket of a code, with its holder and note, which only the code opens.

    First by its fast id; the slow one is derived only while the store keeps tickets under such.
    """
    for spelling in cases(code):
        if found := _opened(books, fast_secret(spelling)):
            return found
    salt = books.holders.slow_salt()
    if salt is None:
        return None
    short = filter(is_weak, cases(code))
    return next(filter(None, (_opened(books, slow_secret(spelling, salt)) for spelling in short)), None)


def _opened(books: Books, secret: CodeSecret) -> TicketFound | None:
    ticket = books.tickets.find(secret.id)
    if ticket is None:
        return None
    own = CodeSecret(ticket.id, secret.key)  # another code of the ticket leads to it, and opens nothing
    holder = books.holders.open(own) if ticket.holder else None
    if holder is None:
        return TicketFound(ticket)
    return TicketFound(replace(ticket, note=holder.note), holder=holder.name)


def _completed(ticket: Ticket, signed: SignedFound) -> Ticket:
    """What a list leaves out, the signature says."""
    return replace(
        ticket,
        product=ticket.product or signed.product,
        valid_from=ticket.valid_from or signed.valid_from,
        valid_until=ticket.valid_until or signed.valid_until,
        entries_allowed=signed.entries_allowed if ticket.entries_allowed is None else ticket.entries_allowed,
    )


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
    event = books.events.current()
    if event is None:
        return None
    objected = objection(voucher, event, books.moment.text())
    told = objected[1] if objected else f"A voucher: {worth(voucher, event)} at the till."
    return _tell(CodeKind.VOUCHER, "Voucher", told)


def _member(books: Books, code: str) -> Verdict | None:
    member = books.tickets.member(code.upper())
    if member is None:
        return None
    since = "A member"
    if member.valid_until:
        event = books.events.current()
        end = local_time(member.valid_until, event.time_zone if event else "UTC")
        since = f"A member until {end}" if member.is_valid(books.moment.text()) else f"The membership ended at {end}"
    return _tell(CodeKind.MEMBER, "Member", f"{since}, with {member.credits} credits.")


def _product(books: Books, code: str) -> Verdict | None:
    if not is_barcode(code):
        return None
    offers = [offer for offer in books.events.offers() if offer.barcode]
    found = next((offer for offer in offers if barcode_key(offer.barcode) == barcode_key(code)), None)
    event = books.events.current()
    if found is None or event is None:
        return None
    left = "" if found.stock is None else f", {found.stock} left"
    now = unit_price(event, found, books.moment.text()).now_minor
    return _tell(CodeKind.PRODUCT, found.name, f"{Currency(event.currency).text(now)}{left}.", found.id)


def _order(books: Books, code: str) -> Verdict | None:
    order = None
    if _ORDER_ID.fullmatch(code.lower()):
        order = books.orders.get(code.lower())
    elif _ORDER_CODE.fullmatch(code.upper()):
        order = next((one for one in books.orders.open() if order_code(one.id) == code.upper()), None)
    return _tell(CodeKind.ORDER, f"Order {order_code(order.id)}", _standing(order), order.id) if order else None


def _standing(order: Order) -> str:
    if order.status is OrderStatus.OPEN:
        return f"{Currency(order.currency).text(order.due_minor)} is to be paid at the till."
    return f"This order is {order.status}."


def _receipt(books: Books, code: str) -> Verdict | None:
    if match := _RECEIPT.fullmatch(code.upper()):
        sale = books.orders.sale(int(match[1]))
    else:
        link = _LINK.search(code)
        sale = books.orders.sale_of_page(link[1]) if link else None
    if sale is None:
        return None
    money = Currency(sale.currency).text
    back = f", {money(sale.refunded_minor)} given back" if sale.refunded_minor else ""
    return _tell(CodeKind.ORDER, f"Receipt {sale.number}", f"{money(sale.total_minor)} paid{back}.")


_TELLERS: tuple[Callable[[Books, str], Verdict | None], ...] = (_voucher, _member, _product, _order, _receipt)


def _tell(kind: CodeKind, title: str, message: str, names: str = "") -> Verdict:
    return Verdict(Decision.INFO, kind, title, message, names=names)
