"""One pop-up and its sales windows."""

from __future__ import annotations

from dataclasses import dataclass, field

from appliance.core.screen import ScreenLanguage, all_screens
from appliance.core.texts import Texts, english
from appliance.core.trade.offers import Offer, PriceRule, TaxRate, Voucher
from appliance.core.trade.restock import NO_RESTOCK, RestockRules
from appliance.core.trade.tickets import PretixItem, TicketKey, TicketType
from appliance.core.trade.transfer import Transfer


@dataclass(frozen=True, slots=True)
class Window:
    """A sales window of an event at one of its stops; times are RFC 3339 in UTC.

    `shares` are the pieces of offers that may be sold in it: (offer, pieces); others as far as the shelf goes.
    """

    id: str
    name: str
    place: str
    opens_at: str
    closes_at: str
    shares: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One pop-up, as its file describes it."""

    id: str
    name: str
    place: str
    currency: str
    time_zone: str
    prices_include_tax: bool
    seller: tuple[str, ...]  # the lines at the head of a receipt
    thanks: str
    windows: tuple[Window, ...]
    tax_rates: tuple[TaxRate, ...]
    offers: tuple[Offer, ...]
    vouchers: tuple[Voucher, ...] = ()
    tickets_file: str | None = None
    admits: tuple[str, ...] = ()  # products admitted at the door; empty: every one
    ticket_types: tuple[TicketType, ...] = ()
    exits: tuple[str, ...] = ()  # scanners where people go out
    capacity: int | None = None  # people inside at most; None: without limit
    capacity_warning: int | None = None  # people inside from which staff is warned
    ticket_keys: tuple[TicketKey, ...] = ()
    pretix_items: tuple[PretixItem, ...] = ()
    pretix_subevent: int | None = None  # pretix's number of the date that this event is; None: every date
    prices: tuple[PriceRule, ...] = ()  # the first that fits an offer holds
    card_max_minor: int | None = None  # the largest single card payment; None: no cap
    card_pending_max_minor: int | None = None  # the largest sum of card payments that wait for an answer
    credit_value_minor: int | None = None  # what one credit pays; None: credits pay no amounts
    cash_step_minor: int = 1  # the smallest amount that cash can pay here
    tips_pct: tuple[int, ...] = ()  # tips that are suggested, in per cent; empty: no tips are taken
    transfer: Transfer | None = None  # where payments by transfer go; None: none are taken
    receipt_links: bool = True  # whether receipts carry the code of their page
    receipt_always: bool = False  # whether each sale at the kiosk prints a receipt, asked for or not
    language: str = "en"
    texts: Texts = field(default_factory=english)  # what papers for guests say
    # Languages that the kiosk offers; it begins in the first.
    screens: tuple[ScreenLanguage, ...] = field(default_factory=lambda: all_screens("en", {}))
    offices: tuple[ScreenLanguage, ...] = ()  # what staff's and the owner's pages say, beside our own languages
    restock: RestockRules = NO_RESTOCK

    def __hash__(self) -> int:
        """Hash the name alone: what is made once for an event is looked up at every scan."""
        return hash(self.id)

    def tax_rate(self, id: str) -> TaxRate:
        """Return the tax rate by its id. Raises KeyError."""
        return next(rate for rate in self.tax_rates if rate.id == id)

    def offer(self, id: str) -> Offer | None:
        """Find an offer by its id."""
        return next((offer for offer in self.offers if offer.id == id), None)


def window_at(event: Event, at: str) -> tuple[Window, str] | None:
    """Return the window that is open at an RFC 3339 time, else the next one, with `open` or `scheduled`.

    None when all are over. A closed window never stops a sale: clocks are wrong, people are waiting.
    """
    coming = sorted((window for window in event.windows if window.closes_at > at), key=lambda w: w.opens_at)
    if not coming:
        return None
    return coming[0], "open" if coming[0].opens_at <= at else "scheduled"


def open_window(event: Event, at: str) -> Window | None:
    """Return the window that is open at an RFC 3339 time; None if none is."""
    found = window_at(event, at)
    return found[0] if found and found[1] == "open" else None
