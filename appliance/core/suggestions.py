"""What a screen may suggest beside a cart: a small extra that goes with it, a membership that pays. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.core.errors import Refusal
from appliance.core.money import Currency
from appliance.core.pricing import Terms, Wanted, price
from appliance.core.trade import Event, Offer, OfferKind, Suggest, SuggestWhen, open_window
from appliance.core.unitprice import unit_price


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An offer, why, its price now, and how much less the order costs with it (0: it is simply nice)."""

    offer: Offer
    text: str
    price_minor: int
    saves_minor: int = 0


def suggest(event: Event, offers: Sequence[Offer], wanted: Sequence[Wanted], terms: Terms) -> tuple[Suggestion, ...]:
    """Return at most one microbundle and one membership; `offers` come with the stock that can be sold now.

    `wanted` is what `price` takes, or nothing on arrival.
    """
    pieces = {item.offer: item.quantity for item in wanted}
    inside = [offer for offer in offers if offer.id in pieces]
    there = [offer for offer in offers if _is_there(offer, pieces, event, terms.at)]
    extra = next((offer for offer in there if _goes_with(offer, inside)), None)
    found = [_plain(event, extra, terms)] if extra else []
    membership = None if terms.is_member else _membership(event, there, inside, wanted, terms)
    return tuple([*found, membership] if membership else found)


def _is_there(offer: Offer, pieces: dict[str, int], event: Event, at: str | None) -> bool:
    """Tell whether one more of an offer can be had, in this window, and is not in the cart often enough."""
    rule, count = offer.suggest, pieces.get(offer.id, 0)
    if offer.stock is not None and offer.stock <= count:
        return False
    limit = min(rule.up_to, offer.max_per_order or rule.up_to)
    is_wanted_here = rule.at_cart if pieces else rule.on_arrival
    return is_wanted_here and count < limit and _now(rule, event, at)


def _now(rule: Suggest, event: Event, at: str | None) -> bool:
    window = open_window(event, at) if at else None
    return not rule.windows or (window is not None and window.id in rule.windows)


def _goes_with(offer: Offer, inside: Sequence[Offer]) -> bool:
    """Tell whether a microbundle goes with one of the things in the cart, itself not counted."""
    if offer.kind is not OfferKind.MICROBUNDLE:
        return False
    rule, others = offer.suggest, [other for other in inside if other.id != offer.id]
    if not others:
        return not inside  # on arrival
    if not rule.kinds and not rule.categories and not rule.offers:
        return True
    return any(
        _kind(other) in rule.kinds or other.category in rule.categories or other.is_one_of(rule.offers)
        for other in others
    )


def _kind(offer: Offer) -> OfferKind:
    """Return what an offer is, whether it is on the shelf or sent later."""
    return OfferKind.PRODUCT if offer.kind is OfferKind.RESTOCK else offer.kind


def _membership(
    event: Event, there: Sequence[Offer], inside: Sequence[Offer], wanted: Sequence[Wanted], terms: Terms
) -> Suggestion | None:
    """Return the membership that saves most, or one that is always suggested."""
    if any(offer.kind is OfferKind.MEMBERSHIP for offer in inside):
        return None
    known = [offer for offer in there if offer.kind is OfferKind.MEMBERSHIP]
    known = [offer for offer in known if offer.suggest.when is not SuggestWhen.NEVER]
    saving = [(_saving(event, offer, wanted, terms), offer) for offer in known]
    saves, offer = max(saving, key=lambda pair: pair[0], default=(0, None))
    if offer is not None and saves > 0:
        text = f"Join now and pay {Currency(event.currency).text(saves)} less for this order."
        return Suggestion(offer, text, unit_price(event, offer, terms.at).now_minor, saves)
    always = next((offer for offer in known if offer.suggest.when is SuggestWhen.ALWAYS), None)
    return _plain(event, always, terms) if always else None


def _plain(event: Event, offer: Offer, terms: Terms) -> Suggestion:
    return Suggestion(offer, offer.description, unit_price(event, offer, terms.at).for_(terms.is_member))


def _saving(event: Event, offer: Offer, wanted: Sequence[Wanted], terms: Terms) -> int:
    if not wanted:
        return 0
    try:
        without = price(event, wanted, terms=terms)
        joined = price(event, [*wanted, Wanted(offer.id, 1)], terms=terms)
    except Refusal:
        return 0  # the cart itself says why
    return sum(line.total_minor for line in without) - sum(line.total_minor for line in joined)
