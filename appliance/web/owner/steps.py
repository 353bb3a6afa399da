"""The steps from nothing to selling, each told done by what the box itself knows: a power cut loses no step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from appliance.core.errors import StallboxError
from appliance.core.ports import Books
from appliance.core.trade import PrintStatus
from appliance.services import door
from appliance.web.context import WebContext

TEST_PAGE = "test page"
SCANS_LOOKED_AT = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the setup: its page, and whether a stall can do without it. Its title is the text `step_<id>`."""

    id: str
    optional: bool = False


STEPS = (
    Step("name"),
    Step("wifi", optional=True),
    Step("pins"),
    Step("event"),
    Step("offers"),
    Step("tickets", optional=True),
    Step("printer", optional=True),
    Step("rehearsal"),
    Step("fleet", optional=True),
    Step("data", optional=True),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to try before guests come, and whether it was seen.

    The texts `check_<id>` and `check_<id>_how` say what it is and what to do for it; `name` is of a scanner.
    """

    id: str
    is_seen: bool
    name: str = ""


def done(books: Books, context: WebContext, reasons: Sequence[StallboxError]) -> Mapping[str, bool]:
    """Tell of each step whether it is done; `reasons` are those of the box's health."""
    own = context.settings.read()
    return {
        "name": bool(own.get("box", {}).get("name")),
        "wifi": bool(context.wifi[0]),
        "pins": context.vault.has_pin,
        "event": books.events.current() is not None,
        "offers": bool(books.events.offers()) if books.events.current() else False,
        "tickets": bool(books.tickets.sources()),
        "printer": _printed(books),
        "rehearsal": all(check.is_seen for check in checks(books, context, reasons)),
        "fleet": bool(context.fleet and context.fleet.now.enabled),
        "data": False,
    }


def checks(books: Books, context: WebContext, reasons: Sequence[StallboxError]) -> Sequence[Check]:
    """List what to try before guests come, with what was seen so far; `reasons` are those of the box's health."""
    devices = {device.name for device in context.board.devices()}
    scanned = door.newest_by_source(books, SCANS_LOOKED_AT)
    scanners = sorted(name.partition(".")[2] for name in devices if name.startswith("scanner."))
    return [
        Check("box", not reasons),
        *_if("printer" in devices, lambda: Check("printer", _printed(books))),
        *(Check("scanner", name in scanned, name) for name in scanners),
        *_if(bool(books.tickets.sources()), lambda: Check("door", bool(books.journal.newest(door.SCANS, 1)))),
        Check("sale", bool(books.journal.newest(["sale.completed"], 1))),
        Check("void", bool(books.journal.newest(["sale.refunded"], 1))),
    ]


def _if(there: bool, check: Callable[[], Check]) -> Sequence[Check]:
    return [check()] if there else []


def _printed(books: Books) -> bool:
    jobs = books.prints.by_status((PrintStatus.PRINTED,), 1000)
    return any(job.subject == TEST_PAGE for job in jobs)
