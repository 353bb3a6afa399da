"""What the daemon keeps in memory: at rest, and after an evening's sales."""

from __future__ import annotations

from benchmarks.box import Box, fresh_folder, prepare, running
from benchmarks.figures import Figure
from benchmarks.sales import sell
from benchmarks.syscalls import memory

AT_MOST_MB = 80.0
CLIENTS = 4


def run(quick: bool = False) -> list[Figure]:
    """Measure without devices and without uplink."""
    sales = 200 if quick else 2_000
    with fresh_folder() as data:
        prepare(data)
        with running(data) as box:
            idle = figures(box, "when ready")
            sell(box, "sale", sales // CLIENTS, CLIENTS)
            return [*idle, *figures(box, f"after {sales:,} sales")]


def figures(box: Box, when: str) -> list[Figure]:
    found = memory(box.pid)
    return [
        Figure(f"resident memory {when}", found.rss_bytes / 1e6, "MB", "shared pages in full (RSS)", AT_MOST_MB),
        Figure(f"proportional memory {when}", found.pss_bytes / 1e6, "MB", "its share of shared pages (PSS)"),
    ]
