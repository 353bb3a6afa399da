"""What the messages are made of, without a network."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.clock import ClockQuality, Moment
from appliance.core.devices import DeviceState, Health
from appliance.core.journal import KINDS, Entry, canonical_json
from appliance.runtime.board import Board
from appliance.uplink.discovery import discovery
from appliance.uplink.events import encoder, event_type, read_ack
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.telemetry import changes_that_matter, period_s, snapshot
from appliance.uplink.topics import TABLE, Topics

SETTINGS = UplinkSettings("mqtt://broker", "north", "box-7", "boot", "1.0")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_the_settings_do_not_show_their_password() -> None:
    assert "hunter2" not in repr(dataclasses.replace(SETTINGS, username="box", password="hunter2"))


def test_topics_of_a_box() -> None:
    topics = Topics("north", "box-7")
    assert topics.status == "stallbox/v1/north/box-7/status"
    assert topics.event("sale.completed") == "stallbox/v1/north/box-7/ev/sale.completed"
    assert topics.discovery == "homeassistant/device/stallbox_box-7/config"


def test_the_table_names_every_topic_once_and_retains_states_only() -> None:
    assert len({row.name for row in TABLE}) == len({row.pattern for row in TABLE}) == len(TABLE)
    assert all(row.meaning.endswith(".") for row in TABLE)
    assert {row.name for row in TABLE if not row.retained} == {"event", "ack"}


@given(st.dictionaries(st.text(), JSON), st.sampled_from(sorted(KINDS)), st.integers(1, 2**31 - 1))
def test_an_event_carries_the_entry_so_that_its_hash_can_be_checked(
    data: dict[str, object], kind: str, seq: int
) -> None:
    entry = Entry(seq, "id", kind, "2026-11-22T18:38:43.000000Z", "rtc", data, "p" * 64, "h" * 64)
    event = json.loads(encoder(SETTINGS.source, "boot")(entry))
    assert canonical_json(event["data"]) == canonical_json(data)
    assert (event["seq"], event["type"], event["clock"]) == (seq, event_type(kind), "rtc")
    assert all(name.isalnum() and name.islower() for name in event)  # CloudEvents 1.0.2, section 3.1.1


@given(st.binary(max_size=2000))
def test_any_bytes_may_come_as_an_ack(payload: bytes) -> None:
    seq = read_ack(payload)
    assert seq is None or seq >= 0


@pytest.mark.parametrize(
    ("payload", "seq"),
    [
        (b'{"seq": 7}', 7),
        (b'{"seq": 0, "at": "now"}', 0),
        (b'{"seq": 7.0}', None),
        (b'{"seq": "7"}', None),
        (b'{"seq": true}', None),
        (b'{"seq": -1}', None),
        (b"7", None),
        (b"", None),
        (b'{"seq": 1}' + b" " * 1024, None),
    ],
)
def test_acks(payload: bytes, seq: int | None) -> None:
    assert read_ack(payload) == seq


def test_a_snapshot_leaves_out_what_the_box_does_not_know() -> None:
    board = Board()
    board.set("battery", {"state": "low"})
    moment = Moment(dt.datetime(2026, 11, 22, tzinfo=dt.UTC), ClockQuality.GUESS)
    assert snapshot(board, {"sales": 1}, {"waiting": 2}, moment) == {
        "at": "2026-11-22T00:00:00.000000Z",
        "clock_quality": "guess",
        "devices": {},
        "battery": {"state": "low"},
        "counts": {"sales": 1},
        "queue": {"waiting": 2},
    }


def test_a_device_or_the_power_state_matters_at_once_but_the_uplink_itself_does_not() -> None:
    printer = DeviceState("printer", "printer", "escpos", Health.READY)
    lost = DeviceState("printer", "printer", "escpos", Health.OFFLINE, "Unplugged.")
    uplink = DeviceState("uplink", "uplink", "mqtt", Health.READY)
    assert changes_that_matter([printer], None) == changes_that_matter([printer, uplink], None)
    assert changes_that_matter([printer], None) != changes_that_matter([lost], None)
    assert changes_that_matter([], {"state": "low"}) != changes_that_matter([], {"state": "normal"})
    reading = {"state": "low", "charge_pct": 24}
    assert changes_that_matter([], reading) == changes_that_matter([], {**reading, "charge_pct": 23})


def test_discovery_has_what_home_assistant_requires() -> None:
    said = json.loads(json.dumps(discovery(SETTINGS, Topics("north", "box-7"))))
    assert said["dev"]["ids"]
    assert said["o"]["name"] == "stallbox"
    assert said["state_topic"] == "stallbox/v1/north/box-7/telemetry"
    assert said["availability"][0]["topic"] == "stallbox/v1/north/box-7/status"
    unique = [component["unique_id"] for component in said["cmps"].values()]
    assert len(set(unique)) == len(unique)
    for component in said["cmps"].values():
        assert component["platform"] == "sensor"
        assert component["expire_after"] == 360  # three of the longest periods, those of a box that saves


@pytest.mark.parametrize(
    ("battery", "expected_s"),
    [(None, 30), ({"state": "normal"}, 30), ({"state": "saving"}, 120), ({"state": "low"}, 120), ({}, 30)],
)
def test_a_box_that_saves_power_tells_less_often(battery: object, expected_s: float) -> None:
    assert period_s(30, battery) == expected_s
