"""The log: for journald lines with a priority, for a person lines with a time; other people's chatter turned down.

Source of the prefix: sd-daemon(3). Source of $JOURNAL_STREAM: systemd.exec(5).
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from typing import TextIO

OURS = "appliance"
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))


class JournalFormatter(logging.Formatter):
    """`<6>appliance.runtime.board: text`; journald adds the time. Each line of a traceback has the priority."""

    def __init__(self) -> None:
        super().__init__("%(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the record with a `<priority>` in front of each line."""
        prefix = f"<{_priority(record.levelno)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())


class ConsoleFormatter(logging.Formatter):
    """`18:38:43 WARNING appliance.runtime.board: text` for somebody who watches."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")


def setup(level: str = "info", stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> None:
    """Send all logging to `stream` (standard error); our own from `level` on, everybody else's from warning on."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JournalFormatter() if _is_journal(stream, environ) else ConsoleFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(OURS).setLevel(level.upper())
    logging.captureWarnings(True)


def _is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether the stream is the one that systemd connected; a child with a redirected one has the variable too."""
    try:
        status = os.fstat(stream.fileno())
    except OSError:  # a stream without a file; io.UnsupportedOperation is an OSError too
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _priority(level: int) -> int:
    return next((priority for least, priority in _PRIORITIES if level >= least), 7)
