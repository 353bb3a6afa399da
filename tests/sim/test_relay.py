from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.sim.relay import FAULTS, PacketFilter, TcpRelay
from tests.waiting import wait_until


class Echo:
    """A server that sends back what it gets."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.received = bytearray()
        self._peers: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for peer in self._peers:
            peer.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self._peers.append(peer)
            self._threads.append(threading.Thread(target=self._serve, args=(peer,)))
            self._threads[-1].start()

    def _serve(self, peer: socket.socket) -> None:
        try:
            while data := peer.recv(65536):
                self.received += data
                peer.sendall(data)
        except OSError:
            pass
        peer.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    echo = Echo()
    yield echo
    echo.close()


@pytest.fixture
def relay(echo: Echo) -> Iterator[TcpRelay]:
    relay = TcpRelay("127.0.0.1", echo.port)
    relay.start()
    yield relay
    relay.stop()


@pytest.fixture
def client(relay: TcpRelay) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", relay.port), timeout=5) as sock:
        yield sock


def packet(kind: int, body: bytes) -> bytes:
    length, head = len(body), bytearray([kind])
    while True:
        length, digit = divmod(length, 128)
        head.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(head) + body


PUBLISH = packet(0x32, b"hello")


def receive(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            break
        data += piece
    return data


def read_one_byte(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        return client.recv(1)


def test_bytes_pass_in_both_directions(client: socket.socket) -> None:
    big = packet(0x32, bytes(range(256)) * 4000)
    threading.Thread(target=client.sendall, args=(big,)).start()
    assert receive(client, len(big)) == big


def test_refuse_resets_what_is_open_and_refuses_what_comes(relay: TcpRelay, client: socket.socket) -> None:
    client.sendall(PUBLISH)
    receive(client, len(PUBLISH))
    relay.set_fault("refuse")
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", relay.port), timeout=5)
    relay.set_fault(None)
    with socket.create_connection(("127.0.0.1", relay.port), timeout=5) as again:
        again.sendall(PUBLISH)
        assert receive(again, len(PUBLISH)) == PUBLISH


def test_half_open_swallows_and_says_nothing(relay: TcpRelay, echo: Echo, client: socket.socket) -> None:
    client.sendall(PUBLISH)
    assert receive(client, len(PUBLISH)) == PUBLISH
    relay.set_fault("half_open")
    client.sendall(PUBLISH)
    client.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.recv(1)
    assert bytes(echo.received) == PUBLISH
    client.settimeout(5)
    relay.set_fault(None)  # the stream has a hole now, so it ends
    with pytest.raises(ConnectionResetError):
        client.recv(1)


def test_drop_pubacks_removes_whole_pubacks_only(relay: TcpRelay, client: socket.socket) -> None:
    relay.set_fault("drop_pubacks")
    client.sendall(PUBLISH + packet(0x40, b"\0\1") + packet(0xD0, b""))
    expected = PUBLISH + packet(0xD0, b"")
    assert receive(client, len(expected)) == expected


def test_slow_is_slow_but_complete(relay: TcpRelay, client: socket.socket) -> None:
    relay.set_fault("slow")
    data = packet(0x32, b"x" * 300)
    client.sendall(data)
    assert receive(client, len(data)) == data


def test_the_end_of_a_stream_is_passed_on(relay: TcpRelay, echo: Echo, client: socket.socket) -> None:
    client.sendall(PUBLISH)
    receive(client, len(PUBLISH))
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""


def test_nobody_behind_the_relay(echo: Echo) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        relay = TcpRelay("127.0.0.1", unused.getsockname()[1])
        relay.start()
        try:
            with pytest.raises(ConnectionResetError):
                read_one_byte(relay.port)
        finally:
            relay.stop()


def test_an_unknown_fault_is_named(relay: TcpRelay) -> None:
    with pytest.raises(ValueError, match="half_open"):
        relay.set_fault("gremlins")
    assert relay.fault is None


def test_stopping_twice_is_fine(echo: Echo) -> None:
    relay = TcpRelay("127.0.0.1", echo.port)
    relay.start()
    before = threading.active_count()
    relay.stop()
    relay.stop()
    wait_until(lambda: threading.active_count() == before - 1)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_ends_without_a_trace(relay: TcpRelay, fault: str) -> None:
    relay.set_fault(fault)
    relay.set_fault(None)
    with socket.create_connection(("127.0.0.1", relay.port), timeout=5) as client:
        client.sendall(PUBLISH)
        assert receive(client, len(PUBLISH)) == PUBLISH


@given(
    packets=st.lists(
        st.tuples(st.sampled_from([0x20, 0x30, 0x32, 0x40, 0x90, 0xD0]), st.binary(max_size=300)), max_size=8
    ),
    cuts=st.lists(st.integers(0, 2500), max_size=6),
    drop=st.booleans(),
)
def test_the_filter_does_not_care_how_the_bytes_are_cut(
    packets: list[tuple[int, bytes]], cuts: list[int], drop: bool
) -> None:
    whole = b"".join(packet(kind, body) for kind, body in packets)
    wanted = b"".join(packet(kind, body) for kind, body in packets if not (drop and kind == 0x40))
    edges = sorted({0, len(whole), *(min(cut, len(whole)) for cut in cuts)})
    sieve = PacketFilter()
    passed = b"".join(sieve.feed(whole[a:b], drop) for a, b in itertools.pairwise(edges))
    assert passed == wanted
