"""The shelf: what comes in, what breaks, what is running low. Counts are till.correct_stock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from appliance.core.errors import NotFound, Refusal
from appliance.core.ports import Books
from appliance.core.trade import Offer, OfferKind

NOT_ON_SHELVES = (OfferKind.RESTOCK, OfferKind.SHIPPING)
MOVES = ("stock.delivered", "stock.wasted", "stock.corrected", "stock.low")


def shelf(books: Books, window: str = "") -> list[Offer]:
    """Return the offers that are sold here and now, each with what is left of it; see EventsPort.offers."""
    return [offer for offer in books.events.offers(window) if offer.kind not in NOT_ON_SHELVES]


def on_shelf(books: Books, id: str) -> Offer:
    """Find an offer of the shelf by its id. Raises NotFound."""
    found = next((offer for offer in shelf(books) if offer.id == id), None)
    if found is None:
        raise NotFound("offer_unknown", f"There is no offer '{id}' at this event.")
    return found


def deliver(books: Books, id: str, quantity: int, note: str = "") -> None:
    """Put goods that came in on the shelf. Raises Refusal."""
    offer = _counted(books, id)
    books.events.return_stock(id, quantity)
    _note(books, "stock.delivered", offer, quantity, {"note": note} if note else {})
    note_low(books, [id])


def waste(books: Books, id: str, quantity: int, reason: str) -> None:
    """Take goods that broke or spoiled off the shelf; those in open orders are not there to break. Raises Refusal."""
    offer = _counted(books, id)
    if not books.events.take_stock(id, quantity):
        message = f"Of '{offer.name}' only {offer.stock} are free: count the shelf, or give up open orders first."
        raise Refusal("stock_short", message, status=409)
    _note(books, "stock.wasted", offer, -quantity, {"reason": reason})
    note_low(books, [id])


def low(offers: Iterable[Offer]) -> list[Offer]:
    """Return those of which little is left."""
    return [offer for offer in offers if _is_low(offer)]


def note_low(books: Books, ids: Sequence[str], is_count: bool = True) -> None:
    """Journal what is running low since the last time it was not.

    What an order frees again ends no warning (`is_count` False), or orders that come and go would ring it over and
    over: only goods that came in or were counted do.
    """
    event = books.events.current()
    named = [offer for id in ids if event and (offer := event.offer(id)) and offer.low_stock is not None]
    if not named:
        return
    there = {offer.id: offer for offer in books.events.offers()}
    for offer in (there[one.id] for one in named):
        if _is_low(offer) and books.restock.warn_low(offer.id, True):
            books.journal.append("stock.low", {"offer": offer.id, "stock": offer.stock, "low_stock": offer.low_stock})
        elif is_count and not _is_low(offer):
            books.restock.warn_low(offer.id, False)


def _is_low(offer: Offer) -> bool:
    return offer.low_stock is not None and offer.stock is not None and offer.stock <= offer.low_stock


def _counted(books: Books, id: str) -> Offer:
    offer = on_shelf(books, id)
    if offer.stock is None:
        raise Refusal("stock_unlimited", f"'{offer.name}' is sold without limit: count it first.", status=409)
    return offer


def _note(books: Books, kind: str, offer: Offer, change: int, more: dict[str, str]) -> None:
    before = offer.stock or 0
    data = {"offer": offer.id, "quantity": abs(change), "from": before, "to": before + change}
    books.journal.append(kind, data | more)
