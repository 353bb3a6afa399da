"""Scanners at work: double reads, and six sources that decide about the same tickets at once."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from appliance.core.errors import StoreUnavailable
from appliance.core.ports import Books
from appliance.core.verdict import Decision, Verdict
from appliance.services import door
from appliance.services.stations import ScanStation
from appliance.services.tickets import import_tickets, read_tickets
from tests.books import Box
from tests.fakes import FakeScanner

SCANS, TICKETS = 5000, 500


def read_all(box: Box, role: str, codes: Sequence[bytes], clock: Callable[[], float]) -> list[Verdict]:
    """Have a station decide about all codes; return what was shown."""
    shown: list[Verdict] = []
    scanner = FakeScanner(codes)
    station = ScanStation(role, box.desk, lambda verdict, source: shown.append(verdict), clock=clock)
    while scanner.codes:
        station.step(scanner)
    return shown


def test_a_double_read_gets_the_same_verdict_and_no_second_entry(box: Box) -> None:
    before = box.desk.head_seq
    times = iter([0.0, 0.1, 1.0, 2.2, 2.3])  # a look and a note for the first, then a look for each
    first, again, later = read_all(
        box, "door", [b"STREET-GOOD-1", b"]Q3STREET-GOOD-1\r", b"STREET-GOOD-1"], lambda: next(times)
    )
    assert (first.verdict, again, later.reason) == (Decision.ADMIT, first, "already_used")
    assert box.desk.head_seq == before + 2


def test_what_could_not_be_decided_is_tried_again_at_once(box: Box) -> None:
    class Failing:
        """A desk whose store fails once."""

        failed = False

        def submit(self, command: Callable[[Books], Verdict], timeout_s: float = 10.0) -> Verdict:
            if not self.failed:
                self.failed = True
                raise StoreUnavailable("disk_full", "The disk is full.")
            return box.desk.submit(command, timeout_s)

    shown: list[Verdict] = []
    scanner = FakeScanner([b"STREET-GOOD-1", b"STREET-GOOD-1"])
    station = ScanStation("door", Failing(), lambda verdict, source: shown.append(verdict), clock=lambda: 0.0)  # type: ignore[arg-type]
    station.step(scanner)
    station.step(scanner)
    assert [verdict.reason or verdict.verdict for verdict in shown] == ["undecided", "admit"]


def test_a_scan_that_was_given_up_uses_no_ticket_up(box: Box) -> None:
    """The store is held for longer than a scan waits: red at the door, and green at the next try."""

    class Hurried:
        """The real desk, for somebody with little time; `wait_s` is how much."""

        wait_s = 0.01

        def submit(self, command: Callable[[Books], Verdict], timeout_s: float = 10.0) -> Verdict:
            return box.desk.submit(command, self.wait_s)

    shown: list[Verdict] = []
    scanner = FakeScanner([b"STREET-GOOD-1", b"STREET-GOOD-1"])
    desk = Hurried()
    station = ScanStation("door", desk, lambda verdict, source: shown.append(verdict), clock=lambda: 0.0)  # type: ignore[arg-type]
    begun, release = Event(), Event()
    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(box.submit, lambda books: (begun.set(), release.wait(10)))
        assert begun.wait(10)
        station.step(scanner)
        release.set()
        holding.result(10)
    desk.wait_s = 10.0
    station.step(scanner)
    assert [verdict.reason or verdict.verdict for verdict in shown] == ["undecided", "admit"]
    assert len(box.entries("ticket.admitted")) == 1


def test_two_scanners_and_four_tablets_admit_every_ticket_exactly_once(box: Box) -> None:
    codes = [f"CROWD-{number:04}" for number in range(TICKETS)]
    listed = read_tickets("code,product\n" + "\n".join(f"{code},guest" for code in codes))
    box.submit(lambda books: import_tickets(books, listed, "crowd.csv"))
    scans = codes * (SCANS // TICKETS)
    random.Random(2026).shuffle(scans)
    shares = [scans[start::6] for start in range(6)]
    ticks = itertools.count()  # an hour between any two scans: nothing here is a double read

    def scanner(share: int) -> list[Verdict]:
        return read_all(box, f"door-{share}", [code.encode() for code in shares[share]], lambda: next(ticks) * 3600.0)

    def tablet(share: int) -> list[Verdict]:
        return [box.submit(lambda books, code=code: door.scan(books, code, "tablet")) for code in shares[share]]

    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(scanner if share < 2 else tablet, share) for share in range(6)]
        verdicts = [verdict for job in jobs for verdict in job.result(60)]
    assert Counter(verdict.reason for verdict in verdicts) == {"": TICKETS, "already_used": SCANS - TICKETS}
    assert len({verdict.seq for verdict in verdicts}) == SCANS
    assert len({entry["ticket"] for entry in box.entries("ticket.admitted")}) == TICKETS
    with box.reading() as books:
        assert books.tickets.inside() == TICKETS
    assert box.verify() == []
