"""A relay between the box and its broker that can be told to fail as networks do.

One thread moves all bytes with a selector. Faults by name: `refuse` (nobody listens, open connections are reset),
`half_open` (bytes vanish in both directions and nobody is told), `drop_pubacks` (the broker's acknowledgements get
lost), `slow` (a trickle).
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

FAULTS = ("refuse", "half_open", "drop_pubacks", "slow")
_PUBACK = 0x40  # MQTT 3.1.1 and 5, section 3.4.1
_CHUNK = 65536
_TRICKLE = 64  # bytes in one direction a tick
_TICK_S = 0.05
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close sends RST instead of FIN


class PacketFilter:
    """Takes the broker's bytes in any pieces and drops whole PUBACK packets where asked."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes, drop_pubacks: bool) -> bytes:
        """Return the whole packets that may pass."""
        data = self._rest + data
        passed, at = bytearray(), 0
        while (end := _packet_end(data, at)) is not None:
            if not (drop_pubacks and data[at] & 0xF0 == _PUBACK):
                passed += data[at:end]
            at = end
        self._rest = data[at:]
        return bytes(passed)


def _packet_end(data: bytes, at: int) -> int | None:
    """Return where the packet that begins here ends, if it is whole (2.2.3: its length in 1 to 4 bytes)."""
    length, shift = 0, 0
    for position in range(at + 1, min(at + 5, len(data))):
        length |= (data[position] & 0x7F) << shift
        shift += 7
        if not data[position] & 0x80:
            end = position + 1 + length
            return end if end <= len(data) else None
    return None


@dataclass(eq=False)
class _Side:
    """One socket of a pair; `outgoing` is what waits to be written to it."""

    sock: socket.socket
    from_broker: bool
    other: _Side | None = None
    outgoing: bytearray = field(default_factory=bytearray)
    ended: bool = False  # its reader has seen the end of the stream
    filter: PacketFilter = field(default_factory=PacketFilter)


class TcpRelay:
    """Listens on a port of its own and passes each connection on to the target."""

    def __init__(self, target_host: str, target_port: int, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port  # the real one once started
        self._target = (target_host, target_port)
        self._fault: str | None = None
        self._lossy = False  # half_open has swallowed bytes of the open connections
        self._selector = selectors.DefaultSelector()
        self._listener: socket.socket | None = None
        self._sides: set[_Side] = set()
        self._lock = threading.Lock()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_out.setblocking(False)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sim-relay", daemon=True)

    @property
    def fault(self) -> str | None:
        """The fault that is on."""
        return self._fault

    def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        self._listen()
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        self._thread.start()

    def set_fault(self, fault: str | None) -> None:
        """Switch to a fault, or back to none. Raises ValueError for an unknown name."""
        if fault is not None and fault not in FAULTS:
            raise ValueError(f"the relay knows the faults {', '.join(FAULTS)}, not '{fault}'")
        with self._lock:
            was, self._fault = self._fault, fault
            if fault == was:
                return
            if fault == "refuse":
                self._refuse()
                self._reset_all()
            elif was == "refuse":
                self._listen()
            if was == "half_open" and self._lossy:
                self._reset_all()  # a stream with a hole in it cannot go on
        self._wake()

    def stop(self) -> None:
        """Close everything and end the thread. Stopping twice is fine."""
        self._stopping = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join(5.0)
        with self._lock:
            if self._listener is not None:
                self._listener.close()
            self._reset_all()
        for end in (self._wake_in, self._wake_out):
            end.close()
        self._selector.close()

    # --- the thread ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            slow = self._fault == "slow"
            if slow:
                time.sleep(_TICK_S)
            ready = self._selector.select(_TICK_S if slow else None)
            with self._lock:
                for key, events in ready:
                    self._serve(key, events)

    def _serve(self, key: selectors.SelectorKey, events: int) -> None:
        if key.fileobj is self._wake_out:
            with contextlib.suppress(BlockingIOError):
                self._wake_out.recv(_CHUNK)
        elif key.fileobj is self._listener:
            self._accept(self._listener)
        elif key.data in self._sides:
            if events & selectors.EVENT_READ:
                self._read(key.data)
            if events & selectors.EVENT_WRITE and key.data in self._sides:
                self._write(key.data)

    def _accept(self, listener: socket.socket) -> None:
        try:
            client, _ = listener.accept()
        except OSError:
            return  # gone before it was taken
        try:
            broker = socket.create_connection(self._target, timeout=2.0)
        except OSError:
            _reset(client)
            return
        pair = _Side(client, from_broker=False), _Side(broker, from_broker=True)
        for side, other in (pair, reversed(pair)):
            side.other = other
            side.sock.setblocking(False)
            side.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sides.add(side)
            self._selector.register(side.sock, selectors.EVENT_READ, side)

    def _read(self, side: _Side) -> None:
        try:
            data = side.sock.recv(_TRICKLE if self._fault == "slow" else _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self._drop(side)
            return
        if self._fault == "half_open":
            self._lossy = True
            if not data:
                self._selector.unregister(side.sock)  # even the end of the stream does not arrive
            return
        side.ended = not data
        if side.from_broker:
            data = side.filter.feed(data, self._fault == "drop_pubacks")
        if side.other is not None:
            side.other.outgoing += data
            self._write(side.other)

    def _write(self, side: _Side) -> None:
        try:
            if side.outgoing:
                del side.outgoing[: side.sock.send(side.outgoing)]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(side)
            return
        if side.outgoing:
            self._selector.modify(side.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, side)
        elif side.other is not None and side.other.ended:
            self._drop(side)
        else:
            self._selector.modify(side.sock, selectors.EVENT_READ, side)

    # --- sockets ---------------------------------------------------------------------------------------------

    def _drop(self, side: _Side) -> None:
        for each in (side, side.other):
            if each in self._sides:
                self._sides.discard(each)
                with contextlib.suppress(KeyError):
                    self._selector.unregister(each.sock)
                each.sock.close()

    def _reset_all(self) -> None:
        for side in list(self._sides):
            self._sides.discard(side)
            with contextlib.suppress(KeyError):
                self._selector.unregister(side.sock)
            _reset(side.sock)
        self._lossy = False

    def _bind(self) -> socket.socket:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind((self.host, self.port))
        self.port = sock.getsockname()[1]
        return sock

    def _listen(self) -> None:
        self._listener = self._listener or self._bind()
        self._listener.listen(16)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def _refuse(self) -> None:
        """Stop listening; a socket that is only bound keeps the port and lets the kernel refuse."""
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = self._bind()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_in.send(b"\0")


def _reset(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    sock.close()
