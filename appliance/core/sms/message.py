"""A text message in the queue, and what it says."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from appliance.core.texts import paper_money
from appliance.core.trade import Event, Sale

MAX_TRIES = 12
_FIRST_WAIT_S, _LONGEST_WAIT_S = 30, 1800


class SmsStatus(enum.StrEnum):
    """How a message fares."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"  # the network has it
    UNSURE = "unsure"  # it may have been sent; only a person sends it again
    FAILED = "failed"
    DELIVERED = "delivered"  # it is on the telephone


@dataclass(frozen=True, slots=True)
class SmsMessage:
    """One message; number and text are empty once they were wiped. Times are RFC 3339 in UTC."""

    id: int
    status: SmsStatus
    sale: int | None
    number: str  # E.164
    text: str
    parts: int
    sent_parts: int
    tries: int
    by_guest: bool
    queued_at: str
    next_try_at: str
    ended_at: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class SmsRules:
    """What holds for text messages on a box; `is_on`: it has a modem. `country` is of national numbers."""

    is_on: bool = False
    country: str = ""
    keep_days: int = 2
    guest_per_hour: int = 20
    give_up_h: int = 24


def wait_s(tries: int) -> int:
    """Return how long to wait after so many tries: half a minute, doubled each time up to half an hour."""
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S << max(0, tries - 1))


def receipt_text(sale: Sale, event: Event) -> str:
    """Write the short receipt: seller, number and total. Its page is on the stall's Wi-Fi alone, so it is not named."""
    seller = event.seller[0] if event.seller else event.name
    number = paper_money(sale.currency, event.texts).number(sale.total_minor)
    said = event.texts["sms"].format(
        number=sale.number, total=f"{number} {sale.currency}"
    )  # ₹ would cost half the room
    rehearsal = f"{event.texts['rehearsal']}. " if sale.rehearsal else ""
    return f"{rehearsal}{seller}: {said}."
