"""Scanners that type like a keyboard (USB HID, Bluetooth HID), read from the kernel's input events."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable
from pathlib import Path

from evdev import InputDevice, ecodes
from evdev.eventio import EventIO

from appliance.drivers.scanner.codes import CodeCutter, CodeReader, open_failed, scanner_lost
from appliance.drivers.scanner.keymap import END, Keyboard

_MAX_CODE_BYTES = 4096
SYSFS = Path("/sys/class/input")
DEVICES = Path("/dev/input")


class _EventPipe(EventIO):
    """A named pipe that yields the kernel's `input_event` records, read as a device is."""

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):  # as on a device, what was typed before does not count
            while os.read(self.fd, 65536):
                pass

    def grab(self) -> None:
        """Keep other readers out. Raises OSError if there is one."""
        fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """Close the pipe."""
        os.close(self.fd)


def find_by_name(name: str, sysfs: Path = SYSFS, devices: Path = DEVICES) -> str:
    """Return the path of the keyboard-like input device of that name, whatever its number is today.

    The kernel gives names in /sys/class/input/event*/device/name. Raises FileNotFoundError if none has it.
    """
    for file in sorted(sysfs.glob("event*/device/name")):
        with contextlib.suppress(OSError):  # unplugged while we look
            if file.read_text(encoding="utf-8", errors="replace").strip() == name and _types_letters(file.parent):
                return str(devices / file.parent.parent.name)
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def _types_letters(device: Path) -> bool:
    """Tell a scanner's keyboard from its other faces (media keys, power button), which have the same name.

    capabilities/key is a bit for each key code as hex words, the highest first (Documentation/input/input.rst).
    """
    words = (device / "capabilities" / "key").read_text(encoding="ascii").split()
    low = int(words[-1], 16) if words else 0
    return bool(low >> ecodes.KEY_ENTER & 1)


class HidScanner:
    """A scanner that types each code and ends it by Enter or Tab, or by a pause.

    `path` is an input device (/dev/input/by-id/...-event-kbd) or a named pipe of input events; or `find` returns it
    at each opening, or raises OSError. The device is grabbed, so that what it types reaches no console and no browser.
    """

    model = "hid"

    def __init__(
        self, path: str, layout: str = "us", idle_end_s: float = 0.1, find: Callable[[], str] | None = None
    ) -> None:
        self._path = path
        self._find = find or (lambda: path)
        self._keyboard = Keyboard(layout)
        self._cutter = CodeCutter(END, _MAX_CODE_BYTES)
        self._codes = CodeReader(self._cutter, idle_end_s)
        self._events: EventIO | None = None

    def open(self) -> None:
        """Open and grab the device; what was typed before is not read. Raises DeviceLost."""
        self.close()
        self._codes.clear()
        self._keyboard.release_all()
        try:
            path = self._find()
            pipe = stat.S_ISFIFO(Path(path).stat().st_mode)
            self._events = _EventPipe(path) if pipe else InputDevice(path)
            self._events.grab()
        except OSError as error:
            self.close()
            raise open_failed(error, self._path) from error

    def read(self, timeout_s: float) -> bytes | None:
        """Return the next code as typed; None if none came in time. Raises DeviceLost."""
        source = self._events
        if source is None:
            raise scanner_lost("not_open", self._path)
        try:
            return self._codes.next(source.fileno(), lambda: self._receive(source), timeout_s)
        except (OSError, EOFError) as error:
            self.close()
            raise scanner_lost("unplugged", self._path) from error

    def close(self) -> None:
        """Let go of the device."""
        events, self._events = self._events, None
        if events is not None:
            events.close()

    def _receive(self, source: EventIO) -> list[bytes]:
        """Read the events that are there and return the codes that they end. Raises OSError, EOFError."""
        events = list(source.read())
        if not events:  # readable, yet nothing to read: the other end has gone
            raise EOFError(self._path)
        codes: list[bytes] = []
        for event in events:
            if event.type == ecodes.EV_KEY:
                codes += self._cutter.feed(self._keyboard.key(event.code, event.value))
            elif event.type == ecodes.EV_SYN and event.code == ecodes.SYN_DROPPED:
                self._keyboard.release_all()
                self._cutter.skip()  # the kernel lost keystrokes: half a code must not pass for a whole one
        return codes
