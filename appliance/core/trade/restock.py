"""What is ordered now and sent later: how it may be sent, and how far an order has come."""

from __future__ import annotations

import enum
from dataclasses import dataclass


def restock_id(offer: str) -> str:
    """Return the id under which an offer of the shelf is ordered now and sent later."""
    return f"{offer}-restock"


def restock_name(name: str) -> str:
    """Return what it is called then."""
    return f"{name}, restock"


class Way(enum.StrEnum):
    """How goods come to whoever ordered them."""

    PICKUP = "pickup"
    COURIER = "courier"
    POST = "post"


class ParcelState(enum.StrEnum):
    """How far the restock of an order has come."""

    ORDERED = "ordered"
    HANDED_OVER = "handed_over"  # to a courier, to the post, or by the team itself
    PICKED_UP = "picked_up"
    CANCELLED = "cancelled"  # given up, or all of it was given back


@dataclass(frozen=True, slots=True)
class Tier:
    """One way to have restock sent. Its price, tax and free places are those of the offer with the same id.

    A tier with pick-up windows is one of these for each window; times are RFC 3339 in UTC, None: whenever it arrives.
    """

    offer: str
    way: Way
    opens_at: str | None = None
    closes_at: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class RestockRules:
    """How an event sends what is not on the shelf. More than `carry_pieces` go to a courier (None: no limit)."""

    tiers: tuple[Tier, ...] = ()
    carry_pieces: int | None = None

    def tier(self, offer: str) -> Tier | None:
        """Find a tier by the id of its offer."""
        return next((tier for tier in self.tiers if tier.offer == offer), None)


NO_RESTOCK = RestockRules()


@dataclass(frozen=True, slots=True)
class ParcelItem:
    """So many pieces of something in a parcel."""

    name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """The restock of one order, without whom it is for. `sale` is None until it is paid, `handoff` until it left.

    `items` are what was not given back; `tier` is the id of the offer that ships it, `tier_name` as it was sold.
    """

    order_id: str
    way: Way
    tier: str
    tier_name: str
    state: ParcelState
    changed_at: str
    sale: int | None
    sold_at: str
    handoff: int | None
    items: tuple[ParcelItem, ...]

    @property
    def pieces(self) -> int:
        """How many pieces are in it."""
        return sum(item.quantity for item in self.items)


@dataclass(frozen=True, slots=True)
class Handoff:
    """Parcels that left together; `reason` is `volume`, `window_closed` or `asked`."""

    number: int
    at: str
    reason: str
