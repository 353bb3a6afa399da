"""Giving back: whole sales or single lines, never more than was sold, the sale itself stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from appliance.core.errors import NotFound, Refusal
from appliance.core.ports import Books
from appliance.core.pricing import Wanted, refund_amount
from appliance.core.receipt import refund_slip
from appliance.core.trade import RefundLine, Sale, Tender
from appliance.services.till import check_rehearsal, current_event


@dataclass(frozen=True, slots=True)
class Refunded:
    """What was given back of a sale."""

    number: int
    sale: Sale
    lines: tuple[RefundLine, ...]
    amount_minor: int
    tender: str
    seq: int


def refund(
    books: Books,
    number: int,
    lines: Sequence[Wanted],
    reason: str,
    tender: str = Tender.CASH,
    restock: bool = True,
) -> Refunded:
    """Give back some lines of a sale, or all that is left of it if none are named. Raises Refusal."""
    sale = books.orders.sale(number)
    if sale is None:
        raise NotFound("sale_unknown", f"There is no sale {number} on this box.")
    check_rehearsal(books, sale.rehearsal)
    if tender not in set(Tender):
        raise Refusal("tender_unknown", f"This till gives back {' or '.join(Tender)}, not '{tender}'.")
    back = _refund_lines(books, sale, lines)
    amount = sum(line.amount_minor for line in back)
    entry = books.journal.append(
        "sale.refunded",
        {
            "sale": number,
            "tender": tender,
            "amount_minor": amount,
            "reason": reason,
            "lines": [{"offer": line.offer, "quantity": line.quantity} for line in back],
        },
    )
    now = books.moment.text()
    refund_number = books.orders.add_refund(number, back, tender, reason, now, entry.seq)
    if restock:
        for line in back:
            books.events.return_stock(line.offer, line.quantity)
    slip = refund_slip(sale, refund_number, back, tender, current_event(books), now)
    books.prints.add("refund", f"refund {refund_number}", slip.to_json())
    left = replace(sale, refunded_minor=sale.refunded_minor + amount)
    return Refunded(refund_number, left, back, amount, tender, entry.seq)


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
