"""Giving back: whole sales or single lines, never more than was sold, the sale itself stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from appliance.core.errors import NotFound, Refusal
from appliance.core.money import in_cash
from appliance.core.ports import Books
from appliance.core.pricing import Wanted, refund_amount
from appliance.core.receipt import refund_slip, signed_paper
from appliance.core.trade import ParcelState, RefundLine, RefundPart, Sale, Tender
from appliance.services import restock as later
from appliance.services.carts import current_event
from appliance.services.cashiers import signed_by
from appliance.services.revoking import take_back_cards
from appliance.services.spans import event_of, is_of_this_event
from appliance.services.stored import STORED, give_back, returnable
from appliance.services.till import check_rehearsal
from appliance.services.unpaid import GivenBack, take_back


@dataclass(frozen=True, slots=True)
class Refunded:
    """What was given back of a sale, and by which tenders."""

    number: int
    sale: Sale
    lines: tuple[RefundLine, ...]
    amount_minor: int
    parts: tuple[RefundPart, ...]
    seq: int
    tickets: tuple[GivenBack, ...] = ()

    @property
    def tender(self) -> Tender:
        """The tender by which most, or all, goes back."""
        return self.parts[0].tender

    @property
    def paid_out_minor(self) -> int:
        """What is handed over: rounded, if in cash, and with the tips of a sale that is voided."""
        return sum(part.paid_out_minor for part in self.parts)


def refund(
    books: Books,
    number: int,
    lines: Sequence[Wanted],
    reason: str,
    tender: str | None = None,
    restock: bool = True,
) -> Refunded:
    """Give back some lines of a sale, or all that is left of it if none are named. Raises Refusal.

    Without a tender it goes back as it came: by the tender that paid most, if that much came by it, else by several.
    """
    sale = _sale(books, number)
    if tender is not None and tender not in set(Tender):
        raise Refusal("tender_unknown", f"This till gives back {' or '.join(Tender)}, not '{tender}'.")
    back = _refund_lines(books, sale, lines)
    amount = sum(line.amount_minor for line in back)
    ways = {Tender(tender): amount} if tender else _as_it_came(books, sale, amount)
    parts = [RefundPart(way, part, _rounding(books, sale, way, part)) for way, part in ways.items()]
    return _give_back(books, sale, back, parts, reason, restock=restock)


def void(books: Books, number: int, reason: str) -> Refunded:
    """Undo a sale of this shift as if it had not been: all of it, tips too, back as it came. Raises Refusal."""
    sale = _sale(books, number)
    why_not = why_no_void(books, sale)
    if why_not:
        raise Refusal("not_voidable", why_not, status=409)
    ways = _as_it_came(books, sale, sale.total_minor)
    tips = {way: sum(one.tip_minor for one in sale.payments if one.tender is way) for way in ways}
    rounded = {way: sum(one.rounding_minor for one in sale.payments if one.tender is way) for way in ways}
    parts = [RefundPart(way, part, rounded[way], tips[way]) for way, part in ways.items()]
    done = _give_back(books, sale, _refund_lines(books, sale, ()), parts, reason, is_void=True)
    order = books.orders.get(sale.order_id)
    if order and order.voucher and is_of_this_event(books, sale):
        books.events.use_voucher(order.voucher, -1)
    if any(ticket.was_used for ticket in done.tickets):
        raise Refusal(
            "ticket_used", "A ticket of this sale is in use: give back what is not, line by line.", status=409
        )
    return done


def why_no_void(books: Books, sale: Sale) -> str:
    """Tell why a sale cannot be voided; empty: it can."""
    if books.orders.refunded(sale.number):
        return "Something of this sale was given back already: give back the rest."
    closed = books.shifts.last_closed()
    if closed and closed.closed_seq is not None and sale.seq < closed.closed_seq:
        return "The shift of this sale is closed: give it back instead."
    parcel = books.restock.get(sale.order_id)
    if parcel and parcel.state in (ParcelState.HANDED_OVER, ParcelState.PICKED_UP):
        return "Its parcel left already: give it back instead."
    return ""


def _sale(books: Books, number: int) -> Sale:
    sale = books.orders.sale(number)
    if sale is None:
        raise NotFound("sale_unknown", f"There is no sale {number} on this box.")
    check_rehearsal(books, sale.rehearsal)
    if sale.currency != current_event(books).currency:
        message = f"This sale was in {sale.currency}: load an event in {sale.currency} to give it back."
        raise Refusal("other_currency", message, status=409)
    return sale


def _give_back(
    books: Books,
    sale: Sale,
    back: Sequence[RefundLine],
    parts: Sequence[RefundPart],
    reason: str,
    restock: bool = True,
    is_void: bool = False,
) -> Refunded:
    take_back_cards(books, sale, back)
    for part in parts:
        if part.tender in STORED:
            give_back(books, sale, part.tender, part.amount_minor)
    before = books.orders.refunded(sale.number)
    entry = books.journal.append("sale.refunded", _told(sale, back, parts, reason, is_void))
    now = books.moment.text()
    number = books.orders.add_refund(sale.number, back, parts, reason, now, entry.seq, is_void)
    tickets = take_back(books, sale, back)
    elsewhere = {line.offer for line in sale.lines if line.ticket} | later.never_on_shelf(sale.lines)
    for line in back if restock and is_of_this_event(books, sale) else ():  # another event's shelf is not this one's
        if line.offer not in elsewhere:  # they never were on the shelf
            books.events.return_stock(line.offer, line.quantity, sale.window)
    later.take_back(books, sale)
    event = event_of(books, sale)
    slip = signed_paper(refund_slip(sale, number, back, parts, event, now, is_void, before), entry.data, event.texts)
    books.prints.add("refund", f"refund {number}", signed_by(books, slip).to_json())
    amount = sum(part.amount_minor for part in parts)
    left = replace(sale, refunded_minor=sale.refunded_minor + amount)
    return Refunded(number, left, tuple(back), amount, tuple(parts), entry.seq, tickets)


def _told(
    sale: Sale, back: Sequence[RefundLine], parts: Sequence[RefundPart], reason: str, is_void: bool
) -> dict[str, Any]:
    taxes = {line.offer: (line.tax, line.tax_rate_ppm) for line in sale.lines}
    rounding, tips = sum(part.rounding_minor for part in parts), sum(part.tip_minor for part in parts)
    return {
        "sale": sale.number,
        "tender": parts[0].tender,
        "tenders": [_part_told(part) for part in parts],
        "amount_minor": sum(part.amount_minor for part in parts),
        "reason": reason,
        "lines": [asdict(line) | dict(zip(("tax", "tax_rate_ppm"), taxes[line.offer], strict=True)) for line in back],
        **({"rounding_minor": rounding} if rounding else {}),
        **({"tips_minor": tips} if tips else {}),
        **({"void": True} if is_void else {}),
    }


def _part_told(part: RefundPart) -> dict[str, Any]:
    always = {"tender": part.tender, "amount_minor": part.amount_minor}
    more = {"rounding_minor": part.rounding_minor, "tip_minor": part.tip_minor}
    return always | {name: amount for name, amount in more.items() if amount}


def _as_it_came(books: Books, sale: Sale, amount: int) -> dict[Tender, int]:
    """Share an amount over the tenders that paid: one of them, if that much came by it; the largest first.

    What whole credits leave over, and nothing else paid, is cash.
    """
    event = current_event(books)
    came: dict[Tender, int] = {}
    for payment in sale.payments:
        came[payment.tender] = came.get(payment.tender, 0) + payment.amount_minor
    left = {tender: max(0, paid - books.orders.refunded_by(sale.number, tender)) for tender, paid in came.items()}
    enough = [tender for tender in left if returnable(event, tender, min(left[tender], amount)) == amount]
    if enough or not left:
        return {max(enough, key=lambda tender: came[tender], default=Tender.CASH): amount}
    ways: dict[Tender, int] = {}
    for tender in sorted(left, key=lambda tender: (tender is not Tender.CREDIT, tender not in STORED)):
        ways[tender] = returnable(event, tender, min(left[tender], amount - sum(ways.values())))
    ways[Tender.CASH] = ways.get(Tender.CASH, 0) + amount - sum(ways.values())
    return {tender: ways[tender] for tender in sorted(ways, key=lambda tender: -ways[tender]) if ways[tender]}


def _rounding(books: Books, sale: Sale, tender: Tender, amount: int) -> int:
    """Round cash so that refunds in any split come to what a refund of it all would have given back."""
    if tender is not Tender.CASH:
        return 0
    step, before = current_event(books).cash_step_minor, books.orders.refunded_by(sale.number, tender)
    return in_cash(before + amount, step) - in_cash(before, step) - amount


def _refund_lines(books: Books, sale: Sale, wanted: Sequence[Wanted]) -> tuple[RefundLine, ...]:
    back = books.orders.refunded(sale.number)
    sold = {line.offer: line for line in sale.lines}
    if not wanted:
        left = [Wanted(line.offer, line.quantity - back.get(line.offer, 0)) for line in sale.lines]
        wanted = [item for item in left if item.quantity > 0]
        if not wanted:
            raise Refusal("refunded", f"All of sale {sale.number} was given back already.", status=409)
    if len({item.offer for item in wanted}) < len(wanted):
        raise Refusal("line_twice", "Name each offer once.")
    lines = []
    for item in wanted:
        line = sold.get(item.offer)
        if line is None:
            raise Refusal("not_in_sale", f"Sale {sale.number} has no '{item.offer}'.")
        before = back.get(item.offer, 0)
        if not 1 <= item.quantity <= line.quantity - before:
            raise Refusal("too_many", f"Of '{line.name}' {line.quantity - before} can be given back.", status=409)
        lines.append(RefundLine(item.offer, item.quantity, refund_amount(line, before, item.quantity)))
    return tuple(lines)
