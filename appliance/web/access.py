"""Who is calling: by bearer token, or by the signed session cookie that our own pages got."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import request, session

from appliance.core.errors import Refusal
from appliance.core.ports import VaultPort
from appliance.core.trade import Cashier
from appliance.web.tokens import Role, Tokens

OUR_PAGES_HEADER = "X-Stallbox"  # a foreign page cannot set it without asking, and is never answered
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def session_key(secret_key: bytes, tokens: Tokens) -> bytes:
    """Return the key that signs sessions: new tokens or PINs end every session."""
    return hmac.new(secret_key, repr(tokens.to_json()).encode(), hashlib.sha256).digest()


def session_role() -> Role | None:
    """Return the role that the browser's session carries."""
    return Role.__members__.get(session.get("role", ""))


def session_cashier() -> tuple[str, int] | None:
    """Return id and PIN version of the cashier that the browser's session is of."""
    id, version = session.get("cashier"), session.get("pin_version")
    return (id, version) if isinstance(id, str) and isinstance(version, int) else None


def session_scanner() -> str | None:
    """Return the role of the scanner that this browser's tablet stands at; staff gives it when a tablet is paired."""
    scanner = session.get("scanner")
    return scanner if isinstance(scanner, str) and scanner else None


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
    if session_role() is Role.OWNER and session.get("pin_mark") != vault.mark:
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
    return role is Role.KIOSK and "Authorization" not in request.headers


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


def _require_our_page() -> None:
    _check_origin()
    if request.headers.get(OUR_PAGES_HEADER) != "1":
        raise Refusal("foreign_page", f"Calls with a cookie need the header '{OUR_PAGES_HEADER}: 1'.", 403)


def _check_origin() -> None:
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise Refusal("foreign_page", "This call came from another site's page.", 403)
