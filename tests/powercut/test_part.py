"""One partition of a whole disk, as a virtual machine has it: its states are found, and a lost write is as well."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.powercut.campaign import Acknowledgements, check_cut, choose_cuts
from tests.powercut.disk import RecordedFile
from tests.powercut.host import Cleaner, run
from tests.powercut.ledger import check_ledger, run_ledger
from tests.powercut.marks import POWER_CUT
from tests.powercut.recording import FLUSH, RECORD, WRITE, Record, Recording, part_of
from tests.powercut.replay import Replayer

pytestmark = POWER_CUT

BEGIN, SIZE_BYTES = 3 << 20, 24 << 20
ROWS = 60
# The loop device goes with its last user.
CLEAN_UP = 'umount "$1"; rmdir "$1"'


@contextlib.contextmanager
def mounted(disk: Path, folder: Path) -> Iterator[Path]:
    """An ext4 in the disk's middle, by a loop device of this machine."""
    mountpoint = folder / "mounted"
    mountpoint.mkdir()
    cleaner = Cleaner(CLEAN_UP, mountpoint)
    where = f"offset={BEGIN},sizelimit={SIZE_BYTES}"
    try:
        run("mount", "-t", "ext4", "-o", f"loop,{where}", disk, mountpoint)
        yield mountpoint
    finally:
        cleaner.finish()


def recorded(folder: Path) -> tuple[Recording, Acknowledgements, int]:
    """Record a ledger in the partition and beside it; return the recording, the answers and where they began."""
    image = folder / "card.img"
    with image.open("wb") as file:
        file.truncate(BEGIN + SIZE_BYTES + (1 << 20))
    kib = str(SIZE_BYTES >> 10)
    run("mkfs.ext4", "-q", "-F", "-E", f"offset={BEGIN},lazy_itable_init=0,lazy_journal_init=0", image, kib)
    log = folder / "log"
    log.mkdir()
    with RecordedFile(log, image) as disk:
        acknowledged = Acknowledgements(disk)
        with mounted(disk.path, folder) as mountpoint:
            run("sync", "--file-system", mountpoint)
            start = disk.mark()
            with disk.path.open("r+b") as beside:
                beside.write(b"not of this partition")
            run_ledger(mountpoint, acknowledged.add, synchronous="FULL", rows=ROWS)
    return disk.recording, acknowledged, start


def complaints(recording: Recording, acknowledged: Acknowledgements, start: int, states: int) -> list[str]:
    """What is wrong in some states of the partition."""
    folder = recording.directory / "part"
    folder.mkdir()
    part = part_of(recording, BEGIN, SIZE_BYTES, folder)
    marks = [mark for mark, _ in acknowledged.marked]
    with Replayer(part) as replayer:
        check = partial(check_cut, replayer, seed=5, acknowledged=acknowledged, check_state=check_ledger)
        done = [check(cut) for cut in choose_cuts(start, recording.length(), marks, states, seed=5)]
    assert any(state.demanded_facts for state in done)
    return [text for state in done for text in state.complaints]


@pytest.mark.parametrize("defect", [False, True], ids=["as it was", "with a lost write"])
def test_a_partition_is_whole_after_every_cut_and_a_lost_write_is_noticed(tmp_path: Path, defect: bool) -> None:
    recording, acknowledged, start = recorded(tmp_path)
    if defect:  # a card that answers to a flush and forgets what it was for
        lose(recording, after=acknowledged.marked[ROWS // 4][0])
    found = complaints(recording, acknowledged, start, states=6)
    assert bool(found) is defect, found


def lose(recording: Recording, after: int) -> None:
    """Forget every write from some operation on, though all of them were flushed."""
    records = recording.records()
    lost = [Record(WRITE, 0, 0, 0) if r.kind == WRITE and place >= after else r for place, r in enumerate(records)]
    assert any(record.kind == FLUSH for record in records[after:])
    recording.index.write_bytes(b"".join(RECORD.pack(*record) for record in lost))
