"""What is wrong with a single value of an event file: each check returns that, or None."""

from __future__ import annotations

import re
from collections.abc import Iterable

from appliance.core.clock import is_time_zone
from appliance.core.codes import is_barcode
from appliance.core.ids import is_slug
from appliance.core.tomltable import Table

MAX_PRICE_MINOR = 100_000_000
MAX_STOCK = 1_000_000
_CURRENCY = re.compile(r"[A-Z]{3}")
_VOUCHER_CODE = re.compile(r"[A-Z0-9-]{3,40}")
_PHOTO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}\.(?:jpg|jpeg|png|webp)")
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def slug(value: str) -> str | None:
    """Check an id."""
    return None if is_slug(value) else f"'{value}' must be 1 to 40 of a-z, 0-9 and hyphens"


def short(value: str) -> str | None:
    """Check a name."""
    return None if 0 < len(value) <= 80 else "must have 1 to 80 characters"


def currency(value: str) -> str | None:
    """Check a currency."""
    return None if _CURRENCY.fullmatch(value) else f"'{value}' is not an ISO 4217 code such as EUR"


def voucher_code(value: str) -> str | None:
    """Check a voucher's code."""
    return None if _VOUCHER_CODE.fullmatch(value) else f"'{value}' must be 3 to 40 of A-Z, 0-9 and hyphens"


def barcode(value: str) -> str | None:
    """Check a barcode's digits."""
    return None if is_barcode(value) else f"'{value}' is no EAN-8, UPC-A or EAN-13: count and check its digits"


def photo(value: str) -> str | None:
    """Check a picture's file name: it stands beside the event file and leads nowhere else."""
    return None if _PHOTO.fullmatch(value) else f"'{value}' must be a plain file name such as cup.jpg (jpg, png, webp)"


def time_of_day(value: str) -> str | None:
    """Check a time on the wall clock."""
    return None if _TIME_OF_DAY.fullmatch(value) else f"'{value}' is not a time of day such as 17:30"


def time_zone(value: str) -> str | None:
    """Check the name of a time zone."""
    return None if is_time_zone(value) else f"'{value}' is not a time zone such as Europe/Berlin"


def optional(table: Table, key: str, low: int) -> int | None:
    """Read an amount that need not be there."""
    return table.integer(key, low, MAX_PRICE_MINOR, low) if table.has(key) else None


def known(table: Table, key: str, names: Iterable[str], what: str) -> tuple[str, ...]:
    """Read a list of names; note those that nobody bears."""
    written, there = table.texts(key), set(names)
    for name in written:
        if name not in there:
            table.problem(f"{key}: there is no {what} '{name}'", key)
    return written


def once(tables: Iterable[Table], key: str) -> None:
    """Note every name that is there twice."""
    seen: set[str] = set()
    for table in tables:
        name = table.text(key, "")
        if name and name in seen:
            table.problem(f"{key}: '{name}' is there twice", key)
        seen.add(name)
