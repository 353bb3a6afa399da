"""A power-cut campaign: run a load on a recorded disk, cut its power at many points, check each state.

def run_load(mount_path, ack):            # runs programs that write below mount_path
    ack(fact)                             # as soon as a program has answered that `fact` is safe

def check_state(mount_path, facts):       # facts: those acknowledged before the cut, in order
    return ["sale 17 is lost"]            # complaints; empty when all is well

campaign(run_load, check_state, states=20, seed=1, directory=tmp_path).require_good()
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.powercut.disk import RecordedDisk, RecordedFile
from tests.powercut.recording import FLUSH, Recording
from tests.powercut.replay import Replayer

Ack = Callable[[Any], None]
RunLoad = Callable[[Path, Ack], None]
CheckState = Callable[[Path, list[Any]], Sequence[str]]


@dataclass(frozen=True)
class State:
    """One crash state: the cut point, what it put at stake and what the check said of it."""

    cut: int
    unflushed_writes: int
    demanded_facts: int
    complaints: tuple[str, ...]
    duration_s: float


@dataclass(frozen=True)
class Report:
    """How a campaign went. `recording` is kept on disk if a state had complaints."""

    seed: int
    recording: Recording
    facts: int
    writes: int
    flushes: int
    states: tuple[State, ...]

    @property
    def failed(self) -> list[State]:
        return [state for state in self.states if state.complaints]

    def summary(self) -> str:
        """One line of figures."""
        mean_s = sum(state.duration_s for state in self.states) / len(self.states)
        return (
            f"{len(self.states)} power cuts, {len(self.failed)} with complaints; {self.facts} acknowledged facts, "
            f"{self.writes} writes, {self.flushes} flushes; {mean_s:.2f} s a state; seed {self.seed}"
        )

    def require_good(self) -> None:
        """AssertionError that names seed, cut points and complaints, unless every state was good."""
        if not self.failed:
            return
        lines = [f"cut after operation {state.cut}: {'; '.join(state.complaints)}" for state in self.failed]
        raise AssertionError("\n".join([self.summary(), *lines, f"recording: {self.recording.directory}"]))


class Acknowledgements:
    """The facts a load was answered, each with the disk's mark at that time; any thread may add."""

    def __init__(self, disk: RecordedDisk | RecordedFile) -> None:
        self._disk = disk
        self.marked: list[tuple[int, Any]] = []

    def add(self, fact: Any) -> None:
        # The mark is read after the answer: whatever made the fact safe lies before it in the log.
        self.marked.append((self._disk.mark(), fact))

    def before(self, cut: int) -> list[Any]:
        """The facts that must have survived a cut after the first `cut` operations."""
        return [fact for mark, fact in self.marked if mark <= cut]


def campaign(
    run_load: RunLoad, check_state: CheckState, states: int, seed: int, directory: Path, size_mib: int = 48
) -> Report:
    """Record `run_load`, then check `states` crash states of it.

    `directory` is an empty one for images and log. Errors that load or check raise come through, those of the
    check with cut, seed and recording added.
    """
    with RecordedDisk(directory, size_mib) as disk:
        acknowledged = Acknowledgements(disk)
        run_load(disk.path, acknowledged.add)
        end = disk.mark()
    cuts = choose_cuts(disk.start, end, [mark for mark, _ in acknowledged.marked], states, seed)
    with Replayer(disk.recording) as replayer:
        done = tuple(check_cut(replayer, cut, seed, acknowledged, check_state) for cut in cuts)
    flushes = sum(record.kind == FLUSH for record in disk.recording.records()[disk.start : end])
    writes = end - disk.start - flushes
    report = Report(seed, disk.recording, len(acknowledged.marked), writes, flushes, done)
    if not report.failed:
        shutil.rmtree(directory)
    return report


def choose_cuts(start: int, end: int, marks: Sequence[int], states: int, seed: int) -> list[int]:
    """Draw cut points in rising order: half at any operation, half right after an answer.

    A program that answers before it flushes writes nothing for seconds and then all at once; cuts at
    operations alone would nearly always miss the silence in which its answers are at risk.
    """
    rng = random.Random(seed)
    at_operations = [rng.randint(start, end) for _ in range(states - states // 2)]
    at_answers = [rng.choice(marks or [end]) for _ in range(states // 2)]
    return sorted(at_operations + at_answers)


def check_cut(
    replayer: Replayer, cut: int, seed: int, acknowledged: Acknowledgements, check_state: CheckState
) -> State:
    """Build, mount and check one crash state."""
    facts = acknowledged.before(cut)
    began_s = time.monotonic()
    with replayer.state(cut, seed) as mount_path:
        complaints = tuple(check_state(mount_path, facts))
    return State(cut, replayer.unflushed_writes(cut), len(facts), complaints, time.monotonic() - began_s)
