"""Starts that came to nothing: after a few crashes in a row, the box starts safely.

A start has come to something once the daemon has run for a while, or was stopped in good order. They are counted where
systemd lets the daemon keep things over its restarts ($RUNTIME_DIRECTORY, in memory), so that a plug that is pulled
again and again counts for nothing.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Self

FILE = "starts"  # how many starts in a row came to nothing
FAILED_STARTS = 4  # as many, and the next one is a safe one
WELL_AFTER_S = 60.0
_log = logging.getLogger(__name__)


class Starts:
    """Counts the starts in a folder. Where there is none, or it takes nothing, no start is a safe one."""

    def __init__(self, folder: Path | None, well_after_s: float = WELL_AFTER_S) -> None:
        self._path = folder / FILE if folder else None
        self._timer = threading.Timer(well_after_s, self.came_to_something)
        self._timer.daemon = True

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Count where systemd says, see RuntimeDirectory= in systemd.exec(5)."""
        folder = environ.get("RUNTIME_DIRECTORY", "")
        return cls(Path(folder) if folder else None)

    def begin(self) -> bool:
        """Count this start; tell whether it has to be a safe one."""
        if self._path is None:
            return False
        failed = self._count(self._path)
        try:
            self._path.write_text(f"{failed + 1}\n", encoding="ascii")
        except OSError as error:
            _log.warning("this start is not counted: %s", error)
            return False
        if failed >= FAILED_STARTS:
            _log.error("the last %d starts failed: starting without devices and uplink", failed)
        return failed >= FAILED_STARTS

    def ready(self) -> None:
        """The daemon works from now on: if it still does in a while, the start counts no more."""
        self._timer.start()

    def came_to_something(self) -> None:
        """Forget the failed starts."""
        self._timer.cancel()
        if self._path is None:
            return
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("the failed starts stay counted: %s", error)

    def _count(self, path: Path) -> int:
        try:
            return int(path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0
