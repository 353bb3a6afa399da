"""Loading an event."""

from __future__ import annotations

from appliance.core.errors import Refusal
from appliance.core.event import digest, read_event
from appliance.core.ports import Books
from appliance.core.trade import Event, OrderStatus
from appliance.services import stock, till
from appliance.services.spans import spans


def load_event(books: Books, text: str) -> Event:
    """Take the text of an event file as the event of this box. Raises TomlProblems, Refusal; then nothing changed."""
    event = read_event(text)
    if books.events.source() != text:
        former = books.events.current()
        _check_shift(books, event)
        _end_former(books, event)
        books.events.replace(event, text)
        books.journal.append("event.loaded", {"event": event.id, "name": event.name, "sha256": digest(text)})
        stock.note_low(books, [offer.id for offer in event.offers])
        if former is not None and former.id != event.id:
            books.figures.tally_anew(spans(books))
    return event


def _check_shift(books: Books, event: Event) -> None:
    """See that no drawer holds the money of two currencies."""
    former = books.events.current()
    if former is not None and former.currency != event.currency and books.shifts.current():
        message = f"A shift is open in {former.currency}: close it, then load an event in {event.currency}."
        raise Refusal("shift_open", message, status=409)


def _end_former(books: Books, event: Event) -> None:
    """Give up what nobody paid, nor may be paying, at another event: its stock is not this one's."""
    former = books.events.current()
    if former is not None and former.id != event.id:
        for order in books.orders.open():
            if not order.paid_minor and not order.pending_minor:
                till.release(books, order, OrderStatus.CANCELLED)
