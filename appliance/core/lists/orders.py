"""Tickets from pretix's orders in JSON: the export "Order data (JSON)", or answers of its API one after the other.

Fields of an order and its positions: doc/api/resources/orders.rst and src/pretix/base/exporters/json.py of pretix. Its
lists of secrets that are good no more, revokedsecrets {id, secret, created} and blockedsecrets {id, secret, blocked,
updated} of an event, are read as well: only they say so of a signed ticket that no list of orders names.
Orders are decoded one at a time: an event's file can be larger than what a box can hold in objects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from typing import Any, cast

from appliance.core.lists.listed import ListedTicket
from appliance.core.lists.options import Options
from appliance.core.lists.positions import FIELDS, Json, Positions
from appliance.core.tomltext import Problem

_SPACE = re.compile(r"[ \t\r\n]*")
_HOLDS_ORDERS = ("event", "orders", "results", "items")


class OrderRows:
    """See TicketRows in listed.py."""

    def __init__(self, text: str, options: Options) -> None:
        self._text = text.removeprefix("\ufeff")
        self._decoder = json.JSONDecoder(parse_float=str)
        self._positions = Positions(options)
        self.preset = "pretix orders in JSON"
        self.mapping = FIELDS
        self.size = text.count('"secret"')
        self.notes = self._positions.notes
        self.skipped = self._positions.skipped

    def rows(self) -> Iterator[ListedTicket | Problem]:
        """Read the list."""
        orders = 0
        try:
            for order in self._orders():
                orders += 1
                if "positions" in order:
                    yield from self._positions.tickets(order, orders)
                else:
                    yield self._positions.secret(order, orders)
        except json.JSONDecodeError as error:
            yield Problem(error.lineno, f"not valid JSON: {error.msg} (character {error.colno})")
        except (ValueError, RecursionError):  # a number of thousands of digits, brackets nested thousands deep
            yield Problem(0, "not JSON that pretix writes: a number is too long or brackets are nested too deep")
        if not orders:
            yield Problem(0, "there are no orders in this file: export 'Order data (JSON)' in pretix")

    def _orders(self) -> Iterator[Json]:
        """Walk all documents of the text."""
        at = self._skip(0)
        while at < len(self._text):
            found = yield from self._value(at)
            at = self._skip(found)

    def _value(self, at: int) -> Generator[Json, None, int]:
        """Walk what holds orders: an object of the export, a page of the API, a list. Ends with where it ends."""
        opening = self._text[at : at + 1]
        if opening == "{":
            return (yield from self._object(at))
        if opening == "[":
            return (yield from self._array(at))
        raise json.JSONDecodeError("Expecting an object or a list", self._text, at)

    def _object(self, at: int) -> Generator[Json, None, int]:
        at = self._skip(at + 1)
        while self._text[at : at + 1] != "}":
            self._expect('"', at)
            key, at = self._decoder.raw_decode(self._text, at)
            at = self._skip(self._expect(":", self._skip(at)))
            if key in _HOLDS_ORDERS and self._text[at : at + 1] in ("{", "["):
                at = yield from self._value(at)
            else:
                _, at = self._decoder.raw_decode(self._text, at)
            at = self._next(at, "}")
        return at + 1

    def _array(self, at: int) -> Generator[Json, None, int]:
        at = self._skip(at + 1)
        while self._text[at : at + 1] != "]":
            element, at = self._decoder.raw_decode(self._text, at)
            yield from self._element(element)
            at = self._next(at, "]")
        return at + 1

    def _element(self, element: Any) -> Iterator[Json]:
        """Take an order, a secret, a page of them, or a product, whose name is kept."""
        if not isinstance(element, dict):
            return
        if "positions" in element or "secret" in element:
            yield element
        elif isinstance(element.get("results"), list):
            for inner in element["results"]:
                if isinstance(inner, dict):
                    yield from self._element({} if "results" in inner else inner)
        elif isinstance(element.get("id"), int):
            self._positions.know(element)

    def _skip(self, at: int) -> int:
        return cast("re.Match[str]", _SPACE.match(self._text, at)).end()

    def _expect(self, char: str, at: int) -> int:
        if self._text[at : at + 1] != char:
            raise json.JSONDecodeError(f"Expecting '{char}'", self._text, at)
        return at + 1

    def _next(self, at: int, closing: str) -> int:
        """Go past the comma to the next member, or stay at the closing bracket."""
        at = self._skip(at)
        if self._text[at : at + 1] == closing:
            return at
        at = self._skip(self._expect(",", at))
        if self._text[at : at + 1] == closing:
            raise json.JSONDecodeError("Expecting a value after the comma", self._text, at)
        return at
