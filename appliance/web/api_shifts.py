"""The routes of the shift and its drawer: float, cash in and out, blind count, X and Z reports."""

from __future__ import annotations

from typing import Any

from appliance.core.denominations import MAX_PIECES, denominations
from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.core.trade import Right
from appliance.services import carts, shifts
from appliance.web import shapes
from appliance.web.api_till import MAX_AMOUNT_MINOR
from appliance.web.fields import Body, Field, Many, Text, Whole
from appliance.web.routes import MAX_NUMBER, Call, Route
from appliance.web.tokens import Role

MAX_DENOMINATIONS = 40
REASON = Field("reason", Text(max_length=100))

OPEN_SHIFT = Body((Field("float_minor", Whole(0, MAX_AMOUNT_MINOR)),))
PIECES = Body((Field("denomination_minor", Whole(1, MAX_AMOUNT_MINOR)), Field("quantity", Whole(0, MAX_PIECES))))
COUNT = Body((Field("count", Many(PIECES, max_items=MAX_DENOMINATIONS)),))
CLOSE_SHIFT = Body((Field("counted_minor", Whole(0, MAX_AMOUNT_MINOR), required=False),))
MOVEMENT = Body(
    (
        Field("direction", Text(choices=shifts.DIRECTIONS)),
        Field("amount_minor", Whole(1, MAX_AMOUNT_MINOR)),
        REASON,
    )
)
OPEN_DRAWER = Body((REASON,))
PRINT_REPORT = Body((Field("z", Whole(1, MAX_NUMBER), required=False),))


def open_shift(books: Books, call: Call) -> dict[str, Any]:
    """Open the till."""
    return shapes.shift(shifts.open_shift(books, call.fields["float_minor"]))


def move_cash(books: Books, call: Call) -> dict[str, Any]:
    """Put cash in or take it out."""
    entry = shifts.move_cash(books, **call.fields)
    return {**{name: entry.data[name] for name in call.fields}, "at": entry.at, "seq": entry.seq}


def open_drawer(books: Books, call: Call) -> dict[str, Any]:
    """Open the drawer without a sale."""
    entry = shifts.open_drawer(books, call.fields["reason"])
    return {"reason": call.fields["reason"], "at": entry.at, "seq": entry.seq}


def list_denominations(books: Books, call: Call) -> dict[str, Any]:
    """List what there is to count, largest first."""
    currency = carts.current_event(books).currency
    return {"currency": currency, "denominations_minor": list(denominations(currency).all)}


def count_drawer(books: Books, call: Call) -> dict[str, Any]:
    """Take the count, then tell what should be there."""
    return shapes.shift_report(shifts.count_drawer(books, call.fields["count"]))


def close_shift(books: Books, call: Call) -> dict[str, Any]:
    """Close the till and sign the journal's head."""
    if call.context.signer is None:
        raise Refusal("no_key", "This box has no signing key; restart it, then close the shift.", 409)
    return shapes.shift_report(shifts.close_shift(books, call.fields["counted_minor"], call.context.signer))


def report_shift(books: Books, call: Call) -> dict[str, Any]:
    """Report on the open shift."""
    return shapes.shift_report(shifts.report(books))


def show_z_report(books: Books, call: Call) -> dict[str, Any]:
    """Report on a closed shift."""
    return shapes.shift_report(shifts.z_report(books, call.path["z_number"]))


def print_report(books: Books, call: Call) -> dict[str, Any]:
    """Print a report."""
    job = books.prints.get(shifts.print_report(books, call.fields["z"]))
    return {"print": None if job is None else shapes.print_job(job)}


ROUTES = (
    Route("POST", "/shifts", Role.STAFF, open_shift, "Shift", "Open the till with its float.",
          body=OPEN_SHIFT, status=201, refusals=(409,)),
    Route("POST", "/shifts/current/cash", Role.STAFF, move_cash, "CashMoved", "Put cash in or take it out.",
          body=MOVEMENT, status=201, right=Right.DRAWER),
    Route("POST", "/drawer", Role.STAFF, open_drawer, "DrawerOpened", "Open the drawer without a sale.",
          body=OPEN_DRAWER, status=201, right=Right.DRAWER),
    Route("GET", "/denominations", Role.STAFF, list_denominations, "Denominations",
          "Coins and notes to count, largest first.", refusals=(409,)),
    Route("POST", "/shifts/current/count", Role.STAFF, count_drawer, "ShiftReport",
          "Count the drawer blind; the answer says what should be there.", body=COUNT),
    Route("POST", "/shifts/current/close", Role.STAFF, close_shift, "ShiftReport", "Close the till as counted.",
          body=CLOSE_SHIFT, refusals=(404, 409)),
    Route("GET", "/shifts/report", Role.STAFF, report_shift, "ShiftReport", "Figures of the open shift.",
          refusals=(404, 409), right=Right.REPORT),
    Route("GET", "/shifts/{z_number}/report", Role.STAFF, show_z_report, "ShiftReport", "A Z report by its number.",
          refusals=(404,), right=Right.REPORT),
    Route("POST", "/shifts/report/print", Role.STAFF, print_report, "Printed", "Print the X report, or a Z report.",
          body=PRINT_REPORT, status=201, refusals=(404,), right=Right.REPORT),
)  # fmt: skip
