"""How the box stands, in a few numbers for every screen."""

from __future__ import annotations

from typing import Any

from appliance.core.errors import Refusal
from appliance.core.event import window_at
from appliance.core.money import Currency
from appliance.core.ports import Books
from appliance.core.trade import PrintStatus
from appliance.services import shifts


def counts(books: Books) -> dict[str, int]:
    """Return the running numbers of the event; rehearsals are in none of them."""
    tally = books.figures.tally
    return {
        "sales": tally("sale.completed"),
        "takings_minor": tally("takings_minor"),
        "admitted": tally("ticket.admitted") + tally("ticket.overridden"),
        "refused": tally("ticket.refused"),
        "inside": books.tickets.inside(),
        "print_queued": books.prints.count(PrintStatus.QUEUED) + books.prints.count(PrintStatus.PRINTING),
        "print_unsure": books.prints.count(PrintStatus.UNSURE),
    }


def event_card(books: Books) -> dict[str, Any] | None:
    """Return what a screen says of the event; None before one is loaded."""
    event = books.events.current()
    if event is None:
        return None
    return {"id": event.id, "name": event.name, "place": event.place, "currency": event.currency}


def window_card(books: Books) -> dict[str, Any] | None:
    """Return the window that is open, or the next one; None when there is none."""
    event = books.events.current()
    found = window_at(event, books.moment.text()) if event else None
    if found is None:
        return None
    window, state = found
    return {
        "id": window.id,
        "name": window.name,
        "place": window.place,
        "opens_at": window.opens_at,
        "closes_at": window.closes_at,
        "state": state,
    }


def shift_card(books: Books) -> dict[str, Any] | None:
    """Return the open shift; None when the till is closed."""
    shift = books.shifts.current()
    if shift is None:
        return None
    return {"id": shift.id, "opened_at": shift.opened_at, "float_minor": shift.float_minor}


def debrief(books: Books) -> dict[str, Any]:
    """Return the event's figures. Shares are pairs (part, whole), so that nobody loses how many they stand on."""
    sales = books.figures.sales()
    visitors = books.figures.tally("ticket.admitted") + books.figures.tally("ticket.overridden")
    browsed = _signals(books, "browsed")
    return {
        "event": event_card(books),
        "sales": dict(sales),
        "average_order_minor": sales["gross_minor"] // sales["sales"] if sales["sales"] else None,
        "conversion": [sales["sales"], visitors + browsed],
        "opt_ins": [books.figures.tally("member.joined"), sales["sales"]],
        "offers": dict(books.figures.offers_sold()),
        "tenders": dict(books.figures.tenders()),
        "admitted": visitors,
        "refused": books.figures.tally("ticket.refused"),
        "last_shift": _last_shift(books),
    }


def debrief_text(figures: dict[str, Any]) -> str:
    """Write the event's figures for a person."""
    event, sales = figures["event"], figures["sales"]
    money = Currency(event["currency"]).text if event else str
    bought, visitors = figures["conversion"]
    average = figures["average_order_minor"]
    lines = [
        f"Debrief of {event['name']}" if event else "Debrief: no event is loaded",
        f"  sales              {sales['sales']}, {sales['items']} items",
        f"  takings            {money(sales['takings_minor'])} ({money(sales['refunds_minor'])} given back)",
        f"  average order      {money(average) if average is not None else 'no sale yet'}",
        f"  conversion         {bought} of {visitors} visitors{_percent(bought, visitors)}",
        f"  members joined     {figures['opt_ins'][0]} at {figures['opt_ins'][1]} sales",
        f"  at the door        {figures['admitted']} admitted, {figures['refused']} refused",
    ]
    lines += [f"  {offer:18} {count} sold" for offer, count in figures["offers"].items()]
    lines += [f"  by {tender:15} {money(amount)}" for tender, amount in figures["tenders"].items()]
    return "\n".join(lines) + "\n"


def _percent(part: int, whole: int) -> str:
    return f" ({100 * part // whole} %)" if whole else ""


def _signals(books: Books, what: str) -> int:
    noted = books.journal.newest(["signal.noted"], limit=1_000_000)
    return sum(1 for entry in noted if entry.data["what"] == what and not entry.data.get("rehearsal"))


def _last_shift(books: Books) -> dict[str, Any] | None:
    try:
        report = shifts.last_report(books)
    except Refusal:
        return None
    return {"shift": report.shift, "difference_minor": report.difference_minor}
