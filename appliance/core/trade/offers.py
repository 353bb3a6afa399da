"""What an event sells: offers and their prices, vouchers, discounts, tax rates."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class OfferKind(enum.StrEnum):
    """What an offer sells."""

    PRODUCT = "product"
    MICROBUNDLE = "microbundle"
    MEMBERSHIP = "membership"
    TICKET = "ticket"
    CREDIT = "credit"
    RESTOCK = "restock"  # of a product: ordered now, sent later; no file writes it, see eventfile/restock.py
    SHIPPING = "shipping"  # of restock; as above


WRITTEN_KINDS = tuple(kind for kind in OfferKind if kind not in (OfferKind.RESTOCK, OfferKind.SHIPPING))


class SuggestWhen(enum.StrEnum):
    """When a membership is suggested."""

    SAVES = "saves"  # when the cart costs less with it than without
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax rate; `rate_ppm` 190,000 is 19 %."""

    id: str
    name: str
    rate_ppm: int


@dataclass(frozen=True, slots=True)
class Suggest:
    """When a screen suggests an offer: a microbundle beside what it goes with, a membership where it pays.

    `kinds`, `categories` and `offers` say what in the cart it goes with; all empty: with anything. `up_to` pieces in
    the cart end the suggestion. `when` is for memberships.
    """

    kinds: tuple[OfferKind, ...] = ()
    categories: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()  # empty: in every window, and outside of them
    on_arrival: bool = True  # before anything is in the cart
    at_cart: bool = True
    up_to: int = 1
    when: SuggestWhen = SuggestWhen.SAVES


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be sold. `stock` None is unlimited; `credits` counts for kind `credit` only.

    A variant (size, colour) is an offer of its own with its own price, stock and barcode; `variant_of` is the id that
    it shares with the others, `family` their common name.
    """

    id: str
    kind: OfferKind
    name: str
    price_minor: int
    tax: str
    stock: int | None = None
    description: str = ""
    credits: int = 0
    barcode: str = ""  # EAN-8, UPC-A or EAN-13
    category: str = ""
    photo: str = ""  # a file name
    member_price_minor: int | None = None
    max_per_order: int | None = None  # of all its variants together
    validity_days: int | None = None  # of a membership; None: for ever
    variant_of: str = ""
    variant: str = ""
    family: str = ""
    suggest: Suggest = Suggest()
    low_stock: int | None = None  # so few pieces, or fewer, are worth a warning
    restock: bool = False  # once the shelf is empty it goes on as the offer whose `restock_of` is this one's id
    restock_of: str = ""
    names: tuple[tuple[str, str], ...] = ()  # in other languages, by their tags; as are the next two
    family_names: tuple[tuple[str, str], ...] = ()
    variant_names: tuple[tuple[str, str], ...] = ()

    @property
    def group(self) -> str:
        """The id that an event file gives it: its own, or the one that it shares with its variants."""
        return self.variant_of or self.id

    def is_one_of(self, ids: Iterable[str]) -> bool:
        """Tell whether what an event file says of these ids holds for it: for what is sent later as for the shelf."""
        return not {self.id, self.group, self.restock_of}.isdisjoint(ids)


@dataclass(frozen=True, slots=True)
class PriceRule:
    """Another price in some windows or at some hours (happy hour): a new price, or so much less.

    It holds for the named offers and categories (none named: for all), in the named windows (none named: always) and
    between two times of day on the event's wall clock, minutes after midnight; an end before the start is after
    midnight. Exactly one of `price_minor`, `percent_off`, `amount_off_minor` counts.
    """

    name: str
    offers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    from_min: int | None = None
    until_min: int | None = None
    price_minor: int | None = None
    percent_off: int = 0
    amount_off_minor: int = 0


@dataclass(frozen=True, slots=True)
class Voucher:
    """A code worth a discount: a percentage, an amount, or one piece of an offer; `uses` times (None: no limit).

    It is taken off the named `offers` only (none named: off all). Times are RFC 3339 in UTC, from the first until just
    before the second; `minimum_minor` is what the order must come to without it.
    """

    code: str
    percent_off: int = 0
    amount_off_minor: int = 0
    uses: int | None = 1
    used: int = 0
    item: str = ""  # the offer of which one piece is free
    offers: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_until: str | None = None
    minimum_minor: int = 0
    balance_minor: int = 0  # a series of gift cards: what each holds at first
    left_minor: int | None = None  # what is left on a gift card; None: it is none


@dataclass(frozen=True, slots=True)
class Discount:
    """What staff takes off one offer of an order, or off all of it: a percentage or an amount, with its reason."""

    reason: str
    percent_off: int = 0
    amount_off_minor: int = 0
    offer: str | None = None


class AdjustmentKind(enum.StrEnum):
    """Why a line costs less than its price."""

    PRICE = "price"  # of the window or the hour
    MEMBER = "member"
    DISCOUNT = "discount"  # by staff
    VOUCHER = "voucher"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One step from a line's price to what it costs; `amount_minor` is never above 0."""

    kind: AdjustmentKind
    what: str
    amount_minor: int
