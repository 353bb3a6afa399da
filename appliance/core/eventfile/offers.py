"""Offers, their variants and when they are suggested; other prices at other hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from appliance.core.eventfile import checks
from appliance.core.eventfile.language import language_problem
from appliance.core.tomltable import Table
from appliance.core.trade import (
    WRITTEN_KINDS,
    Offer,
    OfferKind,
    PriceRule,
    Suggest,
    SuggestWhen,
    TaxRate,
    Window,
)

MAX_PER_ORDER = 999
MAX_VALIDITY_DAYS = 36_500
MAX_VARIANTS = 100


@dataclass(frozen=True, slots=True)
class Names:
    """What other tables of the file may name: `groups` are ids as written, with and without variants."""

    offers: tuple[str, ...]
    groups: tuple[str, ...]
    categories: tuple[str, ...]
    windows: tuple[str, ...]

    @classmethod
    def of(cls, offers: Sequence[Offer], windows: Sequence[Window]) -> Names:
        """Collect the names of an event."""
        ids = [offer.id for offer in offers]
        return cls(
            offers=tuple(ids),
            groups=tuple(dict.fromkeys([*ids, *(offer.group for offer in offers)])),
            categories=tuple(dict.fromkeys(offer.category for offer in offers if offer.category)),
            windows=tuple(window.id for window in windows),
        )


def read_offers(tables: Sequence[Table], rates: Sequence[TaxRate]) -> tuple[Offer, ...]:
    """Read all offers; one with variants becomes an offer for each of them."""
    found: list[Offer] = []
    ids: set[str] = set()
    barcodes: set[str] = set()
    for table in tables:
        base = _offer(table, rates)
        for where, offer in _variants(table, base) or [(table, base)]:
            if where is not table and offer.id in ids:
                where.problem(f"id: '{offer.id}' is there twice", "id")
            if offer.barcode and offer.barcode in barcodes:
                where.problem(f"barcode: '{offer.barcode}' is there twice", "barcode")
            _check_stock(table, offer)
            ids.add(offer.id)
            barcodes.add(offer.barcode)
            found.append(offer)
        table.finish()
    return tuple(found)


def _check_stock(table: Table, offer: Offer) -> None:
    """Note what only an offer can have that is on a shelf."""
    if offer.low_stock is not None and offer.stock is None:
        table.problem("low_stock: without 'stock' there is no limit, and never little left", "low_stock")
    if offer.restock and (offer.stock is None or offer.kind is not OfferKind.PRODUCT):
        table.problem("restock: only a product with 'stock' is sold out one day, and goes on as restock", "restock")


def _offer(table: Table, rates: Sequence[TaxRate]) -> Offer:
    word = table.choice("kind", [kind.value for kind in WRITTEN_KINDS], OfferKind.PRODUCT.value)
    kind = OfferKind(word) if word in set(WRITTEN_KINDS) else OfferKind.PRODUCT
    return Offer(
        id=table.text("id", check=checks.slug),
        kind=kind,
        name=table.text("name", check=checks.short),
        price_minor=table.integer("price_minor", 0, checks.MAX_PRICE_MINOR),
        tax=table.choice("tax", [rate.id for rate in rates]),
        stock=_optional(table, "stock", 0, checks.MAX_STOCK),
        description=table.text("description", ""),
        credits=table.integer("credits", 1, 10_000) if kind is OfferKind.CREDIT else 0,
        barcode=table.text("barcode", "", check=checks.barcode),
        category=table.text("category", "", check=checks.short),
        photo=table.text("photo", "", check=checks.photo),
        member_price_minor=_optional(table, "member_price_minor", 0, checks.MAX_PRICE_MINOR),
        max_per_order=_optional(table, "max_per_order", 1, MAX_PER_ORDER),
        validity_days=_validity(table) if kind is OfferKind.MEMBERSHIP else None,
        suggest=_suggest(table, kind),
        low_stock=_optional(table, "low_stock", 0, checks.MAX_STOCK),
        restock=table.flag("restock", False),
        names=_names(table),
    )


def _names(table: Table) -> tuple[tuple[str, str], ...]:
    """Read a name in other languages, by their tags."""
    inner = table.table("names")
    if inner is None:
        return ()
    for tag in inner.written():
        if wrong := language_problem(tag):
            inner.problem(f"{tag}: {wrong}", tag)
    return tuple((tag, inner.text(tag, check=checks.short)) for tag in inner.written())


def _validity(table: Table) -> int | None:
    return _optional(table, "validity_days", 1, MAX_VALIDITY_DAYS)


def _optional(table: Table, key: str, low: int, high: int) -> int | None:
    return table.integer(key, low, high, low) if table.has(key) else None


def _variants(table: Table, base: Offer) -> list[tuple[Table, Offer]]:
    """Read the variants of an offer: each takes from it what it does not say itself."""
    found = [(variant, _variant(variant, base)) for variant in table.tables("variants")]
    if found and base.stock is not None:
        table.problem("stock: each variant has its own; write it there", "stock")
    if found and base.barcode:
        table.problem("barcode: each variant has its own; write it there", "barcode")
    if len(found) > MAX_VARIANTS:
        table.problem(f"variants: at most {MAX_VARIANTS}", "variants")
    return found


def _variant(table: Table, base: Offer) -> Offer:
    difference = table.integer("price_difference_minor", -checks.MAX_PRICE_MINOR, checks.MAX_PRICE_MINOR, 0)
    id, name = table.text("id", check=checks.slug), table.text("name", check=checks.short)
    member = base.member_price_minor
    own, of_base = dict(_names(table)), dict(base.names)
    both = dict.fromkeys((*of_base, *own))
    offer = replace(
        base,
        id=f"{base.id}-{id}",
        name=f"{base.name}, {name}",
        price_minor=base.price_minor + difference,
        member_price_minor=None if member is None else member + difference,
        stock=_optional(table, "stock", 0, checks.MAX_STOCK),
        barcode=table.text("barcode", "", check=checks.barcode),
        photo=table.text("photo", base.photo, check=checks.photo),
        variant_of=base.id,
        variant=name,
        family=base.name,
        names=tuple((tag, f"{of_base.get(tag, base.name)}, {own.get(tag, name)}") for tag in both),
        family_names=base.names,
        variant_names=tuple(own.items()),
    )
    if offer.price_minor < 0 or (offer.member_price_minor or 0) < 0:
        table.problem("price_difference_minor: the variant would cost less than nothing", "price_difference_minor")
    if id and checks.slug(offer.id):
        table.problem(f"id: '{offer.id}', with the offer's own id, is longer than 40", "id")
    table.finish()
    return offer


def _suggest(table: Table, kind: OfferKind) -> Suggest:
    inner = table.table("suggest")
    if inner is None:
        return Suggest()
    if kind not in (OfferKind.MICROBUNDLE, OfferKind.MEMBERSHIP):
        inner.problem("suggest: only a microbundle or a membership is suggested")
    is_member = kind is OfferKind.MEMBERSHIP
    when = inner.choice("when", [word.value for word in SuggestWhen], SuggestWhen.SAVES.value) if is_member else ""
    words = checks.known(inner, "kinds", WRITTEN_KINDS, "kind")
    found = Suggest(
        kinds=tuple(OfferKind(word) for word in words if word in set(WRITTEN_KINDS)),
        categories=inner.texts("categories"),
        offers=inner.texts("offers"),
        windows=inner.texts("windows"),
        on_arrival=inner.flag("on_arrival", not is_member),
        at_cart=inner.flag("at_cart", True),
        up_to=inner.integer("up_to", 1, MAX_PER_ORDER, 1),
        when=SuggestWhen(when) if when in set(SuggestWhen) else SuggestWhen.SAVES,
    )
    inner.finish()
    return found


def check_suggest(table: Table, names: Names) -> None:
    """Note what a suggestion names that is not there."""
    inner = table.table("suggest")
    if inner is not None:
        checks.known(inner, "categories", names.categories, "category")
        checks.known(inner, "offers", names.groups, "offer")
        checks.known(inner, "windows", names.windows, "window")


def read_price_rule(table: Table, names: Names) -> PriceRule:
    """Read another price at other hours."""
    rule = PriceRule(
        name=table.text("name", check=checks.short),
        offers=checks.known(table, "offers", names.groups, "offer"),
        categories=checks.known(table, "categories", names.categories, "category"),
        windows=checks.known(table, "windows", names.windows, "window"),
        from_min=_minutes(table, "from"),
        until_min=_minutes(table, "until"),
        price_minor=_optional(table, "price_minor", 0, checks.MAX_PRICE_MINOR),
        percent_off=table.integer("percent_off", 1, 100, 0),
        amount_off_minor=table.integer("amount_off_minor", 1, checks.MAX_PRICE_MINOR, 0),
    )
    if (rule.from_min is None) != (rule.until_min is None):
        table.problem("write both 'from' and 'until', or none of them", "name")
    if sum((rule.price_minor is not None, rule.percent_off > 0, rule.amount_off_minor > 0)) != 1:
        table.problem("write one of price_minor, percent_off and amount_off_minor", "name")
    table.finish()
    return rule


def _minutes(table: Table, key: str) -> int | None:
    text = table.text(key, "", check=checks.time_of_day)
    if not text or checks.time_of_day(text):
        return None
    return int(text[:2]) * 60 + int(text[3:])
