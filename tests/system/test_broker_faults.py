"""The way to the fleet breaks in every way that it does, under load: the collector ends with the journal, once each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.sim.relay import TcpRelay
from tests.brokers import Mosquitto, free_port
from tests.collector import Collector
from tests.system.clients import History
from tests.system.daemon import Daemon
from tests.system.load import (
    customers,
    load_stall,
    require_collected,
    require_whole,
    uplink,
    wait_progress,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.system
TICKETS = 200
# Two seconds of silence are noticed as such, instead of half a minute.
IMPATIENT = "keepalive_s = 1\n"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A mosquitto whose queues survive a kill only as far as it wrote them down: every second."""
    mosquitto = Mosquitto(tmp_path / "mosquitto", "autosave_interval 1\n").start()
    yield mosquitto
    mosquitto.stop()


@pytest.fixture
def relay(broker: Mosquitto) -> Iterator[TcpRelay]:
    """A bad line between the box and the broker; the collector's own line is good."""
    line = TcpRelay("127.0.0.1", broker.port, port=free_port())
    line.start()
    yield line
    line.stop()


@pytest.fixture
def collector(broker: Mosquitto) -> Iterator[Collector]:
    with Collector(broker.port) as collector:
        yield collector


@pytest.fixture
def box(tmp_path: Path, relay: TcpRelay, collector: Collector) -> Iterator[Daemon]:
    """A box that sends through the bad line, to a collector that was there before it."""
    with Daemon(tmp_path, uplink(relay.port, IMPATIENT)) as daemon:
        load_stall(daemon, tmp_path, TICKETS)
        yield daemon.start()
        assert daemon.stop() == 0, daemon.errors()


def under_load(box: Daemon, collector: Collector, trouble: Callable[[History], None]) -> None:
    """Sell and scan, let the trouble happen meanwhile, and hold store and collector against the answers."""
    history = History()
    with customers(box, history, TICKETS, seed=4):
        wait_progress(history, 30)
        wait_until(lambda: collector.stored, 20)
        trouble(history)
        wait_progress(history, 30)
    require_whole(box, history, TICKETS)
    count = require_collected(box, collector)
    doubles = len(collector.events()) - count
    print(f"\n{len(history.done)} answers, {count} entries, all arrived, {doubles} of them more than once")


def uplink_state(box: Daemon) -> str:
    with box.staff() as staff:
        return str(staff.get("/api/v1/state").body["devices"]["uplink"]["state"])


def test_the_broker_is_killed_and_started_again(box: Daemon, broker: Mosquitto, collector: Collector) -> None:
    def trouble(history: History) -> None:
        for _ in range(3):
            broker.kill()
            wait_until(lambda: uplink_state(box) == "offline", 20)
            wait_progress(history, 30)
            broker.start()
            wait_until(lambda: uplink_state(box) == "ready", 20)
            wait_progress(history, 30)

    under_load(box, collector, trouble)


def test_the_connection_is_half_open(box: Daemon, relay: TcpRelay, collector: Collector) -> None:
    def trouble(history: History) -> None:
        for _ in range(2):
            relay.set_fault("half_open")
            wait_until(lambda: uplink_state(box) == "offline", 20)
            wait_progress(history, 30)
            relay.set_fault(None)
            wait_until(lambda: uplink_state(box) == "ready", 20)

    under_load(box, collector, trouble)


def test_pubacks_are_lost(box: Daemon, relay: TcpRelay, collector: Collector) -> None:
    def trouble(history: History) -> None:
        collector.acks = False  # its ack would stand for a PUBACK that is lost
        relay.set_fault("drop_pubacks")
        wait_progress(history, 60)
        relay.set_fault("refuse")
        wait_until(lambda: uplink_state(box) == "offline", 20)
        collector.acks = True
        relay.set_fault(None)

    under_load(box, collector, trouble)
    assert len(collector.events()) > len(collector.stored), "what was not acknowledged was not sent again"


def test_the_broker_is_away_for_long_and_the_box_is_killed_meanwhile(
    box: Daemon, relay: TcpRelay, collector: Collector
) -> None:
    def trouble(history: History) -> None:
        relay.set_fault("refuse")
        wait_until(lambda: uplink_state(box) == "offline", 20)
        wait_progress(history, 200)
        box.kill()
        box.start()
        wait_progress(history, 100)
        relay.set_fault(None)

    under_load(box, collector, trouble)


def test_the_box_says_that_it_is_away_when_it_was_killed(box: Daemon, collector: Collector) -> None:
    wait_until(lambda: collector.status == "online", 20)
    box.kill()
    wait_until(lambda: collector.status == "offline", 20)
    box.start()
    wait_until(lambda: collector.status == "online", 20)
