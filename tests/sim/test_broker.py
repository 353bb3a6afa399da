from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from appliance.sim.broker import EmbeddedBroker
from tests.collector import Collector
from tests.waiting import wait_until

V311 = MQTTProtocolVersion.MQTTv311


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    broker = EmbeddedBroker("127.0.0.1")
    broker.start()
    yield broker
    broker.stop()


def test_a_client_of_mqtt_5_is_turned_down_with_the_code_for_it(broker: EmbeddedBroker) -> None:
    connect = bytes([0x10, 0x0E]) + b"\0\4MQTT" + bytes([5, 2, 0, 30, 0]) + b"\0\1x"
    with socket.create_connection(("127.0.0.1", broker.port), timeout=5) as sock:
        sock.sendall(connect)
        assert sock.recv(16) == bytes([0x20, 2, 0, 1])
        assert sock.recv(16) == b""


@pytest.mark.parametrize("junk", [b"GET / HTTP/1.1\r\n\r\n", b"", b"\x10\xff\xff\xff\xff\xff\xff"])
def test_junk_does_not_disturb_it(broker: EmbeddedBroker, junk: bytes) -> None:
    with socket.create_connection(("127.0.0.1", broker.port), timeout=5) as sock:
        sock.sendall(junk)
        sock.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            assert sock.recv(16) == b""
    with Collector(broker.port, protocol=V311) as collector:
        collector.acknowledge(1)
        wait_until(lambda: any(each.topic.endswith("/ack") for each in collector.arrived))


def test_it_ends_its_thread_and_starts_again_on_its_port() -> None:
    broker = EmbeddedBroker("127.0.0.1")
    before = threading.active_count()
    broker.start()
    port = broker.port
    with Collector(port, protocol=V311):
        broker.stop()
        broker.stop()
    assert threading.active_count() == before
    broker.start()
    assert broker.port == port
    broker.stop()


def test_a_taken_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        EmbeddedBroker("127.0.0.1", taken.getsockname()[1]).start()
