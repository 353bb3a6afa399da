"""Emulated scanners: one on a serial line, one that types like a keyboard."""

from __future__ import annotations

import contextlib
import os
import random
import select
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from appliance.sim import faults

_ROOM_LIMIT_S = 1.0  # how long a sender waits for a reader that does not read; then bytes are lost, as on a wire


class Line(Protocol):
    """One end of a serial cable."""

    def send(self, data: bytes) -> None:
        """Put bytes on the line; without a listener they are lost."""

    def unplug(self) -> None:
        """Pull the cable; twice is fine."""

    def plug(self) -> None:
        """Put it back under the same path; twice is fine."""


class Deaf:
    """The scanner's ear: it takes no commands, so what a driver writes to it is lost; see Device in wires."""

    def feed(self, data: bytes) -> bytes:
        """Take what was written; answer nothing."""
        return b""


def _write(fd: int, data: bytes) -> None:
    """Write all of `data` as room comes; what finds none within `_ROOM_LIMIT_S` is lost."""
    while data and select.select([], [fd], [], _ROOM_LIMIT_S)[1]:
        with contextlib.suppress(BlockingIOError):
            data = data[os.write(fd, data) :]


class SerialScannerEmulator:
    """A scanner on a serial line. Faults:

    `unplugged`      the cable is out
    `no_terminator`  codes come without carriage return
    `double`         each code comes twice
    `garbage`        other bytes come in place of the code (wrong baud rate)
    `noise`          stray bytes come right before the code
    """

    FAULTS = ("unplugged", "no_terminator", "double", "garbage", "noise")

    def __init__(self, line: Line, terminator: bytes = b"\r", seed: int = 0) -> None:
        self._line = line
        self._terminator = terminator
        self._random = random.Random(seed)
        self.fault: str | None = None

    def fail(self, fault: str | None) -> None:
        """Break in the way named, or heal (None). Raises ValueError."""
        faults.check(fault, self.FAULTS)
        self.fault = fault
        if fault == "unplugged":
            self._line.unplug()
        else:
            self._line.plug()

    def scan(self, code: str | bytes) -> None:
        """Read a code, as if it were held before the scanner."""
        data = code.encode() if isinstance(code, str) else code
        if self.fault == "garbage":
            data = self._stray_bytes(len(data))
        elif self.fault == "noise":
            data = self._stray_bytes(3) + data
        end = b"" if self.fault == "no_terminator" else self._terminator
        self._line.send((data + end) * (2 if self.fault == "double" else 1))

    def _stray_bytes(self, count: int) -> bytes:
        """Return bytes as a wrong baud rate makes them: the high bit set, so never a terminator."""
        return bytes(self._random.randrange(0x80, 0x100) for _ in range(count))


# linux/input-event-codes.h
_EV_SYN, _EV_KEY, _EV_MSC = 0x00, 0x01, 0x04
_SYN_REPORT, _SYN_DROPPED, _MSC_SCAN = 0, 3, 4
_KEY_LEFTSHIFT, _KEY_ENTER = 42, 28
_ROWS = {  # first key code of each row of a US keyboard, what it types plain, and with shift
    2: ("1234567890-=", "!@#$%^&*()_+"),
    16: ("qwertyuiop[]", "QWERTYUIOP{}"),
    30: ("asdfghjkl;'`", 'ASDFGHJKL:"~'),
    43: ("\\zxcvbnm,./", "|ZXCVBNM<>?"),
    57: (" ", ""),
}
_STROKES = {
    character: (first + place, shifted)
    for first, row in _ROWS.items()
    for shifted, characters in enumerate(row)
    for place, character in enumerate(characters)
}


def strokes_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield (key code, 1 down or 0 up) for a text, with shift held around each character that needs it."""
    for character in text:
        key, shifted = _STROKES[character]
        if shifted:
            yield _KEY_LEFTSHIFT, 1
        yield key, 1
        yield key, 0
        if shifted:
            yield _KEY_LEFTSHIFT, 0


class HidScannerEmulator:
    """A scanner that types on a US keyboard, as the kernel's `input_event` records in a named pipe. Faults:

    `unplugged`      the device is gone
    `no_terminator`  no Enter after the code
    `double`         each code is typed twice
    `repeat`         each key is held until the kernel repeats it
    `overrun`        the kernel's queue overflows in the middle of the code
    """

    FAULTS = ("unplugged", "no_terminator", "double", "repeat", "overrun")

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.fault: str | None = None
        self._pipe: int | None = None
        self._plug()

    def fail(self, fault: str | None) -> None:
        """Break in the way named, or heal (None). Raises ValueError."""
        faults.check(fault, self.FAULTS)
        self.fault = fault
        if fault == "unplugged":
            self.unplug()
        else:
            self._plug()

    def unplug(self) -> None:
        """Take the device away: its path goes, and who has it open reads the end."""
        self._connect()  # a reader sees the end only of a pipe that once had a writer
        self.path.unlink(missing_ok=True)
        self._disconnect()

    def scan(self, code: str | bytes) -> None:
        """Type a code and Enter. Raises ValueError for a character that this keyboard has not."""
        text = code.decode("ascii") if isinstance(code, bytes) else code
        if unknown := set(text) - set(_STROKES):
            raise ValueError(f"a US keyboard cannot type {sorted(unknown)}")
        if self.fault == "unplugged":
            return
        self._connect()
        for _ in range(2 if self.fault == "double" else 1):
            self._type(text)

    def _type(self, text: str) -> None:
        middle = len(text) // 2
        self._strokes(text[:middle])
        if self.fault == "overrun":
            self._report((_EV_SYN, _SYN_DROPPED, 0))
        self._strokes(text[middle:])
        if self.fault != "no_terminator":
            self._stroke(_KEY_ENTER, 1)
            self._stroke(_KEY_ENTER, 0)

    def _strokes(self, text: str) -> None:
        for key, value in strokes_of(text):
            self._stroke(key, value)
            if value == 1 and self.fault == "repeat":
                self._stroke(key, 2)

    def _stroke(self, key: int, value: int) -> None:
        self._report((_EV_MSC, _MSC_SCAN, 0x70000 + key), (_EV_KEY, key, value))

    def _report(self, *events: tuple[int, int, int]) -> None:
        """Send events and the report mark in one write, which a pipe keeps whole."""
        seconds, microseconds = divmod(time.time_ns() // 1000, 1_000_000)
        records = [
            struct.pack("llHHi", seconds, microseconds, *event) for event in (*events, (_EV_SYN, _SYN_REPORT, 0))
        ]
        if self._pipe is not None:
            try:
                _write(self._pipe, b"".join(records))
            except BrokenPipeError:
                self._disconnect()

    def _plug(self) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkfifo(self.path, 0o600)

    def _connect(self) -> None:
        """Find the reader; without one, keystrokes go nowhere, as with a device that nobody has open."""
        if self._pipe is not None and _broken(self._pipe):
            self._disconnect()
        if self._pipe is None:
            with contextlib.suppress(OSError):  # ENXIO: nobody reads; ENOENT: already taken away
                self._pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)

    def _disconnect(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None


def _broken(fd: int) -> bool:
    """Whether a pipe's reader has gone."""
    poll = select.poll()
    poll.register(fd, 0)
    return bool(poll.poll(0))
