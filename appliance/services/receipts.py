"""Receipts on screens and in files: the same as on paper, for whoever holds the paper's code."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.core.document import Document
from appliance.core.ports import Books
from appliance.core.receipt import on_screen
from appliance.core.texts import Texts
from appliance.services.carts import current_event


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt as guests see it, in the event's language."""

    number: int
    title: str
    seller: str
    language: str
    texts: Texts
    document: Document


def find(books: Books, page: str) -> Receipt | None:
    """Find a receipt by the name of its page. Raises Refusal: no event is loaded."""
    sale = books.orders.sale_of_page(page)
    if sale is None:
        return None
    event = current_event(books)
    (entry,) = books.journal.after(sale.seq - 1, 1)
    title = event.texts["receipt"].format(number=sale.number)
    seller = event.seller[0] if event.seller else event.name
    return Receipt(sale.number, title, seller, event.language, event.texts, on_screen(sale, event, entry.data))
