"""The whole way: store, desk, uplink, a real broker, a collector that drops doubles by source and id."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from appliance.sim.relay import TcpRelay
from tests.brokers import Mosquitto
from tests.collector import Collector
from tests.uplink.conftest import Box
from tests.waiting import wait_until


@pytest.fixture
def relay(mosquitto: Mosquitto) -> Iterator[TcpRelay]:
    relay = TcpRelay("127.0.0.1", mosquitto.port)
    relay.start()
    yield relay
    relay.stop()


def assert_delivered(box: Box, collector: Collector, in_order: bool = True) -> None:
    """The collector has exactly the journal: nothing missing, nothing invented."""
    expected = box.entries()
    collector.wait_for(len(expected))
    assert sorted(collector.seqs) == [entry.seq for entry in expected]
    by_seq = sorted(collector.stored.values(), key=lambda event: event["seq"])
    assert [event["id"] for event in by_seq] == [entry.id for entry in expected]
    assert [event["hash"] for event in by_seq] == [entry.hash for entry in expected]
    assert not any(each.retain for each in collector.events())
    if in_order:
        assert collector.seqs == [entry.seq for entry in expected]


def test_a_backlog_arrives_once_and_in_order(box: Box, mosquitto: Mosquitto) -> None:
    box.add(1500)
    with Collector(mosquitto.port) as collector:
        box.start(mosquitto.port)
        assert_delivered(box, collector)
        assert len(collector.events()) == 1500  # no double either: nothing was lost
        wait_until(lambda: box.cursor("mqtt.published") == 1500)
        wait_until(lambda: box.cursor("mqtt.stored") == 1500)


def test_entries_written_while_connected_follow_at_once(box: Box, mosquitto: Mosquitto) -> None:
    with Collector(mosquitto.port) as collector:
        box.start(mosquitto.port)
        box.wait_state("ready")
        for written in range(1, 6):
            box.add(1)
            collector.wait_for(written)
        assert_delivered(box, collector)


def test_the_broker_comes_later_than_the_box(box: Box, mosquitto: Mosquitto) -> None:
    mosquitto.stop()
    box.add(50)
    box.start(mosquitto.port, resend_after_s=0.2)
    state = box.wait_state("offline")
    assert str(mosquitto.port) in state.reason
    assert state.advice
    mosquitto.start()
    with Collector(mosquitto.port, acks=False) as collector:
        box.wait_state("ready")
        wait_until(lambda: box.cursor("mqtt.published") == 50)
        collector.acknowledge(0)  # it came later than the box and has nothing
        assert_delivered(box, collector)


def test_the_broker_is_killed_mid_stream_and_forgets_what_it_acknowledged(box: Box, mosquitto: Mosquitto) -> None:
    box.add(4000)
    with Collector(mosquitto.port) as collector:
        box.start(mosquitto.port, resend_after_s=0.5)
        for reached in (300, 1500):
            collector.wait_for(reached)
            mosquitto.kill()
            mosquitto.start()
        box.add(10)
        assert_delivered(box, collector, in_order=False)
        wait_until(lambda: box.cursor("mqtt.stored") == 4010)


def test_the_broker_is_restarted_in_good_order(box: Box, mosquitto: Mosquitto) -> None:
    box.add(3000)
    with Collector(mosquitto.port, acks=False) as collector:
        box.start(mosquitto.port)
        collector.wait_for(500)
        mosquitto.stop()
        mosquitto.start()
        assert_delivered(box, collector)


def test_half_open_connection(box: Box, mosquitto: Mosquitto, relay: TcpRelay) -> None:
    box.add(2000)
    with Collector(mosquitto.port) as collector:
        box.start(relay.port, publish_timeout_s=0.6)
        collector.wait_for(200)
        relay.set_fault("half_open")
        box.add(20)
        state = box.wait_state("offline")
        assert "acknowledges nothing" in state.reason or "no answer" in state.reason
        relay.set_fault(None)
        assert_delivered(box, collector)
        wait_until(lambda: box.cursor("mqtt.published") == 2020)


def test_an_idle_half_open_connection_is_noticed_by_its_keepalive(
    box: Box, mosquitto: Mosquitto, relay: TcpRelay
) -> None:
    box.start(relay.port, keepalive_s=1, telemetry_every_s=3600)
    box.wait_state("ready")
    wait_until(lambda: box.board.get("uplink") is not None)
    relay.set_fault("half_open")
    box.wait_state("offline")


def test_lost_pubacks(box: Box, mosquitto: Mosquitto, relay: TcpRelay) -> None:
    box.add(400)
    with Collector(mosquitto.port, acks=False) as collector:
        relay.set_fault("drop_pubacks")
        box.start(relay.port, publish_timeout_s=0.6)
        collector.wait_for(90)  # the window is full, and it stays full
        box.wait_state("offline")
        assert box.cursor("mqtt.published") == 0
        relay.set_fault(None)
        assert_delivered(box, collector)
        wait_until(lambda: box.cursor("mqtt.published") == 400)
        assert len(collector.events()) > 400  # what was not acknowledged came twice, with the same ids


def test_refused_connections_and_a_slow_line(box: Box, mosquitto: Mosquitto, relay: TcpRelay) -> None:
    box.add(20)
    with Collector(mosquitto.port, acks=False) as collector:
        relay.set_fault("refuse")
        box.start(relay.port)
        assert "refused" in box.wait_state("offline").reason.lower()
        relay.set_fault("slow")
        box.wait_state("ready")
        relay.set_fault(None)
        assert_delivered(box, collector)


def test_an_ack_that_stays_behind_makes_the_box_send_again(box: Box, mosquitto: Mosquitto) -> None:
    box.add(120)
    with Collector(mosquitto.port, acks=False) as collector:
        box.start(mosquitto.port, resend_after_s=0.3)
        collector.wait_for(120)
        assert len(collector.events()) == 120
        collector.forget()
        collector.acknowledge(20)  # the database has kept twenty of them
        collector.wait_for(100)
        assert collector.seqs == list(range(21, 121))
        collector.acknowledge(120)
        wait_until(lambda: box.cursor("mqtt.stored") == 120)


def test_a_mute_collector_never_makes_the_box_send_again(box: Box, mosquitto: Mosquitto) -> None:
    box.add(30)
    with Collector(mosquitto.port, acks=False) as collector:
        box.start(mosquitto.port, resend_after_s=0.01, telemetry_every_s=0.1)
        wait_until(lambda: box.cursor("mqtt.published") == 30)
        seen = len(collector.states["telemetry"])
        wait_until(lambda: len(collector.states["telemetry"]) >= seen + 5)
        assert len(collector.events()) == 30


def test_an_ack_beyond_the_journal_or_unreadable_is_ignored(box: Box, mosquitto: Mosquitto) -> None:
    box.add(10)
    with Collector(mosquitto.port, acks=False) as collector:
        box.start(mosquitto.port)
        collector.wait_for(10)
        for junk in (b'{"seq": 99}', b"", b"[]", b'{"seq": true}', b'{"seq": -1}', b"\xff", b"[" * 900):
            collector.publish_ack(junk)
        collector.acknowledge(4)
        wait_until(lambda: box.cursor("mqtt.stored") == 4)
        box.add(3)
        assert_delivered(box, collector)


def test_a_restarted_box_goes_on_from_its_cursor(box: Box, mosquitto: Mosquitto) -> None:
    box.add(200)
    with Collector(mosquitto.port, acks=False) as collector:
        box.start(mosquitto.port)
        collector.wait_for(200)
        box.stop()
        assert box.cursor("mqtt.published") == 200
        box.add(50)
        box.start(mosquitto.port)
        assert_delivered(box, collector)
        assert len(collector.events()) == 250


def test_another_fleet_gets_the_journal_from_its_beginning(box: Box, mosquitto: Mosquitto) -> None:
    box.add(50)
    with Collector(mosquitto.port) as collector:
        box.start(mosquitto.port)
        assert_delivered(box, collector)
        wait_until(lambda: box.cursor("mqtt.stored") == 50)
        box.stop()
    box.add(5)
    with Collector(mosquitto.port, fleet="other") as collector:
        box.start(mosquitto.port, fleet="other")
        assert_delivered(box, collector)
        wait_until(lambda: box.cursor("mqtt.stored") == 55)
        box.stop()
        box.add(5)
        box.start(mosquitto.port, fleet="other")  # the same once more: it goes on
        assert_delivered(box, collector)
        assert len(collector.events()) == 60


def test_cursors_that_name_no_source_are_the_present_one_s(box: Box, mosquitto: Mosquitto) -> None:
    """A version before this one kept them without."""
    box.add(20)
    box.desk.submit(lambda books: [books.cursors.set(name, 15) for name in ("mqtt.published", "mqtt.stored")])
    with Collector(mosquitto.port, acks=False) as collector:
        box.start(mosquitto.port)
        collector.wait_for(5)
        assert collector.seqs == [16, 17, 18, 19, 20]
        wait_until(lambda: box.cursor("mqtt.source") != 0)
