"""The last megabytes of the disk, kept aside by a file: let go when it is full, so that the box can go on selling.

A store whose write-ahead log and shared memory find no room cannot even be opened. The reserve is enough for some
thousand entries more, in which the owner is told, and makes a backup.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from appliance.core.disk import MIB, DiskReading
from appliance.runtime.disk import read_disk

FILE = "reserve"
SIZE_BYTES = 8 * MIB
FULL_BYTES = MIB
WORTH_IT = 10  # it is kept only where that many times its size is free
_log = logging.getLogger(__name__)


class DiskWatch:
    """Looks at the disk under a data folder and keeps its reserve; `make_room` gives up what can be done without."""

    def __init__(
        self,
        data: Path,
        make_room: Callable[[], None] = lambda: None,
        size_bytes: int = SIZE_BYTES,
        read: Callable[[Path], DiskReading] = read_disk,
    ) -> None:
        self._data = data
        self._file = data / FILE
        self._make_room = make_room
        self._size_bytes = size_bytes
        self._read = read
        self._is_used = False

    def look(self, is_troubled: bool = False) -> DiskReading:
        """Return how the disk is. A full one gets its reserve, as does a store that takes nothing. Raises OSError."""
        reading = self._read(self._data)
        if reading.is_read_only:
            return reading
        if reading.free_bytes < FULL_BYTES or (is_troubled and reading.free_bytes < self._size_bytes):
            self._let_go()
            reading = self._read(self._data)
        elif reading.free_bytes >= WORTH_IT * self._size_bytes:
            self._keep()
        return replace(reading, reserve_is_used=self._is_used)

    def before_start(self) -> None:
        """Let the reserve go if the store could not be opened otherwise. Never raises."""
        try:
            self.look()
        except OSError:  # a first start: there is no folder yet
            return

    def _let_go(self) -> None:
        if self._file.exists():
            self._file.unlink()
            _log.error("the disk is full: its reserve of %d MB is let go", self._size_bytes // MIB)
        self._is_used = True
        self._make_room()

    def _keep(self) -> None:
        self._is_used = False
        if self._file.exists():
            return
        with self._file.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, self._size_bytes)
