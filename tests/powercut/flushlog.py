"""A file system of one file, `disk.img`, that logs each write and each flush of it.

Run it in its own process (`python -m tests.powercut.flushlog DIRECTORY MOUNTPOINT`): were it a thread of the
tests, a thread that holds the interpreter's lock while it waits for the disk would wait for itself.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Any

from mfusepy import FUSE, FuseOSError, Operations

from tests.powercut.recording import DISK_NAME, FLUSH, RECORD, WRITE, Recording

DISK_PATH = f"/{DISK_NAME}"


class FlushLog(Operations):
    """Serve `recording.current` as `disk.img`; log each operation before its caller hears that it is done."""

    use_ns = True

    def __init__(self, recording: Recording) -> None:
        append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._current = os.open(recording.current, os.O_RDWR)
        self._index = os.open(recording.index, append)
        self._data = os.open(recording.data, append)
        self._data_position = os.fstat(self._data).st_size

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2}
        self._require_disk(path)
        size_bytes = os.fstat(self._current).st_size
        return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": size_bytes}

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", DISK_NAME]

    def open(self, path: str, flags: int) -> int:
        self._require_disk(path)
        return self._current

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return os.pread(self._current, size, offset)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        if offset + len(data) > os.fstat(self._current).st_size:
            raise FuseOSError(errno.ENOSPC)
        write_all(self._data, data)
        os.pwrite(self._current, data, offset)
        # The index comes last: a record that is counted is whole.
        os.write(self._index, RECORD.pack(WRITE, len(data), offset, self._data_position))
        self._data_position += len(data)
        return len(data)

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        os.write(self._index, RECORD.pack(FLUSH, 0, 0, 0))
        return 0

    @staticmethod
    def _require_disk(path: str) -> None:
        if path != DISK_PATH:
            raise FuseOSError(errno.ENOENT)


def write_all(fd: int, data: bytes) -> None:
    """Append all of `data`; OSError(EIO) when the host's disk takes only a part."""
    if os.write(fd, data) != len(data):
        raise OSError(errno.EIO, "the log of the recorded disk took only a part of a write")


def main() -> None:
    """Serve until the mount point is unmounted."""
    directory, mountpoint = sys.argv[1:]
    # One thread: the log's order is then the order in which the disk got the operations.
    FUSE(FlushLog(Recording(Path(directory))), mountpoint, foreground=True, nothreads=True, fsname="flushlog")


if __name__ == "__main__":
    main()
