"""A cart at the till and at the kiosk: who buys, with which voucher, in which window, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.core.clock import local_time
from appliance.core.errors import NotFound, Refusal
from appliance.core.goods.rules import with_shipping
from appliance.core.money import in_cash
from appliance.core.ports import Books
from appliance.core.pricing import TaxTotal, Terms, Wanted, price, tax_totals
from appliance.core.suggestions import Suggestion, suggest
from appliance.core.trade import Discount, Event, Member, OfferKind, OrderLine, Voucher, open_window
from appliance.services import unpaid


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart with its price. `notes` are sentences for whoever buys; nothing is reserved for it."""

    event: Event
    wanted: tuple[Wanted, ...]
    terms: Terms
    window: str
    lines: tuple[OrderLine, ...]
    voucher: Voucher | None
    member: Member | None
    notes: tuple[str, ...]

    @property
    def total_minor(self) -> int:
        """What is to be paid, tax included."""
        return sum(line.total_minor for line in self.lines)

    @property
    def cash_total_minor(self) -> int:
        """What is to be paid if all of it is paid in cash."""
        return in_cash(self.total_minor, self.event.cash_step_minor)

    @property
    def has_member_prices(self) -> bool:
        """Whether whoever buys is a member, or becomes one by this cart."""
        return self.terms.is_member or any(line.kind is OfferKind.MEMBERSHIP for line in self.lines)

    @property
    def taxes(self) -> tuple[TaxTotal, ...]:
        """The taxes by rate; they add up to the total."""
        return tax_totals(self.lines, {rate.id: rate.name for rate in self.event.tax_rates})


def current_event(books: Books) -> Event:
    """Return the event that this box sells for. Raises Refusal if none is loaded."""
    event = books.events.current()
    if event is None:
        raise Refusal("no_event", "No event is loaded on this box yet.", status=409)
    return event


def fill(
    books: Books,
    wanted: Sequence[Wanted],
    voucher: str | None = None,
    member: str | None = None,
    discounts: Sequence[Discount] = (),
    shipping: str = "",
) -> Cart:
    """Price a cart with codes as people type them; one without lines costs nothing. Raises Refusal.

    `shipping` is the id of a tier, for what is sent later.
    """
    event, at = current_event(books), books.moment.text()
    coupon = _voucher(books, voucher) if voucher else None
    person = _member(books, member) if member else None
    terms = Terms(at, person is not None and person.is_valid(at), tuple(discounts))
    window, ordered = open_window(event, at), with_shipping(event, wanted, shipping)
    return Cart(
        event=event,
        wanted=tuple(wanted),
        terms=terms,
        window=window.id if window else "",
        lines=price(event, unpaid.due(books, event, ordered), coupon, terms) if wanted else (),
        voucher=coupon,
        member=person,
        notes=_notes(event, person, terms),
    )


def suggestions(books: Books, cart: Cart) -> tuple[Suggestion, ...]:
    """Return what a screen may offer beside a cart."""
    return suggest(cart.event, books.events.offers(cart.window), cart.wanted, cart.terms)


def _voucher(books: Books, code: str) -> Voucher:
    voucher = books.events.voucher(code.strip().upper())
    if voucher is None:
        raise NotFound("voucher_unknown", f"There is no voucher '{code}' at this event: check how it is written.")
    if voucher.balance_minor:
        raise Refusal("voucher_pays", "This is a gift card: place the order without it, then pay with it.")
    return voucher


def _member(books: Books, code: str) -> Member:
    member = books.tickets.member(code.strip().upper())
    if member is None:
        raise NotFound("member_unknown", f"There is no member '{code}': check the card, or leave it out.")
    return member


def _notes(event: Event, member: Member | None, terms: Terms) -> tuple[str, ...]:
    """Say what is to be said of an expired membership."""
    if member is None or terms.is_member or member.valid_until is None:
        return ()
    ended = local_time(member.valid_until, event.time_zone)
    renewal = next((offer.name for offer in event.offers if offer.kind is OfferKind.MEMBERSHIP), None)
    advice = f" Add '{renewal}' to renew it." if renewal else ""
    return (f"This membership ended at {ended}: no member prices.{advice}",)
