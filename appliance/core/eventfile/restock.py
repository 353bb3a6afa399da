"""Restock: how it is sent, and the offers that come of it: each such product once more, and each way to send it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

from appliance.core.clock import timestamp
from appliance.core.eventfile import checks
from appliance.core.tomltable import Table
from appliance.core.trade import Offer, OfferKind, RestockRules, TaxRate, Tier, Way
from appliance.core.trade.restock import restock_id, restock_name

MAX_PLACES = 10_000
DEFAULT_PICKUP_MIN = 60


def read_restock(root: Table, sold: Sequence[Offer], rates: Sequence[TaxRate]) -> tuple[RestockRules, list[Offer]]:
    """Read the table `restock`; return the rules, and the offers that they add to those of the file."""
    later = [_later(offer) for offer in sold if offer.restock]
    table = root.table("restock")
    if table is None:
        if later:
            root.problem("restock: an offer says so, but nothing says how it is sent; write [[restock.shipping]]")
        return RestockRules(), later
    found = [pair for tier in table.tables("shipping") for pair in _tiers(tier, rates)]
    added = [*later, *(offer for _, offer in found)]
    _check_ids(table, sold, added)
    carry_pieces = table.integer("carry_pieces", 0, checks.MAX_STOCK, 0) if table.has("carry_pieces") else None
    if not found:
        table.problem("shipping: write at least one [[restock.shipping]]", "shipping")
    table.finish()
    return RestockRules(tuple(tier for tier, _ in found), carry_pieces), added


def _later(offer: Offer) -> Offer:
    """Return an offer once more, as it is ordered while the shelf is empty."""
    return replace(
        offer,
        id=restock_id(offer.id),
        kind=OfferKind.RESTOCK,
        name=restock_name(offer.name),
        stock=None,
        barcode="",
        variant_of=offer.group,  # prices, vouchers and limits of the one hold for the other
        low_stock=None,
        restock=False,
        restock_of=offer.id,
        names=(),  # screens say of which offer it is the restock
    )


def _tiers(table: Table, rates: Sequence[TaxRate]) -> Iterator[tuple[Tier, Offer]]:
    """Read one way to send; one with pick-up windows becomes one for each of them."""
    word = table.choice("way", [way.value for way in Way])
    way = Way(word) if word in set(Way) else Way.POST
    offer = Offer(
        id=table.text("id", check=checks.slug),
        kind=OfferKind.SHIPPING,
        name=table.text("name", check=checks.short),
        price_minor=table.integer("price_minor", 0, checks.MAX_PRICE_MINOR),
        tax=table.choice("tax", [rate.id for rate in rates]),
    )
    windows = [_pickup(window, offer) for window in table.tables("windows")]
    if (way is Way.PICKUP) != bool(windows):
        table.problem("windows: a pick-up has one or more [[restock.shipping.windows]], and nothing else has", "way")
    table.finish()
    yield from windows or [(Tier(offer.id, way), offer)]


def _pickup(table: Table, base: Offer) -> tuple[Tier, Offer]:
    """Read a pick-up window: its places are the stock of its offer, taken and given back as any other."""
    minutes = table.integer("duration_min", 1, 24 * 60, DEFAULT_PICKUP_MIN)
    opens_at = table.moment("opens_at")
    id, name = table.text("id", check=checks.slug), table.text("name", check=checks.short)
    capacity = table.integer("capacity", 0, MAX_PLACES)
    offer = replace(base, id=f"{base.id}-{id}", name=f"{base.name}, {name}", stock=capacity, variant_of=base.id)
    closes_at = opens_at + dt.timedelta(minutes=minutes)
    tier = Tier(offer.id, Way.PICKUP, timestamp(opens_at), timestamp(closes_at), table.text("place", ""))
    table.finish()
    return tier, offer


def _check_ids(table: Table, sold: Sequence[Offer], added: Sequence[Offer]) -> None:
    """See that no id is there twice, or too long, once offers and ways to send are side by side."""
    seen = {offer.id for offer in sold}
    for offer in added:
        if offer.id in seen:
            table.problem(f"id: '{offer.id}' is the id of an offer, or of another way to send")
        if offer.id and checks.slug(offer.id):
            table.problem(f"id: '{offer.id}' is longer than 40")
        seen.add(offer.id)
