"""The steps from nothing to selling, each told done by what the box itself knows: a power cut loses no step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from appliance.core.ports import Books
from appliance.core.trade import PrintStatus
from appliance.services import door
from appliance.web.context import WebContext

TEST_PAGE = "test page"
SCANS_LOOKED_AT = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the setup: its page, its title, and whether a stall can do without it."""

    id: str
    title: str
    optional: bool = False


STEPS = (
    Step("name", "Name"),
    Step("wifi", "Wi-Fi", optional=True),
    Step("pins", "PINs and people"),
    Step("event", "Event"),
    Step("offers", "Offers"),
    Step("tickets", "Tickets", optional=True),
    Step("printer", "Printer", optional=True),
    Step("rehearsal", "Rehearsal"),
    Step("fleet", "Uplink", optional=True),
    Step("data", "Backup and purge", optional=True),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to try before guests come: whether it was seen, and what to do for it."""

    what: str
    is_seen: bool
    how: str


def done(books: Books, context: WebContext) -> Mapping[str, bool]:
    """Tell of each step whether it is done."""
    own = context.settings.read()
    return {
        "name": bool(own.get("box", {}).get("name")),
        "wifi": bool(context.wifi[0]),
        "pins": context.vault.has_pin,
        "event": books.events.current() is not None,
        "offers": bool(books.events.offers()) if books.events.current() else False,
        "tickets": bool(books.tickets.sources()),
        "printer": _printed(books),
        "rehearsal": all(check.is_seen for check in checks(books, context)),
        "fleet": bool(context.fleet and context.fleet.now.enabled),
        "data": False,
    }


def checks(books: Books, context: WebContext) -> Sequence[Check]:
    """List what to try before guests come, with what was seen so far."""
    devices = {device.name for device in context.board.devices()}
    scanned = door.newest_by_source(books, SCANS_LOOKED_AT)
    return [
        Check("The box is ready to sell and admit.", not list(context.health()), "The first page says why not."),
        *_if("printer" in devices, lambda: Check(
            "The printer printed a test page.", _printed(books), "Print one in the step Printer.")),
        *(
            Check(f"The {name} scanner read a code.", name in scanned, "Scan any ticket or product at it.")
            for name in sorted(name.partition(".")[2] for name in devices if name.startswith("scanner."))
        ),
        *_if(bool(books.tickets.sources()), lambda: Check(
            "The door decided on a ticket.", bool(books.journal.newest(door.SCANS, 1)), "Check one at the door.")),
        Check("A sale was made.", bool(books.journal.newest(["sale.completed"], 1)),
              "Sell the cheapest thing on the staff page, in cash."),
        Check("A sale was voided or given back.", bool(books.journal.newest(["sale.refunded"], 1)),
              "Find it under Orders and void it: what you sell here counts."),
    ]  # fmt: skip


def _if(there: bool, check: Callable[[], Check]) -> Sequence[Check]:
    return [check()] if there else []


def _printed(books: Books) -> bool:
    jobs = books.prints.by_status((PrintStatus.PRINTED,), 1000)
    return any(job.subject == TEST_PAGE for job in jobs)
