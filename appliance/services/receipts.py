"""Receipts on paper, and the same on screens and in files for whoever holds the paper's code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appliance.core.document import Document
from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.core.receipt import on_screen, receipt, signed_paper
from appliance.core.texts import Texts
from appliance.core.trade import Sale
from appliance.services.cashiers import signed_by
from appliance.services.spans import event_of

RECEIPT = "receipt"  # kind of print job


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt as guests see it, in the event's language."""

    number: int
    title: str
    seller: str
    language: str
    texts: Texts
    document: Document


def to_paper(books: Books, sale: Sale, entry: Mapping[str, Any]) -> int:
    """Queue the receipt of a sale, whose journal entry says `entry`; return the print job's id."""
    event = event_of(books, sale)
    document = signed_by(books, signed_paper(receipt(sale, event), entry, event.texts))
    return books.prints.add(RECEIPT, _subject(sale.number), document.to_json())


def to_paper_for_guest(books: Books, number: int, order_id: str) -> int:
    """Print the receipt of a sale that a guest made alone, once; return the print job's id. Raises Refusal."""
    sale = books.orders.sale(number)
    if sale is None or sale.order_id != order_id:
        raise Refusal("not_your_sale", "Only the order that became this sale may ask for its receipt.", 403)
    if books.prints.has(RECEIPT, _subject(number)):
        raise Refusal("receipt_printed", "This receipt is on paper already: ask staff for a copy.", 409)
    (entry,) = books.journal.after(sale.seq - 1, 1)
    return to_paper(books, sale, entry.data)


def _subject(number: int) -> str:
    return f"sale {number}"


def find(books: Books, page: str) -> Receipt | None:
    """Find a receipt by the name of its page. Raises Refusal: no event is loaded."""
    sale = books.orders.sale_of_page(page)
    if sale is None:
        return None
    event = event_of(books, sale)
    (entry,) = books.journal.after(sale.seq - 1, 1)
    title = event.texts["receipt"].format(number=sale.number)
    seller = event.seller[0] if event.seller else event.name
    return Receipt(sale.number, title, seller, event.language, event.texts, on_screen(sale, event, entry.data))
