"""The event's figures, whole and by window: how many came, how many bought, what and for how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from appliance.core.errors import Refusal
from appliance.core.money import Currency
from appliance.core.ports import Books
from appliance.core.shares import share_text
from appliance.services import power, shifts, windows
from appliance.services.overview import event_card
from appliance.services.spans import spans, summed


def debrief(books: Books) -> dict[str, Any]:
    """Return the event's figures. Shares are pairs (part, whole), so that nobody loses how many they stand on.

    Visitors are those admitted at the door and those who browsed at a kiosk; who did both counts twice.
    """
    over = spans(books)
    sales = summed(books.figures.sales, over)
    visitors = books.figures.tally("ticket.admitted") + books.figures.tally("ticket.overridden")
    by_window = _windows(books)
    return {
        "event": event_card(books),
        "sales": sales,
        "average_order_minor": _average(sales),
        "conversion": [sales["sales"], visitors + _browsed(books)],
        "opt_ins": [books.figures.tally("member.joined"), sales["sales"]],
        "attach": [sum(window["attach"][0] for window in by_window), sales["sales"]],
        "windows": by_window,
        "offers": summed(books.figures.offers_sold, over),
        "restock": summed(books.restock.figures, over),
        "tenders": summed(books.figures.tenders, over),
        "tips": summed(books.takings.tips, over),
        "admitted": visitors,
        "refused": books.figures.tally("ticket.refused"),
        "last_shift": _last_shift(books),
        "battery": power.day(books),
    }


def as_text(figures: Mapping[str, Any]) -> str:
    """Write the event's figures for a person."""
    event, sales = figures["event"], figures["sales"]
    money = Currency(event["currency"]).text if event else str
    average = figures["average_order_minor"]
    lines = [
        f"Debrief of {event['name']}" if event else "Debrief: no event is loaded",
        f"  sales              {sales['sales']}, {sales['items']} items",
        f"  takings            {money(sales['takings_minor'])} ({money(sales['refunds_minor'])} given back)",
        f"  average order      {money(average) if average is not None else 'no sale yet'}",
        f"  conversion         {_share(figures['conversion'], 'visitors')}",
        f"  with a microbundle {_share(figures['attach'], 'sales')}",
        f"  members joined     {_share(figures['opt_ins'], 'sales')}",
        f"  at the door        {figures['admitted']} admitted, {figures['refused']} refused",
    ]
    for window in figures["windows"]:
        lines += _window_lines(window, money)
    lines += _restock_lines(figures["restock"], money)
    lines += [f"  {offer:18} {count} sold" for offer, count in figures["offers"].items()]
    lines += [f"  by {tender:15} {money(amount)}" for tender, amount in figures["tenders"].items()]
    if battery := figures["battery"]:
        span = f"{battery['first_pct']} % to {battery['last_pct']} % over the last day"
        lines.append(f"  battery            {span}, lowest {battery['lowest_pct']} %")
    return "\n".join(lines) + "\n"


def _restock_lines(restock: Mapping[str, int], money: Any) -> Iterator[str]:
    if restock["orders"]:
        count = f"{restock['pieces']} pieces in {restock['orders']} orders"
        yield f"  of that restock    {count}, {money(restock['goods_minor'])}"
        yield f"  of that shipping   {money(restock['shipping_minor'])}"


def _windows(books: Books) -> list[dict[str, Any]]:
    if books.events.current() is None:
        return []
    return [_window(one) for one in windows.figures(books)]


def _window(one: windows.WindowFigures) -> dict[str, Any]:
    figures = one.figures
    return {
        "id": one.window.id if one.window else None,
        "name": one.window.name if one.window else windows.OUTSIDE,
        "sales": figures["sales"],
        "takings_minor": figures["takings_minor"],
        "average_order_minor": _average(figures),
        "conversion": [figures["sales"], figures["browsed"] + figures["admitted"]],
        "attach": [figures["with_microbundle"], figures["sales"]],
        "opt_ins": [figures["memberships"], figures["sales"]],
    }


def _window_lines(window: Mapping[str, Any], money: Any) -> Iterator[str]:
    yield f"  {window['name']}"
    if not window["sales"]:
        yield f"    no sale, {window['conversion'][1]} visitors"
        return
    average = money(window["average_order_minor"])
    yield f"    {window['sales']} sales, {money(window['takings_minor'])}, {average} on average"
    yield f"    conversion       {_share(window['conversion'], 'visitors')}"
    yield f"    microbundle      {_share(window['attach'], 'sales')}"
    yield f"    members joined   {_share(window['opt_ins'], 'sales')}"


def _share(pair: Sequence[int], what: str) -> str:
    part, whole = pair
    return share_text(part, whole, what)


def _average(figures: Mapping[str, int]) -> int | None:
    """Return what a sale came to on average, rounded down; None without a sale."""
    return figures["gross_minor"] // figures["sales"] if figures["sales"] else None


def _browsed(books: Books) -> int:
    return sum(one["browsed"] for one in windows.by_window(books).values())


def _last_shift(books: Books) -> dict[str, Any] | None:
    try:
        report = shifts.last_report(books)
    except Refusal:
        return None
    return {"shift": report.shift, "difference_minor": report.difference_minor}
