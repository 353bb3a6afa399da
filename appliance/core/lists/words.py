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


def utc_time(text: str, zone: ZoneInfo) -> str | None:
    """Read a time as RFC 3339 in UTC; without an offset it is local to `zone`. None if it cannot be read."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        local = _local_time(text)
        if local is None:
            return None
        at = local
    try:
        return timestamp(at if at.tzinfo else at.replace(tzinfo=zone))
    except (OverflowError, ValueError):  # at the ends of the calendar
        return None


def _local_time(text: str) -> dt.datetime | None:
    for form in _LOCAL_FORMATS:
        try:
            return dt.datetime.strptime(text, form)
        except ValueError:
            continue
    return None


_PRICE = re.compile(r"[^\d]{0,4}([0-9]{1,9})(?:[.,]([0-9]{1,3}))?[^\d]{0,4}")


def minor_units(text: str, exponent: int) -> int | None:
    """Read a price such as `23.00`, `23,5` or `€ 23` as minor units. None if it cannot be read exactly."""
    found = _PRICE.fullmatch(text)
    if not found:
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
