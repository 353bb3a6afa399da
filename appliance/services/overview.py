"""How the box stands, in a few numbers for every screen."""

from __future__ import annotations

from typing import Any

from appliance.core.ports import Books
from appliance.core.trade import PrintStatus


def counts(books: Books) -> dict[str, int]:
    """Return the running numbers of the event; rehearsals are in none of them."""
    tally = books.figures.tally
    return {
        "sales": tally("sale.completed"),
        "takings_minor": tally("takings_minor"),
        "admitted": tally("ticket.admitted") + tally("ticket.overridden"),
        "refused": tally("ticket.refused"),
        "inside": books.tickets.inside(),
        "payments_pending": books.pending.count(),
        "parcels_waiting": books.restock.waiting_count(),
        "print_queued": books.prints.count(PrintStatus.QUEUED) + books.prints.count(PrintStatus.PRINTING),
        "print_unsure": books.prints.count(PrintStatus.UNSURE),
    }


def event_card(books: Books) -> dict[str, Any] | None:
    """Return what a screen says of the event; None before one is loaded."""
    event = books.events.current()
    if event is None:
        return None
    return {"id": event.id, "name": event.name, "place": event.place, "currency": event.currency}


def shift_card(books: Books) -> dict[str, Any] | None:
    """Return the open shift; None when the till is closed."""
    shift = books.shifts.current()
    if shift is None:
        return None
    return {"id": shift.id, "opened_at": shift.opened_at, "float_minor": shift.float_minor}
