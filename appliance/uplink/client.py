"""One connection to the broker, from dialling to its loss, over paho-mqtt 2 driven by the caller's own thread.

paho's habits that shape this file: a publish while offline is refused in words but kept and sent later; an
exception in a callback stops its loop; queued messages survive a reconnect. So a `Link` is used for one
connection only and then thrown away, never publishes unless it is up, and its callbacks only append facts.
"""

from __future__ import annotations

import select
import ssl
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.exception import MQTTException
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from appliance.uplink.events import CONTENT_TYPE
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.topics import Topics

V5 = MQTTProtocolVersion.MQTTv5
V311 = MQTTProtocolVersion.MQTTv311
OFFLINE = b'{"state":"offline"}'
ONLINE = b'{"state":"online"}'
CLOSED = "the connection was closed"
NOT_MQTT = "the broker sent what is not MQTT"
CONNECT_TIMEOUT_S = 5.0  # for the TCP connection
_RECEIVE_MAXIMUM = 65535  # MQTT 5, 3.2.2.3.3: where the broker names none


class Up(NamedTuple):
    """The broker has accepted the connection and takes so many unacknowledged messages at once."""

    receive_maximum: int


class Down(NamedTuple):
    """The connection is over, or never came to be. `reason` is the broker's word or paho's."""

    reason: str


class Acknowledged(NamedTuple):
    """PUBACK or SUBACK: the broker has the message, or the subscription."""

    mid: int


class Refused(NamedTuple):
    """The broker does not take a message or a subscription; MQTT 5 only, 3.1.1 cannot say so."""

    mid: int
    reason: str


class Received(NamedTuple):
    """A message for this box."""

    topic: str
    payload: bytes


Fact = Up | Down | Acknowledged | Refused | Received


class Link:
    """One connection. All methods but `dial` return at once or within the time they are given."""

    def __init__(
        self, settings: UplinkSettings, topics: Topics, protocol: MQTTProtocolVersion, tls: ssl.SSLContext | None
    ) -> None:
        self.protocol = protocol
        self._settings = settings
        self._facts: list[Fact] = []
        self._up = False
        self._event_properties = _EventProperties() if protocol == V5 else None
        self._client = self._new_client(topics, tls)

    def dial(self) -> None:
        """Open the line and send CONNECT. Raises OSError (also of TLS) and ValueError (an impossible host name).

        It may take as long as the system's resolver does, so it is called on a thread of its own.
        """
        broker = self._settings.broker()
        # a fresh client starts clean in both versions: what the broker must know is said anew
        self._client.connect(broker.host, broker.port, keepalive=self._settings.keepalive_s)

    def pump(self, timeout_s: float) -> list[Fact]:
        """Wait for traffic at most so long, move it in both directions, and return what happened."""
        sock = self._client.socket()
        if sock is not None:
            try:
                self._move(sock, timeout_s)
            except (MQTTException, OSError) as error:
                self._facts.append(Down(f"{NOT_MQTT} ({error})"))
        elif not self._facts:
            self._facts.append(Down(CLOSED))
        facts, self._facts = self._facts, []
        return facts

    def _move(self, sock: Any, timeout_s: float) -> None:
        decrypted = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        writers = [sock] if self._client.want_write() else []
        readable, writable, _ = select.select([sock], writers, [], 0.0 if decrypted else timeout_s)
        if writable:
            self._client.loop_write()
        if readable or decrypted:
            self._client.loop_read()
        self._client.loop_misc()

    def publish_event(self, topic: str, payload: bytes) -> int | None:
        """Send a journal entry, QoS 1, never retained; its message id, None if the line is gone."""
        if not self._up:
            return None
        info = self._client.publish(topic, payload, qos=1, properties=self._event_properties)
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def publish_state(self, topic: str, payload: bytes) -> int | None:
        """Send what is true now, QoS 1 and retained; its message id, None if the line is gone."""
        if not self._up:
            return None
        info = self._client.publish(topic, payload, qos=1, retain=True)
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def subscribe(self, topic: str) -> int | None:
        """Ask for a topic; the message id, None if the line is gone."""
        if not self._up:
            return None
        return self._client.subscribe(topic, qos=1)[1]

    def flush(self) -> None:
        """Write what was published, as far as the line takes it now."""
        if self._client.want_write():
            self._client.loop_write()

    def close(self) -> None:
        """Hang up. With a good-bye while the line is up, so that the broker keeps the last will to itself."""
        if self._up:
            self._client.disconnect()
            self.flush()
        self._up = False
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    def abandon(self) -> None:
        """Drop a line that is taken for dead, without a good-bye: the broker then publishes the last will."""
        self._up = False
        self.close()

    def _new_client(self, topics: Topics, tls: ssl.SSLContext | None) -> paho.Client:
        settings = self._settings
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.client_id,
            clean_session=None if self.protocol == V5 else True,
            protocol=self.protocol,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages = 0  # the outbox keeps the window
        client.will_set(topics.status, OFFLINE, qos=1, retain=True)
        if settings.username:
            client.username_pw_set(settings.username, settings.password)
        if tls is not None:
            client.tls_set_context(tls)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        # With this set, paho leaves writing to `flush` instead of calling the socket within every publish.
        client.on_socket_register_write = lambda client, userdata, sock: None
        return client

    def _on_connect(
        self, client: paho.Client, data: Any, flags: Any, code: ReasonCode, props: Properties | None
    ) -> None:
        if code.is_failure:
            self._facts.append(Down(code.getName()))
            return
        self._up = True
        self._facts.append(Up(getattr(props, "ReceiveMaximum", _RECEIVE_MAXIMUM)))

    def _on_disconnect(
        self, client: paho.Client, data: Any, flags: Any, code: ReasonCode, props: Properties | None
    ) -> None:
        self._up = False
        # paho calls a closed socket "Unspecified error"
        self._facts.append(Down(CLOSED if code.getName() == "Unspecified error" else code.getName()))

    def _on_publish(self, client: paho.Client, data: Any, mid: int, code: ReasonCode, props: Properties) -> None:
        self._facts.append(Refused(mid, code.getName()) if code.is_failure else Acknowledged(mid))

    def _on_subscribe(
        self, client: paho.Client, data: Any, mid: int, codes: list[ReasonCode], props: Properties
    ) -> None:
        failure = next((code for code in codes if code.is_failure), None)
        self._facts.append(Refused(mid, failure.getName()) if failure else Acknowledged(mid))

    def _on_message(self, client: paho.Client, data: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            self._facts.append(Down(f"{NOT_MQTT} (a topic that is not UTF-8)"))
            return
        self._facts.append(Received(topic, bytes(message.payload)))


class _EventProperties(Properties):
    """The properties of every journal message, packed once: paho packs them anew for each publish otherwise."""

    def __init__(self) -> None:
        super().__init__(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        self.ContentType = CONTENT_TYPE
        # paho lets nobody set an attribute that is no property
        self.__dict__["_packed"] = super().pack()  # type: ignore[no-untyped-call]

    def pack(self) -> bytes:
        """Return the bytes."""
        return bytes(self.__dict__["_packed"])
