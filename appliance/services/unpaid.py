"""Tickets in the till's hands: unpaid ones that are paid on the spot, and those that a refund takes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from appliance.core.codes import normalise, ticket_id
from appliance.core.errors import NotFound, Refusal
from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.core.trade import Event, OfferKind, OrderLine, RefundLine, Sale, Ticket, TicketStatus
from appliance.services.resolver import listed


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A ticket that a refund took back: the line's offer, the ticket's id, and whether somebody came in with it."""

    offer: str
    ticket: str
    was_used: bool


def due(books: Books, event: Event, wanted: Sequence[Wanted]) -> Sequence[Wanted]:
    """Put each ticket's id and what is due for it in the place of its code or id. Raises Refusal."""
    return [_due(books, event, item) if item.ticket else item for item in wanted]


def check_still_unpaid(books: Books, lines: Sequence[OrderLine]) -> None:
    """See that nobody pays for a ticket that a list has settled in the meantime. Raises Refusal."""
    for line in lines:
        ticket = books.tickets.find(line.ticket) if line.ticket else None
        if line.ticket and (ticket is None or ticket.status is not TicketStatus.UNPAID):
            raise _not_unpaid(ticket)


def settle(books: Books, line: OrderLine) -> None:
    """Make a ticket valid that was paid with a line. What a list took away meanwhile stays taken away."""
    ticket = books.tickets.find(line.ticket)
    if ticket is not None and ticket.status is TicketStatus.UNPAID:
        books.tickets.set_status(line.ticket, TicketStatus.VALID)
    books.tickets.keep_paid_here(line.ticket, True)
    books.journal.append("ticket.paid", {"ticket": line.ticket[:16], "offer": line.offer})


def take_back(books: Books, sale: Sale, back: Sequence[RefundLine]) -> tuple[GivenBack, ...]:
    """Undo what refunded lines gave: tickets sold here admit nobody any more, paid ones are unpaid again."""
    sold = {line.offer: line for line in sale.lines}
    taken: list[GivenBack] = []
    for one in back:
        line = sold[one.offer]
        if line.ticket:
            taken.append(_unsettle(books, line))
        elif line.kind is OfferKind.TICKET:
            taken += [_end(books, line, ticket) for ticket in _to_end(books, sale.granted, line, one.quantity)]
    return tuple(taken)


def _due(books: Books, event: Event, item: Wanted) -> Wanted:
    ticket = _find(books, item.ticket)
    if ticket.status is not TicketStatus.UNPAID:
        raise _not_unpaid(ticket)
    if books.orders.is_being_paid(ticket.id):
        raise Refusal("ticket_in_order", "This ticket is in an open order already: take that one's money.", status=409)
    offer = next((known for known in event.offers if known.id == item.offer), None)
    if offer is None:
        raise NotFound("offer_unknown", f"There is no offer '{item.offer}' at this event.")
    paid_as = next((known.offer for known in event.ticket_types if known.product == ticket.product), "")
    if offer.kind is not OfferKind.TICKET or paid_as not in ("", offer.id):
        right = f"as '{paid_as}'" if paid_as else "as an offer of the kind ticket"
        raise Refusal("wrong_offer", f"This ticket is paid {right}, not as '{offer.id}'.")
    return replace(item, ticket=ticket.id, price_minor=ticket.price_due_minor or offer.price_minor)


def _find(books: Books, code_or_id: str) -> Ticket:
    """Find a ticket by its code, or by its id as the search by name tells it. Raises NotFound."""
    code = normalise(code_or_id)
    found = listed(books, code) if code else None
    ticket = found.ticket if found else books.tickets.find(code_or_id)
    if ticket is None:
        raise NotFound("ticket_unknown", "This ticket is on no list of this box.")
    return ticket


def _not_unpaid(ticket: Ticket | None) -> Refusal:
    standing = ticket.status.value if ticket else "on no list any more"
    return Refusal("ticket_not_unpaid", f"This ticket is {standing}: there is nothing to pay for it.", status=409)


def _unsettle(books: Books, line: OrderLine) -> GivenBack:
    ticket = books.tickets.find(line.ticket)
    books.tickets.keep_paid_here(line.ticket, False)
    if ticket is not None and ticket.status is TicketStatus.VALID:
        books.tickets.set_status(line.ticket, TicketStatus.UNPAID)
    books.journal.append("ticket.unpaid", {"ticket": line.ticket[:16], "offer": line.offer})
    return GivenBack(line.offer, line.ticket, ticket is not None and ticket.first_used_at is not None)


def _to_end(books: Books, granted: Mapping[str, str], line: OrderLine, quantity: int) -> Sequence[Ticket]:
    """Pick as many of a line's tickets as are refunded: those that nobody used come first."""
    ids = [ticket_id(code) for what, code in granted.items() if what.rpartition("-")[0] == f"ticket-{line.offer}"]
    found = [ticket for ticket in map(books.tickets.find, ids) if ticket is not None]
    good = [ticket for ticket in found if ticket.status is TicketStatus.VALID]
    return sorted(good, key=lambda ticket: ticket.first_used_at is not None)[:quantity]


def _end(books: Books, line: OrderLine, ticket: Ticket) -> GivenBack:
    books.tickets.set_status(ticket.id, TicketStatus.CANCELLED)
    books.journal.append("ticket.given_back", {"ticket": ticket.id[:16], "offer": line.offer})
    return GivenBack(line.offer, ticket.id, ticket.first_used_at is not None)
