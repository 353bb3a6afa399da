"""Opening a connection: MQTT 5 first, 3.1.1 at once where the broker does not speak 5."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable

from paho.mqtt.enums import MQTTProtocolVersion

from appliance.uplink import trouble
from appliance.uplink.client import CLOSED, V5, V311, Down, Link, Up
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.topics import Topics

_DIAL_LIMIT_S = 60.0  # a resolver with several silent servers takes 30 s and more
_CONNACK_LIMIT_S = 10.0
_SLICE_S = 0.5  # the owner's heartbeat goes on while it waits
_SILENT = "it gives no answer"
# How brokers without MQTT 5 turn it down: by the code of 3.1.1, by hanging up, by silence.
_NO_V5 = {"Unsupported protocol version", "Protocol error", "Malformed packet", CLOSED, _SILENT}


class Connector:
    """Makes connections for one owner, whose heartbeat goes on meanwhile."""

    def __init__(self, settings: UplinkSettings, topics: Topics) -> None:
        self._settings = settings
        self._topics = topics
        self._tls = _tls_context() if settings.broker().tls else None

    def connect(self, stop: threading.Event, beat: Callable[[], None]) -> tuple[Link, Up] | None:
        """Return a connection that is up; None if `stop` came first. Raises DeviceLost."""
        answer = self._attempt(V5, stop, beat)
        if isinstance(answer, Down) and answer.reason in _NO_V5:
            answer = self._attempt(V311, stop, beat)
        if isinstance(answer, Down):
            raise trouble.of_reason(answer.reason, self._settings)
        return answer

    def _attempt(
        self, protocol: MQTTProtocolVersion, stop: threading.Event, beat: Callable[[], None]
    ) -> tuple[Link, Up] | Down | None:
        link = Link(self._settings, self._topics, protocol, self._tls)
        dial = _Dial(link)
        dial.start()
        try:
            _wait_for(dial, stop, beat)
        except (OSError, ValueError) as error:
            dial.abandon()
            raise trouble.of_error(error, self._settings) from error
        if stop.is_set():
            dial.abandon()
            return None
        answer = _greeting(link, stop, beat)
        if isinstance(answer, Up):
            return link, answer
        link.abandon()
        return answer


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the handshake fails; paho forgets it then."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def _tls_context() -> ssl.SSLContext:
    """Trust whom the system trusts."""
    context = ssl.create_default_context()
    context.sslsocket_class = _TidySocket
    return context


class _Dial(threading.Thread):
    """Holds the link while it is dialled, since resolving a name cannot be given a limit."""

    def __init__(self, link: Link) -> None:
        super().__init__(name="uplink-dial", daemon=True)
        self.error: OSError | ValueError | None = None
        self.done = threading.Event()
        self._link = link
        self._abandoned = False
        self._lock = threading.Lock()

    def run(self) -> None:
        try:
            self._link.dial()
        except (OSError, ValueError) as error:
            self.error = error
        with self._lock:
            self.done.set()
            if self._abandoned:
                self._link.abandon()

    def abandon(self) -> None:
        """Nobody wants the link any more; whoever holds it last closes it."""
        with self._lock:
            self._abandoned = True
            if self.done.is_set():
                self._link.abandon()


def _wait_for(dial: _Dial, stop: threading.Event, beat: Callable[[], None]) -> None:
    give_up_at = time.monotonic() + _DIAL_LIMIT_S
    while not dial.done.wait(_SLICE_S):
        beat()
        if stop.is_set():
            return
        if time.monotonic() > give_up_at:
            raise TimeoutError(_SILENT)
    if dial.error is not None:
        raise dial.error


def _greeting(link: Link, stop: threading.Event, beat: Callable[[], None]) -> Up | Down | None:
    give_up_at = time.monotonic() + _CONNACK_LIMIT_S
    while time.monotonic() < give_up_at:
        for fact in link.pump(_SLICE_S):
            if isinstance(fact, Up | Down):
                return fact
        beat()
        if stop.is_set():
            return None
    return Down(_SILENT)
