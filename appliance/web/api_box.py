"""The other routes: the door, shifts, paper and signals."""

from __future__ import annotations

from typing import Any

from appliance.core.errors import Refusal
from appliance.core.journal import Entry
from appliance.core.ports import Books
from appliance.core.trade import PrintStatus
from appliance.services import door, printing, shifts, signals
from appliance.web import shapes
from appliance.web.api_till import MAX_AMOUNT_MINOR, OFFER_ID
from appliance.web.fields import Body, Field, Flag, Text, Whole
from appliance.web.routes import NO_FIELDS, Call, Route
from appliance.web.tokens import Role

SCANS = ("ticket.admitted", "ticket.refused", "code.shown")
NEWEST = 20
PRINTS_SHOWN = 50

SCAN = Body(
    (
        Field("code", Text(max_length=65_536, min_length=0, printable=False)),
        Field("source", Text(max_length=40), required=False, default="tablet"),
    )
)
SIGNAL = Body(
    (
        Field("what", Text(choices=signals.SIGNALS)),
        Field("persona", Text(choices=signals.PERSONAS), required=False),
        Field("offer", OFFER_ID, required=False),
    )
)
OPEN_SHIFT = Body((Field("float_minor", Whole(0, MAX_AMOUNT_MINOR)),))
CLOSE_SHIFT = Body((Field("counted_minor", Whole(0, MAX_AMOUNT_MINOR)),))
SETTLE = Body((Field("on_paper", Flag()),))


def scan(books: Books, call: Call) -> dict[str, Any]:
    """Decide on a code; the panel hears of it once the verdict is on the disk."""
    source = call.fields["source"]
    verdict = door.scan(books, call.fields["code"], source)
    call.after_commit.append(lambda: call.context.on_scan(verdict, source))
    return shapes.verdict(verdict)


def list_verdicts(books: Books, call: Call) -> dict[str, Any]:
    """List the newest scans as the journal has them, newest first."""
    return {"verdicts": [_noted_scan(entry) for entry in books.journal.newest(SCANS, NEWEST)]}


def note_signal(books: Books, call: Call) -> dict[str, Any]:
    """Note what somebody did."""
    signals.note(books, call.fields["what"], call.fields["persona"], call.fields["offer"])
    return {"noted": call.fields["what"]}


def open_shift(books: Books, call: Call) -> dict[str, Any]:
    """Open the till."""
    return shapes.shift(shifts.open_shift(books, call.fields["float_minor"]))


def close_shift(books: Books, call: Call) -> dict[str, Any]:
    """Close the till and sign the journal's head."""
    if call.context.signer is None:
        raise Refusal("no_key", "This box has no signing key; restart it, then close the shift.", 409)
    return shapes.shift_report(shifts.close_shift(books, call.fields["counted_minor"], call.context.signer))


def report_shift(books: Books, call: Call) -> dict[str, Any]:
    """Report on the open shift."""
    return shapes.shift_report(shifts.report(books))


def list_prints(books: Books, call: Call) -> dict[str, Any]:
    """List the newest print jobs, newest first; those that need a person are always among them."""
    wanting = books.prints.by_status((PrintStatus.UNSURE,), PRINTS_SHOWN)
    others = [status for status in PrintStatus if status is not PrintStatus.UNSURE]
    jobs = [*wanting, *books.prints.by_status(others, PRINTS_SHOWN)]
    return {"prints": [shapes.print_job(job) for job in sorted(jobs, key=lambda job: -job.id)]}


def reprint(books: Books, call: Call) -> dict[str, Any]:
    """Print a document once more, marked as a copy."""
    return _print_job(books, printing.reprint(books, call.path["job_id"]))


def settle_print(books: Books, call: Call) -> dict[str, Any]:
    """Say whether an unsure job is on paper; if not, it is printed again."""
    printing.settle(books, call.path["job_id"], call.fields["on_paper"])
    return _print_job(books, call.path["job_id"])


def _print_job(books: Books, job_id: int) -> dict[str, Any]:
    job = books.prints.get(job_id)
    return {"print": None if job is None else shapes.print_job(job)}


def _noted_scan(entry: Entry) -> dict[str, Any]:
    noted = {name: entry.data[name] for name in ("verdict", "reason", "kind", "title", "message", "first_used_at")}
    rehearsal = bool(entry.data.get("rehearsal", False))
    return {**noted, "seq": entry.seq, "at": entry.at, "source": entry.data["source"], "rehearsal": rehearsal}


ROUTES = (
    Route("POST", "/scan", Role.KIOSK, scan, "Verdict", "Decide on a scanned code.", body=SCAN, guests=False),
    Route("GET", "/verdicts", Role.STAFF, list_verdicts, "Verdicts", "The newest scans, newest first."),
    Route("POST", "/signals", Role.KIOSK, note_signal, "Noted", "Note that somebody browsed, tried or bought.",
          body=SIGNAL, status=201, refusals=(404, 409)),
    Route("POST", "/shifts", Role.STAFF, open_shift, "Shift", "Open the till with its float.",
          body=OPEN_SHIFT, status=201, refusals=(409,)),
    Route("POST", "/shifts/current/close", Role.STAFF, close_shift, "ShiftReport", "Close the till as counted.",
          body=CLOSE_SHIFT, refusals=(404, 409)),
    Route("GET", "/shifts/report", Role.STAFF, report_shift, "ShiftReport", "Figures of the open shift.",
          refusals=(404, 409)),
    Route("GET", "/prints", Role.STAFF, list_prints, "Prints", "Print jobs, newest first."),
    Route("POST", "/prints/{job_id}/reprint", Role.STAFF, reprint, "Printed", "Print a copy.",
          body=NO_FIELDS, status=201, refusals=(404, 409)),
    Route("POST", "/prints/{job_id}/settle", Role.STAFF, settle_print, "Printed", "Settle an unsure print.",
          body=SETTLE, refusals=(404, 409)),
)  # fmt: skip
