"""What is written on a ticket, a voucher or a member card: the words, whatever paper they go on. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from appliance.core.clock import parse_timestamp
from appliance.core.lot import Lot
from appliance.core.money import Currency
from appliance.core.shortcode import grouped
from appliance.core.trade import Event, TicketType
from appliance.core.verdict import CodeKind
from appliance.core.vouchers import worth

_DAY = "%A, %-d %B %Y"


@dataclass(frozen=True, slots=True)
class Card:
    """One card: `code` goes into the QR code, `short_code` is printed in groups below it."""

    kind: str  # Ticket, Voucher, Member card
    event: str
    place: str
    title: str  # what it is good for
    when: str  # one line or two
    terms: str
    where: str  # it is redeemed
    code: str
    short_code: str


def cards_of(lot: Lot, event: Event | None) -> Iterator[Card]:
    """Write the cards of a lot, one for each code."""
    name, place = (event.name, event.place) if event else ("", "")
    kind, title, when, terms, where = _WORDS[lot.kind](lot, event)
    for one in lot.codes:
        yield Card(kind, name, place, title, when, terms, where, one.code, grouped(one.short_code))


def _ticket(lot: Lot, event: Event | None) -> tuple[str, str, str, str, str]:
    types = event.ticket_types if event else ()
    type = next((known for known in types if known.product == lot.product), TicketType(lot.product))
    valid = (lot.valid_from or type.valid_from, lot.valid_until or type.valid_until)
    entries = lot.entries if lot.entries is not None else type.entries
    terms = "" if entries is None else "Any number of entries" if not entries else _times(entries, "entry", "entries")
    where = "At the door: show the QR code or read out the code."
    return "Ticket", type.name or lot.product or "Admission", _when(*valid, event), terms, where


def _voucher(lot: Lot, event: Event | None) -> tuple[str, str, str, str, str]:
    series = next((known for known in (event.vouchers if event else ()) if known.code == lot.series), None)
    where = "At the till: show the QR code or read out the code."
    uses = _times(lot.uses, "use", "uses") if lot.uses else "Any number of uses"
    if series is None or event is None:
        return "Voucher", "Voucher", _when(None, None, event), uses, where
    when = _when(series.valid_from, series.valid_until, event)
    if series.balance_minor:
        return "Gift card", Currency(event.currency).text(series.balance_minor), when, "Until it is spent", where
    said = worth(series, event)
    return "Voucher", said[0].upper() + said[1:], when, uses, where


def _member(lot: Lot, event: Event | None) -> tuple[str, str, str, str, str]:
    return "Member card", "Membership", "", "", "At the till: show the QR code or read out the code."


_WORDS = {CodeKind.TICKET: _ticket, CodeKind.VOUCHER: _voucher, CodeKind.MEMBER: _member}


def _times(count: int, one: str, more: str) -> str:
    return f"Good for {count} {one if count == 1 else more}"


def _when(valid_from: str | None, valid_until: str | None, event: Event | None) -> str:
    """Say when it is good: as it says itself, else while the event's windows are open."""
    zone = ZoneInfo(event.time_zone if event else "UTC")
    windows = event.windows if event else ()
    if not (valid_from or valid_until) and windows:
        valid_from = min(window.opens_at for window in windows)
        valid_until = max(window.closes_at for window in windows)
    begin, end = _local(valid_from, zone), _local(valid_until, zone)
    if begin and end and begin.date() == end.date():
        return f"{begin.strftime(_DAY)}\n{begin.strftime('%H:%M')} – {end.strftime('%H:%M')}"
    if begin and end:
        return f"{begin.strftime(f'{_DAY}, %H:%M')} –\n{end.strftime(f'{_DAY}, %H:%M')}"
    if begin or end:
        at = begin or end
        return f"{'From' if begin else 'Until'} {at.strftime(f'{_DAY}, %H:%M')}" if at else ""
    return ""


def _local(at: str | None, zone: ZoneInfo) -> dt.datetime | None:
    return parse_timestamp(at).astimezone(zone) if at else None
