"""What stands behind the broker in a fleet: takes the journals' entries, drops doubles, says what it has stored."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.waiting import wait_until


@dataclass(frozen=True)
class Arrived:
    """One message as it came."""

    topic: str
    payload: bytes
    retain: bool
    qos: int
    content_type: str | None

    @property
    def body(self) -> Any:
        return json.loads(self.payload)


class Collector:
    """Subscribes to everything of one box. `acks`: whether it acknowledges what it has stored without a gap."""

    def __init__(
        self,
        port: int,
        fleet: str = "fleet",
        box: str = "box",
        acks: bool = True,
        host: str = "127.0.0.1",
        protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv5,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.acks = acks
        self.arrived: list[Arrived] = []  # all, doubles too
        self.stored: dict[tuple[str, str], dict[str, Any]] = {}  # (source, id) -> CloudEvent, in order of arrival
        self.states: dict[str, list[Arrived]] = {"status": [], "birth": [], "telemetry": []}
        self._root = f"stallbox/v1/{fleet}/{box}"
        self._lock = threading.Lock()
        self._seqs: set[int] = set()
        self._contiguous = 0
        self._subscribed = threading.Event()
        v5 = protocol == MQTTProtocolVersion.MQTTv5
        self._client = paho.Client(CallbackAPIVersion.VERSION2, "collector", None if v5 else False, protocol=protocol)
        if login:
            self._client.username_pw_set(*login)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)
        session: dict[str, Any] = {}
        if v5:
            session["clean_start"] = False
            session["properties"] = Properties(PacketTypes.CONNECT)
            session["properties"].SessionExpiryInterval = 3600
        self._client.connect(host, port, **session)

    def start(self) -> Collector:
        """Connect, and return once the subscriptions stand."""
        self._client.loop_start()
        assert self._subscribed.wait(10), "the collector could not subscribe"
        return self

    def stop(self) -> None:
        """Disconnect and end the thread."""
        self._client.disconnect()
        self._client.loop_stop()
        # paho closes its own pair of sockets when it is forgotten: let nothing hold it in a circle
        self._client.on_connect = self._client.on_subscribe = self._client.on_message = None

    def __enter__(self) -> Collector:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def ids(self) -> list[str]:
        """The ids of the stored entries, in the order in which they first came."""
        with self._lock:
            return [id for _, id in self.stored]

    @property
    def seqs(self) -> list[int]:
        """The numbers of the stored entries, in the order in which they first came."""
        with self._lock:
            return [event["seq"] for event in self.stored.values()]

    @property
    def status(self) -> str | None:
        """What the box last said of itself."""
        said = self.states["status"]
        return str(said[-1].body["state"]) if said else None

    def events(self) -> list[Arrived]:
        """Every journal message as it came, doubles too."""
        with self._lock:
            return [each for each in self.arrived if each.topic.startswith(f"{self._root}/ev/")]

    def acknowledge(self, seq: int) -> None:
        """Say that everything up to `seq` is stored."""
        self._client.publish(f"{self._root}/ack", json.dumps({"seq": seq}), qos=1)

    def publish_ack(self, payload: bytes) -> None:
        """Send anything to the ack topic."""
        self._client.publish(f"{self._root}/ack", payload, qos=1)

    def forget(self) -> None:
        """Lose the database, but not the promise made in the last ack."""
        with self._lock:
            self.stored.clear()
            self._seqs.clear()

    def wait_for(self, count: int, timeout_s: float = 20) -> None:
        """Wait until so many different entries are stored."""
        try:
            wait_until(lambda: len(self.stored) >= count, timeout_s)
        except AssertionError:
            raise AssertionError(f"{len(self.stored)} of {count} entries arrived in {timeout_s} s") from None

    def _on_connect(self, client: paho.Client, *_: Any) -> None:
        client.subscribe(f"{self._root}/#", qos=1)

    def _on_message(self, client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        properties = getattr(message, "properties", None)
        content_type = getattr(properties, "ContentType", None)
        one = Arrived(message.topic, bytes(message.payload), message.retain, message.qos, content_type)
        kind = one.topic.removeprefix(f"{self._root}/")
        with self._lock:
            self.arrived.append(one)
            if kind in self.states:
                self.states[kind].append(one)
            if not kind.startswith("ev/"):
                return
            event = one.body
            self.stored.setdefault((event["source"], event["id"]), event)
            self._seqs.add(event["seq"])
            before = self._contiguous
            while self._contiguous + 1 in self._seqs:
                self._contiguous += 1
        if self.acks and self._contiguous > before:
            self.acknowledge(self._contiguous)
