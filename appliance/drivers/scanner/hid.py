"""Scanners that type like a keyboard (USB HID, Bluetooth HID), read from the kernel's input events."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from evdev import InputDevice, ecodes
from evdev.eventio import EventIO

from appliance.drivers.scanner.codes import CodeCutter, CodeReader, open_failed, scanner_lost
from appliance.drivers.scanner.keymap import END, Keyboard

_MAX_CODE_BYTES = 4096


class _EventPipe(EventIO):
    """A named pipe that yields the kernel's `input_event` records, read as a device is."""

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):  # as on a device, what was typed before does not count
            while os.read(self.fd, 65536):
                pass

    def grab(self) -> None:
        """Do nothing: a pipe has one reader."""

    def close(self) -> None:
        """Close the pipe."""
        os.close(self.fd)


class HidScanner:
    """A scanner that types each code and ends it by Enter or Tab, or by a pause.

    `path` is an input device (/dev/input/by-id/...-event-kbd) or a named pipe of input events. The device is
    grabbed, so that what it types reaches no console and no browser.
    """

    model = "hid"

    def __init__(self, path: str, layout: str = "us", idle_end_s: float = 0.1) -> None:
        self._path = path
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
            pipe = stat.S_ISFIFO(Path(self._path).stat().st_mode)
            self._events = _EventPipe(self._path) if pipe else InputDevice(self._path)
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
