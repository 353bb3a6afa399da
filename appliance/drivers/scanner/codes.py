"""From a stream of bytes to codes: what every scanner driver shares."""

from __future__ import annotations

import errno
import math
import select
import time
from collections import deque
from collections.abc import Callable

from appliance.core.errors import DeviceLost

_ADVICE = {
    "not_found": "Plug the scanner in, or correct its path in the configuration.",
    "no_permission": "Let the user of the service read the device: groups dialout (serial) and input (USB).",
    "busy": "Stop the other program that uses the scanner.",
    "unplugged": "Plug the scanner in again; it is picked up by itself.",
    "not_open": "Open the scanner before reading it.",
    "unusable": "Correct the scanner's path in the configuration: it names something else.",
    "stalled": "Check the camera's cable, then restart the box.",
    "no_picamera2": "Install it: apt install python3-picamera2.",
}

_CODES: dict[object, str] = {
    errno.ENOENT: "not_found",
    errno.EACCES: "no_permission",
    errno.EPERM: "no_permission",
    errno.EBUSY: "busy",
    errno.EAGAIN: "busy",  # the lock of an exclusive open is taken
    errno.ENODEV: "unplugged",
    errno.ENXIO: "unplugged",
    errno.EIO: "unplugged",
}

_MESSAGES = {
    "not_found": "There is no scanner at {path}.",
    "no_permission": "The scanner at {path} may not be read by this user.",
    "busy": "The scanner at {path} is in use by another program.",
    "unplugged": "The scanner at {path} was unplugged.",
    "not_open": "The scanner at {path} is not open.",
    "unusable": "The device at {path} does not work as a scanner.",
    "stalled": "The camera at {path} gives no pictures.",
    "no_picamera2": "The scanner at {path} needs picamera2, which is not installed.",
}


def scanner_lost(code: str, path: str) -> DeviceLost:
    """Return the error for a scanner that does not answer."""
    return DeviceLost(code, _MESSAGES[code].format(path=path), _ADVICE[code])


def open_failed(error: Exception, path: str) -> DeviceLost:
    """Return the error for a scanner that could not be opened, by the system's error number in `error.args`."""
    number = error.args[0] if error.args else None
    return scanner_lost(_CODES.get(number, "unusable"), path)


class CodeCutter:
    """Cuts bytes into codes at terminators or where a pause ends one. Holds at most one code under way.

    A code longer than `max_code_bytes` is dropped up to its end; what follows is read as usual.
    """

    def __init__(self, terminators: bytes, max_code_bytes: int) -> None:
        if max_code_bytes < 1:
            raise ValueError("max_code_bytes must be at least 1")
        self._terminators = frozenset(terminators)
        self._max_code_bytes = max_code_bytes
        self._code = bytearray()
        self._skipping = False

    @property
    def under_way(self) -> bool:
        """Whether a code has begun and its end has not come."""
        return bool(self._code) or self._skipping

    def feed(self, data: bytes) -> list[bytes]:
        """Take what was received and return the codes that it ends. Empty codes do not count."""
        codes = []
        for byte in data:
            if byte in self._terminators:
                codes += self.end()
            elif len(self._code) == self._max_code_bytes:
                self.skip()
            elif not self._skipping:
                self._code.append(byte)
        return codes

    def end(self) -> list[bytes]:
        """End the code under way and return it, if there is one worth returning."""
        codes = [bytes(self._code)] if self._code else []
        self.clear()
        return codes

    def skip(self) -> None:
        """Drop the code under way and all up to its end."""
        self._code.clear()
        self._skipping = True

    def clear(self) -> None:
        """Forget the code under way."""
        self._code.clear()
        self._skipping = False


class CodeReader:
    """Waits on a file descriptor for the next code.

    At most `_QUEUE` codes wait to be taken; a flood beyond that loses the newest, for the oldest is what a person
    at the scanner waits for.
    """

    _QUEUE = 64

    def __init__(self, cutter: CodeCutter, idle_end_s: float) -> None:
        self._cutter = cutter
        self._idle_end_s = idle_end_s
        self._codes: deque[bytes] = deque()
        self._last_byte_at = 0.0

    def clear(self) -> None:
        """Forget codes and parts of codes: they came before the device was opened again."""
        self._codes.clear()
        self._cutter.clear()

    def next(self, fd: int, receive: Callable[[], list[bytes]], timeout_s: float) -> bytes | None:
        """Return the next code, or None if none ended within `timeout_s`.

        `receive` reads what is there without waiting, feeds the cutter and returns the codes that ended. What it
        raises is passed on.
        """
        deadline = time.monotonic() + timeout_s
        while not self._codes:
            now = time.monotonic()
            idle_at = self._last_byte_at + self._idle_end_s if self._cutter.under_way else math.inf
            wait_s = max(0.0, min(idle_at, deadline) - now)
            if select.select([fd], [], [], wait_s)[0]:
                self._keep(receive())
                self._last_byte_at = time.monotonic()
            elif idle_at <= now + wait_s:
                self._keep(self._cutter.end())
            if not self._codes and time.monotonic() >= deadline:
                return None
        return self._codes.popleft()

    def _keep(self, codes: list[bytes]) -> None:
        self._codes.extend(codes[: self._QUEUE - len(self._codes)])
