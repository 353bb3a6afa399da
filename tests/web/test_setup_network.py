"""The owner changes the box's own Wi-Fi and shares its uplink: through root's real grants; refused without a root."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from appliance.config import OWN_FILE, layers, load
from appliance.rootly import Machine
from appliance.runtime.network import Network
from appliance.runtime.root import Root
from tests.rootbox import RootSocket
from tests.web.axe import violations
from tests.web.tablets import Tablets
from tests.web.test_rights import login
from tests.web.test_setup import send
from tests.web.test_staff_browser import SMALL_TARGETS
from tests.web.webbox import Box


@pytest.fixture
def owner(box: Box) -> FlaskClient:
    return login(box, box.tokens.owner_pin or "", "/setup")


@pytest.fixture
def commands(box: Box, tmp_path: Path) -> Iterator[list[Sequence[str]]]:
    """What root was made to run, for a box that has one."""
    ran: list[Sequence[str]] = []
    shared = tmp_path / "share.nft"
    machine = Machine(ran.append, lambda at_s: None, shared, setup=tmp_path / "setup.json")
    with RootSocket(tmp_path / "ask", machine) as root:
        box.context.network = Network(Root(root.path), shared)
        yield ran


def test_the_uplink_is_shared_and_not_shared(box: Box, owner: FlaskClient, commands: list[Sequence[str]]) -> None:
    assert "reach the box and nothing else" in owner.get("/setup/wifi").text
    assert "may use the uplink from now on" in send(owner, "share", act="on").text
    assert "may use the box&#39;s uplink" in owner.get("/setup/wifi").text.replace("'", "&#39;")
    assert "do not reach the uplink" in send(owner, "share", act="off").text
    assert commands == [["nft", "-f", "/etc/nftables.conf"]] * 2


def test_the_hotspot_is_renamed_and_the_code_for_guests_with_it(
    box: Box, owner: FlaskClient, commands: list[Sequence[str]], tmp_path: Path
) -> None:
    told = send(owner, "wifi", network="Zoë & Söhne", password="throw a pot", country="de").text
    assert "has to join" in told
    assert json.loads((tmp_path / "setup.json").read_text()) == {
        "wifi_name": "Zoë & Söhne", "wifi_password": "throw a pot", "country": "DE"
    }  # fmt: skip
    assert commands[-1][-1] == "stallbox-hotspot"
    settings = load(layers(own=box.folder / OWN_FILE))
    assert (settings.wifi.name, settings.wifi.password) == ("Zoë & Söhne", "throw a pot")


@pytest.mark.parametrize(
    "fields",
    [{"network": "", "password": "throw a pot"}, {"network": "é" * 20, "password": "throw a pot"},
     {"network": "Stall", "password": ""}, {"network": "Stall", "password": "throw a pöt"},
     {"network": "Stall", "password": "throw a pot", "country": "Germany"}],
)  # fmt: skip
def test_what_a_radio_cannot_be_called_is_refused(
    owner: FlaskClient, commands: list[Sequence[str]], fields: dict[str, str]
) -> None:
    refused = send(owner, "wifi", **fields)
    assert (refused.status_code, "Write " in refused.text) == (422, True)
    assert commands == []


def test_what_root_could_not_do_is_told_and_not_kept(
    box: Box, owner: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: Sequence[str]) -> None:
        raise OSError("no such program")

    machine = Machine(fail, lambda at_s: None, tmp_path / "share.nft", setup=tmp_path / "setup.json")
    with RootSocket(tmp_path / "ask", machine) as root:
        box.context.network = Network(Root(root.path), tmp_path / "share.nft")
        refused = send(owner, "wifi", network="Stall", password="throw a pot")
        assert (refused.status_code, "was not changed" in refused.text) == (409, True)
        assert send(owner, "share", act="on").status_code == 409
    assert box.context.wifi == ("", "")


def test_without_a_root_the_page_says_so_and_offers_nothing_of_it(box: Box, owner: FlaskClient) -> None:
    page = owner.get("/setup/wifi").text
    assert "does not set up a radio" in page
    assert "Share it" not in page
    assert send(owner, "share", act="on").status_code == 409
    assert "The Wi-Fi is kept." in send(owner, "wifi", network="Guests", password="").text


@pytest.mark.browser
def test_the_step_on_a_small_phone(box: Box, tablets: Tablets, commands: list[Sequence[str]]) -> None:
    page = tablets.staff(box.tokens.owner_pin or "", "/setup/wifi", width=320, height=700, touch=True)
    page.get_by_role("button", name="Share it").click()
    expect(page.get_by_role("status")).to_contain_text("may use the uplink")
    page.get_by_label("Name of the network").fill("Corner stall")
    page.get_by_label("Password, 8 characters").fill("very fine clay")
    page.get_by_label("Country of the stall").fill("pe")
    page.get_by_role("button", name="Change the Wi-Fi").click()
    expect(page.get_by_role("status")).to_contain_text("has to join it anew")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(SMALL_TARGETS) == []
    assert violations(page) == []
    assert tablets.complaints == []
