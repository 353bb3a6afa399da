"""A whole box in this process: its first clock, its button's PIN, and the lights after a crash."""

from __future__ import annotations

import datetime as dt
import functools
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance import parts
from appliance.bootstrap import Box
from appliance.client import Client
from appliance.commands.panel import show_fault
from appliance.commands.simulate import kit_settings, load_first_event
from appliance.config import Settings
from appliance.equipment import Wires
from appliance.runtime.clock import SystemClock
from appliance.sim.kit import BATTERIES, Kit
from tests.books import EVENTS
from tests.waiting import wait_until

pytestmark = pytest.mark.system
LIMIT_S = 30


@pytest.fixture
def kit(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Kit]:
    made = Kit(tmp_path / "kit", battery=getattr(request, "param", "pijuice"))
    made.start()
    yield made
    made.close()


def settings_of(kit: Kit, folder: Path) -> Settings:
    settings = kit_settings(folder, "127.0.0.1", 0, kit)
    load_first_event(folder, settings, EVENTS / "street-series.toml")
    return settings


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Stand at a stall: no time server, and no hardware clock that the kernel knows."""
    lonely = functools.partial(SystemClock, synchronised=lambda: False, rtc_folder=tmp_path / "none")
    monkeypatch.setattr(parts, "SystemClock", lonely)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(("set_ahead", "quality"), [(True, "rtc"), (False, "guess")])
def test_the_battery_board_s_clock_dates_the_journal_from_its_first_entry(
    kit: Kit, tmp_path: Path, set_ahead: bool, quality: str
) -> None:
    settings = settings_of(kit, tmp_path)
    if set_ahead:
        kit.i2c_bus._clock_offset = dt.timedelta(days=30)  # the box's own clock is a month behind
    else:
        kit.i2c_bus.lose_clock()
    box = Box(settings, tmp_path, Wires(kit.i2c_bus, kit.pin_factory))
    box.start()
    try:
        with box.desk.reading() as books:
            started = books.journal.newest(["box.started"], 1)[0]
        assert started.clock == quality
        ahead = dt.datetime.fromisoformat(started.at) - dt.datetime.now(dt.UTC)
        assert abs(ahead - dt.timedelta(days=30 if set_ahead else 0)) < dt.timedelta(minutes=5)
    finally:
        box.stop()


@pytest.mark.parametrize("kit", BATTERIES, indirect=True)
def test_each_battery_board_becomes_ready_and_turns_low(kit: Kit, tmp_path: Path) -> None:
    box = Box(settings_of(kit, tmp_path), tmp_path, Wires(kit.i2c_bus, kit.pin_factory))
    box.start()
    try:
        kit.set_battery(charge_pct=20, charging=False)
        staff = Client(f"http://127.0.0.1:{box.web.port}", box.tokens.staff)
        wait_until(lambda: staff.get("/api/v1/state")[1]["battery"].get("state") == "low", LIMIT_S)
        assert staff.get("/api/v1/state")[1]["devices"]["battery"]["state"] == "ready"
        assert staff.get("/api/v1/power")[1]["battery"]["charge_pct"] == 20
    finally:
        box.stop()


def test_a_board_that_is_read_once_an_hour_is_told_to_cut_the_power(kit: Kit, tmp_path: Path) -> None:
    settings = settings_of(kit, tmp_path)
    settings = replace(settings, battery=replace(settings.battery, poll_s=3600))
    box = Box(settings, tmp_path, Wires(kit.i2c_bus, kit.pin_factory))
    box.start()
    try:
        wait_until(lambda: box.board.device("battery"), LIMIT_S)
        box.shutdown.ask()
        wait_until((kit.folder / "halted").exists, LIMIT_S)
        assert kit.i2c_bus.power_off_s == settings.power.cut_after_s
    finally:
        box.stop()


def test_a_renewed_pin_holds_at_once_and_after_a_restart(kit: Kit, tmp_path: Path) -> None:
    settings = settings_of(kit, tmp_path)
    box = Box(settings, tmp_path, Wires(kit.i2c_bus, kit.pin_factory))
    before = box.tokens
    box.start()
    try:
        browser = box._app.test_client()
        page = browser.get("/setup").text
        token = page.split('name="form_token" value="')[1].split('"')[0]
        assert browser.post("/setup", data={"pin": before.owner_pin, "form_token": token}).status_code == 303
        assert browser.get("/api/v1/orders").status_code == 200
        pin = box.renew_owner_pin()
        assert browser.get("/api/v1/orders").status_code == 401
        assert box._context.tokens.role_of_pin(pin) is not None
        assert box._context.tokens.role_of_pin(before.owner_pin) is None
    finally:
        box.stop()
    assert json.loads((tmp_path / "tokens.json").read_text())["pin"]["owner"] == pin
    assert pin not in (tmp_path / "stallbox.db").read_bytes().decode("latin-1")


def test_after_a_crash_all_red_blinks_until_the_daemon_is_back(kit: Kit, tmp_path: Path) -> None:
    settings, back = settings_of(kit, tmp_path), threading.Event()
    wires = Wires(kit.i2c_bus, kit.pin_factory)
    helper = threading.Thread(target=show_fault, args=(settings, back.is_set, None, wires))
    helper.start()
    try:
        wait_until(lambda: (kit.panel.state()["red"], kit.panel.state()["status"]) == ("fast", "fast"), LIMIT_S)
        assert (kit.panel.state()["green"], kit.panel.state()["amber"]) == ("off", "off")
    finally:
        back.set()
        helper.join(10)
    wait_until(lambda: kit.panel.state()["red"] == "off", LIMIT_S)
    show_fault(settings, lambda: True, None, wires)  # a daemon that is back has the lights
    assert kit.panel.state()["red"] == "off"
