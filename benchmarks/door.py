"""From scan to verdict: beside a bare fdatasync, over HTTP and inside the process, with few and with many tickets.

The two stores are asked in turns, round by round, and the calmest round of each counts, since what else the machine
does can only make a round slower. After each scan the same client times a bare fdatasync of 4 KiB on the same disk.
"""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from appliance.core.admission import Decision
from appliance.core.clock import ClockQuality, Moment
from appliance.runtime.desk import Desk
from appliance.services import door
from appliance.store.books import Ledger, Readers
from benchmarks import signed
from benchmarks.bare_http import bare_server
from benchmarks.box import fresh_folder, prepare, running
from benchmarks.clients import Task, crowd, sync_once
from benchmarks.figures import Figure, calmest

FEW, MANY = 1_000, 200_000
BARE = 0
AT_MOST_TIMES = 1.2  # many tickets : few


@dataclass(frozen=True)
class Round:
    """Milliseconds of each scan and of the bare fdatasync after it."""

    scan_ms: list[float]
    sync_ms: list[float]


Rounds = dict[int, list[Round]]  # by how many tickets there are


def run(quick: bool = False) -> list[Figure]:
    """Measure scans of tickets that are let in."""
    many, rounds, scans = (20_000, 2, 50) if quick else (MANY, 5, 100)
    with ExitStack() as stack:
        stores = {count: stack.enter_context(fresh_folder()) for count in (FEW, many)}
        for count, data in stores.items():
            tickets = data.with_name("tickets.csv")
            tickets.write_text(csv_of(count))
            prepare(data, tickets=tickets)
        codes = {count: unused_codes(count, 2 * rounds * scans) for count in stores}
        over_http = by_turns(stores, {count: parts(some[::2], scans) for count, some in codes.items()})
        inside = {"": inside_process(stores, {count: parts(some[1::2], scans) for count, some in codes.items()})}
        for kind, sign in signed.KINDS.items():
            some = parts([sign(serial) for serial in range(rounds * scans)], scans)
            inside[f", signed by {kind}"] = inside_process(stores, dict.fromkeys(stores, some))
    bare = over_http.pop(BARE)
    return [
        *figures("over HTTP", over_http),
        *beside_bare(over_http[many], bare),
        *(figure for kind, some in inside.items() for figure in figures(f"inside the process{kind}", some)),
        *(first_scan(kind, some) for kind, some in inside.items()),
    ]


def csv_of(count: int) -> str:
    return "code,product\n" + "".join(f"{code(number)},workshop\n" for number in range(count))


def code(number: int) -> str:
    return f"BENCH-{number:06}"


def unused_codes(count: int, wanted: int) -> list[str]:
    """Pick different tickets from all over the list, the same ones in every run."""
    return [code(number) for number in random.Random(1).sample(range(count), wanted)]


def by_turns(stores: dict[int, Path], codes: dict[int, list[list[str]]]) -> Rounds:
    """Scan over HTTP at one daemon a store, both running, and at a bare server: it counts as one with BARE tickets."""
    with ExitStack() as stack:
        boxes = {count: stack.enter_context(running(data)) for count, data in stores.items()}
        bare = stack.enter_context(bare_server(stores[FEW]))
        rounds: Rounds = {count: [] for count in (*stores, BARE)}
        for turn in zip(*codes.values(), strict=True):
            for count, some in zip(boxes, turn, strict=True):
                box = boxes[count]
                rounds[count].append(scan_over_http(box.task, box.data, some))
            rounds[BARE].append(scan_over_http(bare, stores[FEW], turn[0]))
    return rounds


def inside_process(stores: dict[int, Path], codes: dict[int, list[list[str]]]) -> Rounds:
    """Scan as a scanner's worker does, without HTTP; the daemons have ended."""
    rounds: Rounds = {count: [] for count in stores}
    for turn in zip(*codes.values(), strict=True):
        for count, some in zip(stores, turn, strict=True):
            rounds[count].append(scan_inside(stores[count], some))
    return rounds


def parts(codes: list[str], length: int) -> list[list[str]]:
    return [codes[begin : begin + length] for begin in range(0, len(codes), length)]


def scan_over_http(task: Callable[..., Task], data: Path, codes: Sequence[str]) -> Round:
    (report,) = crowd([task("scan", count=len(codes), codes=codes, sync_file=str(data / "bare"))])
    if report.statuses != {"200": len(codes)}:
        raise RuntimeError(f"not every scan was answered: {dict(report.statuses)}")
    return Round(report.act_ms, report.sync_ms)


def scan_inside(data: Path, codes: Sequence[str]) -> Round:
    path = data / "stallbox.db"
    desk = Desk(Ledger(path), Readers(path), lambda: Moment(dt.datetime.now(dt.UTC), ClockQuality.SYNCED))
    desk.start()
    try:
        with (data / "bare").open("wb") as bare:
            times = [(scan_once(desk, one), sync_once(bare.fileno())) for one in codes]
    finally:
        desk.stop(10)
    return Round([scan_ms for scan_ms, _ in times], [sync_ms for _, sync_ms in times])


def scan_once(desk: Desk, code: str) -> float:
    """Scan a ticket that is good; return the milliseconds until the verdict."""
    began_s = time.perf_counter()
    verdict = desk.submit(lambda books: door.scan(books, code, "bench", readers_of=signed.trusted))
    took_ms = (time.perf_counter() - began_s) * 1000
    if verdict.verdict is not Decision.ADMIT:
        raise RuntimeError(f"{code} was not let in: {verdict.message}")
    return took_ms


def figures(where: str, rounds: Rounds) -> list[Figure]:
    """Make the figures of one way of scanning; the target is the box's own share of the p99."""
    found = []
    for count, some in rounds.items():
        for share, label, at_most in ((0.5, "p50", None), (0.99, "p99", 5.0)):
            scan_ms = calmest((one.scan_ms for one in some), share)
            sync_ms = calmest((one.sync_ms for one in some), share)
            beside = f"{scan_ms:.2f} ms, less the {label} of a bare fdatasync, {sync_ms:.2f} ms"
            name = f"scan to verdict {label}, {where}, {count:,} tickets"
            found.append(Figure(name, max(0.0, scan_ms - sync_ms), "ms", beside, at_most))
    few, many = rounds
    for share, label in ((0.5, "p50"), (0.99, "p99")):
        few_ms, many_ms = (calmest((one.scan_ms for one in rounds[count]), share) for count in (few, many))
        name = f"scan to verdict {label}, {where}, {many:,} : {few:,}"
        found.append(Figure(name, many_ms / few_ms, "times", "the same scan with few tickets", AT_MOST_TIMES))
    return found


def first_scan(kind: str, rounds: Rounds) -> Figure:
    """Set the first scan after a start beside the same with few tickets; each round inside the process starts anew."""
    few_ms, many_ms = (min(one.scan_ms[0] for one in some) for some in rounds.values())
    few, many = rounds
    name = f"first scan after a start, inside the process{kind}, {many:,} : {few:,}"
    return Figure(name, many_ms / few_ms, "times", f"{many_ms:.2f} ms; with few tickets {few_ms:.2f} ms", AT_MOST_TIMES)


def beside_bare(box: list[Round], bare: list[Round]) -> list[Figure]:
    """Set the box beside the least that a server in Python takes on this machine at this time."""
    found = []
    for share, label in ((0.5, "p50"), (0.99, "p99")):
        box_ms, bare_ms = (calmest((one.scan_ms for one in some), share) for some in (box, bare))
        beside = f"{box_ms:.2f} ms; bare waitress with one fdatasync {bare_ms:.2f} ms"
        found.append(
            Figure(f"scan to verdict {label}, over HTTP, box : bare server", box_ms / bare_ms, "times", beside)
        )
    return found


def plan_of_lookup(path: Path) -> str:
    """Say how SQLite finds a ticket in a store."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("EXPLAIN QUERY PLAN SELECT * FROM tickets WHERE id = ?", ("",)).fetchall()
    return "; ".join(row[3] for row in rows)
