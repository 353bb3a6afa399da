"""AT commands over a serial line: one question at a time, what comes unasked put aside, a limit on every wait.

Sources: ITU-T V.250 (commands, result codes), 3GPP TS 27.007 (+CME ERROR), 3GPP TS 27.005 (+CMS ERROR, the prompt).
"""

from __future__ import annotations

import contextlib
import errno
import re
import termios
import time
from collections.abc import Callable

import serial

from appliance.core.errors import DeviceLost

WIRING = "Check the modem's cable and power, and modem.port and modem.baud_rate."
PROMPT = b"> "
MAX_LINE_BYTES = 1024  # the longest PDU is 330 hexadecimal digits
MAX_ANSWER_BYTES = 65_536  # more without an end is no modem
_READ_BYTES = 4096
_SLICE_S = 0.25  # how often a long wait shows that it is alive
_WRITE_LIMIT_S = 5.0
_QUIET_S = 0.15
_ERROR = re.compile(r"\+(CME|CMS) ERROR: ?(.+)")
_UNASKED = (
    "+CDS:",
    "+CDSI:",
    "+CMTI:",
    "+CMT:",
    "+CBM:",
    "RING",
    "+CRING",
    "NO CARRIER",
    "^",
    "*",
    "+CIEV:",
    "+PBREADY",
)
_ADVICE = {
    errno.EACCES: ("The modem at {port} may not be used by this user.", "Put the service's user into group dialout."),
    errno.EPERM: ("The modem at {port} may not be used by this user.", "Put the service's user into group dialout."),
    errno.EBUSY: ("The modem at {port} is in use by another program.", "Stop it; ModemManager is the usual one."),
    errno.EAGAIN: ("The modem at {port} is in use by another program.", "Stop it; ModemManager is the usual one."),
}


class AtError(Exception):
    """The modem said ERROR. `kind` is CME, CMS or empty, `code` its number or -1."""

    def __init__(self, kind: str, code: int) -> None:
        super().__init__(f"{kind} ERROR {code}".strip())
        self.kind = kind
        self.code = code


class AtLine:
    """A line to a modem. `unasked` collects (line, the PDU line after a +CDS) until somebody takes them.

    `stopping` is asked every moment of a wait; True ends it as if the line were lost.
    """

    def __init__(self, port: str, baud_rate: int, stopping: Callable[[], bool]) -> None:
        self._path = port
        self._baud_rate = baud_rate
        self._stopping = stopping
        self._port: serial.Serial | None = None
        self._buffer = bytearray()
        self._expects_pdu = ""
        self.unasked: list[tuple[str, str]] = []

    def open(self) -> None:
        """Take the line for this process alone. Raises DeviceLost."""
        self.close()
        self._clear()
        try:
            self._port = serial.Serial(
                self._path, self._baud_rate, timeout=_SLICE_S, write_timeout=_WRITE_LIMIT_S, exclusive=True
            )
            self._port.reset_input_buffer()  # answers to whoever held the line before
        except (OSError, termios.error) as error:
            nothing = ("There is no modem at {port}.", WIRING)
            message, advice = _ADVICE.get(error.errno or 0 if isinstance(error, OSError) else 0, nothing)
            raise DeviceLost("no_modem", message.format(port=self._path), advice) from error

    def close(self) -> None:
        """Let go of the line."""
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(OSError, termios.error):
                port.reset_output_buffer()  # half a message must not go out when the modem is plugged in again
            port.close()

    def ask(self, command: str, limit_s: float) -> list[str]:
        """Give a command; return its lines before OK. Raises AtError, DeviceLost."""
        self.write(command.encode("ascii") + b"\r")
        return self.answer(limit_s, command)

    def answer(self, limit_s: float, echo: str = "") -> list[str]:
        """Wait for OK; return the lines before it. Raises AtError, DeviceLost."""
        lines: list[str] = []
        until_s, budget = time.monotonic() + limit_s, MAX_ANSWER_BYTES
        while True:
            line = self._line()
            if line is None:
                budget -= self._receive(until_s)
                if budget < 0:
                    raise self._raves()
            elif line == "OK":
                return lines
            elif line == "ERROR" or (error := _ERROR.fullmatch(line)):
                raise AtError("", -1) if line == "ERROR" else _error_of(error)
            elif line != echo:
                lines.append(line)

    def prompt(self, command: str, limit_s: float) -> None:
        """Give a command that asks for a text, and wait for `> `. Raises AtError, DeviceLost."""
        self.write(command.encode("ascii") + b"\r")
        until_s, budget = time.monotonic() + limit_s, MAX_ANSWER_BYTES
        while True:
            line = self._line()
            if line is None and self._buffer.lstrip(b"\r\n").startswith(PROMPT):
                self._buffer.clear()
                return
            if line is None:
                budget -= self._receive(until_s)
                if budget < 0:
                    raise self._raves()
            elif line == "ERROR" or (error := _ERROR.fullmatch(line)):
                raise AtError("", -1) if line == "ERROR" else _error_of(error)

    def drain(self, limit_s: float) -> None:
        """Throw away what comes until the line is quiet. Raises DeviceLost if it is not within the limit."""
        until_s = time.monotonic() + limit_s
        with contextlib.suppress(_Silent):
            while self._receive(time.monotonic() + _QUIET_S):
                self._buffer.clear()
                if time.monotonic() > until_s:
                    raise self._raves()

    def listen(self, limit_s: float) -> None:
        """Take in what comes unasked, for so long at most; returns at once after something came. Raises DeviceLost."""
        with contextlib.suppress(_Silent):
            self._receive(time.monotonic() + limit_s)
        budget = MAX_ANSWER_BYTES
        while budget > 0 and (line := self._line(asked=False)) is not None:
            budget -= len(line) + 1

    def write(self, data: bytes) -> None:
        """Hand bytes to the line. Raises DeviceLost."""
        try:
            self._held().write(data)
        except serial.SerialTimeoutException as error:
            raise DeviceLost("modem_stalled", "The modem takes no data.", WIRING) from error
        except (OSError, termios.error) as error:
            raise self._unplugged() from error

    def _receive(self, until_s: float) -> int:
        """Wait for bytes; return how many came. Raises DeviceLost once `until_s` is over."""
        port = self._held()
        while time.monotonic() < until_s:
            if self._stopping():
                raise DeviceLost("stopping", "The box is stopping.", "")
            try:
                port.timeout = min(_SLICE_S, max(0.0, until_s - time.monotonic()))
                data = port.read(max(1, min(port.in_waiting, _READ_BYTES)))
            except (OSError, termios.error, TypeError) as error:  # TypeError: pyserial reads a port that just went
                raise self._unplugged() from error
            if data:
                self._buffer += data
                return len(data)
        raise _Silent("modem_silent", "The modem does not answer.", WIRING)

    def _line(self, asked: bool = True) -> str | None:
        """Take the next whole line that is no news, None if there is none yet; news goes to `unasked`."""
        while (end := self._buffer.find(b"\n")) >= 0 or (end := self._buffer.find(b"\r")) >= 0:
            line = bytes(self._buffer[:end]).decode("ascii", "replace").strip("\r\n\0 ")
            del self._buffer[: end + 1]
            if self._expects_pdu and line:
                self.unasked.append((self._expects_pdu, line))
                self._expects_pdu = ""
            elif line.startswith("+CDS:"):
                self._expects_pdu = line
            elif line.startswith(_UNASKED) or (line and not asked):
                self.unasked.append((line, ""))
            elif line:
                return line
            del self.unasked[:-MAX_LINE_BYTES]
        if len(self._buffer) > MAX_LINE_BYTES:
            raise self._raves()
        return None

    def _clear(self) -> None:
        self._buffer.clear()
        self._expects_pdu = ""  # but reports that came before the line was lost still hold

    def _held(self) -> serial.Serial:
        if self._port is None:
            raise self._unplugged()
        return self._port

    def _raves(self) -> DeviceLost:
        advice = "Check that modem.port is the modem's command port, and modem.baud_rate."
        return DeviceLost("modem_raves", "What answers is no modem, or its speed is another.", advice)

    def _unplugged(self) -> DeviceLost:
        self.close()
        return DeviceLost("no_modem", f"There is no modem at {self._path}.", WIRING)


class _Silent(DeviceLost):
    """Nothing came in time."""


def _error_of(match: re.Match[str] | None) -> AtError:
    kind, code = (match[1], match[2].strip()) if match else ("", "")
    return AtError(kind, int(code) if code.isascii() and code.isdecimal() and len(code) < 6 else -1)
