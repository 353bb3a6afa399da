"""Thirty tablets that look at the box while staff sells: everybody is answered, and nobody waits long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchmarks.box import Box, fresh_folder, prepare, running
from benchmarks.clients import Report, Task, crowd
from benchmarks.figures import Figure, percentile

TABLETS, STAFF = 30, 4
POLL_S = 2.0  # as our own pages do
SELL_S = 0.5  # each of the staff: a brisk stall, and twice a second something new for every tablet


def run(quick: bool = False) -> list[Figure]:
    """Measure staff alone, staff beside tablets, and tablets while nothing happens."""
    duration_s = 3.0 if quick else 20.0
    with fresh_folder() as data:
        prepare(data)
        with running(data) as box:
            alone = crowd(staff(box, duration_s))
            *busy, tablets = crowd([*staff(box, duration_s), polls(box, duration_s)])
            calm = [] if quick else crowd([polls(box, duration_s)])
    figures = [*selling(alone, busy), *polling(tablets, "while staff sells")]
    return figures + [figure for report in calm for figure in polling(report, "while nothing happens")]


def staff(box: Box, duration_s: float) -> list[Task]:
    return [box.task("sale", duration_s=duration_s, interval_s=SELL_S) for _ in range(STAFF)]


def polls(box: Box, duration_s: float) -> Task:
    return box.task("poll", "kiosk", duration_s=duration_s, interval_s=POLL_S, connections=TABLETS)


def selling(alone: Sequence[Report], busy: Sequence[Report]) -> list[Figure]:
    found = [unanswered(Counter[str](sum((report.statuses for report in busy), Counter())), "sales beside tablets")]
    for share, label in ((0.5, "p50"), (0.99, "p99")):
        before_ms, with_ms = (
            percentile([ms for one in reports for ms in one.act_ms], share) for reports in (alone, busy)
        )
        beside = f"{with_ms:.1f} ms; without tablets {before_ms:.1f} ms"
        found.append(Figure(f"sale {label} beside {TABLETS} tablets", with_ms / before_ms, "times", beside))
    return found


def polling(report: Report, when: str) -> list[Figure]:
    asked = report.statuses.total()
    return [
        unanswered(report.statuses, f"polls of {TABLETS} tablets {when}"),
        Figure(f"poll p99 {when}", percentile(report.act_ms, 0.99), "ms", f"{asked} polls"),
        Figure(f"polls answered 304 {when}", 100 * report.statuses["304"] / asked, "%", "nothing new to send"),
    ]


def unanswered(statuses: Counter[str], what: str) -> Figure:
    asked = statuses.total()
    well = sum(statuses[status] for status in ("200", "201", "304"))
    return Figure(f"{what} not answered", asked - well, "requests", f"{asked} asked", 0)
