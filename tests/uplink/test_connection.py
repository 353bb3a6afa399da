"""Coming and going: what the box says of itself, what it does when the broker says no."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from appliance.core.devices import DeviceState, Health
from appliance.core.journal import GENESIS_HASH
from appliance.sim.broker import EmbeddedBroker
from appliance.uplink.settings import UplinkSettings
from tests.brokers import Mosquitto
from tests.collector import Collector
from tests.uplink.conftest import Box
from tests.waiting import wait_until

V311 = MQTTProtocolVersion.MQTTv311


@pytest.fixture
def embedded() -> Iterator[EmbeddedBroker]:
    broker = EmbeddedBroker("127.0.0.1")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that knows `box` and `collector`, and has an access list that the test may write."""
    folder = tmp_path / "guarded"
    folder.mkdir()
    (folder / "acl").write_text("user box\ntopic readwrite stallbox/#\nuser collector\ntopic readwrite #\n")
    (folder / "users").write_text("box:right\ncollector:right\n")
    subprocess.run(["mosquitto_passwd", "-U", str(folder / "users")], check=True)
    config = f"password_file {folder / 'users'}\nacl_file {folder / 'acl'}\n"
    broker = Mosquitto(folder, config, anonymous=False).start()
    yield broker
    broker.stop()


def test_what_the_box_says_when_it_comes_and_goes(box: Box, mosquitto: Mosquitto) -> None:
    box.board.set_device(DeviceState("printer", "printer", "escpos", Health.OFFLINE, "Out of paper."))
    box.board.set("battery", {"charge_pct": 71})
    box.board.set("secret", "stays here")
    box.add(3)
    box.start(mosquitto.port)
    box.wait_state("ready")
    wait_until(lambda: box.cursor("mqtt.published") == 3)
    with Collector(mosquitto.port, acks=False) as late:  # retained: whoever comes later sees it all
        wait_until(lambda: all(late.states.values()))
        assert all(said[0].retain for said in late.states.values())
        assert late.status == "online"
        birth = late.states["birth"][0].body
        head = box.entries()[-1]
        assert birth["boot_id"] == "boot-1"
        assert birth["software"] == {"name": "stallbox", "version": "1.2.3"}
        assert birth["journal"] == {
            "head_seq": 3,
            "head_hash": head.hash,
            "published_seq": 0,
            "stored_seq": 0,
        }
        assert birth["clock"] == "synced"
        told = late.states["telemetry"][0].body
        assert told["devices"]["printer"] == {"kind": "printer", "health": "offline", "reason": "Out of paper."}
        assert told["battery"] == {"charge_pct": 71}
        assert told["counts"] == {"sales": 3}
        assert told["queue"]["head_seq"] == 3
        assert "secret" not in told
        assert late.events() == []  # nothing of the journal is retained
        box.stop()
        wait_until(lambda: late.status == "offline")
    assert box.wait_state("offline").reason


def test_an_uplink_that_is_stopped_is_not_connected_any_more(box: Box, mosquitto: Mosquitto) -> None:
    figures = {"published_seq": 0, "stored_seq": 0, "head_seq": 0, "waiting": 0}
    box.start(mosquitto.port)
    wait_until(lambda: box.board.get("uplink") == {"connected": True, **figures})
    box.stop()
    assert box.board.get("uplink") == {"connected": False, **figures}


def test_a_device_that_changes_is_told_at_once(box: Box, mosquitto: Mosquitto) -> None:
    with Collector(mosquitto.port) as collector:
        box.start(mosquitto.port, telemetry_every_s=3600)
        wait_until(lambda: len(collector.states["telemetry"]) == 1)
        box.board.set_device(DeviceState("printer", "printer", "escpos", Health.OFFLINE, "Unplugged."))
        wait_until(lambda: len(collector.states["telemetry"]) == 2)
        assert collector.states["telemetry"][-1].body["devices"]["printer"]["reason"] == "Unplugged."


def test_an_entry_as_a_cloud_event(box: Box, mosquitto: Mosquitto) -> None:
    box.add(2)
    first, second = box.entries()
    with Collector(mosquitto.port) as collector:
        box.start(mosquitto.port)
        collector.wait_for(2)
        one, two = collector.events()
    assert one.topic == "stallbox/v1/fleet/box/ev/sale.completed"
    assert (one.qos, one.retain) == (1, False)
    assert one.content_type == "application/cloudevents+json; charset=utf-8"
    assert two.body == {
        "specversion": "1.0",
        "id": second.id,
        "source": "/stallbox/fleet/box",
        "type": "app.stallbox.ticket.admitted.v1",
        "time": second.at,
        "datacontenttype": "application/json",
        "data": {"number": 1, "name": "Größe"},
        "seq": 2,
        "bootid": "boot-1",
        "clock": "synced",
        "prevhash": first.hash,
        "hash": second.hash,
    }
    assert one.body["prevhash"] == GENESIS_HASH


def test_home_assistant_finds_the_box(box: Box, mosquitto: Mosquitto) -> None:
    box.start(mosquitto.port, home_assistant=True)
    wait_until(lambda: "homeassistant/device/stallbox_box/config" in mosquitto.log.read_text())


def test_a_broker_without_mqtt_5(box: Box, embedded: EmbeddedBroker) -> None:
    box.add(300)
    with Collector(embedded.port, protocol=V311) as collector:
        box.start(embedded.port)
        collector.wait_for(300)
        assert collector.seqs == list(range(1, 301))
        assert collector.ids == box.ids()
        wait_until(lambda: box.cursor("mqtt.stored") == 300)
        wait_until(lambda: collector.status == "online")
        assert not any(state.health is Health.OFFLINE for state in box.board.history)
    with Collector(embedded.port, protocol=V311) as late:
        wait_until(lambda: late.status == "online")
        box.stop()
        wait_until(lambda: late.status == "offline")


def test_the_embedded_broker_goes_and_comes_back(box: Box, embedded: EmbeddedBroker) -> None:
    box.start(embedded.port)
    box.wait_state("ready")
    embedded.stop()
    box.wait_state("offline")
    box.add(20)
    embedded.start()
    box.wait_state("ready")


def test_a_wrong_password_is_said(box: Box, guarded: Mosquitto) -> None:
    box.start(guarded.port, username="box", password="wrong")
    state = box.wait_state("offline")
    assert "does not let this box in" in state.reason
    assert "password" in state.advice


def test_an_entry_that_the_broker_refuses_is_no_success(box: Box, guarded: Mosquitto, tmp_path: Path) -> None:
    acl = tmp_path / "guarded" / "acl"
    allowed = acl.read_text()
    acl.write_text(
        "user box\ntopic write stallbox/v1/fleet/box/status\ntopic write stallbox/v1/fleet/box/birth\n"
        "topic write stallbox/v1/fleet/box/telemetry\ntopic read stallbox/v1/fleet/box/ack\n"
        "topic write stallbox/v1/fleet/box/ev/sale.completed\nuser collector\ntopic readwrite #\n"
    )
    guarded.reload()
    box.add(8)  # the first is a sale, the second a ticket
    with Collector(guarded.port, acks=False, login=("collector", "right")) as collector:
        box.start(guarded.port, username="box", password="right")
        state = box.wait_state("degraded")
        assert "refuses entry" in state.reason
        assert "not authorized" in state.reason
        assert state.advice
        wait_until(lambda: box.cursor("mqtt.published") == 1)
        assert all(event["type"] == "app.stallbox.sale.completed.v1" for event in collector.stored.values())
        acl.write_text(allowed)
        guarded.reload()
        box.wait_state("ready")
        collector.wait_for(8)
        assert sorted(collector.seqs) == list(range(1, 9))


def test_a_refused_topic_is_said_and_the_journal_goes_on(box: Box, guarded: Mosquitto, tmp_path: Path) -> None:
    acl = tmp_path / "guarded" / "acl"
    acl.write_text("user box\ntopic write stallbox/v1/fleet/box/ev/#\nuser collector\ntopic readwrite #\n")
    guarded.reload()
    box.add(5)
    with Collector(guarded.port, acks=False, login=("collector", "right")) as collector:
        box.start(guarded.port, username="box", password="right")
        assert "refuses this box's topic" in box.wait_state("degraded").reason
        collector.wait_for(5)


def test_a_name_that_nobody_knows(box: Box) -> None:
    box.start(1, url="mqtt://broker.invalid")
    assert "broker.invalid" in box.wait_state("offline").reason


def test_the_last_will_of_a_killed_box(mosquitto: Mosquitto, tmp_path: Path) -> None:
    script = (
        "import sys, threading\nfrom pathlib import Path\nfrom tests.uplink.conftest import Box\n"
        "box = Box(Path(sys.argv[1]))\nbox.start(int(sys.argv[2]))\nbox.wait_state('ready')\n"
        "print('ready', flush=True)\nthreading.Event().wait(60)\n"
    )
    victim = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), str(mosquitto.port)], stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    try:
        assert victim.stdout is not None
        assert victim.stdout.readline() == b"ready\n"
        with Collector(mosquitto.port) as collector:
            wait_until(lambda: collector.status == "online")
            os.kill(victim.pid, signal.SIGKILL)
            wait_until(lambda: collector.status == "offline")
    finally:
        victim.kill()
        victim.communicate(timeout=5)


@pytest.mark.parametrize("url", ["broker", "http://broker", "mqtt://", ""])
def test_a_bad_address_is_said(url: str) -> None:
    settings = UplinkSettings(url, "fleet", "box", "boot", "1")
    with pytest.raises(ValueError, match="mqtt://host:1883"):
        settings.broker()


def test_default_ports() -> None:
    assert UplinkSettings("mqtt://a", "f", "b", "x", "1").broker() == ("a", 1883, False)
    assert UplinkSettings("mqtts://a", "f", "b", "x", "1").broker() == ("a", 8883, True)
    assert UplinkSettings("mqtts://[::1]:99", "f", "b", "x", "1").broker() == ("::1", 99, True)
