"""The step Uplink: what its form takes, and how it looks; tests/system/test_fleet_of_a_box.py tries real brokers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from appliance.config import OwnSettings, Settings, layers, load
from appliance.core.devices import DeviceState, Health
from appliance.fleet import Fleet
from appliance.settings.own import FILE
from appliance.store.keys import write_durably
from tests.brokers import free_port
from tests.web.axe import violations
from tests.web.tablets import Tablets
from tests.web.test_rights import login
from tests.web.test_setup import send
from tests.web.test_staff_browser import SMALL_TARGETS
from tests.web.webbox import Box

WISH = {"host": "mqtt.example.org", "port": "", "tls": "on", "username": "box", "password": "kiln", "fleet": "kilns"}


@pytest.fixture
def changed(box: Box) -> list[Settings]:
    """The settings that the box was told to go by."""
    told: list[Settings] = []
    (box.folder / "keys").mkdir(exist_ok=True)
    box.context.fleet = Fleet(Settings(), box.folder, OwnSettings(box.folder, write_durably), "boot", told.append)
    return told


@pytest.fixture
def owner(box: Box) -> FlaskClient:
    return login(box, box.tokens.owner_pin or "", "/setup")


def own(folder: Path) -> Settings:
    return load(layers(own=folder / FILE))


def test_what_is_kept_is_what_the_next_start_reads(box: Box, owner: FlaskClient, changed: list[Settings]) -> None:
    assert "from now on" in send(owner, "fleet", **WISH, act="keep").text
    settings = own(box.folder)
    assert (settings.uplink.enabled, settings.uplink.url) == (True, "mqtts://mqtt.example.org:8883")
    assert (settings.uplink.username, settings.box.fleet) == ("box", "kilns")
    assert Path(settings.uplink.password_file).read_text() == "kiln\n"
    assert changed[-1].uplink == settings.uplink
    page = owner.get("/setup/fleet").text
    assert 'value="mqtt.example.org"' in page
    assert "kiln\n" not in page
    assert "Forward nothing" in page
    send(owner, "fleet", **{**WISH, "password": "", "host": "[2001:db8::7]", "tls": ""}, act="keep")
    assert own(box.folder).uplink.url == "mqtt://[2001:db8::7]:1883"
    assert own(box.folder).uplink.password_file == settings.uplink.password_file
    assert 'value="[2001:db8::7]"' in owner.get("/setup/fleet").text
    send(owner, "fleet", **{**WISH, "username": "", "password": ""}, act="off")
    assert (own(box.folder).uplink.enabled, own(box.folder).uplink.password_file) == (False, "")


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """User name and password of each try; the broker lets everybody in."""
    logins: list[tuple[str, str]] = []
    monkeypatch.setattr("appliance.fleet.try_broker", lambda uplink: logins.append((uplink.username, uplink.password)))
    return logins


BLANK = {**WISH, "password": ""}  # the form as it comes back


def test_the_password_that_was_tried_is_kept_though_the_form_comes_back_without_it(
    box: Box, owner: FlaskClient, changed: list[Settings], tried: list[tuple[str, str]]
) -> None:
    assert "kiln" not in send(owner, "fleet", **{**WISH, "fleet": "wheels"}, act="try").text
    send(owner, "fleet", **BLANK, act="try")
    send(owner, "fleet", **BLANK, act="keep")
    assert tried == [("box", "kiln")] * 2
    assert Path(own(box.folder).uplink.password_file).read_text() == "kiln\n"
    send(owner, "fleet", **{**WISH, "password": "wheel"}, act="keep")
    send(owner, "fleet", **BLANK, act="keep")
    assert Path(own(box.folder).uplink.password_file).read_text() == "wheel\n"


@pytest.mark.parametrize("other", [{"host": "192.0.2.7"}, {"port": "8884"}, {"tls": ""}, {"username": "till"}])
def test_a_password_that_was_tried_goes_to_no_other_broker_or_user(
    box: Box, owner: FlaskClient, changed: list[Settings], tried: list[tuple[str, str]], other: dict[str, str]
) -> None:
    send(owner, "fleet", **WISH, act="try")
    send(owner, "fleet", **{**BLANK, **other}, act="try")
    assert tried[1][1] == ""
    send(owner, "fleet", **BLANK, act="keep")
    assert own(box.folder).uplink.password_file == ""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"host": "mqtt://x"}, "Write the broker"), ({"host": "a b"}, "Write the broker"), ({"host": "user@x"}, "broker"),
     ({"host": "[:]"}, "Write the broker"), ({"host": "[fe80::1::2]"}, "Write the broker"),
     ({"host": "[127.0.0.1]"}, "Write the broker"),
     ({"port": "x"}, "Write the port"), ({"port": "0"}, "Write the port"), ({"port": "70000"}, "Write the port"),
     ({"fleet": "Kilns & Co"}, "fleet"), ({"username": "", "password": "x"}, "needs a user name")],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_stays_in_the_form(
    box: Box, owner: FlaskClient, changed: list[Settings], wrong: dict[str, str], words: str
) -> None:
    for act in ("try", "keep"):
        refused = send(owner, "fleet", **{**WISH, **wrong}, act=act)
        assert (refused.status_code, words in refused.text) == (422, True)
    assert changed == []
    assert not (box.folder / FILE).exists()
    assert 'value="box"' in refused.text or wrong.get("username") == ""


def test_a_keep_that_the_settings_refuse_leaves_all_as_it_was(
    box: Box, owner: FlaskClient, changed: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(owner, "fleet", **WISH, act="keep")
    kept = {path: path.read_bytes() for path in (box.folder / FILE, Path(own(box.folder).uplink.password_file))}
    monkeypatch.setattr("appliance.fleet._is_host", lambda host: True, raising=False)
    other = {"host": "[:]", "fleet": "wheels", "password": "wheel"}
    assert send(owner, "fleet", **{**WISH, **other}, act="keep").status_code == 422
    assert {path: path.read_bytes() for path in kept} == kept
    assert len(changed) == 1


def test_a_box_without_one_says_so(box: Box, owner: FlaskClient) -> None:
    assert "in its configuration only" in owner.get("/setup/fleet").text
    assert send(owner, "fleet", **WISH, act="keep").status_code == 409


def test_the_software_s_version_is_told(box: Box, owner: FlaskClient) -> None:
    box.context.build, box.context.slot = "2026-11-26", "A"
    assert "Stallbox 0.1.0, built on 2026-11-26, slot A. Updates come on a new card." in owner.get("/setup/fleet").text


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1024])
def test_the_step_in_a_browser(box: Box, tablets: Tablets, changed: list[Settings], width: int) -> None:
    box.board.set_device(DeviceState("uplink", "uplink", "mqtt", Health.OFFLINE, "The broker cannot be reached."))
    page = tablets.staff(box.tokens.owner_pin or "", "/setup/fleet", width=width, height=700, touch=width == 320)
    page.get_by_label("MQTT broker").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(free_port()))
    page.get_by_label("Name of the fleet").fill("kilns")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("alert").filter(has_text="cannot be reached")).to_be_visible()
    assert page.get_by_label("MQTT broker").input_value() == "127.0.0.1"
    page.get_by_role("button", name="Forward sales there").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("from now on")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SMALL_TARGETS) == []
    assert violations(page) == []
    assert changed[-1] == replace(changed[-1], uplink=replace(changed[-1].uplink, enabled=True))
