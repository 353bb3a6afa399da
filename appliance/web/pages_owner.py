"""What the owner does on the setup page: choose a PIN of his own, open and lock the names."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, make_response, redirect, request

from appliance.core.errors import Refusal
from appliance.web import access, pin_tries
from appliance.web.api_search import unlock
from appliance.web.context import WebContext
from appliance.web.tokens import Role

SetupPage = Callable[[str, str], Response]  # what to tell, what went wrong -> the page


def add(blueprint: Blueprint, context: WebContext, page: SetupPage) -> None:
    """Add the owner's forms to the pages."""

    @blueprint.post("/setup/pin")
    def choose_pin() -> Response:
        _require_owner()
        try:
            _choose(context)
        except Refusal as refusal:
            return page("", refusal.message)
        access.grant(Role.OWNER, pin_mark=context.vault.mark)  # every other session of the owner has ended
        return page("Your PIN is kept. The one in tokens.json is void.", "")

    @blueprint.post("/setup/search/unlock")
    def unlock_names() -> Response:
        _require_owner()
        try:
            unlock(context, request.form.get("pin", ""))
        except Refusal as refusal:
            return page("", refusal.message)
        return make_response(redirect("/setup#privacy", 303))

    @blueprint.post("/setup/search/lock")
    def lock_names() -> Response:
        _require_owner()
        context.vault.lock()
        return make_response(redirect("/setup#privacy", 303))


def _require_owner() -> None:
    if (access.session_role() or 0) < Role.OWNER:
        raise Refusal("forbidden", "Only the owner does this: open the setup page and enter the PIN.", 403)
    access.require_form()


def _choose(context: WebContext) -> None:
    pin, again, current = (request.form.get(name, "") for name in ("pin", "again", "current"))
    if pin != again:
        raise Refusal("not_the_same", "The new PIN was not typed the same way twice. Try again.")
    if current:
        pin_tries.take(context)
    try:
        context.choose_pin(pin, current)
    except Refusal as refusal:
        if refusal.code == "wrong_pin":
            pin_tries.wrong(context, "owner's PIN")
        raise
    if current:
        pin_tries.right(context)
