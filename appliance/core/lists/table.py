"""Tickets from a CSV list."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from appliance.core.admission import normalise
from appliance.core.lists import words
from appliance.core.lists.listed import Holder, ListedStatus, ListedTicket, ListProblems
from appliance.core.lists.mapping import map_columns
from appliance.core.lists.options import OneDate, Options
from appliance.core.lists.text import DELIMITERS, Records
from appliance.core.shortcode import canonical
from appliance.core.tomltext import Problem
from appliance.core.wording import language_of

OTHER_DATE = "for another date"
_ROUNDED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)  # 1.23457E+18: what a spreadsheet makes of a long number


class TableRows:
    """See TicketRows in listed.py. Raises ListProblems if the header names no codes."""

    def __init__(self, text: str, options: Options) -> None:
        self._records = Records(text)
        self._zone = ZoneInfo(options.time_zone)
        self._exponent = options.exponent
        self._event = options.event
        self.size = text.count("\n")
        self.notes: list[str] = []
        self.skipped: dict[str, int] = {}
        try:
            self._header = [name.strip() for name in next(iter(self._records), [])]
        except csv.Error as error:
            raise ListProblems([Problem(self._records.line, f"not valid CSV: {error}")]) from error
        found = map_columns(self._header, options.preset, options.told)
        self.preset = f"{found.preset}, parted by {DELIMITERS[self._records.delimiter]}"
        self._columns = found.columns
        self.mapping: Mapping[str, str] = {name: self._header[column] for name, column in found.columns.items()}
        self._one_date = OneDate(options.date)

    def rows(self) -> Iterator[ListedTicket | Problem]:
        """Read the list."""
        try:
            for row in self._records:
                line = self._records.line
                if any(map(str.strip, row)):
                    found = self._ticket(row, line)
                    if found:
                        yield found
        except csv.Error as error:
            yield Problem(self._records.line, f"not valid CSV: {error}")

    def _ticket(self, row: list[str], line: int) -> ListedTicket | Problem | None:
        """Read a record; None if it is left out."""
        width = len(self._header)
        if len(row) > width and any(map(str.strip, row[width:])):
            return Problem(line, f"{len(row)} fields, but the first line names {width}")
        values = {name: row[column].strip() if column < len(row) else "" for name, column in self._columns.items()}
        code = normalise(values["code"])
        if not code:
            return Problem(line, "the code is missing or not readable")
        if _ROUNDED.fullmatch(code):
            return Problem(line, "a spreadsheet has rounded this code: export the list again and import it unopened")
        try:
            if "date" in values and self._one_date.leaves_out(values["date"]):
                self.skipped[OTHER_DATE] = self.skipped.get(OTHER_DATE, 0) + 1
                return None
            return self._listed(code, values, line)
        except ValueError as error:
            return Problem(line, str(error))

    def _listed(self, code: str, values: dict[str, str], line: int) -> ListedTicket:
        """Make the ticket of a record. Raises ValueError with a sentence."""
        get = values.get
        status, note = _status(values)
        product, variation = get("product", ""), get("variation", "")
        return ListedTicket(
            code=code,
            product=f"{product} – {variation}" if product and variation else product or variation,
            status=status,
            valid_from=self._time(get("valid_from", "")),
            valid_until=self._time(get("valid_until", ""), is_end=True),
            entries_allowed=words.entries(values["entries"]) if get("entries") else None,
            note="; ".join(part for part in (get("note", ""), note) if part),
            price_due_minor=words.minor_units(get("price", ""), self._exponent)
            if status is ListedStatus.UNPAID
            else None,
            holder=_holder(values),
            line=line,
            event=get("event", "") or self._event,
            short_code=_short_code(get("short_code", "")),
            language=language_of(get("language", "")),
        )

    def _time(self, text: str, is_end: bool = False) -> str | None:
        if not text:
            return None
        at = words.utc_time(text, self._zone, is_end=is_end)
        if at is None:
            raise ValueError(f"'{text}' is no time that can only be read one way: write for example 2026-12-05 18:00")
        return at


def _status(values: Mapping[str, str]) -> tuple[ListedStatus, str]:
    """Return what the columns say of a ticket together, and a note. Raises ValueError with a sentence."""
    word = values.get("status", "").lower()
    status = words.STATUS.get(word)
    if status is None:
        known = ", ".join(ListedStatus)
        raise ValueError(f"the status '{values['status']}' is not one of {known}, nor a word that means one of them")
    if status is ListedStatus.VALID and _yes("blocked", values, otherwise=False):
        status = ListedStatus.BLOCKED
    if status is ListedStatus.VALID and not _yes("paid", values, otherwise=True):
        status = ListedStatus.UNPAID
    return status, "checked in elsewhere before" if word == "checked in" else ""


def _short_code(text: str) -> str:
    """Read the other code of a ticket. Raises ValueError with a sentence."""
    code = canonical(text)
    if text and code is None:
        raise ValueError(f"the short code '{text}' is not Stallbox's, or mistyped: leave it out with --map short_code=")
    return code or ""


def _yes(name: str, values: Mapping[str, str], otherwise: bool) -> bool:
    """Read a yes or no; `otherwise` where there is no such column, an empty field is a no."""
    if name not in values:
        return otherwise
    word = values[name].lower()
    if word not in words.YES and word not in words.NO:
        raise ValueError(f"'{values[name]}' in the column for '{name}' is neither yes nor no")
    return word in words.YES


def _holder(values: Mapping[str, str]) -> Holder | None:
    first, last, email, phone = (values.get(field, "") for field in ("name", "surname", "email", "phone"))
    name = first if last in first else f"{first} {last}".strip()
    return Holder(name, email, phone) if name or email or phone else None
