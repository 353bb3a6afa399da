"""A day at the stall, made short: the daemon on the emulated kit's wires, with customers, and one fault a quarter hour.

What is as long as in 24 hours is counted, not timed: faults, power cuts, readings of the battery, looks at the
printer, telemetry, sales and scans. What is shortened is the waiting between them: the battery is read and the printer
looked at every 0.1 s instead of 10 s, telemetry is sent every 0.3 s instead of 30 s, and people come hundred times as
often. The clock on the wall runs as always, so what goes by hours (windows, expiry, samples of the curve) is not tried.
"""

from __future__ import annotations

import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from appliance.sim.escpos.paper import Paper
from appliance.sim.escpos.reader import Reader
from appliance.sim.kit import Kit
from benchmarks.syscalls import memory
from tests.system.clients import History
from tests.system.daemon import Daemon
from tests.system.load import wait_progress
from tests.waiting import wait_until

QUARTERS = 96  # of an hour, in a day
ANSWERS = 18  # in a quarter: sales, scans, refunds; about 1,700 a day
CUT_EVERY = 16  # quarters: six power cuts a day
READINGS = 90  # of the battery in a quarter, each 10 s
FASTER = 100
POLL_S = 10 / FASTER
RECOVERY_LIMIT_S = 60
WARM_UP = 4  # quarters of a life in which threads and caches still come to be
SLACK = {"descriptors": 6, "threads": 1, "rss_bytes": 4 << 20}
BREAKABLE = ("printer", "scanner.door", "scanner.till", "scanner.camera", "battery", "modem", "broker")


@dataclass(frozen=True)
class Sample:
    """What the daemon held while nothing was under way."""

    life: int  # which start of the daemon
    quarter: int
    descriptors: int
    threads: int
    rss_bytes: int


@dataclass
class Day:
    """The table, the box on it and what was seen."""

    kit: Kit
    daemon: Daemon
    history: History
    rng: random.Random
    paced: bool  # whether each quarter takes all its readings of the battery, or only as long as its people
    life: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    def quarter(self, number: int) -> None:
        """Break one thing, go on selling and scanning, mend it, and wait until all is well again."""
        ends_s = time.monotonic() + READINGS * POLL_S
        cut = number % CUT_EVERY == CUT_EVERY // 2
        device, fault = ("daemon", "power_cut") if cut else self._break_something()
        self.faults[f"{device}: {fault}"] += 1
        self.kit.set_battery(charge_pct=self.rng.randint(60, 100), charging=self.rng.random() < 0.5)
        wait_progress(self.history, ANSWERS // 2)
        if cut:
            self._cut_power()
        wait_progress(self.history, ANSWERS // 2)
        if not cut:
            self.kit.set_fault(device, None)
        wait_until(self.all_is_well, RECOVERY_LIMIT_S)
        for scanner in self.kit.scanners:
            self._scan(scanner)
        if self.paced:
            wait_until(lambda: time.monotonic() >= ends_s, READINGS * POLL_S + 1)
        self.samples.append(self._sample(number))

    def all_is_well(self) -> bool:
        """Whether every device is ready."""
        states = self.states()
        return len(states) >= 7 and all(state == "ready" for name, state in states.items() if name != "uplink")

    def states(self) -> Mapping[str, str]:
        """How each device is."""
        with self.daemon.staff() as http:
            return {name: device["state"] for name, device in http.get("/api/v1/state").body["devices"].items()}

    def jobs(self) -> list[tuple[str, str, str]]:
        """Every print job: subject, kind, status."""
        with closing(sqlite3.connect(f"file:{self.daemon.data / 'stallbox.db'}?mode=ro", uri=True)) as store:
            return store.execute("SELECT subject, kind, status FROM print_jobs ORDER BY id").fetchall()

    def printed_out(self) -> bool:
        """Whether no paper is owed any more."""
        return not any(status in ("queued", "printing") for _, _, status in self.jobs())

    def _break_something(self) -> tuple[str, str]:
        known = self.kit.faults()
        device = self.rng.choice(BREAKABLE)
        fault = self.rng.choice(known[device])
        self.kit.set_fault(device, fault)
        return device, fault

    def _cut_power(self) -> None:
        self.daemon.kill()
        self.kit.set_fault("printer", "power_lost")  # they hang on the same plug
        self.kit.set_fault("printer", None)
        self.daemon.start()
        self.life += 1

    def _scan(self, scanner: str) -> None:
        """Hold something that is no ticket before a scanner until the box has heard it."""
        code = f"NO-TICKET-{self.rng.randrange(10**6):06d}"

        def heard() -> bool:
            before = self._heard(scanner)
            self.kit.scan(scanner, code)
            try:
                wait_until(lambda: self._heard(scanner) > before, 5)
            except AssertionError:
                return False
            return True

        wait_until(heard, RECOVERY_LIMIT_S)

    def _heard(self, scanner: str) -> int:
        with self.daemon.staff() as http:
            verdicts = http.get("/api/v1/verdicts").body["verdicts"]
        return max((int(verdict["seq"]) for verdict in verdicts if verdict["source"] == scanner), default=0)

    def _sample(self, number: int) -> Sample:
        here = Path(f"/proc/{self.daemon.pid}")
        descriptors, threads = (len(list((here / name).iterdir())) for name in ("fd", "task"))
        return Sample(self.life, number, descriptors, threads, memory(self.daemon.pid).rss_bytes)


def short_waits(settings: str) -> str:
    """Shorten the waits in a kit's settings, hang the drawer on a relay too and leave the lights on."""
    shorter = settings.replace("poll_s = 1\n", f"poll_s = {POLL_S}\n").replace(
        "telemetry_every_s = 5", "telemetry_every_s = 0.3"
    )
    return shorter.replace("reconnect_max_s = 5", "reconnect_min_s = 0.1\nreconnect_max_s = 0.5").replace(
        "[relays]\n", '[relays]\ndrawer_pin = 16\nlights = "on"\n'
    )


def whole_roll(kit: Kit) -> str:
    """Return all paper of the day as text: the printer itself remembers only its newest sheets."""
    roll = Paper(keep_sheets=1_000_000)
    roll.apply(Reader().feed((kit.folder / "paper.raw").read_bytes()))
    return roll.text()


def require_paper_once(day: Day) -> tuple[int, int]:
    """Hold the paper against the spool: what counts as printed is there once, what is unsure at most once."""
    wait_until(day.printed_out, RECOVERY_LIMIT_S)
    papers = Counter(int(number) for number in re.findall(r"^\s*Receipt (\d+) ", whole_roll(day.kit), re.M))
    receipts = [(int(subject.split()[-1]), status) for subject, kind, status in day.jobs() if kind == "receipt"]
    assert len({number for number, _ in receipts}) == len(receipts), "a receipt was queued twice"
    for number, status in receipts:
        assert papers[number] <= 1, f"receipt {number} came {papers[number]} times"
        assert papers[number] == 1 or status == "unsure", f"receipt {number} is {status} and did not come"
    return len(receipts), sum(status == "unsure" for _, status in receipts)


def require_flat(samples: list[Sample]) -> str:
    """Hold what the daemon held late in a life against what it held early in it, once every thread had worked."""
    told = []
    for life in sorted({sample.life for sample in samples}):
        ours = [sample for sample in samples if sample.life == life][WARM_UP:]
        third = len(ours) // 3
        if third:
            told += [f"life {life}"] + [
                _flat(name, slack, ours[:third], ours[-third:]) for name, slack in SLACK.items()
            ]
    return ", ".join(told)


def _flat(name: str, slack: int, early: list[Sample], late: list[Sample]) -> str:
    before = max(getattr(sample, name) for sample in early)
    after = min(getattr(sample, name) for sample in late)
    assert after <= before + slack, f"{name} grew from {before} to {after}"
    return f"{name} {before} to {after}"
