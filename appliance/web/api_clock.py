"""The clock's route: the owner's tablet says what time it is."""

from __future__ import annotations

from typing import Any

from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.services import clock
from appliance.web.fields import Body, Field, Flag, Text
from appliance.web.routes import Call, Route
from appliance.web.tokens import Role

TOLD = Body((Field("at", Text(max_length=40)), Field("asked", Flag(), required=False, default=False)))


def set_clock(books: Books, call: Call) -> dict[str, Any]:
    """Go by the tablet's time from the moment on that this is on the disk."""
    of_box = call.context.clock
    if of_box is None:
        raise Refusal("no_clock", "The clock of this box is set by its system only.", 409)
    ahead = clock.set_by_tablet(books, of_box, call.fields["at"], call.fields["asked"])
    if ahead is not None:
        call.after_commit.append(lambda: of_box.go_by_tablet(ahead))
    return {
        "set": ahead is not None,
        "before": books.moment.text(),
        "ahead_s": int(ahead.total_seconds()) if ahead else 0,
    }


ROUTES = (
    Route("POST", "/clock", Role.OWNER, set_clock, "ClockSet",
          "Set the box's clock by a tablet: forward by itself, backward only if `asked`.", body=TOLD, refusals=(409,)),
)  # fmt: skip
