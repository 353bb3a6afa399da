from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import serial

from appliance.sim.wires import SerialWire, TcpWire
from tests.waiting import wait_until


class Echo:
    """Answers in capitals, and can stop taking bytes."""

    def __init__(self) -> None:
        self.got = b""
        self.stalled = False

    def room(self) -> int:
        return 0 if self.stalled else 4096

    def feed(self, data: bytes) -> bytes:
        self.got += data
        return data.upper()


def test_serial_carries_bytes_both_ways(tmp_path: Path) -> None:
    echo = Echo()
    wire = SerialWire(echo, tmp_path / "tty")
    try:
        with serial.Serial(wire.path, 9600, timeout=2) as port:
            port.write(b"hello\r\n\x00\xff" * 10)
            assert port.read(90) == b"HELLO\r\n\x00\xff" * 10
            wire.send(b"by itself\r\n")
            assert port.read(11) == b"by itself\r\n"
    finally:
        wire.close()
        wire.close()


def test_serial_keeps_its_name_when_replugged(tmp_path: Path) -> None:
    wire = SerialWire(Echo(), tmp_path / "tty")
    try:
        with serial.Serial(wire.path, timeout=2) as port:
            wire.unplug()
            assert not Path(wire.path).exists()
            assert not wire.plugged
            with pytest.raises((serial.SerialException, OSError)):
                port.read(1)
        wire.send(b"lost")
        wire.plug()
        with serial.Serial(wire.path, timeout=2) as port:
            port.write(b"back")
            assert port.read(4) == b"BACK"
    finally:
        wire.close()


def test_serial_without_a_link_is_the_pty_itself() -> None:
    wire = SerialWire(Echo())
    try:
        assert os.path.realpath(wire.path) == wire.path
    finally:
        wire.close()


def write_until_blocked(fd: int) -> int:
    sent = 0
    try:
        while sent < 50_000_000:
            sent += os.write(fd, b"x" * 4096)
    except BlockingIOError:
        pass
    return sent


@pytest.mark.parametrize("kind", ["serial", "tcp"])
def test_a_stalled_device_backs_up_the_writer_and_goes_on(kind: str, tmp_path: Path) -> None:
    echo = Echo()
    echo.stalled = True
    wire = SerialWire(echo, tmp_path / "tty") if kind == "serial" else TcpWire(echo)
    try:
        if isinstance(wire, SerialWire):
            fd = os.open(wire.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        else:
            fd = socket.create_connection((wire.host, wire.port)).detach()
            os.set_blocking(fd, False)
        sent = write_until_blocked(fd)
        assert 0 < sent < 50_000_000
        assert echo.got == b""
        echo.stalled = False
        wait_until(lambda: len(echo.got) >= sent, timeout_s=60)
        os.close(fd)
    finally:
        wire.close()


def test_tcp_serves_one_client_after_another_and_keeps_its_port() -> None:
    wire = TcpWire(Echo())
    try:
        for _ in range(3):
            with socket.create_connection((wire.host, wire.port), timeout=2) as client:
                client.sendall(b"abc")
                assert client.recv(3) == b"ABC"
        port = wire.port
        with socket.create_connection((wire.host, wire.port), timeout=2) as client:
            client.sendall(b"abc")
            assert client.recv(3) == b"ABC"
            wire.unplug()
            assert client.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((wire.host, port), timeout=2)
        wire.plug()
        assert wire.port == port
        with socket.create_connection((wire.host, port), timeout=2) as client:
            client.sendall(b"def")
            assert client.recv(3) == b"DEF"
    finally:
        wire.close()
