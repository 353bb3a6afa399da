"""What an order costs. One pure function; nobody outside the box ever says a price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.core.errors import NotFound, Refusal
from appliance.core.money import round_half_up, share, tax_included, tax_on_top
from appliance.core.trade import Event, Offer, OrderLine, Voucher

MAX_QUANTITY = 999
MAX_LINES = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many of which offer."""

    offer: str
    quantity: int


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """What one tax rate comes to: `net_minor` + `tax_minor` = `gross_minor`."""

    name: str
    rate_ppm: int
    net_minor: int
    tax_minor: int
    gross_minor: int


def price(event: Event, wanted: Sequence[Wanted], voucher: Voucher | None = None) -> tuple[OrderLine, ...]:
    """Price the lines of an order; equal offers become one line.

    A line's total is what the customer pays for it: less its share of the voucher, tax included. Raises Refusal.
    """
    if not wanted:
        raise Refusal("empty_order", "The order is empty: add at least one offer.")
    if len(wanted) > MAX_LINES:
        raise Refusal("too_many_lines", f"An order has at most {MAX_LINES} lines.")
    offers = {offer.id: offer for offer in event.offers}
    quantities = _merge(wanted, offers)
    full = [offers[offer].price_minor * quantity for offer, quantity in quantities.items()]
    discounts = share(_discount(voucher, sum(full)), full)
    chosen = [offers[offer] for offer in quantities]
    taxes = _taxes_on_top(event, chosen, [amount - off for amount, off in zip(full, discounts, strict=True)])
    parts = zip(chosen, quantities.values(), discounts, taxes, strict=True)
    return tuple(_line(event, offer, quantity, discount, tax) for offer, quantity, discount, tax in parts)


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


def _discount(voucher: Voucher | None, full_minor: int) -> int:
    if voucher is None:
        return 0
    by_percent = round_half_up(full_minor * voucher.percent_off, 100)
    return min(full_minor, by_percent + voucher.amount_off_minor)


def _taxes_on_top(event: Event, offers: Sequence[Offer], nets: Sequence[int]) -> list[int]:
    """Return each line's tax where prices come without it: reckoned by rate, so that the receipt's table agrees."""
    taxes = [0] * len(nets)
    for tax in {} if event.prices_include_tax else dict.fromkeys(offer.tax for offer in offers):
        lines = [index for index, offer in enumerate(offers) if offer.tax == tax]
        weights = [nets[index] for index in lines]
        tax_minor = tax_on_top(sum(weights), event.tax_rate(tax).rate_ppm)
        for index, part in zip(lines, share(tax_minor, weights), strict=True):
            taxes[index] = part
    return taxes


def _line(event: Event, offer: Offer, quantity: int, discount_minor: int, tax_minor: int) -> OrderLine:
    rate = event.tax_rate(offer.tax)
    total = offer.price_minor * quantity - discount_minor + tax_minor
    return OrderLine(
        offer=offer.id,
        kind=offer.kind,
        name=offer.name,
        quantity=quantity,
        unit_price_minor=offer.price_minor,
        discount_minor=discount_minor,
        tax=offer.tax,
        tax_rate_ppm=rate.rate_ppm,
        total_minor=total,
        credits=offer.credits * quantity,
    )
