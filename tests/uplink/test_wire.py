"""What other brokers may say, byte for byte (MQTT 5, chapters 3.2 and 3.14), on a real socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.uplink.conftest import Box
from tests.waiting import wait_until

CONNACK = bytes([0x20, 3, 0, 0, 0])
CONNACK_RECEIVE_MAXIMUM_2 = bytes([0x20, 6, 0, 0, 3, 0x21, 0, 2])
TAKEN_OVER = bytes([0xE0, 2, 0x8E, 0])
Talk = Callable[[socket.socket], None]


class Scripted:
    """Accepts connections and lets `talk` answer each, once its CONNECT has come."""

    def __init__(self) -> None:
        self.talk: Talk = lambda sock: None
        self.connects: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()
        for sock in self._open:
            sock.close()

    def _run(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
                self._open.append(sock)
                self.connects.append(sock.recv(4096))
                self.talk(sock)
            except OSError:
                if self._listener.fileno() < 0 or not self._listening():
                    return

    def _listening(self) -> bool:
        return bool(self._listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    broker = Scripted()
    yield broker
    broker.close()


def test_another_box_with_the_same_name_is_said(box: Box, scripted: Scripted) -> None:
    scripted.talk = lambda sock: sock.sendall(CONNACK + TAKEN_OVER)
    box.start(scripted.port)
    state = box.wait_state("offline")
    assert "uses this box's name" in state.reason
    assert "name of its own" in state.advice


@pytest.mark.parametrize(
    "junk",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00" * 64,
        bytes([0x20, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),  # a length of five bytes
        bytes([0x20, 1, 0]),  # CONNACK, too short
        bytes([0x20, 5, 0, 0, 2, 0xFE, 0]),  # a property that does not exist
        bytes([0x20, 3, 0, 0x7F, 0]),  # CONNACK with a reason that does not exist
        CONNACK + bytes([0xE0, 1, 0x7F]),  # DISCONNECT, the same
        CONNACK + bytes([0x90, 4, 0, 1, 0, 0x7F]),  # SUBACK, the same
        CONNACK + bytes([0x90, 2, 0, 1]),  # SUBACK without a reason
        CONNACK + bytes([0x40, 3, 0, 2, 0x7F]),  # PUBACK with a reason that does not exist
        CONNACK + bytes([0x40, 1, 0]),  # PUBACK, too short
        CONNACK + bytes([0x50, 2, 0, 2]),  # PUBREC for a message that was sent with QoS 1
        CONNACK + bytes([0x62, 2, 0, 9]),  # PUBREL of nothing
        CONNACK + bytes([0x10, 0]),  # CONNECT, from the broker
        CONNACK + CONNACK,
        CONNACK + bytes([0x30, 3, 0, 9, 65]),  # a topic longer than its packet
        CONNACK + bytes([0x30, 4, 0, 1, 0xFF, 0]),  # a topic that is not UTF-8
        CONNACK + bytes([0x30, 5, 0, 1, 65, 0, 66]),  # MQTT, but a topic that nobody asked for
    ],
)
def test_what_is_not_mqtt_takes_the_line_down_and_nothing_else(box: Box, scripted: Scripted, junk: bytes) -> None:
    def talk(sock: socket.socket) -> None:
        sock.sendall(junk)
        sock.shutdown(socket.SHUT_WR)  # not close: what the box has sent would turn it into a reset

    scripted.talk = talk
    box.start(scripted.port)
    assert box.wait_state("offline").reason
    wait_until(lambda: len(scripted.connects) >= 3)  # it tries again
    box.stop()


def test_the_broker_hangs_up_on_mqtt_5_and_is_asked_in_3_1_1(box: Box, scripted: Scripted) -> None:
    scripted.talk = lambda sock: sock.close()
    box.start(scripted.port)
    wait_until(lambda: len(scripted.connects) >= 2)
    assert [connect[8] for connect in scripted.connects[:2]] == [5, 4]


def test_a_broker_that_never_answers_does_not_keep_the_box_from_stopping(box: Box, scripted: Scripted) -> None:
    box.start(scripted.port)
    wait_until(lambda: scripted.connects)
    box.stop()
    assert box.wait_state("offline")


def test_no_more_is_in_flight_than_the_broker_takes(box: Box, scripted: Scripted) -> None:
    outstanding: list[int] = []
    done = threading.Event()

    def talk(sock: socket.socket) -> None:
        sock.settimeout(0.05)  # what comes within one pause was sent without waiting for an answer
        sock.sendall(CONNACK_RECEIVE_MAXIMUM_2)
        data = b""
        while not done.is_set():
            try:
                data += sock.recv(65536)
                continue
            except TimeoutError:
                pass
            packets, data = split(data)
            published = [each for each in packets if each[0] & 0xF6 == 0x32]
            outstanding.append(len(published))
            for each in packets:
                if each[0] == 0x82:
                    sock.sendall(bytes([0x90, 4, *body(each)[:2], 0, 0]))
            for each in published:
                at = 2 + int.from_bytes(body(each)[:2])
                sock.sendall(bytes([0x40, 2, *body(each)[at : at + 2]]))

    scripted.talk = talk
    box.add(10)
    box.start(scripted.port)
    try:
        wait_until(lambda: box.cursor("mqtt.published") == 10, 20)
    finally:
        done.set()
    assert max(outstanding) == 2


def split(data: bytes) -> tuple[list[bytes], bytes]:
    """Cut whole packets off."""
    packets = []
    while len(data) >= 2:
        length, at = 0, 1
        while True:
            length |= (data[at] & 0x7F) << (7 * (at - 1))
            at += 1
            if not data[at - 1] & 0x80:
                break
        if len(data) < at + length:
            break
        packets.append(data[: at + length])
        data = data[at + length :]
    return packets, data


def body(packet: bytes) -> bytes:
    """Return a packet without its fixed header."""
    at = 2
    while packet[at - 1] & 0x80:
        at += 1
    return packet[at:]
