"""The words of lists: states of a ticket, yes and no, times, prices."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from appliance.core.clock import timestamp
from appliance.core.lists.listed import ListedStatus

# pretix: Order.STATUS_CHOICE in src/pretix/base/models/orders.py, as shown in English and German, and "canceled" of a
# position in exporters/orderlist.py. Eventbrite: order and attendee statuses of help article 291888. Ticket Tailor:
# `status` of GET /v1/issued_tickets (developers.tickettailor.com).
_WORDS = {
    ListedStatus.VALID: "|valid|paid|active|ok|confirmed|attending|checked in|completed|complete|free|manual|gültig"
    "|bezahlt",
    ListedStatus.CANCELLED: "cancelled|canceled|refunded|refunded/canceled|not attending|deleted|transferred|void"
    "|voided|abandoned|expired|storniert|abgelaufen|ungültig",
    ListedStatus.BLOCKED: "blocked|on hold|gesperrt",
    ListedStatus.REVOKED: "revoked|widerrufen",
    ListedStatus.UNPAID: "unpaid|pending|offline|pending (overdue)|ausstehend|offen|unbezahlt",
}
STATUS = {word: status for status, words in _WORDS.items() for word in words.split("|")}
YES = frozenset("yes true 1 y x ja oui".split())
NO = frozenset(["", *"no false 0 n nein non".split()])
NO_LIMIT = frozenset("unlimited any ∞ unbegrenzt".split())
_LOCAL_FORMATS = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y")  # pretix in German; 05/12/2026 could be either
_DAY_CHARS = len("2026-12-05")  # no form with a time is as short
_DAY = dt.timedelta(days=1)


def utc_time(text: str, zone: ZoneInfo, *, is_end: bool = False) -> str | None:
    """Read a time as RFC 3339 in UTC; without an offset it is local to `zone`. None if it cannot be read.

    A day without a time is all of that day: it begins at its midnight and, as an end, ends at the next.
    """
    at = _read_time(text)
    if at is None:
        return None
    try:
        if is_end and len(text) <= _DAY_CHARS:
            at += _DAY
        return timestamp(at if at.tzinfo else at.replace(tzinfo=zone))
    except (OverflowError, ValueError):  # at the ends of the calendar
        return None


def _read_time(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return _local_time(text)


def _local_time(text: str) -> dt.datetime | None:
    for form in _LOCAL_FORMATS:
        try:
            return dt.datetime.strptime(text, form)
        except ValueError:
            continue
    return None


_GROUP_DIGITS = 3
_PRICE = re.compile(r"[^\d]{0,4}([0-9]{1,9})(?:[.,]([0-9]{1,3}))?[^\d]{0,4}")


def minor_units(text: str, exponent: int) -> int | None:
    """Read a price such as `23.00`, `23,5` or `€ 23` as minor units. None if it cannot be read exactly.

    Three digits after the mark may be a group of thousands, where the currency has no third digit: `3,000`.
    """
    found = _PRICE.fullmatch(text)
    if not found or (len(found[2] or "") == _GROUP_DIGITS and exponent < _GROUP_DIGITS):
        return None
    fraction = (found[2] or "").ljust(exponent, "0")
    if fraction[exponent:].strip("0"):
        return None
    return int(found[1] + fraction[:exponent])


def entries(text: str) -> int:
    """Read how often a ticket lets in: 1 or more, 0 for any number. Raises ValueError."""
    if text.lower() in NO_LIMIT:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) > 0):
        raise ValueError(f"'{text}' is no number of entries: write 1 or more, or 'unlimited'")
    return int(text)
