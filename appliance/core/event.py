"""Reading an event from its file, `event.toml`: all of it, or every reason why not."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterable

from appliance.core.clock import timestamp
from appliance.core.codes import is_barcode
from appliance.core.errors import StallboxError
from appliance.core.ids import is_slug
from appliance.core.money import PPM
from appliance.core.pretix import public_key_from_pem_b64
from appliance.core.tomltable import Table
from appliance.core.tomltext import TomlProblems
from appliance.core.trade import (
    EntryRule,
    Event,
    KeyFormat,
    Offer,
    OfferKind,
    PretixItem,
    TaxRate,
    TicketKey,
    TicketType,
    Voucher,
    Window,
)

DEFAULT_WINDOW_MIN = 90
MAX_PRICE_MINOR = 100_000_000
MAX_STOCK = 1_000_000
MAX_CAPACITY = 1_000_000
MAX_ENTRIES = 10_000
# Tables of the file and the key that names each of their rows.
_NAMES = {"windows": "id", "tax_rates": "id", "offers": "id", "vouchers": "code", "ticket_types": "product"}
_CURRENCY = re.compile(r"[A-Z]{3}")
_VOUCHER_CODE = re.compile(r"[A-Z0-9-]{3,40}")


def read_event(text: str) -> Event:
    """Read the text of an event file. Raises TomlProblems with all that is wrong, by line."""
    root, problems = Table.of_text(text)
    tables = {key: root.tables(key) for key in _NAMES}
    rates = tuple(_tax_rate(table) for table in tables["tax_rates"])
    event = Event(
        id=root.text("id", check=_slug),
        name=root.text("name", check=_short),
        place=root.text("place", ""),
        currency=root.text("currency", check=_currency),
        time_zone=root.text("time_zone", "UTC", check=_time_zone),
        prices_include_tax=root.flag("prices_include_tax", True),
        seller=root.texts("seller"),
        thanks=root.text("thanks", "Thank you!"),
        windows=tuple(_window(table) for table in tables["windows"]),
        tax_rates=rates,
        offers=tuple(_offer(table, rates) for table in tables["offers"]),
        vouchers=tuple(_voucher(table) for table in tables["vouchers"]),
        tickets_file=root.text("tickets_file", "") or None,
        admits=root.texts("admits"),
        ticket_keys=tuple(filter(None, map(_ticket_key, root.tables("ticket_keys")))),
        pretix_items=tuple(_pretix_item(table) for table in root.tables("pretix_items")),
        ticket_types=tuple(_ticket_type(table, tables["offers"]) for table in tables["ticket_types"]),
        exits=root.texts("exits"),
        capacity=root.integer("capacity", 1, MAX_CAPACITY, 0) or None,
        capacity_warning=root.integer("capacity_warning", 1, MAX_CAPACITY, 0) or None,
    )
    root.finish()
    for key, name in _NAMES.items():
        _once(tables[key], name)
    _once(tables["offers"], "barcode")
    if len({known.item for known in event.pretix_items}) < len(event.pretix_items):
        root.problem("pretix_items: an item is there twice")
    if not event.offers:
        root.problem("offers: an event sells at least one; write [[offers]]")
    if problems:
        raise TomlProblems(problems)
    return event


def window_at(event: Event, at: str) -> tuple[Window, str] | None:
    """Return the window that is open at an RFC 3339 time, else the next one, with `open` or `scheduled`.

    None when all are over. A closed window never stops a sale: clocks are wrong, people are waiting.
    """
    coming = sorted((window for window in event.windows if window.closes_at > at), key=lambda w: w.opens_at)
    if not coming:
        return None
    return coming[0], "open" if coming[0].opens_at <= at else "scheduled"


def _tax_rate(table: Table) -> TaxRate:
    rate = TaxRate(
        id=table.text("id", check=_slug),
        name=table.text("name", check=_short),
        rate_ppm=int(table.decimal("rate_pct", 0, 100) * PPM / 100),
    )
    table.finish()
    return rate


def _window(table: Table) -> Window:
    minutes = table.integer("duration_min", 1, 24 * 60, DEFAULT_WINDOW_MIN)
    opens_at = table.moment("opens_at")
    window = Window(
        id=table.text("id", check=_slug),
        name=table.text("name", check=_short),
        place=table.text("place", ""),
        opens_at=timestamp(opens_at),
        closes_at=timestamp(opens_at + dt.timedelta(minutes=minutes)),
    )
    table.finish()
    return window


def _offer(table: Table, rates: tuple[TaxRate, ...]) -> Offer:
    kind = table.choice("kind", [kind.value for kind in OfferKind], OfferKind.PRODUCT.value)
    offer = Offer(
        id=table.text("id", check=_slug),
        kind=OfferKind(kind) if kind in set(OfferKind) else OfferKind.PRODUCT,
        name=table.text("name", check=_short),
        price_minor=table.integer("price_minor", 0, MAX_PRICE_MINOR),
        tax=table.choice("tax", [rate.id for rate in rates]),
        stock=table.integer("stock", 0, MAX_STOCK, 0) if table.has("stock") else None,
        description=table.text("description", ""),
        credits=table.integer("credits", 1, 10_000) if kind == OfferKind.CREDIT else 0,
        barcode=table.text("barcode", "", check=_barcode),
    )
    table.finish()
    return offer


def _voucher(table: Table) -> Voucher:
    voucher = Voucher(
        code=table.text("code", check=_voucher_code),
        percent_off=table.integer("percent_off", 0, 100, 0),
        amount_off_minor=table.integer("amount_off_minor", 0, MAX_PRICE_MINOR, 0),
        uses=None if table.flag("unlimited", False) else table.integer("uses", 1, 1_000_000, 1),
    )
    if (voucher.percent_off > 0) == (voucher.amount_off_minor > 0):
        table.problem("a voucher takes off either percent_off or amount_off_minor: write one of them", "code")
    table.finish()
    return voucher


def _ticket_type(table: Table, offers: list[Table]) -> TicketType:
    entry = table.choice("entry", [rule.value for rule in EntryRule], EntryRule.COUNTED.value)
    has_from, has_until = table.has("valid_from"), table.has("valid_until")
    found = TicketType(
        product=table.text("product", check=_short),
        name=table.text("name", ""),
        entry=EntryRule(entry) if entry in set(EntryRule) else EntryRule.COUNTED,
        entries=table.integer("entries", 0, MAX_ENTRIES, 0) if table.has("entries") else None,
        offer=table.choice("offer", [offer.text("id", "") for offer in offers], ""),
        note=table.text("note", ""),
        valid_from=timestamp(table.moment("valid_from")) if has_from else None,
        valid_until=timestamp(table.moment("valid_until")) if has_until else None,
    )
    if found.valid_from and found.valid_until and found.valid_from >= found.valid_until:
        table.problem("valid_until: must be later than valid_from", "valid_until")
    table.finish()
    return found


def _ticket_key(table: Table) -> TicketKey | None:
    """Read a key; None if something was wrong with it, which is noted."""
    word = table.choice("format", [known.value for known in KeyFormat])
    text = table.text("public_key")
    table.finish()
    if word not in set(KeyFormat) or not text:
        return None
    try:
        return TicketKey(KeyFormat(word), public_key_from_pem_b64(text) if word == KeyFormat.PRETIX else _raw_key(text))
    except StallboxError as error:
        table.problem(f"public_key: {error.message}", "public_key")
        return None


def _raw_key(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{64}", text.lower()):
        raise StallboxError("key_unreadable", "It must be the 64 hex digits of an Ed25519 public key.")
    return bytes.fromhex(text)


def _pretix_item(table: Table) -> PretixItem:
    found = PretixItem(table.integer("item", 1, 2**62), table.text("product", check=_short))
    table.finish()
    return found


def _once(tables: Iterable[Table], key: str) -> None:
    seen: set[str] = set()
    for table in tables:
        name = table.text(key, "")
        if name and name in seen:
            table.problem(f"{key}: '{name}' is there twice", key)
        seen.add(name)


def _slug(value: str) -> str | None:
    return None if is_slug(value) else f"'{value}' must be 1 to 40 of a-z, 0-9 and hyphens"


def _short(value: str) -> str | None:
    return None if 0 < len(value) <= 80 else "must have 1 to 80 characters"


def _currency(value: str) -> str | None:
    return None if _CURRENCY.fullmatch(value) else f"'{value}' is not an ISO 4217 code such as EUR"


def _voucher_code(value: str) -> str | None:
    return None if _VOUCHER_CODE.fullmatch(value) else f"'{value}' must be 3 to 40 of A-Z, 0-9 and hyphens"


def _barcode(value: str) -> str | None:
    return None if is_barcode(value) else f"'{value}' is no EAN-8, UPC-A or EAN-13: count and check its digits"


def _time_zone(value: str) -> str | None:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return f"'{value}' is not a time zone such as Europe/Berlin"
    return None
