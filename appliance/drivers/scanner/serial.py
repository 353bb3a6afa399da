"""Scanners on a serial line: RS-232, or USB and Bluetooth scanners in their serial-port mode."""

from __future__ import annotations

import termios

import serial

from appliance.drivers.scanner.codes import CodeCutter, CodeReader, open_failed, scanner_lost

_CHUNK_BYTES = 4096


class SerialScanner:
    """A scanner that sends each code as bytes and ends it by a terminator or by a pause.

    `port` is any path: /dev/serial/by-id/..., or a pseudo-terminal. The line is 8N1 without flow control.
    `idle_end_s` is the silence that ends a code where the scanner sends no terminator. A code longer than
    `max_code_bytes` is dropped.
    """

    model = "serial"

    def __init__(
        self,
        port: str,
        baud_rate: int = 9600,
        terminators: bytes = b"\r\n",
        idle_end_s: float = 0.1,
        max_code_bytes: int = 4096,
    ) -> None:
        self._path = port
        self._baud_rate = baud_rate
        self._cutter = CodeCutter(terminators, max_code_bytes)
        self._codes = CodeReader(self._cutter, idle_end_s)
        self._port: serial.Serial | None = None

    def open(self) -> None:
        """Open the line for this process alone; what was scanned before is not read. Raises DeviceLost."""
        self.close()
        self._codes.clear()
        try:
            self._port = serial.Serial(self._path, self._baud_rate, timeout=0, exclusive=True)
        except (OSError, termios.error) as error:
            raise open_failed(error, self._path) from error

    def read(self, timeout_s: float) -> bytes | None:
        """Return the next code without its terminator; None if none came in time. Raises DeviceLost."""
        port = self._port
        if port is None:
            raise scanner_lost("not_open", self._path)
        try:
            return self._codes.next(port.fileno(), lambda: self._cutter.feed(port.read(_CHUNK_BYTES)), timeout_s)
        except (OSError, termios.error) as error:
            self.close()
            raise scanner_lost("unplugged", self._path) from error

    def close(self) -> None:
        """Let go of the line."""
        port, self._port = self._port, None
        if port is not None:
            port.close()
