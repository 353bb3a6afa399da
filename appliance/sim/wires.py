"""The wires between an emulated device and a real driver: a serial line (a pty) and a TCP port.

A device is anything with `feed(data: bytes) -> bytes`: it gets what the driver wrote and returns its answer.
It may also have `room() -> int`, how many bytes it takes now: at 0 the wire stops reading, so that the driver's
writes back up as they do before a busy printer. What a device says of its own accord goes through `Wire.send`.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

READ_BYTES = 4096
OUTBOX_BYTES = 65536  # an answer nobody reads is lost beyond this, as in a UART
ROOM_POLL_S = 0.02  # how soon a device that took nothing is asked again
JOIN_LIMIT_S = 5.0


class Device(Protocol):
    """The far end of a wire."""

    def feed(self, data: bytes) -> bytes:
        """Take what the driver wrote; return the answer, empty if there is none."""


class Wire:
    """One thread that carries bytes both ways while the wire is plugged in."""

    def __init__(self, device: Device) -> None:
        """Prepare the wire; the subclass plugs it in."""
        self._device = device
        self._room: Callable[[], int] = getattr(device, "room", lambda: READ_BYTES)
        self._outbox = bytearray()
        self._lock = threading.Lock()
        self._life = threading.RLock()  # plug, unplug and close come from any thread
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def plugged(self) -> bool:
        """Whether the wire is in."""
        return self._thread is not None

    @property
    def quiet(self) -> bool:
        """Whether all that the device said is on the wire."""
        return not self._outbox

    def send(self, data: bytes) -> None:
        """Let the device say something by itself. Lost when unplugged; returns at once."""
        if not self.plugged:
            return
        with self._lock:
            self._outbox += data[: OUTBOX_BYTES - len(self._outbox)]
        self._kick()

    def plug(self) -> None:
        """Put the wire in. Does nothing if it is in already. Raises OSError."""
        with self._life:
            if self._thread is not None or self._closed:
                return
            self._connect()
            self._stopping.clear()
            self._outbox.clear()
            self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)
            self._thread.start()

    def unplug(self) -> None:
        """Pull the wire out. What is on it is lost. Not to be called by the device inside `feed`."""
        with self._life:
            if self._thread is None:
                return
            self._stopping.set()
            self._kick()
            self._thread.join(JOIN_LIMIT_S)
            self._thread = None
            self._disconnect()

    def close(self) -> None:
        """Pull the wire out for good. Closing twice is fine."""
        with self._life:
            self.unplug()
            if not self._closed:
                self._closed = True
                os.close(self._wake)

    def _connect(self) -> None:
        raise NotImplementedError

    def _disconnect(self) -> None:
        raise NotImplementedError

    def _run(self) -> None:
        raise NotImplementedError

    def _kick(self) -> None:
        with contextlib.suppress(OSError):  # closed meanwhile: nobody is left to wake
            os.eventfd_write(self._wake, 1)

    def _wait(self, fd: int, events: int, limit_s: float | None) -> int:
        """Wait until `fd` has one of `events` or somebody kicks; return the events it has."""
        poller = select.poll()
        poller.register(self._wake, select.POLLIN)
        poller.register(fd, events)
        ready = dict(poller.poll(None if limit_s is None else limit_s * 1000))
        if self._wake in ready:
            os.eventfd_read(self._wake)
        return ready.get(fd, 0)

    def _pump(self, fd: int) -> None:
        """Carry bytes between `fd` (non-blocking) and the device until unplugged or the driver's end is gone."""
        while not self._stopping.is_set():
            takes = self._room() > 0
            events = (select.POLLIN if takes else 0) | (select.POLLOUT if self._outbox else 0)
            ready = self._wait(fd, events, None if takes else ROOM_POLL_S)
            try:
                if ready & select.POLLOUT:
                    self._flush(fd)
                if ready & select.POLLIN and not self._take(fd):
                    return
            except BlockingIOError:
                continue
            except OSError:
                return
            if ready & (select.POLLHUP | select.POLLERR) and not ready & select.POLLIN:
                return

    def _flush(self, fd: int) -> None:
        with self._lock:
            del self._outbox[: os.write(fd, self._outbox)]

    def _take(self, fd: int) -> bool:
        """Feed the device what came; False when the driver's end is gone."""
        room = min(self._room(), READ_BYTES)
        if room <= 0:  # it stalled while the wire was waiting
            return True
        data = os.read(fd, room)
        answer = self._device.feed(data) if data else b""
        if answer:
            self.send(answer)
        return bool(data)


class SerialWire(Wire):
    """A serial line: the driver opens `path`, a link to the slave of a pty that keeps its name when replugged."""

    def __init__(self, device: Device, link: Path | str | None = None) -> None:
        """Plug the wire in at once. Without `link`, `path` is the pty itself and changes when replugged."""
        super().__init__(device)
        self._link = None if link is None else Path(link)
        self._master = self._slave = -1
        self._slave_name = ""
        try:
            self.plug()
        except OSError:
            self.close()
            raise

    @property
    def path(self) -> str:
        """What the driver opens; it does not exist while unplugged."""
        return str(self._link) if self._link is not None else self._slave_name

    def _connect(self) -> None:
        # The slave stays open here: with no opener at all, a pty's master reports an error instead of silence.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._slave_name = os.ttyname(self._slave)
        try:
            self._make_link()
        except OSError:
            os.close(self._master)
            os.close(self._slave)
            raise

    def _make_link(self) -> None:
        if self._link is not None:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self._slave_name)

    def _disconnect(self) -> None:
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        os.close(self._master)
        os.close(self._slave)

    def _run(self) -> None:
        self._pump(self._master)


class TcpWire(Wire):
    """A port on the loopback that serves one client at a time, as a network printer's 9100 does."""

    def __init__(self, device: Device, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen at once. Port 0 picks a free one, which then stays the same when replugged."""
        super().__init__(device)
        self.host = host
        self.port = port
        self._listener: socket.socket
        self.plug()

    def _connect(self) -> None:
        self._listener = socket.create_server((self.host, self.port), backlog=1)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]

    def _disconnect(self) -> None:
        self._listener.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wait(self._listener.fileno(), select.POLLIN, None)
            try:
                client, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                continue
            with client:
                client.setblocking(False)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._pump(client.fileno())
