"""Taking in a long list of tickets, beside `sqlite-utils insert --csv` of the same file in the same run.

Each runs as a process of its own, from its start to its end, in turns; the calmest round of each counts. Beside the
time stand the peak of its resident memory and what it wrote: an SD card wears by what is written.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from benchmarks.box import command, prepare
from benchmarks.clients import ROOT
from benchmarks.figures import Figure

MANY = 200_000
ROUNDS = 3
AT_MOST_TIMES = 2.0


@dataclass(frozen=True)
class Cost:
    """What a process took from its start to its end."""

    took_s: float
    cpu_s: float
    peak_rss_mb: float
    written_mb: float


def run(quick: bool = False) -> list[Figure]:
    """Measure a first import, the same list once more, and its removal."""
    count, rounds = (20_000, 1) if quick else (MANY, ROUNDS)
    with tempfile.TemporaryDirectory(prefix="stallbox-bench-") as name:
        folder = Path(name)
        found = []
        for what, (columns, row) in LISTS.items():
            tickets = folder / f"{what}.csv"
            tickets.write_text(f"{columns}\n" + "".join(map(row, range(count))))
            costs = [one_round(folder / f"{what}-{number}", tickets) for number in range(rounds)]
            calm = {step: calmest([round_[step] for round_ in costs]) for step in costs[0]}
            found += figures(f"{count:,} {what}", calm)
    return found


def plain_row(number: int) -> str:
    return f"BENCH-{number:06},workshop,valid\n"


def named_row(number: int) -> str:
    """A ticket as pretix lists it: a long code, and its holder, who is sealed under it."""
    code = f"kfndgffgyw4tdgcacx6bb3bgem{number:06}"
    return f"{code},workshop,valid,Ada Example {number:06},ada.{number:06}@example.org,+49 170 {number:07},\n"


LISTS = {
    "tickets": ("code,product,status", plain_row),
    "tickets with names": ("code,product,status,name,email,phone,note", named_row),
}


def one_round(folder: Path, tickets: Path) -> dict[str, Cost]:
    folder.mkdir()
    data = folder / "data"
    prepare(data)
    plain = [sys.executable, "-m", "sqlite_utils", "insert", str(folder / "plain.db"), "tickets", str(tickets)]
    return {
        "sqlite-utils": cost([*plain, "--csv", "--silent"]),
        "import": cost(command(data, "tickets", "import", str(tickets))),
        "import again": cost(command(data, "tickets", "import", str(tickets))),
        "removal": cost(command(data, "tickets", "remove", "--source", tickets.name)),
    }


def cost(words: Sequence[str]) -> Cost:
    """Run a command to its end. Raises RuntimeError if it fails."""
    began_s = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawn(words[0], words, {**os.environ, "PYTHONPATH": str(ROOT)}, file_actions=quiet)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"{' '.join(words)} ended with {os.waitstatus_to_exitcode(status)}")
    took_s = time.perf_counter() - began_s
    return Cost(took_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000, usage.ru_oublock * 512 / 1e6)


def calmest(costs: Sequence[Cost]) -> Cost:
    """Take the least of each: what else the machine does can only make a round dearer."""
    columns = zip(*map(astuple, costs), strict=True)
    return Cost(*map(min, columns))


def figures(list_name: str, costs: dict[str, Cost]) -> list[Figure]:
    plain = costs.pop("sqlite-utils")
    beside = f"sqlite-utils insert --csv: {plain.took_s:.2f} s"
    found = []
    for what, one in costs.items():
        name = f"{what} of {list_name}"
        at_most = AT_MOST_TIMES if what == "import" else None
        found += [
            Figure(f"time, {name}", one.took_s / plain.took_s, "times", f"{one.took_s:.2f} s; {beside}", at_most),
            Figure(f"peak memory, {name}", one.peak_rss_mb, "MB", f"sqlite-utils: {plain.peak_rss_mb:.0f} MB"),
            Figure(f"written, {name}", one.written_mb, "MB", f"sqlite-utils: {plain.written_mb:.0f} MB"),
        ]
    return found
