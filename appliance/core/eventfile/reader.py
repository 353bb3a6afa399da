"""The event file as a whole."""

from __future__ import annotations

import datetime as dt

from appliance.core.clock import timestamp
from appliance.core.eventfile import checks, door, offers, restock, vouchers
from appliance.core.eventfile.language import language_problem, read_offices, read_screens, read_texts
from appliance.core.eventfile.transfer import read_transfer
from appliance.core.money import PPM, Currency
from appliance.core.tomltable import Table
from appliance.core.tomltext import TomlProblems
from appliance.core.trade import Event, TaxRate, Window

DEFAULT_WINDOW_MIN = 90
MAX_CAPACITY = 1_000_000
MAX_CASH_STEP_MINOR = 100_000
MAX_TIP_PCT = 100
# Tables of the file and the key that names each of their rows.
_NAMES = {"windows": "id", "tax_rates": "id", "offers": "id", "vouchers": "code", "ticket_types": "product"}


def read_event(text: str) -> Event:
    """Read the text of an event file. Raises TomlProblems with all that is wrong, by line."""
    root, problems = Table.of_text(text)
    tables = {key: root.tables(key) for key in _NAMES}
    rates = tuple(_tax_rate(table) for table in tables["tax_rates"])
    sold = offers.read_offers(tables["offers"], rates)
    windows = tuple(_window(table, {offer.id for offer in sold}) for table in tables["windows"])
    names = offers.Names.of(sold, windows)
    rules, added = restock.read_restock(root, sold, rates)
    for table in tables["offers"]:
        offers.check_suggest(table, names)
    currency = root.text("currency", check=checks.currency)
    language = root.text("language", "en", check=language_problem)
    texts = read_texts(root, language)
    event = Event(
        id=root.text("id", check=checks.slug),
        name=root.text("name", check=checks.short),
        place=root.text("place", ""),
        currency=currency,
        time_zone=root.text("time_zone", "UTC", check=checks.time_zone),
        prices_include_tax=root.flag("prices_include_tax", True),
        seller=root.texts("seller"),
        thanks=root.text("thanks", texts["thanks"]),
        windows=windows,
        tax_rates=rates,
        offers=(*sold, *added),
        restock=rules,
        vouchers=tuple(vouchers.read_voucher(table, names) for table in tables["vouchers"]),
        tickets_file=root.text("tickets_file", "") or None,
        admits=root.texts("admits"),
        ticket_keys=tuple(filter(None, map(door.read_ticket_key, root.tables("ticket_keys")))),
        pretix_items=tuple(door.read_pretix_item(table) for table in root.tables("pretix_items")),
        pretix_subevent=root.integer("pretix_subevent", 1, 2**62, 0) or None,
        ticket_types=tuple(door.read_ticket_type(table, names) for table in tables["ticket_types"]),
        exits=root.texts("exits"),
        capacity=root.integer("capacity", 1, MAX_CAPACITY, 0) or None,
        capacity_warning=root.integer("capacity_warning", 1, MAX_CAPACITY, 0) or None,
        prices=tuple(offers.read_price_rule(table, names) for table in root.tables("prices")),
        card_max_minor=checks.optional(root, "card_max_minor", 1),
        card_pending_max_minor=checks.optional(root, "card_pending_max_minor", 0),
        credit_value_minor=checks.optional(root, "credit_value_minor", 1),
        cash_step_minor=root.integer("cash_step_minor", 1, MAX_CASH_STEP_MINOR, Currency(currency).cash_step_minor),
        tips_pct=root.integers("tips_pct", 1, MAX_TIP_PCT),
        transfer=read_transfer(root.table("transfer"), currency),
        receipt_links=root.flag("receipt_links", True),
        receipt_always=root.flag("receipt_always", False),
        language=language,
        texts=texts,
        screens=read_screens(root, language, texts),
        offices=read_offices(root),
    )
    root.finish()
    for key, name in _NAMES.items():
        checks.once(tables[key], name)
    _check_whole(root, event)
    if problems:
        raise TomlProblems(problems)
    return event


def _check_whole(root: Table, event: Event) -> None:
    """Note what only shows when all of the file is read."""
    if len({(known.item, known.variation) for known in event.pretix_items}) < len(event.pretix_items):
        root.problem("pretix_items: an item is there twice")
    if not event.offers:
        root.problem("offers: an event sells at least one; write [[offers]]")


def _tax_rate(table: Table) -> TaxRate:
    rate = TaxRate(
        id=table.text("id", check=checks.slug),
        name=table.text("name", check=checks.short),
        rate_ppm=int(table.decimal("rate_pct", 0, 100) * PPM / 100),
    )
    table.finish()
    return rate


def _window(table: Table, sold: set[str]) -> Window:
    minutes = table.integer("duration_min", 1, 24 * 60, DEFAULT_WINDOW_MIN)
    opens_at = table.moment("opens_at")
    window = Window(
        id=table.text("id", check=checks.slug),
        name=table.text("name", check=checks.short),
        place=table.text("place", ""),
        opens_at=timestamp(opens_at),
        closes_at=timestamp(opens_at + dt.timedelta(minutes=minutes)),
        shares=_shares(table.table("stock"), sold),
    )
    table.finish()
    return window


def _shares(table: Table | None, sold: set[str]) -> tuple[tuple[str, int], ...]:
    """Read how many of which offer a window may sell."""
    if table is None:
        return ()
    for offer in table.written():
        if offer not in sold:
            table.problem(f"{offer}: there is no offer '{offer}'", offer)
    return tuple((offer, table.integer(offer, 0, checks.MAX_STOCK, 0)) for offer in table.written())
