"""A lot: tickets, vouchers or member cards that are made in one go, and the list of their codes as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.core.verdict import CodeKind

COLUMNS = {
    CodeKind.TICKET: (
        *("kind", "code", "short_code", "product", "status", "valid_from", "valid_until", "entries", "stallbox_event"),
    ),
    CodeKind.VOUCHER: ("kind", "code", "short_code", "series", "uses"),
    CodeKind.MEMBER: ("kind", "code", "short_code"),
}


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """One of a lot. `code` is what its QR code says, `short_code` what people read out; often the same."""

    code: str
    short_code: str


@dataclass(frozen=True, slots=True)
class Lot:
    """What was made in one go; all of it alike but for the codes.

    Tickets: `product`, `event` (its id, empty: any), `valid_from` and `valid_until` as RFC 3339 in UTC (the second is
    the first instant that is too late), `entries` (0: without limit, None: as the product says). Vouchers: `series` is
    the code of a voucher of the event, `uses` how often each is good (0: without limit).
    """

    kind: CodeKind
    codes: Sequence[IssuedCode]
    product: str = ""
    event: str = ""
    valid_from: str | None = None
    valid_until: str | None = None
    entries: int | None = None
    series: str = ""
    uses: int = 1


class _Lines:
    """Takes what csv writes."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, text: str) -> None:
        self.written.append(text)


def to_csv(lot: Lot) -> str:
    """Write a lot as a list that this or another box can take in."""
    lines = _Lines()
    entries = "" if lot.entries is None else str(lot.entries) if lot.entries else "unlimited"
    values = {
        "kind": lot.kind.value,
        "product": lot.product,
        "status": "valid",
        "valid_from": lot.valid_from or "",
        "valid_until": lot.valid_until or "",
        "entries": entries,
        "stallbox_event": lot.event,
        "series": lot.series,
        "uses": str(lot.uses),
    }
    writer = csv.DictWriter(lines, COLUMNS[lot.kind], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**values, "code": one.code, "short_code": one.short_code} for one in lot.codes)
    return "".join(lines.written)


def lot_of_csv(text: str) -> Lot | None:
    """Read the codes of a lot again, with what makes them vouchers; None if this is no list that `to_csv` wrote."""
    reader = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    kind = next((kind for kind, columns in COLUMNS.items() if tuple(reader.fieldnames or ()) == columns), None)
    if kind is None:
        return None
    rows = [row for row in reader if None not in row and None not in row.values() and row["kind"] == kind]
    codes = [IssuedCode(row["code"], row["short_code"]) for row in rows]
    if kind is not CodeKind.VOUCHER or not rows:
        return Lot(kind, codes)
    uses = rows[0]["uses"]
    return Lot(kind, codes, series=rows[0]["series"], uses=int(uses) if uses.isascii() and uses.isdigit() else 1)
