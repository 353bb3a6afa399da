"""The log of a recorded disk: every write and every flush, in the order in which the disk got them.

Two files hold it. The index has one record of fixed size per operation, so a record's place is its
sequence number and the index's length says how many there are: any process can ask, without talking to
the one that writes. The bytes of the writes stand one after another in the data file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# kind, length in bytes, offset on the disk, position in the data file
RECORD = struct.Struct("<BxxxIQQ")
WRITE, FLUSH = 1, 2
DISK_NAME = "disk.img"
BLOCK_BYTES = 1 << 20


class Record(NamedTuple):
    """One operation: a write of `length_bytes` at `disk_offset`, or a flush (all numbers 0)."""

    kind: int
    length_bytes: int
    disk_offset: int
    data_position: int


@dataclass(frozen=True)
class Recording:
    """Where a recorded disk keeps its files: `base` before, `current` now, and the log between them."""

    directory: Path

    @property
    def base(self) -> Path:
        return self.directory / "base.img"

    @property
    def current(self) -> Path:
        return self.directory / "current.img"

    @property
    def index(self) -> Path:
        return self.directory / "log.index"

    @property
    def data(self) -> Path:
        return self.directory / "log.data"

    def length(self) -> int:
        """How many operations are recorded so far; the sequence number of the next one."""
        return self.index.stat().st_size // RECORD.size

    def records(self) -> list[Record]:
        """All operations recorded so far, by sequence number."""
        whole = self.index.read_bytes()[: self.length() * RECORD.size]
        return [Record(*fields) for fields in RECORD.iter_unpack(whole)]


def part_of(whole: Recording, begin: int, size_bytes: int, directory: Path) -> Recording:
    """Make the recording of one partition, which begins at the byte `begin`, in an empty folder.

    It has the same operations by number, so that a cut of the whole is a cut of the part; what was written elsewhere
    has no length here.
    """
    part = Recording(directory)
    copy_part(whole.base, begin, size_bytes, part.base)
    part.data.symlink_to(whole.data.absolute())
    with part.index.open("wb") as index:
        for record in whole.records():
            index.write(RECORD.pack(*_within(record, begin, size_bytes)))
    return part


def copy_part(disk: Path, begin: int, size_bytes: int, target: Path) -> None:
    """Copy a part of a disk's image into a file; what is zero takes no room there."""
    with disk.open("rb") as source, target.open("wb") as file:
        source.seek(begin)
        for done in range(0, size_bytes, BLOCK_BYTES):
            block = source.read(min(BLOCK_BYTES, size_bytes - done))
            if block.strip(b"\0"):
                file.seek(done)
                file.write(block)
        file.truncate(size_bytes)


def _within(record: Record, begin: int, size_bytes: int) -> Record:
    """Cut a write to what of it lies in the partition; all counts from there."""
    if record.kind != WRITE:
        return record
    first = max(record.disk_offset, begin)
    length = max(0, min(record.disk_offset + record.length_bytes, begin + size_bytes) - first)
    skipped = first - record.disk_offset if length else 0
    return Record(WRITE, length, first - begin if length else 0, record.data_position + skipped)
