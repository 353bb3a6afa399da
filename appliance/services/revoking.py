"""What a refund takes back besides goods and tickets: memberships and credits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from appliance.core.admission import ticket_id
from appliance.core.clock import parse_timestamp, timestamp
from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.core.trade import OfferKind, RefundLine, Sale
from appliance.services.carts import current_event


def take_back_cards(books: Books, sale: Sale, back: Sequence[RefundLine]) -> None:
    """Shorten memberships and take credits off again. Raises Refusal: credits were spent.

    It must be called before the refund is kept: what was given back so far says whose turn it is.
    """
    lines, before = {line.offer: line for line in sale.lines}, books.orders.refunded(sale.number)
    for item in back:
        line = lines[item.offer]
        if line.kind is OfferKind.CREDIT:
            _take_credits(books, sale, line.credits // line.quantity * item.quantity)
        elif line.kind is OfferKind.MEMBERSHIP:
            done = before.get(item.offer, 0)
            for card in _cards(books, sale, item.offer)[done : done + item.quantity]:
                _end(books, card, item.offer, _term(books, sale, card, item.offer))


def _take_credits(books: Books, sale: Sale, credits: int) -> None:
    card = _member_of(books, sale) or next(
        (code for what, code in sale.granted.items() if what.startswith("member-")), None
    )
    member = books.tickets.member(card) if card else None
    if member is None:  # the card is gone with a purge: nothing can be spent any more
        return
    if member.credits < credits:
        raise Refusal(
            "credits_spent",
            f"Of these {credits} credits only {member.credits} are left on the card: what was spent is not given back.",
            status=409,
        )
    books.tickets.add_credits(member.code, -credits)
    books.journal.append("credits.taken_back", {"member_sha256": ticket_id(member.code), "credits": credits})


def _cards(books: Books, sale: Sale, offer: str) -> list[str]:
    """Return the cards of a membership's line: the new ones first, then that which it renewed."""
    new = [code for what, code in sale.granted.items() if what.rpartition("-")[0] == f"member-{offer}"]
    renewed = _member_of(books, sale)
    return [*new, renewed] if renewed else new


def _term(books: Books, sale: Sale, code: str, offer: str) -> str | None:
    """Return until when a membership holds without what a sale gave it; None: for ever."""
    member, sold, now = books.tickets.member(code), current_event(books).offer(offer), books.moment.text()
    if member is None:
        return now
    if code not in sale.granted.values():  # the sale renewed it
        (renewed,) = books.journal.newest(("member.renewed",), 1, before=sale.seq)
        before: str | None = renewed.data.get("valid_until_before", now)
        if renewed.data["valid_until"] == member.valid_until:  # nothing has renewed it since
            return before
    if member.valid_until and sold and sold.validity_days:
        return max(now, timestamp(parse_timestamp(member.valid_until) - timedelta(days=sold.validity_days)))
    return now


def _end(books: Books, code: str, offer: str, until: str | None) -> None:
    books.tickets.renew_member(code, until)
    data = {"member_sha256": ticket_id(code), "offer": offer, "valid_until": until}
    books.journal.append("member.shortened", data)


def _member_of(books: Books, sale: Sale) -> str | None:
    order = books.orders.get(sale.order_id)
    return order.member if order else None
