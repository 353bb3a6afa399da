"""A small ring of crash notes on the data disk: what was known when the daemon or the whole box ended badly.

The log itself is in memory and gone with the power, so that it wears no card; a note is written only after a crash.
"""

from __future__ import annotations

import contextlib
import gzip
import re
from collections.abc import Callable, Iterable
from pathlib import Path

FOLDER = "crashes"
KEPT = 20
MAX_BYTES = 4 * 2**20
_CAUSE = re.compile(r"[a-z0-9-]{1,20}")


class Crashes:
    """The notes in a data folder, oldest first by name; `write` makes a private file that lasts."""

    def __init__(self, data: Path, write: Callable[[Path, bytes], None]) -> None:
        self._folder = data / FOLDER
        self._write = write

    def add(self, at: str, cause: str, lines: Iterable[str]) -> Path:
        """Keep a note; the oldest ones go. `at` is RFC 3339. Raises OSError and StallboxError."""
        cause = cause if _CAUSE.fullmatch(cause) else "unknown"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        file = self._folder / f"{re.sub('[^0-9TZ]', '', at[:19])}-{cause}.txt.gz"
        self._write(file, gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))
        self._trim()
        return file

    def all(self) -> list[Path]:
        """Return the notes, oldest first."""
        return sorted(self._folder.glob("*.txt.gz"))

    def give_up(self) -> None:
        """Remove them all: a full disk needs the room."""
        for file in self.all():
            with contextlib.suppress(OSError):
                file.unlink()

    def _trim(self) -> None:
        room = MAX_BYTES
        for number, file in enumerate(reversed(self.all())):
            room -= file.stat().st_size
            if number >= KEPT or (room < 0 and number):
                file.unlink()
