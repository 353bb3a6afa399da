"""The routes of the stall's tablets: which there are, accept one by its code, send one away."""

from __future__ import annotations

from typing import Any

from appliance.core.ports import Books
from appliance.core.trade import Right, Tablet, TabletRole
from appliance.services import tablets
from appliance.web.context import WebContext
from appliance.web.fields import Body, Field, Text
from appliance.web.routes import NO_FIELDS, Call, Route
from appliance.web.tokens import Role

PAIR = Body(
    (
        Field("code", Text(max_length=20)),
        Field("name", Text(max_length=tablets.MAX_NAME_CHARS)),
        Field("role", Text(choices=tuple(TabletRole))),
        Field("scanner", Text(max_length=40), required=False),
    )
)


def list_tablets(books: Books, call: Call) -> dict[str, Any]:
    """List the tablets of the stall, the scanners that they may belong to, and how many wait to be accepted."""
    return {
        "tablets": [_shape(call, tablet) for tablet in books.tablets.active()],
        "scanners": scanners(call.context),
        "waiting": call.context.waiting.count(),
    }


def show_tablet(books: Books, call: Call) -> dict[str, Any]:
    """Tell the tablet that asks what it is; null for a guest, or with a token."""
    return {"tablet": _shape(call, call.tablet) if call.tablet else None}


def pair_tablet(books: Books, call: Call) -> dict[str, Any]:
    """Accept the tablet that shows a code."""
    fields, waiting = call.fields, call.context.waiting
    asked = waiting.of_code(fields["code"])
    role = TabletRole(fields["role"])
    known = scanners(call.context)
    tablet = tablets.pair(books, asked.key_hash, fields["name"], role, fields["scanner"], known)
    call.after_commit.append(lambda: waiting.done(asked))
    return {"tablet": _shape(call, tablet)}


def revoke_tablet(books: Books, call: Call) -> dict[str, Any]:
    """Send a tablet away."""
    return {"tablet": _shape(call, tablets.revoke(books, call.path["tablet_id"]))}


def scanners(context: WebContext) -> list[str]:
    """Name the scanners of this box by role."""
    names = sorted(device.name for device in context.board.devices() if device.name.startswith("scanner."))
    return [name.partition(".")[2] for name in names]


def _shape(call: Call, tablet: Tablet) -> dict[str, Any]:
    return {
        "id": tablet.id,
        "name": tablet.name,
        "role": str(tablet.role),
        "scanner": tablet.scanner,
        "paired_at": tablet.paired_at,
        "revoked_at": tablet.revoked_at,
        "here": call.tablet is not None and call.tablet.id == tablet.id,
    }


ROUTES = (
    Route("GET", "/tablet", Role.KIOSK, show_tablet, "OneTablet", "What the tablet that asks is for."),
    Route("GET", "/tablets", Role.STAFF, list_tablets, "Tablets", "The tablets of the stall."),
    Route("POST", "/tablets", Role.STAFF, pair_tablet, "OneTablet", "Accept the tablet that shows a code.",
          body=PAIR, status=201, refusals=(404,), right=Right.PAIR),
    Route("POST", "/tablets/{tablet_id}/revoke", Role.STAFF, revoke_tablet, "OneTablet", "Send a tablet away.",
          body=NO_FIELDS, refusals=(404,)),
)  # fmt: skip
