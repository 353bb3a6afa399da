"""When something goes on as restock, what shipping it needs, and when a courier has to come. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from appliance.core.errors import NotFound, Refusal
from appliance.core.pricing import Wanted
from appliance.core.trade import Event, OfferKind, OrderLine, Parcel, Tier, Window


def with_shipping(event: Event, wanted: Sequence[Wanted], tier: str) -> tuple[Wanted, ...]:
    """Add to a cart what its shipping costs (empty: not chosen yet). Raises Refusal."""
    kinds = {offer.id: offer.kind for offer in event.offers}
    for item in wanted:
        if kinds.get(item.offer) is OfferKind.SHIPPING:  # nobody buys shipping alone, or twice
            raise NotFound("offer_unknown", f"'{item.offer}' is no offer: name it as the shipping.")
    if not tier:
        return tuple(wanted)
    chosen_tier(event, tier)
    if not any(kinds.get(item.offer) is OfferKind.RESTOCK for item in wanted):
        raise Refusal("nothing_to_ship", "All of this is on the shelf: leave the shipping out.")
    return (*wanted, Wanted(tier, 1))


def chosen_tier(event: Event, tier: str) -> Tier:
    """Return a tier by its id. Raises NotFound."""
    found = event.restock.tier(tier)
    if found is None:
        raise NotFound("tier_unknown", f"There is no shipping '{tier}' at this event.")
    return found


def has_restock(lines: Iterable[OrderLine]) -> bool:
    """Tell whether some of it is sent later."""
    return any(line.kind is OfferKind.RESTOCK for line in lines)


def check_shelf_is_empty(event: Event, lines: Sequence[OrderLine], left: Mapping[str, int | None]) -> None:
    """See that nothing is ordered for later of which there still is some: `left` by offer, None without limit.

    Raises Refusal.
    """
    for line in lines:
        offer = event.offer(line.offer)
        if line.kind is OfferKind.RESTOCK and offer is not None and left.get(offer.restock_of, 0) != 0:
            message = f"'{offer.name}' is on the shelf again: take it from there."
            raise Refusal("on_shelf", message, status=409)


def handoff_reason(
    waiting: Sequence[Parcel], carry_pieces: int | None, windows: Sequence[Window], now: str
) -> str | None:
    """Say why a courier has to come now for parcels that wait to be sent: `volume`, `window_closed`; None: not yet.

    A window that closes sends off what was sold before; sold after the last one, parcels wait to be asked for.
    """
    if carry_pieces is not None and sum(parcel.pieces for parcel in waiting) > carry_pieces:
        return "volume"
    closed = [window.closes_at for window in windows if window.closes_at <= now]
    return "window_closed" if any(parcel.sold_at < at for parcel in waiting for at in closed) else None
