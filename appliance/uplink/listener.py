"""A subscriber to a box's own topics, to see with other eyes what reached the broker."""

from __future__ import annotations

import json
import threading
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from appliance.core.errors import DeviceLost
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.topics import Topics

CONNECT_S = 10.0


class Listener:
    """Collects the journal entries of one box as they come out of the broker."""

    def __init__(self, settings: UplinkSettings) -> None:
        self._settings = settings
        self._came = threading.Condition()
        self._seqs: set[int] = set()
        self._subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, f"{settings.client_id}-listener")
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message

    def start(self) -> None:
        """Connect and subscribe. Raises DeviceLost."""
        broker = self._settings.broker()
        if self._settings.username:
            self._client.username_pw_set(self._settings.username, self._settings.password)
        if broker.tls:
            self._client.tls_set()
        try:
            self._client.connect(broker.host, broker.port)
        except OSError as error:
            raise DeviceLost("broker_away", f"The broker does not answer: {error}.", "See to the network.") from error
        self._client.loop_start()
        if not self._subscribed.wait(CONNECT_S):
            raise DeviceLost("broker_mute", "The broker lets nobody subscribe.", "See to user name and password.")

    def wait_for(self, seq: int, timeout_s: float) -> bool:
        """Wait until the entry with this number came out of the broker."""
        with self._came:
            return self._came.wait_for(lambda: seq in self._seqs, timeout_s)

    def stop(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()
        # paho closes its own pair of sockets when it is forgotten: let nothing hold it in a circle
        self._client.on_connect = self._client.on_subscribe = self._client.on_message = None

    def _on_connect(self, client: paho.Client, *_: Any) -> None:
        client.subscribe(Topics(self._settings.fleet, self._settings.box).event("+"), qos=1)

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        try:
            seq = int(json.loads(message.payload)["seq"])
        except (ValueError, KeyError, TypeError):  # not one of ours; a callback must not raise
            return
        with self._came:
            self._seqs.add(seq)
            self._came.notify_all()
