"""What a sale brings besides goods: tickets, memberships, credits."""

from __future__ import annotations

from datetime import timedelta

from appliance.core.admission import ticket_id
from appliance.core.clock import parse_timestamp, timestamp
from appliance.core.ports import Books
from appliance.core.trade import Event, Member, OfferKind, Order, OrderLine, Ticket, TicketStatus
from appliance.services.unpaid import settle


def grant(books: Books, order: Order, event: Event) -> dict[str, str]:
    """Hand out what an order brings besides goods, once it is paid; return the codes by what they are for.

    The first membership of an order with a member's card renews that card. Credits go onto the card; without one onto
    the first that comes with the order.
    """
    granted: dict[str, str] = {}
    for line in order.lines:
        if line.ticket:
            settle(books, line)
    for line in _of_kind(order, OfferKind.TICKET):
        for count in range(1, line.quantity + 1):
            granted[f"ticket-{line.offer}-{count}"] = _issue_ticket(books, line, event)
    members = _memberships(books, order, event)
    card = order.member or next(iter(members.values()), None)
    for line in _of_kind(order, OfferKind.CREDIT):
        if card:
            _add_credits(books, card, line)
    return granted | members


def _of_kind(order: Order, kind: OfferKind) -> list[OrderLine]:
    return [line for line in order.lines if line.kind is kind and not line.ticket]


def _issue_ticket(books: Books, line: OrderLine, event: Event) -> str:
    code = books.new_code()
    product = _product(event, line.offer)
    books.tickets.import_all([Ticket(ticket_id(code), product, TicketStatus.VALID, event=event.id)])
    books.journal.append("ticket.issued", {"ticket": ticket_id(code)[:16], "offer": line.offer, "product": product})
    return code


def _product(event: Event, offer: str) -> str:
    """Return the product of a ticket that is sold: of the type that names its offer, else what the door admits."""
    named = next((known.product for known in event.ticket_types if known.offer == offer), None)
    return named or (event.admits[0] if event.admits else offer)


def _memberships(books: Books, order: Order, event: Event) -> dict[str, str]:
    """Renew the card of the order once, if there is one; make new cards for the other memberships."""
    granted: dict[str, str] = {}
    to_renew = books.tickets.member(order.member) if order.member else None
    for line in _of_kind(order, OfferKind.MEMBERSHIP):
        for count in range(1, line.quantity + 1):
            if to_renew:
                _renew(books, to_renew, line, event)
                to_renew = None
            else:
                granted[f"member-{line.offer}-{count}"] = _join(books, line, event)
    return granted


def _join(books: Books, line: OrderLine, event: Event) -> str:
    code, now = books.new_code(), books.moment.text()
    until = _until(event, line.offer, now)
    books.tickets.add_member(Member(code, 0, now, until))
    data = {"member_sha256": ticket_id(code), "offer": line.offer, "valid_until": until}
    books.journal.append("member.joined", data)
    return code


def _renew(books: Books, member: Member, line: OrderLine, event: Event) -> None:
    """Let a membership hold on from where it ends, or from now if it has ended."""
    until = None
    if member.valid_until:
        until = _until(event, line.offer, max(member.valid_until, books.moment.text()))
    books.tickets.renew_member(member.code, until)
    data = {"member_sha256": ticket_id(member.code), "offer": line.offer, "valid_until": until}
    books.journal.append("member.renewed", data | {"valid_until_before": member.valid_until})


def _until(event: Event, offer: str, since: str) -> str | None:
    """Return when a membership that begins at a time ends; None: never."""
    sold = event.offer(offer)
    if sold is None or sold.validity_days is None:
        return None
    return timestamp(parse_timestamp(since) + timedelta(days=sold.validity_days))


def _add_credits(books: Books, member: str, line: OrderLine) -> None:
    books.tickets.add_credits(member, line.credits)
    books.journal.append("credits.bought", {"member_sha256": ticket_id(member), "credits": line.credits})
