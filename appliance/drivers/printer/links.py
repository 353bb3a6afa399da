"""The lines to a printer: serial, USB (the kernel's usblp) and TCP.

USB goes through the kernel's own driver: it follows the cable by itself, and udev gives it a name by role. A USB
library would have to push that driver aside, and only printers outside the printer class would gain by it.

None of them ever blocks: `send` hands over what the line takes within a limit and says how much that was,
`receive` returns what came within a limit. What was handed over and not yet sent is dropped on `close`, so that
half a job does not come out of a printer that is plugged in again an hour later.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import socket
import struct
import termios
from typing import Protocol
from urllib.parse import urlsplit

import serial

from appliance.core.errors import DeviceLost

READ_BYTES = 4096
TCP_PORT = 9100  # raw printing; registered as pdl-datastream
USB_PREFIX = "/dev/usb/"


_GROUPS = "Let the user of the service use the printer: groups dialout (serial) and lp (USB)."
_OTHER_PROGRAM = "Stop the other program that uses the printer."
# What a person is told, by the system's error number; an empty advice is the line's own.
_KNOWN: dict[object, tuple[str, str]] = {
    errno.ENOENT: ("There is no printer at {name}.", ""),
    errno.ENODEV: ("There is no printer at {name}.", ""),
    errno.EACCES: ("The printer at {name} may not be used by this user.", _GROUPS),
    errno.EPERM: ("The printer at {name} may not be used by this user.", _GROUPS),
    errno.EBUSY: ("The printer at {name} is in use by another program.", _OTHER_PROGRAM),
    errno.EAGAIN: ("The printer at {name} is in use by another program.", _OTHER_PROGRAM),  # an exclusive open
    errno.ECONNREFUSED: ("The printer at {name} takes no call.", ""),
}


class LineLost(DeviceLost):
    """The line itself is gone: unplugged, refused or hung up."""


class Link(Protocol):
    """A line to a printer. Everything but `close` raises LineLost."""

    @property
    def is_open(self) -> bool:
        """Whether the line is held."""

    def open(self) -> None:
        """Take hold of the line. Does nothing when it is held."""

    def close(self) -> None:
        """Let go and drop what is unsent. Never raises."""

    def send(self, data: bytes, limit_s: float) -> int:
        """Hand over what the line takes now, waiting at most `limit_s` for it to take any; return the count."""

    def receive(self, limit_s: float) -> bytes:
        """Return what came, waiting at most `limit_s` for any; empty if nothing came."""


class _DescriptorLink:
    """What all lines share: bytes in and out of one non-blocking file descriptor."""

    def __init__(self, name: str, advice: str) -> None:
        self._name = name
        self._advice = advice
        self._fd = -1

    @property
    def is_open(self) -> bool:
        return self._fd >= 0

    def send(self, data: bytes, limit_s: float) -> int:
        if not self._wait(select.POLLOUT, limit_s):
            return 0
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self._lost(error) from error

    def receive(self, limit_s: float) -> bytes:
        if not self._wait(select.POLLIN, limit_s):
            return b""
        try:
            data = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._lost(error) from error
        if not data:
            raise self._lost("hung up")
        return data

    def _open_file(self) -> int:
        try:
            return os.open(self._name, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            raise self._lost(error) from error

    def _close_file(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)

    def _wait(self, event: int, limit_s: float) -> bool:
        if self._fd < 0:
            raise self._lost("not open")
        poller = select.poll()
        poller.register(self._fd, event)
        # A line that hung up is ready for everything: reading or writing then tells why.
        return bool(poller.poll(max(0.0, limit_s) * 1000))

    def _lost(self, reason: Exception | str) -> LineLost:
        number = reason.args[0] if isinstance(reason, Exception) and reason.args else None
        if number in _KNOWN:
            message, advice = _KNOWN[number]
            return LineLost("printer_lost", message.format(name=self._name), advice or self._advice)
        why = os.strerror(number) if isinstance(number, int) else reason
        return LineLost("printer_lost", f"The line to the printer at {self._name} is gone ({why}).", self._advice)


class SerialLink(_DescriptorLink):
    """A serial port, or a USB adapter that looks like one."""

    def __init__(self, port: str, baud: int = 9600, flow: str = "none") -> None:
        """Name the port. `flow` is the flow control: `none`, `rtscts` or `xonxoff`, as set on the printer."""
        super().__init__(port, "Check the printer's cable and that it is switched on.")
        if flow not in ("none", "rtscts", "xonxoff"):
            raise ValueError(f"flow control '{flow}' is not known; use none, rtscts or xonxoff")
        self._baud = baud
        self._flow = flow
        self._port: serial.Serial | None = None

    def open(self) -> None:
        if self.is_open:
            return
        # A name by role: today a USB printer may hang behind it.
        if os.path.realpath(self._name).startswith(USB_PREFIX):
            self._fd = self._open_file()
            return
        try:
            self._port = serial.Serial(
                self._name,
                self._baud,
                timeout=0,
                write_timeout=0,
                exclusive=True,
                rtscts=self._flow == "rtscts",
                xonxoff=self._flow == "xonxoff",
            )
        except (OSError, ValueError, termios.error) as error:
            raise self._lost(error) from error
        self._fd = self._port.fileno()

    def close(self) -> None:
        port, self._port = self._port, None
        if port is None:
            self._close_file()
            return
        self._fd = -1
        # Closing would wait for unsent bytes: up to 30 s on a stalled port.
        with contextlib.suppress(OSError, termios.error):
            port.reset_output_buffer()
        with contextlib.suppress(OSError, termios.error):
            port.close()


class UsbLink(_DescriptorLink):
    """A printer of USB's printer class, as the kernel's usblp shows it (/dev/usb/lp0)."""

    def __init__(self, path: str) -> None:
        """Name the device file."""
        super().__init__(path, "Check the printer's USB cable and that it is switched on.")

    def open(self) -> None:
        if not self.is_open:
            self._fd = self._open_file()

    def close(self) -> None:
        self._close_file()


class TcpLink(_DescriptorLink):
    """A printer in the network that takes raw data, usually on port 9100. One host at a time talks to it."""

    def __init__(self, host: str, port: int = TCP_PORT, connect_limit_s: float = 3.0) -> None:
        """Name the printer; `connect_limit_s` bounds the dialling."""
        super().__init__(f"{host}:{port}", "Check the printer's network cable, its address and that it is on.")
        self._host = host
        self._port = port
        self._connect_limit_s = connect_limit_s
        self._socket: socket.socket | None = None

    def open(self) -> None:
        if self._socket is not None:
            return
        try:
            self._socket = socket.create_connection((self._host, self._port), self._connect_limit_s)
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            self.close()
            raise self._lost(error) from error
        self._fd = self._socket.fileno()

    def close(self) -> None:
        line, self._socket, self._fd = self._socket, None, -1
        if line is None:
            return
        # A graceful close would still deliver what is unsent, whenever the printer wakes up; linger 0 drops it.
        with contextlib.suppress(OSError):
            if _unsent_bytes(line):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            line.close()


def _unsent_bytes(line: socket.socket) -> int:
    """Return what the other end has not acknowledged: SIOCOUTQ, which is TIOCOUTQ by another name (tcp(7))."""
    answer = fcntl.ioctl(line, termios.TIOCOUTQ, struct.pack("i", 0))
    return int(struct.unpack("i", answer)[0])


def open_link(url: str, baud: int = 9600, flow: str = "none") -> Link:
    """Return the line that `url` names, unopened: `tcp://host:9100`, `/dev/usb/lp0`, any other path is serial.

    Raises ValueError for anything else.
    """
    if url.startswith(USB_PREFIX):
        return UsbLink(url)
    if url.startswith("/"):
        return SerialLink(url, baud, flow)
    parts = urlsplit(url)
    if parts.scheme == "tcp" and parts.hostname:
        return TcpLink(parts.hostname, parts.port or TCP_PORT)
    raise ValueError(f"printer address '{url}' is not known; write /dev/… or tcp://host:{TCP_PORT}")
