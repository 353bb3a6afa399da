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
