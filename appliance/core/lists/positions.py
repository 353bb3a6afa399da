"""What a position of a pretix order says of a ticket.

Fields: doc/api/resources/orders.rst of pretix. That an order which is neither paid nor pending counts as cancelled,
whatever the reason, is how pretix's own scanning apps decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from appliance.core.admission import normalise
from appliance.core.lists import words
from appliance.core.lists.listed import Holder, ListedStatus, ListedTicket
from appliance.core.lists.options import OneDate, Options
from appliance.core.lists.table import OTHER_DATE
from appliance.core.tomltext import Problem
from appliance.core.wording import language_of

Json = Mapping[str, Any]
FIELDS: Mapping[str, str] = {
    "code": "secret",
    "product": "item, variation",
    "status": "the order's status, canceled, blocked",
    "valid_from": "valid_from",
    "valid_until": "valid_until",
    "price": "price",
    "language": "the order's locale",
    "date": "subevent",
    "name": "attendee_name",
    "email": "attendee_email",
}
_PENDING = "n"
_STATUS = {
    "p": (ListedStatus.VALID, ""),
    _PENDING: (ListedStatus.UNPAID, ""),
    "e": (ListedStatus.CANCELLED, "the order expired unpaid"),
    "c": (ListedStatus.CANCELLED, ""),
}


class Positions:
    """Reads the positions of one file's orders, with the products' names as far as the file tells them."""

    def __init__(self, options: Options) -> None:
        self._zone = ZoneInfo(options.time_zone)
        self._exponent = options.exponent
        self._event = options.event
        self._one_date = OneDate(options.date)
        self._items: dict[int, Json] = {}
        self.notes: list[str] = []
        self.skipped: dict[str, int] = {}

    def know(self, item: Json) -> None:
        """Keep a product's name and its variations'."""
        self._items[item["id"]] = item

    def tickets(self, order: Json, number: int) -> Iterator[ListedTicket | Problem]:
        """Read an order's positions; `number` names an order without a code."""
        name = f"order {_text(order.get('code')) or number}"
        positions = order["positions"]
        if not isinstance(positions, list):
            yield Problem(0, f"{name}: its positions are not a list")
            return
        for index, position in enumerate(positions, 1):
            try:
                if not isinstance(position, dict):
                    raise ValueError("is not an object")
                if not self._left_out(order, position):
                    yield self._ticket(order, position)
            except ValueError as error:
                yield Problem(0, f"{name}, position {index}: {error}")

    def secret(self, listed: Json, number: int) -> ListedTicket | Problem:
        """Read a secret that pretix has revoked or blocked, or whose block it has lifted."""
        code = normalise(_text(listed.get("secret")))
        if not code:
            return Problem(0, f"secret {number}: cannot be read")
        if "blocked" not in listed:
            status = ListedStatus.REVOKED if "created" in listed else None
        else:
            status = ListedStatus.BLOCKED if listed["blocked"] else ListedStatus.VALID
        if status is None:
            return Problem(0, f"secret {number}: is neither of pretix's revokedsecrets nor of its blockedsecrets")
        return ListedTicket(code=code, status=status, event=self._event, status_only=True)

    def _left_out(self, order: Json, position: Json) -> bool:
        """Tell whether a position is no ticket for this door. Raises ValueError if the file holds several dates."""
        if order.get("testmode") is True:
            reason = "of orders in test mode"
        elif self._item(position).get("admission") is False:
            reason = "of products that admit nobody"
        elif self._one_date.leaves_out(_text(position.get("subevent"))):
            reason = OTHER_DATE
        else:
            return False
        self.skipped[reason] = self.skipped.get(reason, 0) + 1
        return True

    def _ticket(self, order: Json, position: Json) -> ListedTicket:
        """Read a position. Raises ValueError with what is wrong with it."""
        code = normalise(_text(position.get("secret")))
        if not code:
            raise ValueError("has no secret that can be read")
        status, note = _status(order, position)
        price = words.minor_units(_text(position.get("price")), self._exponent)
        return ListedTicket(
            code=code,
            product=self._product(position),
            status=status,
            valid_from=self._time(position, "valid_from"),
            valid_until=self._time(position, "valid_until"),
            note=note,
            price_due_minor=price if status is ListedStatus.UNPAID else None,
            holder=_holder(position),
            event=self._event,
            language=language_of(_text(order.get("locale"))),
        )

    def _item(self, position: Json) -> Json:
        item = position.get("item")
        return self._items.get(item, {}) if isinstance(item, int) else {}

    def _product(self, position: Json) -> str:
        """Name product and variation as pretix's lists do; by their numbers where the file has no names."""
        item = self._item(position)
        product = _name(item.get("name")) or _numbered("item", position.get("item"))
        variation = position.get("variation")
        variations = item.get("variations")
        known = [one for one in variations if isinstance(one, dict)] if isinstance(variations, list) else []
        chosen: Json = next((one for one in known if variation is not None and one.get("id") == variation), {})
        named = _name(chosen.get("name") or chosen.get("value")) or _numbered("variation", variation)
        return f"{product} – {named}" if product and named else product or named

    def _time(self, position: Json, field: str) -> str | None:
        value = position.get(field)
        if value is None:
            return None
        at = words.utc_time(_text(value), self._zone, is_end=field == "valid_until")
        if at is None:
            raise ValueError(f"its {field} is not a time")
        return at


def _status(order: Json, position: Json) -> tuple[ListedStatus, str]:
    """Return what becomes of a ticket, and a note. Raises ValueError for a status that pretix does not have."""
    found = _STATUS.get(_text(order.get("status")))
    if found is None:
        raise ValueError("the order's status is none of n, p, e, c")
    status, note = found
    if position.get("canceled") is True:
        return ListedStatus.CANCELLED, note
    if status is ListedStatus.CANCELLED:
        return found
    if position.get("blocked"):  # a list of reasons, null if there are none
        return ListedStatus.BLOCKED, note
    if status is ListedStatus.UNPAID and order.get("require_approval") is True:
        return ListedStatus.BLOCKED, "the order waits for approval"
    if status is ListedStatus.UNPAID and order.get("valid_if_pending") is True:
        return ListedStatus.VALID, note
    return found


def _holder(position: Json) -> Holder | None:
    name, email = _text(position.get("attendee_name")), _text(position.get("attendee_email"))
    return Holder(name, email) if name or email else None


def _name(value: Any) -> str:
    """Read a name: a text, or a text by language, of which English or else the first is taken."""
    if isinstance(value, dict):
        return _text(value.get("en")) or next((_text(text) for text in value.values() if _text(text)), "")
    return value.strip() if isinstance(value, str) else ""


def _numbered(what: str, value: Any) -> str:
    return f"{what} {value}" if isinstance(value, int) else ""


def _text(value: Any) -> str:
    """Return a text or a number as text; anything else, null too, is empty."""
    if isinstance(value, bool):
        return ""
    return value.strip() if isinstance(value, str) else str(value) if isinstance(value, int) else ""
