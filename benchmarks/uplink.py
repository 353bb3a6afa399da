"""How fast a backlog leaves the box, beside a bare paho loop that publishes the same bytes.

All runs go to one real mosquitto on this machine: QoS 1, MQTT 5, the same payloads, topics, Content Type and window.
The bare loop is the faster of two: paho's own thread, and a hand-driven `loop()`. It has its payloads ready in memory
and keeps nothing; the uplink reads the journal from SQLite, makes the CloudEvents and keeps its cursors on the disk.
`ratio` is the uplink's rate over the bare loop's.

    python -m benchmarks.uplink [entries]
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from appliance.core.clock import ClockQuality, Moment
from appliance.core.ports import Books
from appliance.runtime.desk import Desk
from appliance.store.books import Ledger, Readers
from appliance.uplink.events import CONTENT_TYPE, encoder
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.topics import Topics
from appliance.uplink.worker import Uplink

WINDOW = 100
LIMIT_S = 600.0
ROUNDS = 2  # interleaved; the best of each counts, since other programs only ever slow a run down
SALE = {
    "number": 1,
    "order": "01985e3a-7d1c-7b5e-9c1e-0a2b3c4d5e6f",
    "total_minor": 1200,
    "currency": "EUR",
    "lines": [{"offer": "print-a4", "quantity": 1, "price_minor": 1200, "tax": "standard"}],
    "tenders": [{"tender": "cash", "amount_minor": 1200}],
}


class NoBoard:
    """A board that nobody looks at."""

    version = 0

    def devices(self) -> tuple[()]:
        return ()

    def set_device(self, state: object) -> None:
        pass

    def get(self, key: str) -> object:
        return None

    def set(self, key: str, value: object) -> None:
        pass


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages {WINDOW}\nlog_type none\nuser root\n"
    )
    broker = subprocess.Popen(["mosquitto", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while not _listens(port):
            if time.monotonic() > deadline:
                raise TimeoutError("mosquitto does not start")
            time.sleep(0.02)
        yield port
    finally:
        broker.terminate()
        broker.wait(10)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def fill(desk: Desk, count: int) -> None:
    def command(books: Books) -> None:
        for _ in range(min(1000, count)):
            books.journal.append("sale.completed", SALE)

    while desk.head_seq < count:
        desk.submit(command, timeout_s=60)


def drain_uplink(desk: Desk, settings: UplinkSettings, count: int) -> float:
    """Run the real worker until the journal is published; return entries a second, connecting included."""
    desk.submit(lambda books: books.cursors.set("mqtt.published", desk.head_seq - count))
    stop = threading.Event()
    began = time.monotonic()

    def beat() -> None:
        if time.monotonic() - began > LIMIT_S:
            stop.set()

    board = Watch(desk.head_seq, stop)
    Uplink(settings, desk, board).run(stop, beat)
    return count / (board.done_at - began)


class Watch(NoBoard):
    """Stops the run as soon as the uplink says that nothing waits."""

    def __init__(self, head_seq: int, stop: threading.Event) -> None:
        self._head_seq = head_seq
        self._stop = stop
        self.done_at = 0.0

    def set(self, key: str, value: Any) -> None:
        if key == "uplink" and value["published_seq"] >= self._head_seq and not self.done_at:
            self.done_at = time.monotonic()
            self._stop.set()


def bare_client() -> tuple[paho.Client, Properties]:
    properties = Properties(PacketTypes.PUBLISH)
    properties.ContentType = CONTENT_TYPE
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, "bare", protocol=paho.MQTTv5)
    client.max_inflight_messages = WINDOW
    return client, properties


def drain_bare_thread(settings: UplinkSettings, messages: list[tuple[str, bytes]]) -> float:
    """Publish the same with paho's own thread and a window, as most of its users do; return messages a second."""
    window = threading.Semaphore(WINDOW)
    left = threading.Semaphore(0)
    client, properties = bare_client()

    def on_publish(*_: object) -> None:
        window.release()
        left.release()

    client.on_publish = on_publish
    began = time.monotonic()
    client.connect(settings.broker().host, settings.broker().port)
    client.loop_start()
    for topic, payload in messages:
        window.acquire(timeout=LIMIT_S)
        client.publish(topic, payload, qos=1, properties=properties)
    for _ in messages:
        left.acquire(timeout=LIMIT_S)
    rate = len(messages) / (time.monotonic() - began)
    client.disconnect()
    client.loop_stop()
    return rate


def drain_bare_loop(settings: UplinkSettings, messages: list[tuple[str, bytes]]) -> float:
    """Publish the same in one thread that calls `loop()`; return messages a second."""
    client, properties = bare_client()
    acknowledged = itertools.count()
    done = 0

    def on_publish(*_: object) -> None:
        nonlocal done
        done = next(acknowledged) + 1

    client.on_publish = on_publish
    began = time.monotonic()
    client.connect(settings.broker().host, settings.broker().port)
    while not client.is_connected():
        client.loop(0.1)
    sent = 0
    while done < len(messages) and time.monotonic() - began < LIMIT_S:
        for topic, payload in messages[sent : done + WINDOW]:
            client.publish(topic, payload, qos=1, properties=properties)
            sent += 1
        client.loop(0.1)
    rate = done / (time.monotonic() - began)
    client.disconnect()
    return rate


def run(count: int = 50_000) -> dict[str, float]:
    """Measure; return {"entries", "uplink_per_s", "bare_paho_per_s", "ratio"}."""
    if shutil.which("mosquitto") is None:
        raise RuntimeError("mosquitto is not installed")
    with tempfile.TemporaryDirectory() as name, mosquitto(Path(name)) as port:
        path = Path(name) / "stallbox.db"
        desk = Desk(Ledger(path), Readers(path), lambda: Moment(dt.datetime.now(dt.UTC), ClockQuality.SYNCED))
        desk.start()
        try:
            return _compare(desk, port, count)
        finally:
            desk.stop(10)


def _compare(desk: Desk, port: int, count: int) -> dict[str, float]:
    fill(desk, count)
    settings = UplinkSettings(f"mqtt://127.0.0.1:{port}", "bench", "box", "boot", "0", in_flight=WINDOW)
    topics, encode = Topics(settings.fleet, settings.box), encoder(settings.source, settings.boot_id)
    with desk.reading() as books:
        messages = [(topics.event(entry.kind), encode(entry)) for entry in books.journal.after(0, count)]
    bare, uplink = 0.0, 0.0
    for _ in range(ROUNDS):
        bare = max(bare, drain_bare_thread(settings, messages), drain_bare_loop(settings, messages))
        uplink = max(uplink, drain_uplink(desk, settings, count))
    return {"entries": count, "uplink_per_s": uplink, "bare_paho_per_s": bare, "ratio": uplink / bare}


def main(argv: list[str]) -> int:
    result = run(int(argv[0]) if argv else 50_000)
    print(
        f"MQTT drain of {result['entries']:.0f} entries: uplink {result['uplink_per_s']:.0f}/s, "
        f"bare paho {result['bare_paho_per_s']:.0f}/s, ratio {result['ratio']:.2f}"
    )
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
