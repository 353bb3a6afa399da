"""To whom restock goes. Kept sealed, never in the journal, a log or an answer that is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from appliance.core.errors import Refusal
from appliance.core.trade import Way

MAX_NAME, MAX_PHONE, MAX_ADDRESS, MAX_ADDRESS_LINES = 80, 30, 300, 6
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{4,}")


@dataclass(frozen=True, slots=True)
class Contact:
    """A name, a phone number and a postal address, which has several lines; none is needed for a pick-up."""

    name: str
    phone: str
    address: str = ""

    def __repr__(self) -> str:
        return "Contact(…)"


def contact_for(way: Way, name: str, phone: str, address: str) -> Contact:
    """Check what somebody typed. Raises Refusal, whose message repeats none of it."""
    lines = [" ".join(line.split()) for line in address.splitlines()]
    lines = [line for line in lines if line]
    name, phone = " ".join(name.split()), " ".join(phone.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise Refusal("contact_name", f"Write the name of whoever gets it, with at most {MAX_NAME} characters.")
    if not _PHONE.fullmatch(phone) or len(phone) > MAX_PHONE:
        raise Refusal("contact_phone", "Write a phone number for questions, such as +49 170 1234567.")
    if way is not Way.PICKUP and not lines:
        raise Refusal("contact_address", "Write the address to which it goes.")
    too_long = len(lines) > MAX_ADDRESS_LINES or sum(map(len, lines)) > MAX_ADDRESS
    if too_long or not all(line.isprintable() for line in lines):
        raise Refusal("contact_address", f"Write the address in at most {MAX_ADDRESS_LINES} lines of plain text.")
    return Contact(name, phone, "\n".join(lines))
