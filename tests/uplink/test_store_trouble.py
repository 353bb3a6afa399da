"""The store fails the uplink for a while: it says so, and nothing is lost."""

from __future__ import annotations

from tests.brokers import Mosquitto
from tests.collector import Collector
from tests.uplink.conftest import Box
from tests.waiting import wait_until


def test_a_journal_that_cannot_be_read_degrades_the_uplink_and_keeps_it_connected(
    box: Box, mosquitto: Mosquitto
) -> None:
    with Collector(mosquitto.port, acks=False) as collector:
        box.start(mosquitto.port)
        box.wait_state("ready")
        box.desk.broken_reading = True
        box.add(5)
        assert box.wait_state("degraded").reason == "The disk cannot be read."
        assert collector.seqs == []
        box.desk.broken_reading = False
        box.wait_state("ready")
        collector.wait_for(5)
        assert collector.seqs == [1, 2, 3, 4, 5]
        assert [said.body["state"] for said in collector.states["status"]] == ["online"]


def test_cursors_that_cannot_be_saved_are_saved_later(box: Box, mosquitto: Mosquitto) -> None:
    box.add(5)
    box.desk.broken_writing = True
    with Collector(mosquitto.port, acks=False) as collector:
        box.start(mosquitto.port)
        collector.wait_for(5)
        assert box.cursor("mqtt.published") == 0
        box.desk.broken_writing = False
        wait_until(lambda: box.cursor("mqtt.published") == 5)


def test_cursors_lost_for_good_mean_doubles_with_the_same_ids(box: Box, mosquitto: Mosquitto) -> None:
    box.add(5)
    box.desk.broken_writing = True
    with Collector(mosquitto.port, acks=False) as collector:
        box.start(mosquitto.port)
        collector.wait_for(5)
        box.stop()
        box.desk.broken_writing = False
        box.start(mosquitto.port)
        wait_until(lambda: len(collector.events()) == 10)
        assert collector.ids == box.ids()


def test_a_store_that_cannot_be_read_at_the_start(box: Box, mosquitto: Mosquitto) -> None:
    box.add(2)
    box.desk.broken_reading = True
    box.start(mosquitto.port)
    assert box.wait_state("offline").reason == "The disk cannot be read."
    with Collector(mosquitto.port) as collector:
        box.desk.broken_reading = False
        collector.wait_for(2)
