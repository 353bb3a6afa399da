"""What a power cut could have left on a recorded disk.

A disk promises one thing: what was written before a flush is there after it. So the state after a cut is
everything up to the last flush, and of each later write any part: disks reorder, and tear a write between two
sectors. Which parts survive is drawn from a seed, so a state is fixed by recording, cut point and seed.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.powercut.host import Cleaner, run
from tests.powercut.recording import FLUSH, WRITE, Record, Recording

SECTOR_BYTES = 512
PAGE_BYTES = 4096
SURVIVAL = 0.5

CLEAN_UP = """
if mountpoint -q "$1"; then umount "$1" 2>/dev/null || umount -l "$1"; fi
rm -f "$2/durable.img" "$2/state.img"
rmdir "$1" "$2"
"""


def last_flush(records: Sequence[Record], cut: int) -> int:
    """How many of the first `cut` operations are certain to be on the disk: those up to the last flush."""
    return next((place for place in range(cut, 0, -1) if records[place - 1].kind == FLUSH), 0)


def surviving_pieces(record: Record, piece_bytes: int, rng: random.Random) -> Iterator[tuple[int, int]]:
    """Draw what survives of one unflushed write, as (start, length) inside it, both in bytes."""
    for start in range(0, record.length_bytes, piece_bytes):
        if rng.random() < SURVIVAL:
            yield start, min(piece_bytes, record.length_bytes - start)


class Replayer:
    """Builds and mounts crash states of `recording`; a context manager.

    Ask for cut points in rising order: what is certain is then written once, and copied for each state.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._records = recording.records()
        self._data = recording.data.read_bytes()
        self._place = Path(tempfile.mkdtemp(prefix="powercut-replay-", dir=recording.directory))
        self._durable = self._place / "durable.img"
        self._durable_count = 0
        self._mountpoint = self._place / "disk"
        self._mountpoint.mkdir()
        self._cleaner = Cleaner(CLEAN_UP, self._mountpoint, self._place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._cleaner.finish()

    def unflushed_writes(self, cut: int) -> int:
        """How many writes were still at the mercy of a cut after the first `cut` operations."""
        return cut - last_flush(self._records, cut)

    def image(self, cut: int, seed: int) -> Path:
        """Build the disk as a cut after the first `cut` operations could leave it; the next call replaces it."""
        certain = last_flush(self._records, cut)
        self._advance(certain)
        image = self._place / "state.img"
        # A new file each time: the loop device of the last state may let go of its file a little later.
        image.unlink(missing_ok=True)
        run("cp", "--sparse=always", "--reflink=auto", self._durable, image)
        rng = random.Random(f"{seed}:{cut}")
        piece_bytes = rng.choice((SECTOR_BYTES, PAGE_BYTES))
        with image.open("r+b") as file:
            for record in self._records[certain:cut]:
                for start, length in surviving_pieces(record, piece_bytes, rng):
                    self._write(file.fileno(), record, start, length)
        return image

    @contextmanager
    def state(self, cut: int, seed: int) -> Iterator[Path]:
        """Mount the crash state, by which ext4 replays its own journal; an error names cut and seed."""
        try:
            run("mount", "-t", "ext4", "-o", "loop,data=ordered", self.image(cut, seed), self._mountpoint)
            try:
                yield self._mountpoint
            finally:
                # Fails if the check left a file open: a next mount would then lie on top of this one.
                run("umount", self._mountpoint)
        except BaseException as error:
            error.add_note(f"power cut after operation {cut}, seed {seed}, recording {self._recording.directory}")
            raise

    def _advance(self, certain: int) -> None:
        """Bring the durable image to the first `certain` operations."""
        if certain < self._durable_count or not self._durable.exists():
            run("cp", "--sparse=always", "--reflink=auto", self._recording.base, self._durable)
            self._durable_count = 0
        with self._durable.open("r+b") as file:
            for record in self._records[self._durable_count : certain]:
                if record.kind == WRITE:
                    self._write(file.fileno(), record, 0, record.length_bytes)
        self._durable_count = certain

    def _write(self, fd: int, record: Record, start: int, length: int) -> None:
        position = record.data_position + start
        os.pwrite(fd, self._data[position : position + length], record.disk_offset + start)
