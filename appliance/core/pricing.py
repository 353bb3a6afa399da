"""What an order costs. One pure function that explains every line; nobody outside the box ever says a price.

The steps, in this order: the price of the window or hour; the member price, if that is lower; what staff takes off;
the voucher; taxes, where prices come without them. Each step rounds once, to the minor unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from appliance.core.cart import Draft, part_of, spread
from appliance.core.errors import NotFound, Refusal
from appliance.core.money import share, tax_included, tax_on_top
from appliance.core.trade import AdjustmentKind, Discount, Event, Offer, OfferKind, OrderLine, Voucher
from appliance.core.unitprice import unit_price
from appliance.core.vouchers import apply_voucher, check_standing

MAX_QUANTITY = 999
MAX_LINES = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many of which offer; or an unpaid `ticket` (its id) that is paid as this offer, for `price_minor`."""

    offer: str
    quantity: int
    ticket: str = ""
    price_minor: int = 0  # counts with a ticket only


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom and when a cart is priced. `at` is an RFC 3339 time; without one no window and no hour holds."""

    at: str | None = None
    is_member: bool = False
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """What one tax rate comes to: `net_minor` + `tax_minor` = `gross_minor`."""

    name: str
    rate_ppm: int
    net_minor: int
    tax_minor: int
    gross_minor: int


ANYBODY = Terms()


def price(
    event: Event, wanted: Sequence[Wanted], voucher: Voucher | None = None, terms: Terms = ANYBODY
) -> tuple[OrderLine, ...]:
    """Price the lines of an order; equal offers become one line, in the order of their first appearance.

    A line's total is what the customer pays for it: less its share of every discount, tax included. Whoever buys a
    membership has the member prices at once. Raises Refusal.
    """
    tickets = {item.offer: item for item in wanted if item.ticket}
    _alone(wanted, tickets)
    quantities = _quantities(event, wanted)
    # In the event's order, so that odd units fall on the same lines however the cart was filled.
    there = [offer for offer in event.offers if offer.id in quantities]
    chosen = [offer for offer in there if offer.kind is not OfferKind.SHIPPING]
    joins = any(offer.kind is OfferKind.MEMBERSHIP for offer in chosen)
    drafts = [
        Draft(offer, 1, tickets[offer.id].price_minor)
        if offer.id in tickets
        else _draft(event, offer, quantities[offer.id], terms.at, terms.is_member or joins)
        for offer in chosen
    ]
    for discount in terms.discounts:
        drafts = _take_off(event, discount, drafts)
    if voucher:
        check_standing(voucher, event, terms.at)
        drafts = apply_voucher(voucher, drafts, event)
    # Nothing is taken off what a courier gets: shipping joins once all else is decided.
    drafts += [Draft(offer, 1, offer.price_minor) for offer in there if offer.kind is OfferKind.SHIPPING]
    taxes = _taxes_on_top(event, drafts)
    lines = {draft.offer.id: _line(event, draft, tax) for draft, tax in zip(drafts, taxes, strict=True)}
    return tuple(
        replace(lines[offer], ticket=tickets[offer].ticket) if offer in tickets else lines[offer]
        for offer in quantities
    )


def tax_totals(lines: Sequence[OrderLine], names: Mapping[str, str]) -> tuple[TaxTotal, ...]:
    """Sum lines (whose totals include tax) by tax rate; `names` gives each rate's name by its id."""
    totals = []
    for tax, rate_ppm in dict.fromkeys((line.tax, line.tax_rate_ppm) for line in lines):
        gross = sum(line.total_minor for line in lines if (line.tax, line.tax_rate_ppm) == (tax, rate_ppm))
        tax_minor = tax_included(gross, rate_ppm)
        totals.append(TaxTotal(names.get(tax, tax), rate_ppm, gross - tax_minor, tax_minor, gross))
    return tuple(totals)


def refund_amount(line: OrderLine, before: int, quantity: int) -> int:
    """Return what `quantity` more units of a line are worth when `before` were given back already.

    Whatever the order of refunds, all units together come to exactly the line's total.
    """
    return line.total_minor * (before + quantity) // line.quantity - line.total_minor * before // line.quantity


def taxes_given_back(
    lines: Sequence[OrderLine], before: Mapping[str, int], after: Mapping[str, int], names: Mapping[str, str]
) -> tuple[TaxTotal, ...]:
    """Return what a refund takes off each rate (below 0): the tax of what is left after it less that of before.

    `before` and `after` are the pieces given back by offer. So all refunds together take off exactly the sale's tax.
    """

    def left(back: Mapping[str, int]) -> tuple[TaxTotal, ...]:
        return tax_totals(
            [
                replace(line, total_minor=line.total_minor - refund_amount(line, 0, back.get(line.offer, 0)))
                for line in lines
            ],
            names,
        )

    return tuple(
        TaxTotal(
            now.name,
            now.rate_ppm,
            now.net_minor - was.net_minor,
            now.tax_minor - was.tax_minor,
            now.gross_minor - was.gross_minor,
        )
        for was, now in zip(left(before), left(after), strict=True)
        if now.gross_minor != was.gross_minor
    )


def _alone(wanted: Sequence[Wanted], tickets: Mapping[str, Wanted]) -> None:
    """See that a ticket is the only thing that its line pays for: each line has one price, and is refunded by offer."""
    for offer, one in tickets.items():
        if one.quantity != 1 or sum(item.offer == offer for item in wanted) > 1:
            message = f"Pay each ticket in an order of its own: '{offer}' is wanted more than once."
            raise Refusal("ticket_alone", message)


def _quantities(event: Event, wanted: Sequence[Wanted]) -> dict[str, int]:
    if not wanted:
        raise Refusal("empty_order", "The order is empty: add at least one offer.")
    if len(wanted) > MAX_LINES:
        raise Refusal("too_many_lines", f"An order has at most {MAX_LINES} lines.")
    offers = {offer.id: offer for offer in event.offers}
    quantities = _merge(wanted, offers)
    _check_limits([(offers[id], quantity) for id, quantity in quantities.items()])
    return quantities


def _merge(wanted: Sequence[Wanted], offers: Mapping[str, Offer]) -> dict[str, int]:
    quantities: dict[str, int] = {}
    for item in wanted:
        if item.offer not in offers:
            raise NotFound("offer_unknown", f"There is no offer '{item.offer}' at this event.")
        quantity = quantities[item.offer] = quantities.get(item.offer, 0) + item.quantity
        if item.quantity < 1 or quantity > MAX_QUANTITY:
            wrong = item.quantity if item.quantity < 1 else quantity
            raise Refusal("quantity", f"The quantity of '{item.offer}' must be 1 to {MAX_QUANTITY}, not {wrong}.")
    return quantities


def _check_limits(chosen: Sequence[tuple[Offer, int]]) -> None:
    """See that no offer is there more often than one order may have it; variants count together."""
    for offer, _ in chosen:
        count = sum(quantity for other, quantity in chosen if other.group == offer.group)
        if offer.max_per_order is not None and count > offer.max_per_order:
            name = offer.family or offer.name
            message = f"An order has at most {offer.max_per_order} of '{name}': take {count - offer.max_per_order} off."
            raise Refusal("order_limit", message, status=409)


def _draft(event: Event, offer: Offer, quantity: int, at: str | None, is_member: bool) -> Draft:
    """Price the pieces of one offer. A price that is lower than the list's is explained, a higher one is the price."""
    unit = unit_price(event, offer, at)
    shown = max(unit.list_minor, unit.now_minor)
    draft = Draft(offer, quantity, shown).less(AdjustmentKind.PRICE, unit.rule, (shown - unit.now_minor) * quantity)
    return draft.less(
        AdjustmentKind.MEMBER, event.texts["member_price"], (unit.now_minor - unit.for_(is_member)) * quantity
    )


def _take_off(event: Event, discount: Discount, drafts: Sequence[Draft]) -> list[Draft]:
    chosen = [index for index, draft in enumerate(drafts) if discount.offer in (None, draft.offer.id)]
    if not chosen:
        raise NotFound("discount_for_nothing", f"The order has no '{discount.offer}' to take something off.")
    amount = part_of([drafts[index] for index in chosen], discount.percent_off, discount.amount_off_minor)
    share_text = f" {discount.percent_off} %" if discount.percent_off else ""
    what = event.texts["discount"].format(share=share_text, reason=discount.reason)
    return spread(drafts, chosen, AdjustmentKind.DISCOUNT, what, amount)


def _taxes_on_top(event: Event, drafts: Sequence[Draft]) -> list[int]:
    """Return each line's tax where prices come without it: reckoned by rate, so that the receipt's table agrees."""
    taxes = [0] * len(drafts)
    for tax in {} if event.prices_include_tax else dict.fromkeys(draft.offer.tax for draft in drafts):
        lines = [index for index, draft in enumerate(drafts) if draft.offer.tax == tax]
        weights = [drafts[index].left_minor for index in lines]
        tax_minor = tax_on_top(sum(weights), event.tax_rate(tax).rate_ppm)
        for index, part in zip(lines, share(tax_minor, weights), strict=True):
            taxes[index] = part
    return taxes


def _line(event: Event, draft: Draft, tax_minor: int) -> OrderLine:
    offer = draft.offer
    return OrderLine(
        offer=offer.id,
        kind=offer.kind,
        name=offer.name,
        quantity=draft.quantity,
        unit_price_minor=draft.unit_minor,
        discount_minor=draft.discount_minor,
        tax=offer.tax,
        tax_rate_ppm=event.tax_rate(offer.tax).rate_ppm,
        total_minor=draft.left_minor + tax_minor,
        credits=offer.credits * draft.quantity,
        adjustments=draft.adjustments,
    )
