"""What of the owner's pages has to do with PINs: his own, the staff's, and the names that his opens."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from appliance.core.errors import Refusal
from appliance.web import access, pin_tries, speech
from appliance.web.context import WebContext
from appliance.web.tokens import Role


def choose(context: WebContext, form: MultiDict[str, str]) -> str:
    """Take a PIN of the owner's own; return what to tell him. Raises Refusal."""
    pin, again, current = (form.get(name, "") for name in ("pin", "again", "current"))
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
    access.grant(Role.OWNER, pin_mark=context.vault.mark)  # every other session of the owner has ended
    return speech.say("pin_kept")


def renew_staff_pin(context: WebContext) -> str:
    """Draw another staff PIN; return what to tell the owner. Everybody else signs in again. Raises Refusal."""
    pin = context.renew_staff_pin()
    context.desk.submit(lambda books: books.journal.append("staff_pin.renewed", {}))
    access.grant(Role.OWNER, pin_mark=context.vault.mark)
    return speech.say("staff_pin_is", pin=pin)
