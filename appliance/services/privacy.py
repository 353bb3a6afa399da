"""Taking away all that is personal, once the event is over."""

from __future__ import annotations

from collections.abc import Mapping

from appliance.core.ports import Books
from appliance.services import sms

PERSONAL: Mapping[str, str] = {
    "holders": "sealed holders: names, e-mail addresses, phone numbers, notes",
    "searchable": "names that search finds",
    "event_keys": "keys of lists, without which no copy of a name can be searched",
    "notes": "notes of tickets in the clear, from lists of an older release",
    "answers": "kept answers to requests",
    "cashiers": "names of removed cashiers; reports say c1, c2 and so on",
    "messages": "phone numbers and texts of messages that were sent or given up",
    "contacts": "sealed contacts of those who get restock",
    "labels": "labels and courier's lists that were not printed yet",
    "papers": "papers kept to be printed again: receipts, slips, reports",
}


def personal(books: Books) -> Mapping[str, int]:
    """Count what `purge` would take away."""
    return {**books.holders.personal(), "messages": books.sms.personal(), **books.restock.personal()}


def purge(books: Books) -> Mapping[str, int]:
    """Take away what is personal and note how much it was; figures, uses and the journal stay."""
    waiting = books.restock.purge()  # first: its papers count as labels
    counts = {**books.holders.purge(), "messages": sms.purge(books), **waiting}
    if any(counts.values()):
        books.journal.append("event.purged", dict(counts))
    return counts
