"""The other routes: the door, paper and signals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.core.trade import PrintStatus, Right
from appliance.core.verdict import Direction
from appliance.services import calibration, door, name_search, printing, signals
from appliance.web import qr, shapes
from appliance.web.api_till import OFFER_ID
from appliance.web.fields import Body, Field, Flag, Text
from appliance.web.routes import NO_FIELDS, Call, Route
from appliance.web.tokens import Role

NEWEST = 20
PRINTS_SHOWN = 50

SCAN = Body(
    (
        Field("code", Text(max_length=65_536, min_length=0, printable=False)),
        Field("source", Text(max_length=40), required=False, default="tablet"),
        Field("direction", Text(choices=tuple(Direction)), required=False),
        Field("override", Body((Field("reason", Text(max_length=200)),)), required=False, right=Right.OVERRIDE),
    )
)
CALIBRATE = Body((Field("scanner", Text(max_length=40)),))
SIGNAL = Body(
    (
        Field("what", Text(choices=signals.SIGNALS)),
        Field("persona", Text(choices=signals.PERSONAS), required=False),
        Field("offer", OFFER_ID, required=False),
    )
)
SETTLE = Body((Field("on_paper", Flag()),))


def scan(books: Books, call: Call) -> dict[str, Any]:
    """Decide on a code; the panel hears of it once the verdict is on the disk."""
    source, direction, override = (call.fields[name] for name in ("source", "direction", "override"))
    if override is not None and call.role < Role.DOOR:
        raise Refusal("forbidden", "Letting somebody in against the verdict needs the role 'door'.", 403)
    verdict = door.scan(
        books,
        call.fields["code"],
        source,
        direction=Direction(direction) if direction else None,
        override=override["reason"] if override else "",
        readers_of=call.context.readers_of,
    )
    call.after_commit.append(lambda: call.context.on_scan(verdict, source))
    call.private = shapes.private(verdict.holder, verdict.note) if call.role >= Role.DOOR else {}
    return shapes.verdict(verdict)


def holder_again(books: Books, call: Call) -> dict[str, Any]:
    """Say once more whose ticket it is, from the code in hand; a kiosk is never told."""
    if call.role < Role.DOOR:
        return {}
    found = door.holder_of(books, call.fields["code"], call.fields["source"])
    return shapes.private(found.name, found.note)


def list_verdicts(books: Books, call: Call) -> dict[str, Any]:
    """List the newest scans as the journal has them, newest first."""
    return {"verdicts": [shapes.noted_verdict(entry) for entry in books.journal.newest(door.SCANS, NEWEST)]}


def show_door(books: Books, call: Call) -> dict[str, Any]:
    """Tell how many are inside and how many may be, and whether names can be searched."""
    return {**shapes.door(door.state(books, NEWEST)), "search": name_search.standing(books, call.context.vault)}


def calibrate(books: Books, call: Call) -> dict[str, Any]:
    """Wait for the calibration card at a scanner, print it, and give it to be shown on a screen."""
    scanner = call.fields["scanner"]
    card = calibration.expect_card(books, scanner)
    return {"scanner": scanner, "card": card, "wait_s": calibration.WAIT_S, "code": qr.drawn(card)}


def show_landed(books: Books, call: Call) -> dict[str, Any]:
    """Tell a tablet what was just scanned at the scanner that it stands at, in the language of its screen.

    Staff may ask for any scanner: a tablet of theirs follows the one that somebody chose on its page.
    """
    own = call.tablet.scanner if call.tablet else None
    scanner = call.query.get("scanner", own) if call.role >= Role.STAFF else own
    there = call.context.landings.newest(scanner) if scanner else ()
    scans = [shapes.landed(verdict, call.query.get("language", "")) for verdict in there]
    return {"scanner": scanner, "scan": scans[-1] if scans else None, "scans": scans}


def note_signal(books: Books, call: Call) -> dict[str, Any]:
    """Note what somebody did."""
    signals.note(books, call.fields["what"], call.fields["persona"], call.fields["offer"])
    return {"noted": call.fields["what"]}


def list_prints(books: Books, call: Call) -> dict[str, Any]:
    """List the newest print jobs, newest first; those that need a person are always among them."""
    wanting = books.prints.by_status((PrintStatus.UNSURE,), PRINTS_SHOWN)
    others = [status for status in PrintStatus if status is not PrintStatus.UNSURE]
    jobs = [*wanting, *books.prints.by_status(others, PRINTS_SHOWN)]
    return {"prints": [shapes.print_job(job) for job in sorted(jobs, key=lambda job: -job.id)]}


def reprint(books: Books, call: Call) -> dict[str, Any]:
    """Print a document once more, marked as a copy."""
    return _print_job(books, printing.reprint(books, call.path["job_id"]))


def _is_report(books: Books, path: Mapping[str, Any]) -> bool:
    """Tell whether a copy would show the takings."""
    job = books.prints.get(path["job_id"])
    return job is not None and job.kind == "report"


def settle_print(books: Books, call: Call) -> dict[str, Any]:
    """Say whether an unsure job is on paper; if not, it is printed again."""
    printing.settle(books, call.path["job_id"], call.fields["on_paper"])
    return _print_job(books, call.path["job_id"])


def _print_job(books: Books, job_id: int) -> dict[str, Any]:
    job = books.prints.get(job_id)
    return {"print": None if job is None else shapes.print_job(job)}


ROUTES = (
    Route("POST", "/scan", Role.KIOSK, scan, "Verdict", "Decide on a scanned code.", body=SCAN, guests=False,
          private=holder_again),
    Route("GET", "/verdicts", Role.DOOR, list_verdicts, "Verdicts", "The newest scans, newest first."),
    Route("GET", "/door", Role.DOOR, show_door, "Door", "People inside, the capacity, the newest scans."),
    Route("POST", "/door/calibration", Role.STAFF, calibrate, "Calibration",
          "Learn a scanner's keyboard from the card that is printed now.", body=CALIBRATE, status=201),
    Route("GET", "/landed", Role.KIOSK, show_landed, "Landed",
          "What was just scanned at this tablet's own scanner; staff may name another.",
          query=("language", "scanner")),
    Route("POST", "/signals", Role.KIOSK, note_signal, "Noted", "Note that somebody browsed, tried or bought.",
          body=SIGNAL, status=201, refusals=(404, 409), aside=True),
    Route("GET", "/prints", Role.STAFF, list_prints, "Prints", "Print jobs, newest first."),
    Route("POST", "/prints/{job_id}/reprint", Role.STAFF, reprint, "Printed", "Print a copy.",
          body=NO_FIELDS, status=201, refusals=(404, 409), right=Right.REPORT, right_if=_is_report),
    Route("POST", "/prints/{job_id}/settle", Role.STAFF, settle_print, "Printed", "Settle an unsure print.",
          body=SETTLE, refusals=(404, 409)),
)  # fmt: skip
