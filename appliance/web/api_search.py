"""The routes of the search by name: the owner unlocks it, staff searches and admits."""

from __future__ import annotations

from typing import Any

from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.core.trade import Right
from appliance.core.verdict import Direction
from appliance.services import door, name_search
from appliance.services.name_search import NameFound
from appliance.web import pin_tries, shapes
from appliance.web.context import WebContext
from appliance.web.fields import Body, Field, Text
from appliance.web.routes import NO_FIELDS, Call, Route
from appliance.web.tokens import Role

UNLOCK = Body((Field("pin", Text(max_length=64)),))
SEARCH = Body((Field("name", Text(max_length=100)),))
ADMIT = Body(
    (
        Field("ticket", Text(max_length=64, min_length=64)),
        Field("source", Text(max_length=40), required=False, default="tablet"),
        Field("direction", Text(choices=tuple(Direction)), required=False),
        Field("override", Body((Field("reason", Text(max_length=200)),)), required=False, right=Right.OVERRIDE),
    )
)


def unlock_search(books: Books, call: Call) -> dict[str, Any]:
    """Open the names with the owner's PIN, until they are locked or the box stops."""
    unlock(call.context, call.fields["pin"])
    return name_search.standing(books, call.context.vault)


def unlock(context: WebContext, pin: str) -> None:
    """Open the names. Raises Refusal: no PIN chosen, too many tries, wrong PIN."""
    if not context.vault.has_pin:
        message = "The owner has not chosen a PIN yet: on the setup page, or with 'stallbox pin set'."
        raise Refusal("no_pin", message, 409)
    pin_tries.take(context)
    if not context.vault.unlock(pin):
        pin_tries.wrong(context, "names")
        raise Refusal("wrong_pin", "That is not the owner's PIN. Try again.", 403)
    pin_tries.right(context)


def lock_search(books: Books, call: Call) -> dict[str, Any]:
    """Forget the key of the names."""
    call.context.vault.lock()
    return name_search.standing(books, call.context.vault)


def search_names(books: Books, call: Call) -> dict[str, Any]:
    """Find tickets by a part of their holder's name."""
    found, more = name_search.search(books, name_search.opened(books, call.context.vault), call.fields["name"])
    return {"found": [_found(one) for one in found], "more": more}


def admit_by_name(books: Books, call: Call) -> dict[str, Any]:
    """Decide about a ticket that was found by name, by the same rules as a scan."""
    fields = call.fields
    verdict = door.admit(
        books,
        fields["ticket"],
        fields["source"],
        name_search.opened(books, call.context.vault),
        direction=Direction(fields["direction"]) if fields["direction"] else None,
        override=fields["override"]["reason"] if fields["override"] else "",
    )
    call.after_commit.append(lambda: call.context.on_scan(verdict, fields["source"]))
    call.private = shapes.private(verdict.holder, verdict.note)
    return shapes.verdict(verdict)


def name_again(books: Books, call: Call) -> dict[str, Any]:
    """Say once more whose ticket it is, if the names are still open."""
    owner_key = call.context.vault.owner_key
    holder = books.holders.named(call.fields["ticket"], owner_key) if owner_key else None
    return shapes.private(holder.name, holder.note) if holder else {}


def _found(one: NameFound) -> dict[str, Any]:
    return {
        "ticket": one.ticket.id,
        "name": one.name,
        "ticket_type": one.type,
        "status": str(one.ticket.status),
        "used": one.used_at is not None,
        "used_at": one.used_at,
    }


ROUTES = (
    Route("POST", "/door/unlock", Role.DOOR, unlock_search, "NameSearch", "Open the search by name: the owner's PIN.",
          body=UNLOCK, refusals=(409, 429), reads=True),
    Route("POST", "/door/lock", Role.DOOR, lock_search, "NameSearch", "Close the search by name.",
          body=NO_FIELDS, reads=True),
    Route("POST", "/door/search", Role.DOOR, search_names, "FoundNames", "Tickets by a part of the holder's name.",
          body=SEARCH, refusals=(409,), reads=True),
    Route("POST", "/door/admit", Role.DOOR, admit_by_name, "Verdict", "Decide on a ticket found by name.",
          body=ADMIT, refusals=(404, 409), private=name_again),
)  # fmt: skip
