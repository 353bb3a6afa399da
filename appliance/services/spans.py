"""When the present event was the one that is loaded: what lies between belongs to another, and counts for none of its
figures. Spans are of journal entries: those after the first number, up to and with the second (None: the end).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from appliance.core.ports import Books
from appliance.core.trade import Event, Sale
from appliance.services.carts import current_event

Span = tuple[int, int | None]
WHOLE: Span = (0, None)


def spans(books: Books) -> list[Span]:
    """Return the spans of the event that is loaded; the first event's begin with the journal."""
    event, loaded = books.events.current(), books.journal.between(("event.loaded",), 0, None)
    if event is None or not loaded:
        return [WHOLE]
    found: list[Span] = []
    since: int | None = None
    for place, entry in enumerate(loaded):
        is_it = entry.data["event"] == event.id
        if is_it and since is None:
            since = entry.seq if place else 0
        elif not is_it and since is not None:
            found.append((since, entry.seq))
            since = None
    return found if since is None else [*found, (since, None)]


def is_of_this_event(books: Books, sale: Sale) -> bool:
    """Tell whether a sale was made while the present event was loaded."""
    return any(since < sale.seq <= (until or sale.seq) for since, until in spans(books))


def event_of(books: Books, sale: Sale) -> Event:
    """Return the event as it was when a sale was made: that is on the sale's papers, whatever is loaded since.

    Raises Refusal: no event is loaded.
    """
    loaded = books.journal.newest(("event.loaded",), 1, before=sale.seq)
    former = books.events.former(loaded[0].data["sha256"]) if loaded else None
    return former or current_event(books)


def summed(count: Callable[[int, int | None], Mapping[str, int]], over: Iterable[Span]) -> dict[str, int]:
    """Add up what is counted in each span, by name."""
    total: dict[str, int] = {}
    for span in over:
        for name, value in count(*span).items():
            total[name] = total.get(name, 0) + value
    return total
