"""Who may do what by name: the one place where a cashier's rights are asked for, and a supervisor's PIN is taken.

Bearer tokens, the owner and, while there are no cashiers, the staff PIN have every right. A cashier has those that the
owner gave; the staff PIN, once there are cashiers, has none. A tablet paired for staff is as the staff PIN, one paired
for the door never has any.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from appliance.core.errors import Refusal, RightNeeded
from appliance.core.ports import Books
from appliance.core.trade import ALL_RIGHTS, OWNER, STAFF, Actor, Cashier, Right
from appliance.services import cashiers
from appliance.web import access, pin_tries
from appliance.web.context import WebContext
from appliance.web.routes import Route
from appliance.web.tokens import Role

SUPERVISOR_HEADER = "X-Supervisor-Pin"


def actor_of(
    context: WebContext, role: Role, route: Route, fields: Mapping[str, Any], path: Mapping[str, Any]
) -> Actor:
    """Return who does this, and who approved it, if that was needed.

    Raises Refusal: `unauthorised` for a cashier who was removed or has a new PIN, `right_needed`, `pin_wrong`,
    `too_many_pins`. None of these is kept under an idempotency key: the same request may come again with a PIN.
    """
    here = access.tablet()
    tablet = here.id if here and "Authorization" not in request.headers else None
    if not _is_named(role):
        return Actor(tablet=tablet)
    with context.desk.reading() as books:
        cashier = session_cashier(books)
        missing = needed(books, route, fields, path) - _rights(books, role, cashier)
        id = cashier.id if cashier else None
        if not missing:
            return Actor(id, tablet=tablet)
        pin = _supervisor_pin()
        if pin is None:
            right = sorted(missing)[0]
            raise RightNeeded(right, f"This needs the right '{right}': ask a supervisor for their PIN.")
        return Actor(id, _approver(context, books, pin, missing), tablet)


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
        return may_by(books, role, right)


def may_by(books: Books, role: Role, right: Right) -> bool:
    """Tell it where the books are open already. Raises Refusal `unauthorised`."""
    return right in _rights(books, role, session_cashier(books)) if _is_named(role) else role >= Role.STAFF


def session_cashier(books: Books) -> Cashier | None:
    """Return the cashier of the browser's session; None if it is nobody's. Raises Refusal `unauthorised`."""
    named = access.session_cashier()
    if named is None:
        return None
    cashier = cashiers.by_session(books, *named)
    if cashier is None:
        raise Refusal("unauthorised", "This PIN is not good any more: log in again.", 401)
    return cashier


def let_in(books: Books) -> None:
    """Make a browser a guest's that was nobody's yet, or whose cashier's PIN is not good any more."""
    try:
        session_cashier(books)
    except Refusal:
        access.grant(Role.KIOSK)
    if access.session_role() is None:
        access.grant(Role.KIOSK)


def _is_named(role: Role) -> bool:
    """Tell whether rights are asked for by name: of a browser with the role door or staff."""
    return role in (Role.DOOR, Role.STAFF) and "Authorization" not in request.headers


def _rights(books: Books, role: Role, cashier: Cashier | None) -> frozenset[Right]:
    if cashier is not None:
        return cashier.rights
    return frozenset() if role is Role.DOOR or books.cashiers.active() else ALL_RIGHTS


def _supervisor_pin() -> str | None:
    """Read the PIN as UTF-8: an owner's own may have any letter, and WSGI hands headers over as Latin-1 (PEP 3333)."""
    pin = request.headers.get(SUPERVISOR_HEADER)
    try:
        return pin.encode("latin-1").decode() if pin is not None else None
    except UnicodeError:
        return pin


def _approver(context: WebContext, books: Books, pin: str, missing: frozenset[Right]) -> str:
    """Return the id of whoever has this PIN and all that is missing."""
    pin_tries.take(context)
    found = context.role_of_pin(pin)
    if found is Role.OWNER or (found is Role.STAFF and not books.cashiers.active()):
        pin_tries.right(context)
        return OWNER if found is Role.OWNER else STAFF
    supervisor = cashiers.by_pin(books, pin)
    if supervisor is None:
        pin_tries.wrong(context, "supervisor")
        raise Refusal("pin_wrong", "That PIN is not right. Try again.", 403)
    pin_tries.right(context)
    lacking = sorted(missing - supervisor.rights)
    if lacking:
        raise RightNeeded(lacking[0], f"{supervisor.name} has not the right '{lacking[0]}' either: ask somebody else.")
    return supervisor.id
