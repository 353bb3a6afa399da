"""The sales windows of an event, each with who came and what was sold in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.core.ports import Books
from appliance.core.trade import Window, open_window
from appliance.services.carts import current_event
from appliance.services.spans import spans

OUTSIDE = "Outside of all windows"
NOTHING = {
    "sales": 0, "gross_minor": 0, "items": 0, "with_microbundle": 0, "memberships": 0, "refunds": 0,
    "refunds_minor": 0, "takings_minor": 0, "browsed": 0, "tried": 0, "admitted": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WindowFigures:
    """A window (None: all sales outside of every one), how it stands, its figures, and what is left of its shares.

    `state` is `scheduled`, `open`, `closed` or `outside`.
    """

    window: Window | None
    state: str
    figures: Mapping[str, int]
    shares: Mapping[str, int]


def figures(books: Books) -> list[WindowFigures]:
    """Return the windows of the event in their order, and what was sold outside of them if anything was."""
    event, found_by_window, at = current_event(books), by_window(books), books.moment.text()
    found = [
        WindowFigures(window, _state(window, at), found_by_window.get(window.id, NOTHING), _left(books, window))
        for window in event.windows
    ]
    known = {window.id for window in event.windows}
    others = [counts for id, counts in found_by_window.items() if id not in known]
    if others:
        total = {name: sum(counts[name] for counts in others) for name in NOTHING}
        found.append(WindowFigures(None, "outside", total, {}))
    return found


def by_window(books: Books) -> dict[str, dict[str, int]]:
    """Count and sum by sales window what came while the event was loaded; the empty id is outside of all."""
    found: dict[str, dict[str, int]] = {}
    for span in spans(books):
        for window, counts in books.figures.windows(*span).items():
            before = found.get(window, NOTHING)
            found[window] = {name: before[name] + counts[name] for name in NOTHING}
    return found


def now_open(books: Books) -> str:
    """Return the id of the window that is open now; empty if none is."""
    event = books.events.current()
    window = open_window(event, books.moment.text()) if event else None
    return window.id if window else ""


def _state(window: Window, at: str) -> str:
    if at >= window.closes_at:
        return "closed"
    return "open" if at >= window.opens_at else "scheduled"


def _left(books: Books, window: Window) -> Mapping[str, int]:
    if not window.shares:
        return {}
    left = {offer.id: offer.stock for offer in books.events.offers(window.id)}
    return {offer: left.get(offer) or 0 for offer, _ in window.shares}
