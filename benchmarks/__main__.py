"""All figures in one go: python -m benchmarks [NAME ...] [--quick] [--json FILE]."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import crowd, decoding, devices, door, drain, idle, lists, memory, pages, sales, start, tablets, till
from benchmarks.figures import Figure, table

SUBJECTS: dict[str, Callable[[bool], list[Figure]]] = {
    "sales": sales.run,
    "till": till.run,
    "door": door.run,
    "lists": lists.run,
    "drain": drain.run,
    "memory": memory.run,
    "start": start.run,
    "idle": idle.run,
    "tablets": tablets.run,
    "crowd": crowd.run,
    "pages": pages.run,
    "devices": devices.run,
    "decoding": decoding.run,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say how many figures miss their target; exit 0 all the same: a figure is no test."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what the box costs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(SUBJECTS)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: rougher figures in under a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - set(SUBJECTS):
        parser.error(f"there is no figure named {', '.join(sorted(unknown))}; there are {', '.join(SUBJECTS)}")
    figures = measure(chosen.names or list(SUBJECTS), chosen.quick)
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
    missed = [figure.name.strip() for figure in figures if figure.misses]
    print(f"\n{len(figures)} figures; target missed: {', '.join(missed) or 'none'}.")
    return 0


def measure(names: Sequence[str], quick: bool) -> list[Figure]:
    """Measure one subject after the other, printing each as it comes."""
    figures = []
    for name in names:
        began_s = time.monotonic()
        found = SUBJECTS[name](quick)
        print(f"\n{name} ({time.monotonic() - began_s:.0f} s)\n{table(found)}", flush=True)
        figures += found
    return figures


if __name__ == "__main__":
    sys.exit(main())
