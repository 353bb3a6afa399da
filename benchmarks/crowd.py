"""Thirty tablets at once on a box that has one core, all on a good line, then ten of them on a bad one."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from benchmarks import door, stutter
from benchmarks.box import Box, fresh_folder, prepare, running
from benchmarks.clients import at_once
from benchmarks.figures import Figure, calmest
from benchmarks.line import Line, NoLineError, bad_line
from benchmarks.pages import pins
from benchmarks.visitors import POLL_S, Group, Seen

LOSS, DELAY_S = 0.05, 0.15  # of packets in each direction: 300 ms there and back
TICKETS = 2000
SETTLED_S = 4.0  # what was committed later than this before the end, somebody may not have seen yet
AT_MOST_TIMES = 1.5  # those on a good line, beside those on a bad one
FEW_MS = 5.0  # below this a ratio is noise
WELL = ("200", "201", "304")
ONE_END, OTHER_END = (22, 4, 4), (7, 2, 1)  # kiosks, tills, doors


def run(quick: bool = False) -> list[Figure]:
    """Measure thirty on a good line; by turns twenty of them beside ten on a bad one; and real pages on that line."""
    rounds, duration_s = (1, 8.0) if quick else (3, 20.0)
    with ExitStack() as stack:
        data = stack.enter_context(fresh_folder())
        tickets = data.parent / "tickets.csv"
        tickets.write_text(door.csv_of(TICKETS))
        prepare(data, tickets=tickets, host="0.0.0.0")
        box = stack.enter_context(one_core(data))
        everybody = a_group(box, ONE_END, "127.0.0.1", duration_s)
        try:
            line = stack.enter_context(bad_line(LOSS, DELAY_S))
        except NoLineError as error:
            print(f"crowd: nobody was on a bad line: {error}", file=sys.stderr)
            return told("thirty on a good line", box, [measured([everybody])[0] for _ in range(rounds)])
        alone, good, bad = by_turns(everybody, line, rounds)
        return [
            *told("thirty on a good line", box, alone),
            *told("twenty beside ten on a bad line", box, good),
            *told(f"those ten, {LOSS:.0%} loss each way, {2000 * DELAY_S:.0f} ms", box, bad),
            not_hurt(alone, good),
            *stutter.run(box, line, 1 if quick else 3),
        ]


@contextmanager
def one_core(data: Path) -> Iterator[Box]:
    """Run the daemon on the first core that is ours."""
    with ExitStack() as stack:
        with on_cores(lambda mine: {min(mine)}):
            box = stack.enter_context(running(data))
        yield box


@contextmanager
def on_cores(choose: Callable[[set[int]], set[int]]) -> Iterator[None]:
    """Start whatever is started in this block on some of our cores."""
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, choose(mine) or mine)
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


def by_turns(everybody: Group, line: Line, rounds: int) -> list[list[Seen]]:
    """Measure all on the good line, then some of them on the bad one, over and over; return what each group saw."""
    found: list[list[Seen]] = [[], [], []]
    for _ in range(rounds):
        seen = measured([everybody]) + measured(apart(everybody, line), line)
        for group, one in zip(found, seen, strict=True):
            group.append(one)
    return found


def a_group(box: Box, kinds: tuple[int, int, int], host: str, duration_s: float) -> Group:
    """Tablets on this machine; each calls from an address of its own, since the box paces guests by address."""
    codes = [door.code(number) for number in range(TICKETS)]
    addresses = [f"127.0.1.{number + 1}" for number in range(sum(kinds))]
    return Group(host, box.port, pins(box)["staff"], *kinds, addresses, codes, duration_s, 1, box.pid)


def apart(everybody: Group, line: Line) -> list[Group]:
    """Send some of a group to the other end of the line."""
    kiosks, tills, doors = OTHER_END
    few = replace(
        everybody, host=line.address, kiosks=kiosks, tills=tills, doors=doors, seed=2,
        addresses=[line.far(1 + number) for number in range(sum(OTHER_END))], codes=everybody.codes[: TICKETS // 2],
    )  # fmt: skip
    many = replace(
        everybody, kiosks=everybody.kiosks - kiosks, tills=everybody.tills - tills, doors=everybody.doors - doors,
        codes=everybody.codes[TICKETS // 2 :],
    )  # fmt: skip
    return [many, few]


def measured(groups: Sequence[Group], line: Line | None = None) -> list[Seen]:
    """Let groups live at the same time, beside the daemon's core if there is another; return what each saw."""
    command = [sys.executable, "-m", "benchmarks.visitors"]
    tasks = [
        ([*line.under, *command] if line and group.host == line.address else command, json.dumps(asdict(group)))
        for group in groups
    ]
    with on_cores(lambda mine: mine - {min(mine)}):
        return [Seen(**json.loads(one)) for one in at_once(tasks)]


def told(who: str, box: Box, rounds: Sequence[Seen]) -> list[Figure]:
    """Say how a group fared, in the calmest of its rounds, and what became of all its requests."""
    taps_ms = [[ms for _, ms, _ in seen.taps] for seen in rounds]
    updates_s = [updates(box.data / "stallbox.db", seen) for seen in rounds]
    statuses = sum((Counter(seen.statuses) for seen in rounds), Counter[str]())
    wrong = statuses.total() - sum(statuses[status] for status in WELL) - statuses["none"]
    least_pct = min(seen.share_pct for seen in rounds)
    asked = f"{statuses.total()} asked, {statuses['none']} without an answer, so asked again"
    return [
        Figure(f"tap to answer p50, {who}", calmest(taps_ms, 0.5), "ms", f"{sum(map(len, taps_ms))} taps"),
        Figure(f"tap to answer p95, {who}", calmest(taps_ms, 0.95), "ms", f"slowest {max(map(max, taps_ms)):.0f} ms"),
        Figure(f"state update p50, {who}", calmest(updates_s, 0.5), "s", f"a poll every {POLL_S:.0f} s"),
        Figure(f"state update p95, {who}", calmest(updates_s, 0.95), "s"),
        Figure(f"refused or failed, {who}", wrong, "requests", asked, 0),
        Figure(f"processor of the daemon, {who}", least_pct, "% of a core", "for everybody"),
    ]


def updates(store: Path, seen: Seen) -> list[float]:
    """From each commit to the moment when each tablet had it, in seconds."""
    end_s = max(at_s for heard in seen.heard for _, at_s in heard) - SETTLED_S
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as books:
        rows = books.execute("SELECT seq, at FROM journal").fetchall()
    written = [(seq, datetime.fromisoformat(at).timestamp()) for seq, at in rows]
    found = []
    for heard in seen.heard:
        seqs = [seq for seq, _ in heard]
        for seq, at_s in written:
            place = bisect_left(seqs, seq)
            if seqs and heard[0][1] <= at_s <= end_s and place < len(heard):
                found.append(heard[place][1] - at_s)
    return found


def not_hurt(alone: Sequence[Seen], beside: Sequence[Seen]) -> Figure:
    """Hold those on the good line against how it was without a bad one."""
    alone_ms, beside_ms = (
        calmest([[ms for _, ms, _ in seen.taps] for seen in rounds], 0.95) for rounds in (alone, beside)
    )
    times = beside_ms / max(alone_ms, FEW_MS)
    name = "tap p95 on the good line, with ten on a bad one : without"
    return Figure(name, times, "times", f"{beside_ms:.1f} ms; {alone_ms:.1f} ms", AT_MOST_TIMES)
