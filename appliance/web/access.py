"""Who is calling: by bearer token, by the signed session cookie that our own pages got, or as a paired tablet."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import Response, g, request, session

from appliance.core.errors import Refusal
from appliance.core.ports import Books, VaultPort
from appliance.core.trade import Cashier, Tablet
from appliance.web.context import WebContext
from appliance.web.pairing import hash_of
from appliance.web.tokens import Role, Tokens

LOCKED = "locked."  # before the key in the cookie of a tablet that somebody locked
TABLET_DAYS = 400  # the longest that browsers keep a cookie (RFC 6265bis, 5.5)
OUR_PAGES_HEADER = "X-Stallbox"  # a foreign page cannot set it without asking, and is never answered
PIN_ROLES = (Role.STAFF.name, Role.OWNER.name)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODYS = ("static", "healthz")  # the same for everybody: who looks at no cookie, varies by none, and a cache keeps it


def session_key(secret_key: bytes, tokens: Tokens) -> bytes:
    """Return the key that signs sessions: new tokens or PINs end every session."""
    return hmac.new(secret_key, repr(tokens.to_json()).encode(), hashlib.sha256).digest()


def session_role() -> Role | None:
    """Return the role that the browser has: by its session, or as a paired tablet."""
    own, here = Role.__members__.get(session.get("role", "")), tablet()
    return max(filter(None, (own, Role[here.role.name] if here else None)), default=None)


def cookie_of(context: WebContext) -> str:
    """Name the cookie in which a tablet keeps its key."""
    return f"stallbox_{context.box_id}_tablet"


def recognise(context: WebContext) -> None:
    """Find out whether a paired tablet asks, and end what a PIN opened on one sent away; before each request.

    Raises StoreUnavailable.
    """
    g.tablet = None
    key = request.cookies.get(cookie_of(context), "")
    is_open = key != "" and not key.startswith(LOCKED)
    if request.endpoint in NOBODYS or not (is_open or "tablet" in session):
        return
    with context.desk.reading() as books:
        g.tablet = books.tablets.by_key(hash_of(key)) if is_open else None
        _tie_session(books)


def _tie_session(books: Books) -> None:
    """Have what a PIN opened on a paired tablet end with the tablet, whatever becomes of the tablet's own cookie."""
    here, tied_to = tablet(), session.get("tablet")
    if tied_to is not None:
        found = books.tablets.get(tied_to)
        if found is None or found.revoked_at is not None:
            session.clear()
    elif here and session.get("role") in PIN_ROLES:
        session["tablet"] = here.id


def tablet() -> Tablet | None:
    """Return the paired tablet that asks, unless it is locked."""
    found: Tablet | None = g.get("tablet")
    return found


def keep_key(context: WebContext, response: Response, key: str) -> None:
    """Have the tablet keep a key, through its own restarts and those of the box."""
    age_s = TABLET_DAYS * 86_400
    response.set_cookie(cookie_of(context), key, max_age=age_s, httponly=True, samesite="Strict")


def lock(context: WebContext, response: Response) -> None:
    """End what a PIN opened; if none had, lock the tablet itself until the next PIN."""
    here, own = tablet(), Role.__members__.get(session.get("role", ""))
    if here and (own is None or own <= Role[here.role.name]):
        keep_key(context, response, LOCKED + request.cookies[cookie_of(context)])
    grant(Role.KIOSK)


def unlock(context: WebContext, response: Response) -> None:
    """Open a locked tablet again: somebody typed a PIN."""
    key = request.cookies.get(cookie_of(context), "")
    if key.startswith(LOCKED):
        keep_key(context, response, key.removeprefix(LOCKED))


def session_cashier() -> tuple[str, int] | None:
    """Return id and PIN version of the cashier that the browser's session is of."""
    id, version = session.get("cashier"), session.get("pin_version")
    return (id, version) if isinstance(id, str) and isinstance(version, int) else None


def grant(role: Role, cashier: Cashier | None = None, pin_mark: str = "") -> None:
    """Give the browser a session of this role; whatever its session held before is gone.

    `pin_mark` is that of the owner's own PIN, with which an owner's session ends.
    """
    session.clear()
    session["role"] = role.name
    if role is Role.OWNER:
        session["pin_mark"] = pin_mark
    if cashier is not None:
        session["cashier"], session["pin_version"] = cashier.id, cashier.pin_version


def end_if_stale(vault: VaultPort) -> None:
    """End an owner's session if another PIN was chosen since, here or by the command."""
    if request.endpoint in NOBODYS:
        return
    if session.get("role") == Role.OWNER.name and session.get("pin_mark") != vault.mark:
        session.clear()


def require(tokens: Tokens, role: Role) -> Role:
    """Return the caller's role for an API call. Raises Refusal 401 and 403."""
    header = request.headers.get("Authorization")
    if header is None:
        caller = session_role()
    else:
        scheme, _, token = header.partition(" ")
        caller = tokens.role_of_token(token.strip()) if scheme.lower() == "bearer" else None
    if caller is None:
        raise Refusal("unauthorised", "Send a valid token as 'Authorization: Bearer …', or open a page first.", 401)
    if header is None and request.method not in SAFE_METHODS:
        _require_our_page()
    if caller < role:
        raise Refusal("forbidden", f"This needs the role '{role.name.lower()}'.", 403)
    return caller


def is_guest(role: Role) -> bool:
    """Tell whether a caller that `require` let in is a browser that merely opened the kiosk page."""
    return role is Role.KIOSK and "Authorization" not in request.headers and tablet() is None


def form_token() -> str:
    """Return the token that our forms carry, one for each session."""
    token: str = session.setdefault("form", secrets.token_urlsafe(16))
    return token


def require_form() -> None:
    """Check that a form came from a page of ours. Raises Refusal 403."""
    _check_origin()
    expected, given = session.get("form", ""), request.form.get("form_token", "")
    if not expected or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise Refusal("foreign_form", "This form is too old, or cookies are off; open the page again.", 403)


def require_lock_form() -> None:
    """Check that somebody pressed Lock on a page of ours. Raises Refusal 403.

    A paired tablet outlives its session, and with it the form's token; there the browser's word is enough, since
    locking only takes rights away.
    """
    if tablet() and "Origin" in request.headers:
        _check_origin()
    else:
        require_form()


def _require_our_page() -> None:
    _check_origin()
    if request.headers.get(OUR_PAGES_HEADER) != "1":
        raise Refusal("foreign_page", f"Calls with a cookie need the header '{OUR_PAGES_HEADER}: 1'.", 403)


def _check_origin() -> None:
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise Refusal("foreign_page", "This call came from another site's page.", 403)
