"""How much an event lets be paid by card, since a terminal without a network may be refused the money later; tips."""

from __future__ import annotations

from appliance.core.errors import Refusal
from appliance.core.money import Currency
from appliance.core.ports import Books
from appliance.core.trade import Event, Tender


def check_caps(books: Books, event: Event, tender: Tender, amount_minor: int, is_pending: bool = False) -> None:
    """Hold card payments to what the event allows: of one payment, and of all that wait. Raises Refusal."""
    if tender is not Tender.CARD:
        return
    money = Currency(event.currency).text
    cap, pending_cap = event.card_max_minor, event.card_pending_max_minor
    if cap is not None and amount_minor > cap:
        advice = "take less by card, and the rest in another way"
        raise Refusal("card_cap", f"At this event one card payment is at most {money(cap)}: {advice}.", status=409)
    if not is_pending or pending_cap is None:
        return
    waiting = books.pending.sum_minor(tender)
    if waiting + amount_minor > pending_cap:
        told = f"At this event at most {money(pending_cap)} by card may wait for an answer, and {money(waiting)} does"
        raise Refusal("card_pending_cap", f"{told}: settle pending payments first, or take cash.", status=409)


def check_tip(event: Event, tip_minor: int, is_last: bool) -> None:
    """Take tips only where the event does, with the payment that pays the rest. Raises Refusal."""
    if tip_minor and not event.tips_pct:
        raise Refusal("no_tips", "This event takes no tips: its file has no tips_pct.")
    if tip_minor and not is_last:
        raise Refusal("tip_early", "A tip comes with the payment that pays the rest: take it then.")
