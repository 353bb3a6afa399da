"""Shifts of the till: opening, cash in and out, counting blind, closing, and the X and Z reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from appliance.core.denominations import Count, counted
from appliance.core.errors import NotFound, Refusal
from appliance.core.journal import Entry
from appliance.core.money import Currency
from appliance.core.ports import Books, Shift
from appliance.core.shift_report import ShiftReport, movement_slip, report_document
from appliance.services.carts import current_event
from appliance.services.cashiers import signed_by
from appliance.services.shift_figures import about, event_facts, expected_minor, last_count, shift_report

# Takes a message, returns its signature by the box's key and the public key.
Signer = Callable[[bytes], tuple[bytes, bytes]]
DIRECTIONS = ("in", "out")


def open_shift(books: Books, float_minor: int) -> Shift:
    """Open the till with some cash in its drawer. Raises Refusal if it is open already."""
    if books.shifts.current():
        raise Refusal("shift_open", "A shift is open already: close it first.", status=409)
    _check_part_paid(books)
    event = current_event(books)
    # What the report says of the event is kept here: another one may be loaded when it is printed again.
    entry = books.journal.append("shift.opened", {"float_minor": float_minor, **event_facts(event)})
    return books.shifts.open(books.moment.text(), entry.seq, float_minor)


def move_cash(books: Books, direction: str, amount_minor: int, reason: str) -> Entry:
    """Put cash into the drawer or take it out (`in`, `out`); a slip is printed. Raises Refusal if no shift is open."""
    shift = _current(books)
    event = current_event(books)
    data = {"shift": shift.id, "direction": direction, "amount_minor": amount_minor, "reason": reason}
    entry = books.journal.append("cash.moved", data)
    amount = Currency(event.currency).text(amount_minor)
    slip = movement_slip(f"CASH {direction.upper()}", amount, reason, entry.at, event)
    books.prints.add("slip", f"cash {direction}", signed_by(books, slip).to_json())
    return entry


def open_drawer(books: Books, reason: str) -> Entry:
    """Open the drawer without a sale; the slip that says so opens it. Raises Refusal if no event is loaded."""
    event = current_event(books)
    entry = books.journal.append("drawer.opened", {"reason": reason})
    slip = movement_slip("NO SALE", "", reason, entry.at, event)
    books.prints.add("slip", "no sale", signed_by(books, slip).to_json())
    return entry


def count_drawer(books: Books, count: Count) -> ShiftReport:
    """Take the count of the drawer, then tell what should be in it. Raises Refusal.

    A drawer may be counted again; every count stays in the journal, and the report says how many there were.
    """
    shift = _current(books)
    _check_part_paid(books)
    expected = expected_minor(books, shift)
    lines = sorted((dict(line) for line in count if line["quantity"]), key=lambda line: -line["denomination_minor"])
    total = counted(about(books, shift)["currency"], count)
    data = {"shift": shift.id, "count": lines, "counted_minor": total, "expected_minor": expected}
    books.journal.append("shift.counted", data)
    return shift_report(books, shift)


def close_shift(books: Books, counted_minor: int | None, sign: Signer) -> ShiftReport:
    """Close the till as counted, sign the journal's head, queue the Z report. Raises Refusal.

    `counted_minor` is a count in one sum; None takes the drawer as it was counted by coins and notes.
    """
    shift = _current(books)
    _check_part_paid(books)
    expected = expected_minor(books, shift)
    data: dict[str, Any] = {"shift": shift.id, "expected_minor": expected}
    if counted_minor is None:
        last = last_count(books, shift)
        if last is None:
            raise Refusal("not_counted", "Count the drawer first, then close the shift.", status=409)
        if last["expected_minor"] != expected:
            raise Refusal("count_stale", "Cash moved since the drawer was counted: count it again.", status=409)
        counted_minor = int(last["counted_minor"])
        data["count"] = last["count"]
    entry = books.journal.append("shift.closed", {**data, "counted_minor": counted_minor})
    books.journal.sign_head(entry, *sign(entry.hash.encode()))
    books.shifts.close(shift.id, books.moment.text(), entry.seq, counted_minor)
    report = last_report(books)
    books.prints.add("report", f"Z report {shift.id}", report_document(report).to_json())
    return report


def report(books: Books) -> ShiftReport:
    """Return the X report of the open shift. Raises Refusal if none is open."""
    return shift_report(books, _current(books))


def last_report(books: Books) -> ShiftReport:
    """Return the Z report of the shift that was closed last. Raises Refusal if none was."""
    shift = books.shifts.last_closed()
    if shift is None:
        raise Refusal("no_shift", "No shift was closed yet.", status=409)
    return shift_report(books, shift)


def z_report(books: Books, number: int) -> ShiftReport:
    """Return a Z report by its number: the same figures as on the day. Raises NotFound."""
    shift = books.shifts.get(number)
    if shift is None or shift.closed_seq is None:
        raise NotFound("report_unknown", f"There is no Z report {number} on this box.")
    return shift_report(books, shift)


def print_report(books: Books, number: int | None = None) -> int:
    """Queue the X report, or a Z report by its number, for the printer; return the print job's id. Raises Refusal."""
    chosen = report(books) if number is None else z_report(books, number)
    document = report_document(chosen)
    return books.prints.add("report", f"{chosen.kind} report {chosen.shift}", signed_by(books, document).to_json())


def _check_part_paid(books: Books) -> None:
    """See that no order straddles two shifts: its money would be in one drawer and in the other's figures."""
    if any(order.paid_minor and order.rehearsal == books.rehearsal for order in books.orders.open()):
        raise Refusal("part_paid_open", "An order is paid in part: take the rest first.", status=409)


def _current(books: Books) -> Shift:
    shift = books.shifts.current()
    if shift is None:
        raise Refusal("no_shift", "No shift is open: open one first.", status=409)
    return shift
