"""Event files and ticket lists from disk into the store: all of a file or nothing, every problem by its line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from appliance.core.errors import StallboxError
from appliance.core.event import read_event
from appliance.core.ports import DeskPort
from appliance.core.tomltext import TomlProblems
from appliance.core.trade import Event, Ticket
from appliance.services import events, tickets

T = TypeVar("T")
DEFAULT_EVENT = Path(__file__).resolve().parents[2] / "config" / "events" / "street-series.toml"
LONG_LIST = 20_000  # tickets; a longer list takes over a second and gets a progress bar


@dataclass(frozen=True, slots=True)
class EventFile:
    """An event file that was read without a fault, with the tickets that it names."""

    text: str
    event: Event
    tickets: Sequence[Ticket]


def read_event_file(file: Path) -> EventFile:
    """Read an event file and its list of tickets. Raises StallboxError after naming every problem on stderr."""
    text = _text(file)
    event = _checked(file, lambda: read_event(text))
    listed = read_ticket_file(file.parent / event.tickets_file) if event.tickets_file else []
    return EventFile(text, event, listed)


def read_ticket_file(file: Path) -> list[Ticket]:
    """Read a list of tickets. Raises StallboxError after naming every problem on stderr."""
    text = _text(file)
    return _checked(file, lambda: tickets.read_tickets(text))


def take_event(desk: DeskPort, found: EventFile) -> None:
    """Load an event and its tickets into the store."""
    desk.submit(lambda books: events.load_event(books, found.text))
    if found.event.tickets_file:
        take_tickets(desk, found.tickets, found.event.tickets_file)


def take_tickets(desk: DeskPort, listed: Sequence[Ticket], source: str) -> tuple[int, int, int]:
    """Load a list in parts, so that a door in use waits for one part at most; return new, changed and same."""
    totals = (0, 0, 0)
    with click.progressbar(list(tickets.chunks(listed)), label="Importing", hidden=len(listed) < LONG_LIST) as parts:
        for part in parts:
            new, changed, same = desk.submit(lambda books: tickets.import_tickets(books, part, source))  # noqa: B023
            totals = (totals[0] + new, totals[1] + changed, totals[2] + same)
    return totals


def _checked(file: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except TomlProblems as error:
        for problem in error.problems:
            click.echo(f"{file.name}:{problem.line}: {problem.message}", err=True)
        what = "1 problem" if len(error.problems) == 1 else f"{len(error.problems)} problems"
        raise StallboxError("file_refused", f"{file.name} has {what}: nothing was loaded.") from error


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise StallboxError("not_utf8", f"{file.name} is not UTF-8 text: save it as UTF-8.") from error
    except OSError as error:
        raise StallboxError("unreadable", f"{file} cannot be read: {error.strerror}.") from error
