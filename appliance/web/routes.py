"""The API as a table: each route with its role, body and answer, from which Flask and openapi.json are fed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from appliance.core.ports import Books
from appliance.core.trade import NOBODY, Actor, Right, Tablet
from appliance.web.context import WebContext
from appliance.web.fields import Body
from appliance.web.tokens import Role

PREFIX = "/api/v1"
NO_FIELDS = Body()
MAX_NUMBER = 2**53 - 1  # the largest whole number that every JSON reader keeps

# name in a path -> Flask's converter, JSON Schema, meaning
PATH_PARAMETERS: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "order_id": ("string", {"type": "string"}, "The order's id."),
    "offer_id": ("string", {"type": "string"}, "The offer's id."),
    "number": (f"int(min=1,max={MAX_NUMBER})", {"type": "integer", "minimum": 1}, "The sale's number."),
    "z_number": (f"int(min=1,max={MAX_NUMBER})", {"type": "integer", "minimum": 1}, "The Z report's number."),
    "payment_id": (f"int(min=1,max={MAX_NUMBER})", {"type": "integer", "minimum": 1}, "The pending payment's number."),
    "handoff": (f"int(min=1,max={MAX_NUMBER})", {"type": "integer", "minimum": 1}, "The courier's list's number."),
    "tablet_id": ("string", {"type": "string"}, "The tablet's id."),
    "job_id": (f"int(min=1,max={MAX_NUMBER})", {"type": "integer", "minimum": 1}, "The print job's id."),
}


@dataclass(slots=True)
class Call:
    """One request, checked: who calls, the fields of its body and the parts of its path."""

    context: WebContext
    role: Role
    fields: Mapping[str, Any]
    path: Mapping[str, Any]
    query: Mapping[str, str]
    actor: Actor = NOBODY
    tablet: Tablet | None = None  # the paired one that calls; a command runs where no request is known
    after_commit: list[Callable[[], None]] = field(default_factory=list)  # only if the act was done just now

    private: dict[str, Any] | None = None  # what the act adds to its answer and no disk keeps


Act = Callable[[Books, Call], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table. A route with a `body` runs in a command, unless it `reads` only; the others read too.

    What a route that `reads` is sent (a name, a PIN) is nowhere kept. `private` gives once more, for an answer that
    was kept, what its act left in `Call.private`.
    """

    method: str
    path: str  # as in OpenAPI, below PREFIX: /sales/{number}
    role: Role
    act: Act
    answer: str  # name of the answer's schema
    summary: str
    body: Body | None = None
    status: int = 200
    refusals: tuple[int, ...] = ()  # statuses of its own, besides those that all have
    query: tuple[str, ...] = ()  # names of query parameters, all optional
    right: Right | None = None  # that a cashier needs, see rights.py; fields of the body may need more
    right_if: Callable[[Books, Mapping[str, Any]], bool] | None = None  # only for what the path names, if this says so
    reads: bool = False
    private: Act | None = None
    guests: bool = True  # whether the role kiosk is enough without a token, see guests.py
    aside: bool = False  # what a page sends by itself: paced apart, so that it never uses up what a guest wants

    @property
    def rule(self) -> str:
        """The path as Flask takes it."""
        return PREFIX + re.sub(r"{(\w+)}", lambda match: f"<{_converter(match[1])}:{match[1]}>", self.path)

    @property
    def parameters(self) -> list[str]:
        """Names of the path's parameters."""
        return re.findall(r"{(\w+)}", self.path)


def _converter(name: str) -> str:
    return PATH_PARAMETERS[name][0]
