"""How long a start takes: Python's imports, and what comes after them until the box can sell and admit."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from benchmarks.box import ROOT, fresh_folder, prepare, running
from benchmarks.figures import Figure

HEAVY = ("sqlite_utils", "escpos", "gpiozero", "evdev", "smbus2", "serial", "PIL", "amqtt", "asyncio")
IMPORT = "import os, {}; os._exit(0)"
LOADED = "import sys, appliance.commands.run; print(sorted({name.partition('.')[0] for name in sys.modules}))"


def run(quick: bool = False) -> list[Figure]:
    """Measure on a store that is up to date; the runs of Python alone, imports and starts take turns."""
    rounds = 1 if quick else 9
    bare_s, first_s, imported_s, ready_s = [], [], [], []
    with fresh_folder() as data:
        prepare(data)
        for _ in range(rounds):
            bare_s.append(python_s("pass"))
            first_s.append(python_s(IMPORT.format("appliance.cli, appliance.commands.first_boot")))
            imported_s.append(python_s(IMPORT.format("appliance.cli, appliance.commands.run")))
            with running(data) as box:
                ready_s.append(box.ready_s)
    bare, first, imported, ready = median(bare_s), median(first_s), median(imported_s), median(ready_s)
    return [
        Figure("imports of first-boot", first / bare, "times", f"{first:.3f} s; python -c pass {bare:.3f} s"),
        Figure("imports of the daemon", imported / bare, "times", f"{imported:.3f} s; python -c pass {bare:.3f} s"),
        Figure("start to ready", ready / imported, "times", f"{ready:.3f} s; python with its imports {imported:.3f} s"),
        Figure("start to ready beyond the imports", ready - imported, "s", f"median of {rounds} starts", 2.0),
        Figure("heavy packages in a daemon without devices", len(loaded_heavily()), "packages", ", ".join(HEAVY), 0),
    ]


def python_s(program: str) -> float:
    """Time a whole run of Python."""
    began_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
    return time.perf_counter() - began_s


def loaded_heavily() -> list[str]:
    """Name the packages that only some boxes need and all of them load."""
    names = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in HEAVY if f"'{name}'" in names]
