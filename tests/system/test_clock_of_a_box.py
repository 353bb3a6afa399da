"""The clock of a whole box: a tablet's time outlives the daemon's restart, and root sets the system's clock by it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from appliance import parts
from appliance.bootstrap import Box
from appliance.client import Client
from appliance.config import Settings
from appliance.core.clock import ClockSource, parse_timestamp, timestamp
from appliance.equipment import Wires
from appliance.parts import STORE
from appliance.rootly import Machine
from appliance.runtime.clock import SystemClock
from tests.rootbox import RootSocket
from tests.waiting import wait_until

SETTINGS = replace(Settings(), http=replace(Settings().http, host="127.0.0.1", port=0, threads=4))
DAY = dt.timedelta(days=1)
BUILT = dt.datetime.now(dt.UTC).replace(microsecond=0) - 30 * DAY


@pytest.fixture(autouse=True)
def no_time_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    unsure = partial(SystemClock, synchronised=lambda: False, rtc_folder=tmp_path)
    monkeypatch.setattr(parts, "SystemClock", unsure)
    monkeypatch.setattr(parts, "built_at", lambda: BUILT)


@contextmanager
def running(data: Path, root: Path) -> Iterator[Box]:
    box = Box(SETTINGS, data, Wires(root=root))
    box.start()
    try:
        yield box
    finally:
        box.stop()


def tell(box: Box, at: dt.datetime) -> None:
    client = Client(f"http://127.0.0.1:{box.web.port}", box.tokens.owner)
    assert client.post("/api/v1/clock", {"at": timestamp(at), "asked": True})[1]["set"]


def now(box: Box) -> dt.datetime:
    return box.desk._now().at


def heads(box: Box) -> list[str]:
    with box.desk.reading() as books:
        return [entry.kind for entry in books.journal.all()]


def test_a_tablet_s_time_outlives_a_restart_of_the_daemon_and_root_sets_the_system_s_clock(tmp_path: Path) -> None:
    built, note, times = tmp_path / "built", tmp_path / "note", []
    built.touch()
    os.utime(built, (BUILT.timestamp(), BUILT.timestamp()))
    machine = Machine(lambda command: None, times.append, tmp_path / "share.nft", built, note)
    told = dt.datetime.now(dt.UTC) + 3 * DAY
    with RootSocket(tmp_path / "ask", machine) as root:
        with running(tmp_path / "box", root.path) as box:
            tell(box, told)
            assert abs(now(box) - told) < dt.timedelta(minutes=1)
        assert [round(told.timestamp())] == [pytest.approx(times[0], abs=60)]
        assert note.stat().st_mtime == times[0]
        with running(tmp_path / "box", root.path) as box:
            assert abs(now(box) - told) < dt.timedelta(minutes=1)
            assert box.desk._now().source is ClockSource.TABLET


def test_back_is_back_also_if_the_power_goes_at_once_and_without_any_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody, real = tmp_path / "nobody", dt.datetime.now(dt.UTC)
    with running(tmp_path / "box", nobody) as box:
        tell(box, real + 300 * DAY)
        wait_until(lambda: heads(box)[-1] == "clock.set")
        tell(box, real)
        box._keeping.step()
        assert heads(box)[-2:] == ["clock.set", "clock.set"]  # what a tablet did is no jump of somebody else's
        with box.desk.reading() as books:
            head = books.journal.head()
        assert head is not None
        assert parse_timestamp(head.at) > real + 299 * DAY  # dated by the clock before it
        monkeypatch.setattr("appliance.runtime.clock.boot_id", lambda: "the next start of the computer")
        clock = parts._clock(tmp_path / "box" / STORE, lambda at: None)
        assert clock.now().at < real + DAY
