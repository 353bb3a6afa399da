"""The door against an independent model: a few tickets through every way in and out, lists, restarts and the clock."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from appliance.core.clock import timestamp
from appliance.core.codes import ticket_id
from appliance.core.trade import EntryRule, Ticket, TicketStatus
from appliance.core.verdict import Direction, Verdict
from appliance.services import door
from appliance.services.tickets import import_tickets
from tests.books import DURING, EVENT_TEXT, Box

CAPACITY = 4
EVENT = EVENT_TEXT.replace("# capacity = 60", f"capacity = {CAPACITY}").replace("# exits =", "exits =")
ZONE = ZoneInfo("America/New_York")
SOON, LATE = DURING + dt.timedelta(hours=3), DURING + dt.timedelta(days=2)


@dataclass
class Holder:
    """What the model knows of a ticket: its terms in words of its own, and when somebody passed with it."""

    status: str = "valid"
    product: str = "guest"
    times: int | None = 1
    one_person: bool = False  # may not be inside twice
    daily: bool = False
    opens: dt.datetime | None = None
    closes: dt.datetime | None = None
    event: str = ""
    ins: list[dt.datetime] = field(default_factory=list)
    inside: int = 0

    def listed(self, code: str) -> Ticket:
        rules = {(True, True): EntryRule.DAILY, (True, False): EntryRule.REENTRY}
        return Ticket(
            ticket_id(code),
            self.product,
            TicketStatus(self.status),
            event=self.event,
            valid_from=timestamp(self.opens) if self.opens else None,
            valid_until=timestamp(self.closes) if self.closes else None,
            entry=rules.get((self.one_person, self.daily)),
            entries_allowed=0 if self.times is None else self.times,
        )

    def objection(self, now: dt.datetime, inside: int) -> str:
        """Why it does not let anybody in; written as one sees it at a door, not as a table."""
        if self.status != "valid":
            return self.status
        if self.opens and now < self.opens:
            return "not_yet_valid"
        if self.closes and now >= self.closes:
            return "expired"
        if self.event:
            return "wrong_event"
        if self.product == "lecture":
            return "wrong_product"
        spent = self.times is not None and len(self.ins) >= self.times
        seen_today = self.daily and any(one.astimezone(ZONE).date() == now.astimezone(ZONE).date() for one in self.ins)
        still_there = self.one_person and not self.daily and self.inside
        if spent or seen_today or still_there:
            return "already_used"
        needs_room = not (self.one_person and self.inside)
        return "full" if needs_room and inside >= CAPACITY else ""

    def came_in(self, now: dt.datetime) -> None:
        self.ins.append(now)
        self.inside = 1 if self.one_person else self.inside + 1


TERMS = {
    "SINGLE": Holder(),
    "GROUP": Holder(times=3),
    "BAND": Holder(times=None),
    "BACK": Holder(times=None, one_person=True),
    "DAILY": Holder(times=None, one_person=True, daily=True),
    "TALK": Holder(product="lecture"),
    "EARLY": Holder(opens=SOON),
    "SHORT": Holder(closes=SOON, times=2),
    "OTHER": Holder(event="winter-fair"),
}
CODES = st.sampled_from(sorted(TERMS))


class DoorMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.box = Box(Path(self.folder.name), synchronous="OFF", event=EVENT)
        self.box.__enter__()
        self.model = {code: replace(terms, ins=[]) for code, terms in TERMS.items()}
        self.entries = dict.fromkeys(("ticket.admitted", "ticket.refused", "ticket.exited", "ticket.overridden"), 0)
        self.take_list(sorted(TERMS))

    def teardown(self) -> None:
        faults = self.box.verify()
        self.box.__exit__(None, None, None)
        self.folder.cleanup()
        assert faults == []

    @property
    def inside(self) -> int:
        return sum(holder.inside for holder in self.model.values())

    def scan(self, code: str, source: str, override: str = "", direction: Direction | None = None) -> Verdict:
        return self.box.submit(lambda books: door.scan(books, code, source, override=override, direction=direction))

    def take_list(self, codes: list[str]) -> None:
        listed = [self.model[code].listed(code) for code in codes]
        self.box.submit(lambda books: import_tickets(books, listed, "list.csv"))

    @rule(code=CODES)
    def somebody_comes(self, code: str) -> None:
        expected = self.model[code].objection(self.box.clock.at, self.inside)
        verdict = self.scan(code, "gate")
        assert (verdict.verdict, verdict.reason) == ("refuse" if expected else "admit", expected)
        if not expected:
            self.model[code].came_in(self.box.clock.at)
        self.entries["ticket.refused" if expected else "ticket.admitted"] += 1
        assert verdict.inside == self.inside

    @rule(code=CODES)
    def staff_lets_somebody_in(self, code: str) -> None:
        expected = self.model[code].objection(self.box.clock.at, self.inside)
        verdict = self.scan(code, "gate", "we know them")
        assert (verdict.verdict, verdict.overridden) == ("admit", expected)
        self.model[code].came_in(self.box.clock.at)
        self.entries["ticket.overridden" if expected else "ticket.admitted"] += 1

    @rule(code=CODES, at_the_exit=st.booleans())
    def somebody_goes(self, code: str, at_the_exit: bool) -> None:
        holder = self.model[code]
        verdict = self.scan(code, "way-out") if at_the_exit else self.scan(code, "gate", direction=Direction.EXIT)
        assert verdict.verdict == ("admit" if holder.inside else "info")
        if holder.inside:
            holder.inside -= 1
            self.entries["ticket.exited"] += 1

    @rule(override=st.sampled_from(["", "please"]), direction=st.sampled_from(Direction))
    def a_stranger_comes(self, override: str, direction: Direction) -> None:
        verdict = self.scan("NOBODY", "gate", override, direction)
        assert (verdict.verdict, verdict.reason) == ("refuse", "unknown")
        self.entries["ticket.refused"] += 1

    @rule(code=CODES, status=st.sampled_from(["valid", "cancelled", "blocked", "revoked", "unpaid"]))
    def the_organiser_changes_a_ticket(self, code: str, status: str) -> None:
        self.model[code].status = status
        self.take_list([code])

    @rule(code=CODES)
    def the_till_settles_a_ticket(self, code: str) -> None:
        self.model[code].status = "valid"
        assert self.box.submit(lambda books: books.tickets.set_status(ticket_id(code), TicketStatus.VALID))

    @rule()
    def the_whole_list_comes_again(self) -> None:
        self.take_list(sorted(TERMS))

    @rule()
    def the_box_restarts(self) -> None:
        self.box.restart()

    @rule(minutes=st.sampled_from([1, 60, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.box.clock.advance(minutes * 60)

    @invariant()
    def the_books_agree(self) -> None:
        with self.box.reading() as books:
            assert books.tickets.inside() == self.inside
            for code, holder in self.model.items():
                kept = books.tickets.find(ticket_id(code))
                assert kept is not None
                assert (kept.entries_used, kept.inside) == (len(holder.ins), holder.inside)
                assert kept.first_used_at == (timestamp(holder.ins[0]) if holder.ins else None)
            assert {kind: books.figures.tally(kind) for kind in self.entries} == self.entries


TestDoor = DoorMachine.TestCase
TestDoor.settings = settings(max_examples=40, stateful_step_count=40)
