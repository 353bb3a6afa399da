"""The newest lines of our own units and of the kernel, as systemd's journal has them. Source: journalctl(1)."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

OURS = 1500
KERNEL = 300
LIMIT_S = 30
_READ = ("journalctl", "--quiet", "--no-pager", "--output=json", "--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `of` is the kernel's or a program's name."""

    at: dt.datetime
    priority: int
    of: str
    text: str

    @property
    def is_kernel(self) -> bool:
        """Whether the kernel wrote it."""
        return self.of == "kernel"


def last_lines(command: Sequence[str] = _READ) -> list[LogLine]:
    """Return the newest lines, oldest first; none where there is no such journal, or it may not be read."""
    found = [
        *_read([*command, "--unit=stallbox*", f"--lines={OURS}"]),
        *_read([*command, "_TRANSPORT=kernel", "--priority=warning", f"--lines={KERNEL}"]),
    ]
    return sorted(found, key=lambda line: line.at)


def _read(command: Sequence[str]) -> Iterator[LogLine]:
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT_S, check=False)
    except (OSError, subprocess.SubprocessError):
        return
    for raw in done.stdout.splitlines():
        try:
            yield from _lines(json.loads(raw))
        except (ValueError, KeyError, TypeError):
            continue


def _lines(entry: dict[str, object]) -> Iterator[LogLine]:
    message = entry["MESSAGE"]
    if isinstance(message, list):  # bytes that are no plain text
        message = bytes(message).decode("utf-8", "replace")
    at = dt.datetime.fromtimestamp(int(str(entry["__REALTIME_TIMESTAMP"])) / 1e6, dt.UTC)
    for text in str(message).splitlines():
        yield LogLine(at, int(str(entry.get("PRIORITY", 6))), str(entry.get("SYSLOG_IDENTIFIER", "?")), text)
