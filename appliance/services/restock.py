"""Restock in an order: shipping and contact taken with it, given back with it; and how far its parcel has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.core.errors import NotFound, Refusal
from appliance.core.goods.contact import contact_for
from appliance.core.goods.rules import check_shelf_is_empty, chosen_tier, has_restock
from appliance.core.ports import Books, ContactKeysPort
from appliance.core.trade import Offer, OfferKind, Order, OrderLine, Parcel, ParcelState, Sale, Tier, Way
from appliance.services.carts import Cart, current_event
from appliance.services.spans import is_of_this_event


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an order is sent, and to whom: sealed before any rule of the till sees it."""

    tier: Tier
    sealed: bytes


@dataclass(frozen=True, slots=True)
class ShippingChoice:
    """One way to have restock sent; `places_left` None is without limit."""

    tier: Tier
    offer: Offer

    @property
    def places_left(self) -> int | None:
        """How many more orders it takes."""
        return None if self.offer.stock is None else max(0, self.offer.stock)


def choices(books: Books) -> list[ShippingChoice]:
    """Return the ways to have restock sent, but for pick-up windows that are over."""
    event, now = books.events.current(), books.moment.text()
    there = {offer.id: offer for offer in books.events.offers()}
    tiers = event.restock.tiers if event else ()
    return [ShippingChoice(tier, there[tier.offer]) for tier in tiers if tier.closes_at is None or tier.closes_at > now]


def delivery(books: Books, keys: ContactKeysPort, tier: str, name: str, phone: str, address: str) -> Delivery:
    """Check and seal what somebody typed. Raises Refusal."""
    chosen = chosen_tier(current_event(books), tier)
    return Delivery(chosen, keys.seal(contact_for(chosen.way, name, phone, address)))


def check(books: Books, cart: Cart, delivered: Delivery | None) -> None:
    """See, once the shelf's share of a cart is taken, that its restock may be ordered. Raises Refusal."""
    if not has_restock(cart.lines):
        return
    if delivered is None:
        raise Refusal("shipping_needed", "Some of this is sent later: choose how, and say to whom.")
    left = {offer.id: offer.stock for offer in books.events.offers(cart.window)}
    check_shelf_is_empty(cart.event, cart.lines, left)


def keep(books: Books, order: Order, delivered: Delivery | None) -> None:
    """Keep how an order is sent."""
    if delivered is not None:
        books.restock.add(order.id, delivered.tier.offer, delivered.tier.way, delivered.sealed)


def release(books: Books, order: Order) -> None:
    """Forget to whom an order should have gone that was given up."""
    if has_restock(order.lines):
        _end(books, order.id)


def take_back(books: Books, sale: Sale) -> None:
    """After a refund: with the last piece that was to be sent goes its place, and the contact."""
    parcel = books.restock.get(sale.order_id) if has_restock(sale.lines) else None
    if parcel is None or parcel.items or parcel.state is not ParcelState.ORDERED:
        return
    if is_of_this_event(books, sale):
        books.events.return_stock(parcel.tier, 1)
    _end(books, sale.order_id)


def never_on_shelf(lines: Sequence[OrderLine]) -> set[str]:
    """Name the offers of lines whose stock a refund does not give back: places, which follow their parcel."""
    return {line.offer for line in lines if line.kind is OfferKind.SHIPPING}


def hand_over(books: Books, order_id: str) -> Parcel:
    """Note that one parcel was picked up, or that the team itself brought it. Raises Refusal."""
    parcel = books.restock.get(order_id)
    if parcel is None or parcel.sale is None:
        raise NotFound("parcel_unknown", "There is no paid parcel of such an order.")
    if parcel.state is not ParcelState.ORDERED:
        message = f"This parcel is {str(parcel.state).replace('_', ' ')} already."
        raise Refusal(f"parcel_{parcel.state}", message, status=409)
    is_pickup = parcel.way is Way.PICKUP
    books.restock.set_state(order_id, ParcelState.PICKED_UP if is_pickup else ParcelState.HANDED_OVER)
    data = {"orders": [order_id], "pieces": parcel.pieces}
    books.journal.append("restock.picked_up" if is_pickup else "restock.handed_over", data)
    return books.restock.get(order_id) or parcel


def _end(books: Books, order_id: str) -> None:
    books.restock.set_state(order_id, ParcelState.CANCELLED)
    books.restock.forget(order_id)
