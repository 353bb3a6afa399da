"""The API as a table: each route with its role, body and answer, from which Flask and openapi.json are fed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from appliance.core.ports import Books
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
    after_commit: list[Callable[[], None]] = field(default_factory=list)  # only if the act was done just now


Act = Callable[[Books, Call], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table. A route with a `body` runs in a command; the others read the books."""

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
    guests: bool = True  # whether the role kiosk is enough without a token, see guests.py

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
