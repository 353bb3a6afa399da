"""The door against an independent model: tickets through every way in and out, lists, power cuts and the clock."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from appliance.core.clock import timestamp
from appliance.core.codes import ticket_id
from appliance.core.ports import Books
from appliance.core.trade import EntryRule, Ticket, TicketStatus
from appliance.core.trust import readers_of
from appliance.core.verdict import Direction, Verdict
from appliance.services import door, tickets
from appliance.services.tickets import import_tickets
from tests.books import DURING, EVENT_TEXT, Box
from tests.core.codes import is_signed
from tests.services.test_signed_at_the_door import KEYS, own, pretix

CAPACITY = 4
EVENT = EVENT_TEXT.replace("# capacity = 60", f"capacity = {CAPACITY}").replace("# exits =", "exits =") + KEYS
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
    codes: tuple[str, ...] = ()  # what can be scanned; none: its name
    is_signed: bool = False  # good without any list
    on_list: bool = False
    ins: list[dt.datetime] = field(default_factory=list)
    inside: int = 0

    def listed(self, name: str) -> Ticket:
        if self.is_signed:  # a list of blocked and revoked ones says nothing else of them
            return Ticket(tickets.identity(self.codes[0])[0], "", TicketStatus(self.status))
        rules = {(True, True): EntryRule.DAILY, (True, False): EntryRule.REENTRY}
        return Ticket(
            ticket_id(name),
            self.product,
            TicketStatus(self.status),
            event=self.event,
            valid_from=timestamp(self.opens) if self.opens else None,
            valid_until=timestamp(self.closes) if self.closes else None,
            entry=rules.get((self.one_person, self.daily)),
            entries_allowed=0 if self.times is None else self.times,
            aliases=tuple(ticket_id(code) for code in self.codes[1:]),
        )

    @property
    def is_known(self) -> bool:
        return self.on_list or self.is_signed

    def objection(self, now: dt.datetime, inside: int) -> str:
        """Why it does not let anybody in; written as one sees it at a door, not as a table."""
        if not self.is_known:
            return "unknown"
        if self.event:
            return "wrong_event"
        if self.status != "valid":
            return self.status
        if self.opens and now < self.opens:
            return "not_yet_valid"
        if self.closes and now >= self.closes:
            return "expired"
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
    "TWO-CODES": Holder(times=2, codes=("TWO-CODES", "ITS-OTHER-CODE")),
    "OURS": Holder(product="workshop", times=2, codes=(own(entries=2),), is_signed=True),
    "PRETIX": Holder(product="workshop", codes=(pretix(),), is_signed=True),
}
LISTED = sorted(name for name, holder in TERMS.items() if not holder.is_signed)
NAMES = st.sampled_from(sorted(TERMS))
WHICH = st.integers(0, 1)  # of the codes that lead to a ticket


class DoorMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.disks = 0
        self.box = Box(self.new_disk(), synchronous="OFF", event=EVENT)
        self.box.__enter__()
        self.model = {name: replace(terms, ins=[]) for name, terms in TERMS.items()}
        self.entries = dict.fromkeys(("ticket.admitted", "ticket.refused", "ticket.exited", "ticket.overridden"), 0)
        self.take_list(LISTED)

    def teardown(self) -> None:
        faults = self.box.verify()
        self.box.__exit__(None, None, None)
        self.folder.cleanup()
        assert faults == []

    def new_disk(self) -> Path:
        self.disks += 1
        disk = Path(self.folder.name) / str(self.disks)
        disk.mkdir()
        return disk

    @property
    def inside(self) -> int:
        return sum(holder.inside for holder in self.model.values())

    def scan(
        self, name: str, source: str, override: str = "", direction: Direction | None = None, which: int = 0
    ) -> Verdict:
        codes = self.model[name].codes if name in self.model else ()
        code = codes[which % len(codes)] if codes else name

        def act(books: Books) -> Verdict:
            return door.scan(
                books, code, source, override=override, direction=direction,
                readers_of=lambda event: readers_of(event, is_signed),
            )  # fmt: skip

        return self.box.submit(act)

    def take_list(self, names: list[str]) -> None:
        listed = [self.model[name].listed(name) for name in names]
        self.box.submit(lambda books: import_tickets(books, listed, "list.csv"))
        for name in names:
            self.model[name].on_list = True

    @rule(name=NAMES, which=WHICH)
    def somebody_comes(self, name: str, which: int) -> None:
        expected = self.model[name].objection(self.box.clock.at, self.inside)
        verdict = self.scan(name, "gate", which=which)
        assert (verdict.verdict, verdict.reason) == ("refuse" if expected else "admit", expected)
        if not expected:
            self.model[name].came_in(self.box.clock.at)
        self.entries["ticket.refused" if expected else "ticket.admitted"] += 1
        assert verdict.inside == self.inside

    @rule(name=NAMES, which=WHICH)
    def staff_lets_somebody_in(self, name: str, which: int) -> None:
        holder = self.model[name]
        expected = holder.objection(self.box.clock.at, self.inside)
        verdict = self.scan(name, "gate", "we know them", which=which)
        if not holder.is_known:
            assert (verdict.verdict, verdict.reason) == ("refuse", "unknown")
            self.entries["ticket.refused"] += 1
            return
        assert (verdict.verdict, verdict.overridden) == ("admit", expected)
        holder.came_in(self.box.clock.at)
        self.entries["ticket.overridden" if expected else "ticket.admitted"] += 1

    @rule(name=NAMES, which=WHICH, at_the_exit=st.booleans())
    def somebody_goes(self, name: str, which: int, at_the_exit: bool) -> None:
        holder = self.model[name]
        source, direction = ("way-out", None) if at_the_exit else ("gate", Direction.EXIT)
        verdict = self.scan(name, source, direction=direction, which=which)
        assert verdict.verdict == ("admit" if holder.inside else "info" if holder.is_known else "refuse")
        if holder.inside:
            holder.inside -= 1
            self.entries["ticket.exited"] += 1
        elif not holder.is_known:
            self.entries["ticket.refused"] += 1

    @rule(override=st.sampled_from(["", "please"]), direction=st.sampled_from(Direction))
    def a_stranger_comes(self, override: str, direction: Direction) -> None:
        verdict = self.scan("NOBODY", "gate", override, direction)
        assert (verdict.verdict, verdict.reason) == ("refuse", "unknown")
        self.entries["ticket.refused"] += 1

    @rule(name=NAMES, status=st.sampled_from(["valid", "cancelled", "blocked", "revoked", "unpaid"]))
    def the_organiser_changes_a_ticket(self, name: str, status: str) -> None:
        self.model[name].status = status
        self.take_list([name])

    @rule(name=st.sampled_from(LISTED))
    def the_till_settles_a_ticket(self, name: str) -> None:
        is_there = self.model[name].on_list
        if is_there:
            self.model[name].status = "valid"
        assert self.box.submit(lambda books: books.tickets.set_status(ticket_id(name), TicketStatus.VALID)) == is_there

    @rule()
    def the_whole_list_comes_again(self) -> None:
        self.take_list(LISTED)

    @precondition(lambda self: any(holder.on_list for holder in self.model.values()))
    @rule()
    def the_list_is_taken_away(self) -> None:
        there = [holder for holder in self.model.values() if holder.on_list]
        unused = [holder for holder in there if not holder.ins]
        assert tickets.remove(self.box.desk, "list.csv") == (len(unused), len(there) - len(unused))
        for holder in unused:
            holder.on_list = False
            if holder.is_signed:  # nobody speaks against its signature any more
                holder.status = "valid"

    @rule()
    def the_box_restarts(self) -> None:
        self.box.restart()

    @rule(name=NAMES, share=st.sampled_from([0.0, 0.3, 0.9, 1.0]))
    def the_power_goes_while_a_scan_is_written(self, name: str, share: float) -> None:
        """The store is never closed: what is on the disk then is the store, and a log that ends anywhere."""
        before = self.on_disk()
        expected = self.model[name].objection(self.box.clock.at, self.inside)
        self.scan(name, "gate")
        after = self.on_disk()
        assert self.box.desk.stop(10)
        store, log = after
        if log.startswith(before[1]) and share < 1.0:  # not begun anew: some of the scan's pages are lost
            store, log = before[0], log[: len(before[1]) + int(share * (len(log) - len(before[1])))]
        else:
            if not expected:
                self.model[name].came_in(self.box.clock.at)
            self.entries["ticket.refused" if expected else "ticket.admitted"] += 1
        self.box.path = self.new_disk() / "stallbox.db"
        self.box.path.write_bytes(store)
        self.log.write_bytes(log)
        self.box.open()

    @property
    def log(self) -> Path:
        return self.box.path.with_name(self.box.path.name + "-wal")

    def on_disk(self) -> tuple[bytes, bytes]:
        """The store first: a checkpoint between the two moves pages into the store, and the log still has them."""
        return self.box.path.read_bytes(), self.log.read_bytes()

    @rule(minutes=st.sampled_from([1, 60, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.box.clock.advance(minutes * 60)

    @invariant()
    def the_books_agree(self) -> None:
        with self.box.reading() as books:
            assert books.tickets.inside() == self.inside
            for name, holder in self.model.items():
                id = tickets.identity(holder.codes[0])[0] if holder.is_signed else ticket_id(name)
                kept = books.tickets.find(id)
                assert (kept is not None) == (holder.on_list or bool(holder.ins))
                if kept:
                    assert (kept.entries_used, kept.inside) == (len(holder.ins), holder.inside)
                    assert kept.first_used_at == (timestamp(holder.ins[0]) if holder.ins else None)
            assert {kind: books.figures.tally(kind) for kind in self.entries} == self.entries


TestDoor = DoorMachine.TestCase
TestDoor.settings = settings(max_examples=40, stateful_step_count=40)
