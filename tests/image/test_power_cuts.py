"""Power cuts of the whole machine: its card forgets and tears what was not flushed, and the stall has lost nothing.

The card is a file whose writes and flushes are recorded (tests/powercut); the guest boots from it, is set up and sells.
Then states are made that a cut at any moment could have left. Many are looked at on this computer: repaired as the box
does it, mounted, and held against what was answered and printed until then. Some are put into a machine and booted.
`make image-test` looks at 20 states, `make soak` at 100.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.image.card import OUT, Card
from tests.image.crowd import CLIENTS, TICKETS, Staff, pin_on, prepare, receipts_on, watch_paper
from tests.image.machine import Machine
from tests.image.test_boot import REPORT
from tests.powercut.campaign import Acknowledgements, check_cut, choose_cuts
from tests.powercut.disk import RecordedFile
from tests.powercut.host import run
from tests.powercut.marks import POWER_CUT
from tests.powercut.recording import Recording, copy_part, part_of
from tests.powercut.replay import Replayer
from tests.system.aftermath import (
    as_stored,
    complaints_of_store,
    doubled,
    faults_of_journal,
    lost_answers,
    open_as_the_box_does,
)
from tests.system.clients import History
from tests.system.load import wait_progress

IS_SOAK = bool(os.environ.get("STALLBOX_SOAK"))
STATES, ANSWERS = (100, 1500) if IS_SOAK else (20, 300)
SEED = 7
STARTS = 5
START_LIMIT_S = 1200
REPAIRED = (0, 1)  # e2fsck(8): no errors, errors corrected

pytestmark = [
    pytest.mark.image,
    pytest.mark.timeout(7200),
    *POWER_CUT,
    pytest.mark.skipif(
        IS_SOAK and not list(OUT.glob("stallbox-*-arm64.img")), reason="THE CARD'S POWER WAS NOT CUT: run `make image`"
    ),
]


@dataclass
class Life:
    """A card's first start and its first hours, recorded; `facts` are what was answered and printed, with their marks.

    `selling` is the mark from which on it sold, `end` the last one.
    """

    recording: Recording
    data_begin: int
    facts: Acknowledgements
    bootstate: bytes
    keys: set[str] = field(default_factory=set)
    selling: int = 0
    end: int = 0

    @property
    def marks(self) -> list[int]:
        return [mark for mark, _ in self.facts.marked]

    def of_kind(self, kind: str, cut: int) -> list[Any]:
        """The facts of one kind before a cut."""
        return [fact for known, fact in self.facts.before(cut) if known == kind]

    def data(self, folder: Path) -> Recording:
        """The recording of the data partition, which grew to the card at the first start."""
        folder.mkdir()
        size_bytes = self.recording.base.stat().st_size - self.data_begin
        return part_of(self.recording, self.data_begin, size_bytes, folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cuts")


@pytest.fixture(scope="module")
def life(folder: Path) -> Life:
    """Boot a new card on a recorded disk, be a busy stall for a while, then pull the plug."""
    card = Card(folder / "new.img")
    prepare(card, folder)
    log = folder / "log"
    log.mkdir()
    with RecordedFile(log, card.path) as disk:
        facts = Acknowledgements(disk)
        life = Life(disk.recording, card.partitions["data"][0], facts, card.raw_state())
        card.path.unlink()
        card.path = disk.path
        machine = Machine(folder / "machine", card)
        watch_paper(machine, lambda pin: facts.add(("pin", pin)), lambda number: facts.add(("paper", number)))
        machine.power_on()
        try:
            sell(machine, life)
        finally:
            machine.pull_the_plug()
        life.end = disk.mark()
    print(
        f"\nrecorded: {life.end} operations, {len(life.marks)} facts, {len(life.of_kind('paper', life.end))} receipts"
    )
    return life


def sell(machine: Machine, life: Life) -> None:
    """Take in the event and be busy until enough was answered."""
    machine.wait(lambda: pin_on(machine.paper()), "hello slip", START_LIMIT_S)
    machine.wait(lambda: machine.get("/healthz")[0] == 200, "healthy box", START_LIMIT_S)
    staff = Staff(machine, str(pin_on(machine.paper())))
    machine.wait(staff.has_event, "event", START_LIMIT_S)
    life.facts.add(("event", None))
    life.selling = life.marks[-1]
    history = History(on_done=lambda done: life.facts.add(("done", done)))
    with staff.busy(history, seed=SEED):
        wait_progress(history, ANSWERS, timeout_s=START_LIMIT_S * (5 if IS_SOAK else 1))
    life.keys = history.keys


class Repaired(Replayer):
    """Crash states of an ext4, repaired as a starting box repairs its own (fsck.mode=force fsck.repair=yes)."""

    def image(self, cut: int, seed: int) -> Path:
        image = super().image(cut, seed)
        repair(image)
        return image


def repair(image: Path) -> None:
    """Have e2fsck repair what it must; AssertionError if it cannot, or if after it something is still wrong."""
    for how, good in (("-fy", REPAIRED), ("-fn", (0,))):
        done = subprocess.run(["e2fsck", how, image], capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode in good, f"e2fsck {how}: {done.stdout}"


def complaints(mount_path: Path, facts: list[Any], keys: set[str]) -> list[str]:
    """What is wrong with a data partition, given what was answered and printed."""
    data = mount_path / "stallbox"
    facts_of = {kind: [fact for known, fact in facts if known == kind] for kind in ("pin", "event", "done", "paper")}
    if not (data / "stallbox.db").exists():
        return ["there is no store"] if facts else []
    found = [f"the PIN {pin} of the slip is not the box's" for pin in facts_of["pin"] if pin not in tokens_of(data)]
    open_as_the_box_does(data)
    verified = subprocess.run(
        [sys.executable, "-m", "appliance", "journal", "verify", "--data", data],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    if verified.returncode:
        found.append(f"journal verify: {verified.stdout}{verified.stderr}")
    lost = lost_answers(data, facts_of["done"], TICKETS)
    found += [f"lost {len(lost)} of {len(facts_of['done'])} answers, first: {lost[0]}"] if lost else []
    found += doubled(data, facts_of["done"], TICKETS, under_way=CLIENTS)
    return [*found, *faults_of_journal(data), *complaints_of_store(data / "stallbox.db", facts_of["paper"], keys)]


def tokens_of(data: Path) -> str:
    """The file with PINs and tokens as it lies there; empty if it is not there."""
    tokens = data / "tokens.json"
    return tokens.read_text() if tokens.exists() else ""


@pytest.mark.soak
def test_a_cut_at_any_moment_loses_nothing_that_was_answered(life: Life, folder: Path) -> None:
    # One in ten falls into the first start, the others into the busy time.
    early, late = STATES // 10, STATES - STATES // 10
    cuts = choose_cuts(1, life.selling, [], early, SEED) + choose_cuts(life.selling, life.end, life.marks, late, SEED)
    check = partial(complaints, keys=as_stored(life.keys))
    with Repaired(life.data(folder / "data")) as replayer:
        states = [check_cut(replayer, cut, SEED, life.facts, check) for cut in sorted(cuts)]
    failed = [state for state in states if state.complaints]
    mean_s = sum(state.duration_s for state in states) / len(states)
    print(
        f"\n{len(states)} power cuts of the machine, {len(failed)} with complaints, {mean_s:.2f} s a state, seed {SEED}"
    )
    assert not failed, f"{failed}; recording: {life.recording.directory}"
    assert any(state.unflushed_writes for state in states)
    assert sum(state.demanded_facts > 0 for state in states) > STATES // 2


@pytest.mark.soak
def test_negative_control_a_card_that_forgets_what_it_flushed_is_caught(life: Life, folder: Path) -> None:
    """A state from before an answer, held against that answer."""
    answers = [mark for mark, (kind, _) in life.facts.marked if kind == "done"]
    early, late = answers[len(answers) // 4], answers[-1]
    with Repaired(life.data(folder / "forgetful")) as replayer, replayer.state(early, SEED) as mount_path:
        found = complaints(mount_path, life.facts.before(late), as_stored(life.keys))
    assert any("answers, first:" in complaint for complaint in found), found


def cut_for(life: Life, number: int) -> int:
    """Draw where the power is cut before a start: once in the first start before its slip, then in the busy time."""
    rng = random.Random(f"{SEED}:{number}")
    if number == 0:
        return rng.randint(life.marks[0] // 4, life.marks[0] * 3 // 4)
    return rng.choice([mark for mark in life.marks if mark > life.selling])


@contextmanager
def mounted(card: Card, folder: Path) -> Iterator[Path]:
    """The data partition of a card, repaired and mounted here."""
    image, mountpoint = folder / "data.img", folder / "mounted"
    copy_part(card.path, *card.find_partitions()["data"], image)
    repair(image)
    mountpoint.mkdir()
    run("mount", "-t", "ext4", "-o", "loop", image, mountpoint)
    try:
        yield mountpoint
    finally:
        run("umount", mountpoint)
        image.unlink()


@pytest.mark.parametrize("number", range(STARTS))
def test_after_a_cut_it_starts_sells_on_and_prints_nothing_twice(life: Life, folder: Path, number: int) -> None:
    cut = cut_for(life, number)
    with Replayer(life.recording) as replayer:
        card = Card(folder / f"start-{number}.img", replayer.image(cut, SEED))
    machine = Machine(folder / f"start-{number}", card)
    printed = life.of_kind("paper", cut)
    machine.power_on()
    try:
        report = machine.wait_for(REPORT, START_LIMIT_S)
        assert report.groups()[1:5] == ("A", "read-only", "/dev/vda7", "none")
        machine.wait(lambda: machine.get("/healthz")[0] == 200, "healthy box", START_LIMIT_S)
        pins = life.of_kind("pin", cut)
        if not pins:
            machine.wait(lambda: pin_on(machine.paper()), "hello slip", START_LIMIT_S)
        staff = Staff(machine, (pins or [pin_on(machine.paper())])[0])
        machine.wait(staff.has_event, "event", START_LIMIT_S)
        history = History()
        with staff.busy(history, seed=number):
            wait_progress(history, 5, timeout_s=START_LIMIT_S)
        sold = [done.answer.body["sale"]["number"] for done in history.done if done.answer.body.get("sale")]
        machine.wait(lambda: set(receipts_on(machine.paper())) >= set(sold), "receipts", START_LIMIT_S)
        again = receipts_on(machine.paper())
        assert len(again) == len(set(again)), again
        assert not set(again) & set(printed), "printed twice"
        assert machine.paper().count("HELLO") == (0 if pins else 1)
        assert card.raw_state() == life.bootstate, "a yanked plug changed the slots' state"
    finally:
        machine.pull_the_plug()
    done = [("done", done) for done in history.done]
    with mounted(card, machine.folder) as mount_path:
        keys = as_stored(life.keys | history.keys)
        assert complaints(mount_path, [*life.facts.before(cut), *done], keys) == []
    card.path.unlink()
