"""Opening a list, whichever kind it is."""

from __future__ import annotations

from appliance.core.lists.listed import ListProblems, TicketRows
from appliance.core.lists.options import Options
from appliance.core.lists.orders import OrderRows
from appliance.core.lists.table import TableRows
from appliance.core.lists.text import decode
from appliance.core.tomltext import Problem


def open_file(data: bytes, options: Options | None = None) -> TicketRows:
    """Open a list as its file holds it: CSV, or pretix's orders in JSON. Raises ListProblems."""
    text, note = decode(data)
    rows = open_text(text, options)
    if note:
        rows.notes.append(note)
    return rows


def open_text(text: str, options: Options | None = None) -> TicketRows:
    """Open a list as text. Raises ListProblems."""
    options = options or Options()
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        if options.preset or options.told:
            raise ListProblems(
                [Problem(0, "this file is JSON and names its fields itself: leave out --preset and --map")]
            )
        return OrderRows(text, options)
    return TableRows(text, options)
