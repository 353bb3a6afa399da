"""Which column of a list says what: guessed from the header, the same way every time, or told by the user."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.core.lists.listed import ListProblems
from appliance.core.tomltext import Problem

# What a ticket can be told of, in the order in which a mapping is shown.
FIELDS = (
    *("code", "product", "variation", "status", "paid", "blocked", "valid_from", "valid_until", "entries", "price"),
    *("note", "language", "date", "name", "surname", "email", "phone", "short_code", "event"),
)


@dataclass(frozen=True, slots=True)
class Preset:
    """The columns of one program's export, as `normal` writes them. `signs`: each must be there, one of its names."""

    name: str
    columns: Mapping[str, Sequence[str]]
    signs: Sequence[Sequence[str]] = ()
    no_code: str = ""  # what to do when such a file comes without codes

    def fits(self, header: Sequence[str]) -> bool:
        """Tell whether a header (normal names) is one of this program's."""
        return bool(self.signs) and all(any(name in header for name in names) for names in self.signs)


def _columns(**fields: str) -> dict[str, tuple[str, ...]]:
    return {field: tuple(names.split("|")) for field, names in fields.items()}


# Sources. pretix: the headers in src/pretix/plugins/checkinlists/exporters.py (CSVCheckinList: "Secret" only when asked
# for) and src/pretix/base/exporters/orderlist.py (sheet of positions: "Ticket secret"), English, and German of a
# shop in German. Eventbrite: header of the attendee report as scripts that read it name it (COL_1 = "Barcode #",
# "Ticket Type", "Attendee Status", "Order #"; now "Order ID" and "Barcode number"). Ticket Tailor: door list as
# github.com/jsilence82/ssg-reconcile reads it (testdata/tickettailor_sample.csv: "Ticket reference", "Ticket type",
# "Event start"), and the fields of an issued ticket of its API (barcode, status valid|voided).
PRETIX = Preset(
    "pretix",
    _columns(
        code="secret|ticket secret|geheimnis|ticket geheimnis",
        product="product|produkt",
        variation="variation|variante",
        status="status",
        paid="paid|bezahlt",
        blocked="blocked|gesperrt",
        valid_from="valid from|gültig ab",
        valid_until="valid until|gültig bis",
        price="price|preis",
        note="comment|order comment|kommentar",
        language="order locale|locale|language|sprache",
        date="start date|anfangsdatum|startdatum",
        name="attendee name|teilnehmername",
        email="attendee email|e mail|email",
        phone="phone number|telefonnummer",
    ),
    signs=(("order code", "bestellnummer"), ("product", "produkt"), ("attendee name", "teilnehmername")),
    no_code="this pretix list comes without the tickets' secrets: export it again with 'Include QR-code secret' ticked",
)
EVENTBRITE = Preset(
    "eventbrite",
    _columns(
        code="barcode|barcode number",
        product="ticket type",
        status="attendee status",
        price="ticket price|total paid",
        note="notes",
        date="date attending|event start date",
        name="attendee name|first name",
        surname="last name",
        email="attendee email|email",
        phone="cell phone|home phone",
    ),
    signs=(("attendee", "attendee status"), ("ticket type",), ("order", "order id")),
    no_code="this Eventbrite report comes without barcodes: add the column 'Barcode #' to the attendee report and "
    "export it again",
)
TICKET_TAILOR = Preset(
    "ticket-tailor",
    _columns(
        code="barcode|ticket code|ticket reference",
        product="ticket type|description",
        status="ticket status|status",
        price="ticket price",
        date="event start|event date",
        name="attendee name|ticket holder name|full name|name",
        email="email",
        phone="mobile number|phone",
    ),
    signs=(("order id",), ("ticket type",), ("ticket reference", "ticket code", "event id", "event start")),
    no_code="this Ticket Tailor list comes without ticket codes: export issued tickets, not orders",
)
GENERIC = Preset(
    "generic",
    _columns(
        code="code|ticket code|barcode|qr code|qr|ticket secret|secret|ticket id|ticket number|ticket reference",
        product="product|ticket type|ticket name|type|item",
        variation="variation",
        status="status|ticket status|state",
        paid="paid",
        blocked="blocked",
        valid_from="valid from|from",
        valid_until="valid until|until|valid to",
        entries="entries|entries allowed",
        price="price|ticket price",
        note="note|notes|comment",
        language="language|locale|lang|order locale|sprache",
        date="date|event date|event start",
        name="name|holder|attendee name|full name|attendee|first name",
        surname="surname|last name|family name",
        email="email|e mail|attendee email",
        phone="phone|phone number|mobile|mobile number",
        short_code="short code",
        event="stallbox event",
    ),
)
PRESETS: Mapping[str, Preset] = {one.name: one for one in (PRETIX, EVENTBRITE, TICKET_TAILOR, GENERIC)}
_APART = re.compile(r"[\W_]+")


def normal(name: str) -> str:
    """Write a column's name so that `Barcode #`, `barcode` and `BARCODE` are the same."""
    return _APART.sub(" ", name).strip().casefold()


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The preset that was taken, and field -> number of its column (0 the first)."""

    preset: str
    columns: Mapping[str, int]


def map_columns(header: Sequence[str], preset: str = "", told: Mapping[str, str] | None = None) -> ColumnMap:
    """Find each field's column. `told`: field -> column, or "" to leave the field out. Raises ListProblems."""
    names = [normal(name) for name in header]
    chosen = _preset(preset) if preset else _recognised(names)
    found = {
        field: names.index(next(name for name in wanted if name in names))
        for field, wanted in chosen.columns.items()
        if any(name in names for name in wanted)
    }
    for field, column in (told or {}).items():
        found.pop(_field(field), None)
        if column:
            found[field] = _column(column, header, names)
    if "code" not in found:
        raise ListProblems([Problem(1, chosen.no_code or _no_code(names))])
    return ColumnMap(chosen.name, {field: found[field] for field in FIELDS if field in found})


def _recognised(names: Sequence[str]) -> Preset:
    return next((one for one in PRESETS.values() if one.fits(names)), GENERIC)


def _preset(name: str) -> Preset:
    if name not in PRESETS:
        raise ListProblems([Problem(0, f"there is no preset '{name}'; there are {', '.join(PRESETS)}")])
    return PRESETS[name]


def _field(name: str) -> str:
    if name not in FIELDS:
        raise ListProblems([Problem(0, f"a ticket has no field '{name}'; there are {', '.join(FIELDS)}")])
    return name


def _column(name: str, header: Sequence[str], names: Sequence[str]) -> int:
    if name in header:
        return header.index(name)
    if normal(name) in names:
        return names.index(normal(name))
    there = ", ".join(f"'{one}'" for one in header)
    raise ListProblems([Problem(1, f"there is no column '{name}'; there are {there}")])


def _no_code(names: Sequence[str]) -> str:
    close = difflib.get_close_matches("code", names, n=1)
    meant = f"; is it '{close[0]}'?" if close else ""
    return f"the first line must name the columns, 'code' among them{meant}"
