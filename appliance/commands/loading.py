"""Event files and ticket lists from disk into the store: all of a file or nothing, every problem by its line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import click

from appliance.core.errors import StallboxError
from appliance.core.event import read_event
from appliance.core.eventfile.draft import in_zone
from appliance.core.lists.listed import ListProblems, TicketRows
from appliance.core.lists.options import Options
from appliance.core.lists.reader import open_file
from appliance.core.money import Currency
from appliance.core.ports import DeskPort
from appliance.core.texts import counted
from appliance.core.tomltext import TomlProblems
from appliance.core.trade import Event, Ticket
from appliance.services import events, tickets
from appliance.store.sealing import Sealer

T = TypeVar("T")
DEFAULT_EVENT = Path(__file__).resolve().parents[2] / "config" / "events" / "street-series.toml"
LONG_LIST = 20_000  # tickets; a longer list takes over a second and gets a progress bar
LONG_SLOW_LIST = 100  # with holders and short codes, each of which takes milliseconds


@dataclass(frozen=True, slots=True)
class EventFile:
    """An event file that was read without a fault, with the tickets that it names."""

    text: str
    event: Event
    tickets: Sequence[Ticket]


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A list that was read without a fault, and how it was read."""

    rows: TicketRows
    tickets: Sequence[Ticket]


def read_event_file(file: Path, sealer: Sealer | None = None, time_zone: str = "") -> EventFile:
    """Read an event file and its list of tickets, whose holders `sealer` takes. `time_zone` is for one that names none.

    Raises StallboxError after naming every problem on stderr.
    """
    text = _text(file)
    _checked(file, lambda: read_event(text))
    text = in_zone(text, time_zone)
    event = read_event(text)
    listed: Sequence[Ticket] = []
    if event.tickets_file:
        found = read_ticket_file(file.parent / event.tickets_file, for_event(Options(), event), sealer=sealer)
        listed = found.tickets
        for sentence in remarks(found):
            click.echo(sentence, err=True)
    return EventFile(text, event, listed)


def for_event(options: Options, event: Event | None) -> Options:
    """Read a list as the event's: its times, its prices, and tickets that are good at no other."""
    if event is None:
        return options
    exponent = Currency(event.currency).exponent
    return replace(options, event=event.id, time_zone=event.time_zone, exponent=exponent)


def read_ticket_file(
    file: Path,
    options: Options | None = None,
    opened: Callable[[TicketRows], None] | None = None,
    sealer: Sealer | None = None,
) -> TicketFile:
    """Read a list of tickets; `opened` is told once its columns are known, `sealer` takes the holders.

    Raises StallboxError after naming every problem on stderr.
    """
    rows = _checked(file, lambda: open_file(_bytes(file), options))
    if opened:
        opened(rows)
    is_slow = bool(sealer) and not {"name", "surname", "email", "phone", "note"}.isdisjoint(rows.mapping)
    least, step = (LONG_SLOW_LIST, 20) if is_slow else (LONG_LIST, 1000)
    with click.progressbar(
        rows.rows(), rows.size, "Reading", hidden=rows.size < least, update_min_steps=step
    ) as watched:
        found = _checked(file, lambda: tickets.collect(watched, sealer))
    return TicketFile(rows, found)


def mapping_lines(rows: TicketRows) -> Sequence[str]:
    """Say in one line per field where it is read from."""
    return [f"  {field:<12}<- '{column}'" for field, column in rows.mapping.items()]


def remarks(found: TicketFile, event: Event | None = None) -> Sequence[str]:
    """Say what a person should know before a list is taken in."""
    left_out = [f"Left out: {count} {why}." for why, count in found.rows.skipped.items()]
    admits = event.admits if event else ()
    products = sorted({ticket.product for ticket in found.tickets} - set(admits)) if admits else []
    names = ", ".join(f"'{name}'" for name in admits)
    refused = [f"The door refuses '{product}' tickets: the event admits {names}." for product in products]
    return [*found.rows.notes, *left_out, *refused]


def take_event(desk: DeskPort, found: EventFile, sealer: Sealer) -> None:
    """Load an event and its tickets into the store."""
    desk.submit(lambda books: events.load_event(books, found.text))
    if found.event.tickets_file:
        take_tickets(desk, found.tickets, found.event.tickets_file, sealer)


def take_tickets(desk: DeskPort, listed: Sequence[Ticket], source: str, sealer: Sealer) -> tuple[int, int, int]:
    """Load a list in parts, so that a door in use waits for one part at most; return new, changed and same."""
    totals = (0, 0, 0)
    with click.progressbar(list(tickets.chunks(listed)), label="Importing", hidden=len(listed) < LONG_LIST) as parts:
        for part in parts:
            new, changed, same = desk.submit(lambda books: tickets.import_tickets(books, part, source, sealer))  # noqa: B023
            totals = (totals[0] + new, totals[1] + changed, totals[2] + same)
    return totals


def _checked(file: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except TomlProblems as error:
        for problem in error.problems:
            where = f"{file.name}:{problem.line}" if problem.line else file.name
            click.echo(f"{where}: {problem.message}", err=True)
        count = error.total if isinstance(error, ListProblems) else len(error.problems)
        if more := count - len(error.problems):
            click.echo(f"{file.name}: and {more} more", err=True)
        raise StallboxError(
            "file_refused", f"{file.name} has {counted(count, 'problem')}: nothing was loaded."
        ) from error


def _text(file: Path) -> str:
    try:
        return _bytes(file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise StallboxError("not_utf8", f"{file.name} is not UTF-8 text: save it as UTF-8.") from error


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise StallboxError("unreadable", f"{file} cannot be read: {error.strerror}.") from error
