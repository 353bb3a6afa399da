"""Who may do what by name: the one place where a cashier's rights are asked for, and a supervisor's PIN is taken.

Bearer tokens, the owner and, while there are no cashiers, the staff PIN have every right. A cashier has those that the
owner gave; the staff PIN, once there are cashiers, has none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flask import request

from appliance.core.errors import Refusal, RightNeeded, TooManyTries
from appliance.core.ports import Books
from appliance.core.trade import ALL_RIGHTS, NOBODY, OWNER, Actor, Cashier, Right
from appliance.services import cashiers
from appliance.web import access
from appliance.web.context import WebContext
from appliance.web.pin_guard import PinGuard
from appliance.web.routes import Route
from appliance.web.tokens import Role

SUPERVISOR_HEADER = "X-Supervisor-Pin"


def actor_of(
    context: WebContext, guard: PinGuard, role: Role, route: Route, fields: Mapping[str, Any], path: Mapping[str, Any]
) -> Actor:
    """Return who does this, and who approved it, if that was needed.

    Raises Refusal: `unauthorised` for a cashier who was removed or has a new PIN, `right_needed`, `pin_wrong`,
    `too_many_pins`. None of these is kept under an idempotency key: the same request may come again with a PIN.
    """
    if not _is_named(role):
        return NOBODY
    with context.desk.reading() as books:
        cashier = session_cashier(books)
        missing = needed(books, route, fields, path) - _rights(books, cashier)
        id = cashier.id if cashier else None
        if not missing:
            return Actor(id)
        pin = _supervisor_pin()
        if pin is None:
            right = sorted(missing)[0]
            raise RightNeeded(right, f"This needs the right '{right}': ask a supervisor for their PIN.")
        return Actor(id, _approver(context, guard, books, pin, missing))


def needed(books: Books, route: Route, fields: Mapping[str, Any], path: Mapping[str, Any]) -> frozenset[Right]:
    """Return the rights that a request needs: of its route, and of the fields that it sends."""
    of_fields = route.body.rights(fields) if route.body else frozenset()
    of_route = {route.right} if route.right and (route.right_if is None or route.right_if(books, path)) else set()
    return frozenset(map(Right, {*of_fields, *of_route}))


def may(context: WebContext, role: Role, right: Right) -> bool:
    """Tell whether the caller has a right. Raises Refusal `unauthorised`."""
    if not _is_named(role):
        return role >= Role.STAFF
    with context.desk.reading() as books:
        return right in _rights(books, session_cashier(books))


def session_cashier(books: Books) -> Cashier | None:
    """Return the cashier of the browser's session; None if it is nobody's. Raises Refusal `unauthorised`."""
    named = access.session_cashier()
    if named is None:
        return None
    cashier = cashiers.by_session(books, *named)
    if cashier is None:
        raise Refusal("unauthorised", "This PIN is not good any more: log in again.", 401)
    return cashier


def _is_named(role: Role) -> bool:
    """Tell whether rights are asked for by name: of a browser's session with the role staff."""
    return role is Role.STAFF and "Authorization" not in request.headers


def _rights(books: Books, cashier: Cashier | None) -> frozenset[Right]:
    if cashier is not None:
        return cashier.rights
    return frozenset() if books.cashiers.active() else ALL_RIGHTS


def _supervisor_pin() -> str | None:
    """Read the PIN as UTF-8: an owner's own may have any letter, and WSGI hands headers over as Latin-1 (PEP 3333)."""
    pin = request.headers.get(SUPERVISOR_HEADER)
    try:
        return pin.encode("latin-1").decode() if pin is not None else None
    except UnicodeError:
        return pin


def _approver(context: WebContext, guard: PinGuard, books: Books, pin: str, missing: frozenset[Right]) -> str:
    """Return the id of whoever has this PIN and all that is missing."""
    address = request.remote_addr or "unknown"
    take_try(guard, address)
    if context.role_of_pin(pin) is Role.OWNER:
        guard.succeeded(address)
        return OWNER
    supervisor = cashiers.by_pin(books, pin)
    if supervisor is None:
        raise Refusal("pin_wrong", "That PIN is not right. Try again.", 403)
    guard.succeeded(address)
    lacking = sorted(missing - supervisor.rights)
    if lacking:
        raise RightNeeded(lacking[0], f"{supervisor.name} has not the right '{lacking[0]}' either: ask somebody else.")
    return supervisor.id


def take_try(guard: PinGuard, address: str) -> None:
    """Count one PIN that is tried. Raises TooManyTries."""
    wait_s = guard.attempt(address)
    if wait_s > 0:
        raise TooManyTries(math.ceil(wait_s))
