"""Loading an event."""

from __future__ import annotations

import hashlib

from appliance.core.event import read_event
from appliance.core.ports import Books
from appliance.core.trade import Event


def load_event(books: Books, text: str) -> Event:
    """Take the text of an event file as the event of this box. Raises TomlProblems; then nothing was changed."""
    event = read_event(text)
    if books.events.source() != text:
        books.events.replace(event, text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        books.journal.append("event.loaded", {"event": event.id, "name": event.name, "sha256": digest})
    return event
