"""Thirty tablets at once on a box that has one core, all on a good line, then ten of them on a bad one."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from benchmarks import door, stutter
from benchmarks.box import Box, fresh_folder, prepare, running
from benchmarks.clients import at_once
from benchmarks.figures import Figure, percentile
from benchmarks.line import Line, NoLineError, bad_line
from benchmarks.pages import pins
from benchmarks.visitors import Group, Seen

LOSS, DELAY_S = 0.05, 0.15  # of packets in each direction: 300 ms there and back
TICKETS = 2000
SETTLED_S = 4.0  # what was committed later than this before the end, somebody may not have seen yet
AT_MOST_TIMES = 1.5  # those on a good line, beside those on a bad one
FEW_MS = 5.0  # below this a ratio is noise
ONE_END, OTHER_END = (22, 4, 4), (7, 2, 1)  # kiosks, tills, doors


def run(quick: bool = False) -> list[Figure]:
    """Measure thirty on a good line; twenty of them beside ten on a bad one; and real pages on that line alone."""
    duration_s = 6.0 if quick else 40.0
    with ExitStack() as stack:
        data = stack.enter_context(fresh_folder())
        tickets = data.parent / "tickets.csv"
        tickets.write_text(door.csv_of(TICKETS))
        prepare(data, tickets=tickets, host="0.0.0.0")
        box = stack.enter_context(one_core(data))
        everybody = a_group(box, ONE_END, "127.0.0.1", duration_s)
        (before,) = measured([everybody])
        figures = [*told("thirty on a good line", box, before), processor("thirty on a good line", before)]
        try:
            line = stack.enter_context(bad_line(LOSS, DELAY_S))
        except NoLineError as error:
            print(f"crowd: nobody was on a bad line: {error}", file=sys.stderr)
            return figures
        many, few = apart(everybody, line)
        good, bad = measured([many, few], line)
        figures += told("twenty beside ten on a bad line", box, good)
        figures += told(f"those ten, {LOSS:.0%} loss each way, {2000 * DELAY_S:.0f} ms", box, bad)
        figures.append(processor("ten of thirty on a bad line", good))
        return [*figures, *not_hurt(before, good), *stutter.run(box, line, 1 if quick else 3)]


@contextmanager
def one_core(data: Path) -> Iterator[Box]:
    """Run the daemon on one core, and from then on everything else here on the others."""
    mine = os.sched_getaffinity(0)
    its = {min(mine)}
    os.sched_setaffinity(0, its)
    try:
        with running(data) as box:
            os.sched_setaffinity(0, mine - its or its)
            yield box
    finally:
        os.sched_setaffinity(0, mine)


def a_group(box: Box, kinds: tuple[int, int, int], host: str, duration_s: float) -> Group:
    """Tablets on this machine; each calls from an address of its own, since the box paces guests by address."""
    codes = [door.code(number) for number in range(TICKETS)]
    addresses = [f"127.0.1.{number + 1}" for number in range(sum(kinds))]
    return Group(host, box.port, pins(box)["staff"], *kinds, addresses, codes, duration_s, 1, box.pid)


def apart(everybody: Group, line: Line) -> tuple[Group, Group]:
    """Send some of a group to the other end of the line."""
    kiosks, tills, doors = OTHER_END
    few = replace(
        everybody, host=line.address, kiosks=kiosks, tills=tills, doors=doors, seed=2,
        addresses=[line.far(number) for number in range(sum(OTHER_END))], codes=everybody.codes[: TICKETS // 2],
    )  # fmt: skip
    many = replace(
        everybody, kiosks=everybody.kiosks - kiosks, tills=everybody.tills - tills, doors=everybody.doors - doors,
        codes=everybody.codes[TICKETS // 2 :],
    )  # fmt: skip
    return many, few


def measured(groups: Sequence[Group], line: Line | None = None) -> list[Seen]:
    """Let groups live at the same time; return what each saw."""
    command = [sys.executable, "-m", "benchmarks.visitors"]
    tasks = [
        ([*line.under, *command] if line and group.host == line.address else command, json.dumps(asdict(group)))
        for group in groups
    ]
    return [Seen(**json.loads(one)) for one in at_once(tasks)]


def told(who: str, box: Box, seen: Seen) -> list[Figure]:
    """Say how a group fared."""
    taps_ms = [ms for _, ms, _ in seen.taps]
    polls = sum(seen.statuses.values()) - len(taps_ms)
    lost = seen.statuses.get("none", 0)
    updates_s = updates(box.data / "stallbox.db", seen)
    median_s = percentile(updates_s, 0.5)
    wrong = sum(count for status, count in seen.statuses.items() if status not in ("200", "201", "304", "none"))
    return [
        Figure(f"tap to answer p50, {who}", percentile(taps_ms, 0.5), "ms", f"{len(taps_ms)} taps"),
        Figure(f"tap to answer p95, {who}", percentile(taps_ms, 0.95), "ms", f"slowest {max(taps_ms):.0f} ms"),
        Figure(f"state update p95, {who}", percentile(updates_s, 0.95), "s", f"p50 {median_s:.2f} s; polls each 2 s"),
        Figure(f"refused or failed, {who}", wrong, "requests", f"{polls + len(taps_ms)} asked, {lost} sent again", 0),
    ]


def processor(who: str, seen: Seen) -> Figure:
    return Figure(f"processor of the daemon, {who}", seen.share_pct, "% of a core", "all of them together")


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


def not_hurt(before: Seen, beside: Seen) -> list[Figure]:
    """Hold those on the good line against how they were without the others."""
    alone_ms, now_ms = (percentile([ms for _, ms, _ in seen.taps], 0.95) for seen in (before, beside))
    return [
        Figure(
            "tap p95 on the good line, with ten on a bad one : without", now_ms / max(alone_ms, FEW_MS), "times",
            f"{now_ms:.1f} ms; {alone_ms:.1f} ms", AT_MOST_TIMES,
        )
    ]  # fmt: skip
