"""Wrong things at the far end of a wire, and wrong ways to hold it."""

from __future__ import annotations

import ctypes
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOBODY = 65534
NMEA = b"$GPGGA,120000,5230.00,N,01324.00,E,1,08,1.0,34.0,M,,M,,*47\r\n"


class Listening:
    """An emulated printer whose answers are changed on their way."""

    def __init__(self, printer: Any) -> None:
        self.printer = printer
        self.room = printer.room
        self.fault: str | None = None

    def feed(self, data: bytes) -> bytes:
        """Hand on what the driver sent, and back what this fault leaves of the answer."""
        answers = b""
        if self.fault == "slow":
            for at in range(0, len(data), 128):  # ten times what 128 bytes take at 460,800 baud
                threading.Event().wait(0.03)
                answers += self.printer.feed(data[at : at + 128])
            return answers
        answer: bytes = self.printer.feed(data)
        if self.fault == "half" and len(answer) > 1:
            return answer[: len(answer) // 2]
        if self.fault == "flood":
            return answer * 2000
        if self.fault == "busy" and answer:
            return b"\x13"  # XOFF and nothing else: it is at something of its own
        return answer


class Positioner:
    """A satellite receiver, where a printer or a scanner is expected: it talks by itself and understands nothing."""

    def feed(self, data: bytes) -> bytes:
        """Answer whatever is said with a position."""
        return NMEA


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a pipe or a folder as another program does that grabbed it first."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


class Denied:
    """Opens its device as a user who may not: files without permissions, and no rights of root in this thread."""

    def __init__(self, device: Any, path: Path) -> None:
        self._device = device
        self._path = path
        self.is_on = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._device, name)

    def open(self) -> None:
        """Open the device as nobody while `is_on`."""
        target = self._path.resolve()
        if not self.is_on or not target.exists():
            self._device.open()
            return
        mode = target.stat().st_mode
        target.chmod(0)
        try:
            with _as_nobody():
                self._device.open()
        finally:
            target.chmod(mode)


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Give up root's right to open anything, in this thread alone: setfsuid(2)."""
    libc = ctypes.CDLL(None)
    libc.setfsuid(NOBODY if os.geteuid() == 0 else os.geteuid())
    try:
        yield
    finally:
        libc.setfsuid(os.geteuid())
