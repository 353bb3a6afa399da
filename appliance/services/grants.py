"""What a sale brings besides goods: tickets, memberships, credits."""

from __future__ import annotations

from appliance.core.admission import ticket_id
from appliance.core.ports import Books
from appliance.core.trade import Event, Member, OfferKind, Order, OrderLine, Ticket, TicketStatus

CODE_LENGTH = 10  # of 32 letters and digits: 50 bits


def grant(books: Books, order: Order, event: Event) -> dict[str, str]:
    """Hand out what an order brings besides goods, once it is paid; return the codes by what they are for."""
    granted: dict[str, str] = {}
    for line in order.lines:
        if line.kind is OfferKind.TICKET:
            for count in range(1, line.quantity + 1):
                granted[f"ticket-{line.offer}-{count}"] = _issue_ticket(books, line, event)
        elif line.kind is OfferKind.MEMBERSHIP:
            for count in range(1, line.quantity + 1):
                granted[f"member-{line.offer}-{count}"] = _join(books, line)
        elif line.kind is OfferKind.CREDIT and order.member:
            _add_credits(books, order.member, line)
    return granted


def _issue_ticket(books: Books, line: OrderLine, event: Event) -> str:
    code = books.new_code(CODE_LENGTH)
    product = event.admits[0] if event.admits else line.offer
    books.tickets.import_all([Ticket(ticket_id(code), product, TicketStatus.VALID)])
    books.journal.append("ticket.issued", {"ticket": ticket_id(code)[:16], "offer": line.offer, "product": product})
    return code


def _join(books: Books, line: OrderLine) -> str:
    code = "M" + books.new_code(CODE_LENGTH)
    books.tickets.add_member(Member(code, 0, books.moment.text()))
    books.journal.append("member.joined", {"member_sha256": ticket_id(code), "offer": line.offer})
    return code


def _add_credits(books: Books, member: str, line: OrderLine) -> None:
    books.tickets.add_credits(member, line.credits)
    books.journal.append("credits.bought", {"member_sha256": ticket_id(member), "credits": line.credits})
