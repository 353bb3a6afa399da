"""A broker on trial, and the exchange of the uplink while the box runs: on real brokers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.core.devices import DeviceState, Health
from appliance.core.errors import DeviceLost
from appliance.runtime.worker import Worker
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.switch import UplinkSwitch
from appliance.uplink.trial import try_broker
from appliance.uplink.worker import Uplink
from tests.brokers import Mosquitto, free_port
from tests.collector import Collector
from tests.uplink.conftest import Box
from tests.uplink.test_connection import guarded  # noqa: F401 - a fixture
from tests.waiting import wait_until


def at(url: str, **more: str) -> UplinkSettings:
    return UplinkSettings(url=url, fleet="fleet", box="box", boot_id="boot-1", version="1.2.3", **more)  # type: ignore[arg-type]


def fails(settings: UplinkSettings, limit_s: float = 20) -> DeviceLost:
    with pytest.raises(DeviceLost) as lost:
        try_broker(settings, limit_s)
    return lost.value


def test_a_broker_that_lets_the_box_in(guarded: Mosquitto) -> None:  # noqa: F811
    try_broker(at(f"mqtt://127.0.0.1:{guarded.port}", username="box", password="right"))


def test_each_failure_is_told_apart(guarded: Mosquitto) -> None:  # noqa: F811
    address = f"127.0.0.1:{guarded.port}"
    assert fails(at(f"mqtt://{address}", username="box", password="wrong")).code == "broker_refused"
    assert fails(at(f"mqtt://{address}")).code == "broker_refused"
    assert fails(at(f"mqtts://{address}")).code == "broker_untrusted"
    assert fails(at(f"mqtt://127.0.0.1:{free_port()}")).code == "broker_away"
    assert fails(at("mqtt://no-such-broker.invalid:1883")).code == "broker_unknown"


def test_a_broker_that_says_nothing_is_waited_for_no_longer_than_this() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        lost = fails(at(f"mqtt://127.0.0.1:{silent.getsockname()[1]}"), limit_s=1.0)
    assert (lost.code, "within 1 s" in lost.message) == ("broker_silent", True)


def test_the_box_s_own_connection_goes_on_beside_a_trial(box: Box, mosquitto: Mosquitto) -> None:
    box.start(mosquitto.port)
    box.wait_state("ready")
    before = len(box.board.history)
    try_broker(box.settings(mosquitto.port))
    box.add(1)
    wait_until(lambda: box.cursor("mqtt.published") == 1)
    assert Health.OFFLINE not in [state.health for state in box.board.history[before:]]
    with Collector(mosquitto.port, box="box-trial", acks=False) as watcher:
        assert watcher.states["status"] == []  # neither a birth nor a last will of the trial


@pytest.fixture
def switch(box: Box) -> Iterator[UplinkSwitch]:
    made = UplinkSwitch(box.board, None)
    worker = idle(made)
    worker.start()
    yield made
    assert worker.stop(15)


def test_the_uplink_is_switched_on_moved_to_another_broker_and_off_again(
    box: Box, switch: UplinkSwitch, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    def uplink(port: int) -> Uplink:
        return Uplink(box.settings(port), box.desk, box.board)

    box.add(2)
    switch.change(uplink(mosquitto.port))
    wait_until(lambda: box.cursor("mqtt.published") == 2)
    other = Mosquitto(tmp_path / "other").start()
    try:
        switch.change(uplink(other.port))
        box.wait_state("ready")
        with Collector(other.port, acks=False) as collector:
            box.add(1)
            wait_until(lambda: [event["seq"] for event in collector.stored.values()] == [3])
        switch.change(None)
        box.wait_state("absent")
        wait_until(lambda: box.board.get("uplink") == {})
        assert box.cursor("mqtt.published") == 3
    finally:
        other.stop()


def test_an_uplink_that_could_not_be_had_is_no_fault_any_more_once_it_is_not_wanted(
    box: Box, switch: UplinkSwitch
) -> None:
    box.board.set_device(DeviceState("uplink", "uplink", "mqtt", Health.OFFLINE, "Its password cannot be read."))
    switch.change(None)
    box.wait_state("absent")


def idle(switch: UplinkSwitch) -> Worker:
    worker: Worker = Worker("uplink", lambda: switch.step(worker.beat, lambda: worker.stopping), interrupt=switch.wake)
    return worker


def test_an_idle_switch_ends_at_once_when_it_is_told(box: Box) -> None:
    switch = UplinkSwitch(box.board, None)
    for _ in range(200):  # also when the stop comes just as a round begins
        worker = idle(switch)
        worker.start()
        assert worker.stop(5)
