"""The owner's page and a USB stick: what it says when one comes, is written to, is too small, or is pulled out."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import BinaryIO

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from appliance.core.errors import StallboxError
from appliance.core.ports import StickFacts
from tests.web.axe import violations
from tests.web.tablets import Tablets
from tests.web.test_rights import login
from tests.web.test_setup import send
from tests.web.webbox import Box


class Drawer:
    """A place for sticks: a folder, once somebody plugs one in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.error: StallboxError | None = None

    def look(self) -> StickFacts | None:
        return StickFacts("ANNA & SON", 32_000_000_000) if self.folder.exists() else None

    def keep(self, file: BinaryIO, name: str) -> int:
        if self.error:
            raise self.error
        (self.folder / name).write_bytes(file.read())
        return 31_900_000_000


@pytest.fixture
def drawer(box: Box, tmp_path: Path) -> Drawer:
    made = Drawer(tmp_path / "stick")
    box.context.stick = made
    return made


@pytest.fixture
def owner(box: Box) -> FlaskClient:
    return login(box, box.tokens.owner_pin or "", "/setup")


def test_the_same_backup_as_the_command_s_is_on_the_stick(box: Box, owner: FlaskClient, drawer: Drawer) -> None:
    assert "<span>No stick is plugged in" in owner.get("/setup/data").text
    drawer.folder.mkdir()
    assert "ANNA &amp; SON" in (page := owner.get("/setup/data").text)
    assert 'action="/setup/stick"' in page
    told = send(owner, "stick").text
    name = "stallbox-box-1-2026-12-05-2130.tar.gz"
    assert f"{name} is on the stick and was read back; 31900 MB are free. You may pull it out now." in told
    with tarfile.open(drawer.folder / name) as archive:
        assert {"stallbox.db", "SHA256SUMS"} <= set(archive.getnames())
    assert list((box.folder / "uploads").iterdir()) == []


def test_what_went_wrong_with_it_is_told_on_the_page(box: Box, owner: FlaskClient, drawer: Drawer) -> None:
    drawer.error = StallboxError("stick_gone", "The stick was pulled out.")
    refused = send(owner, "stick")
    assert (refused.status_code, "The stick was pulled out." in refused.text) == (409, True)
    assert list((box.folder / "uploads").iterdir()) == []


def test_a_box_without_a_place_for_one_does_not_offer_it(box: Box, owner: FlaskClient) -> None:
    assert 'action="/setup/stick"' not in owner.get("/setup/data").text
    assert send(owner, "stick").status_code == 409


@pytest.mark.browser
def test_the_stick_appears_by_itself_and_takes_the_backup_at_a_press(
    box: Box, tablets: Tablets, drawer: Drawer
) -> None:
    page = tablets.staff(box.tokens.owner_pin or "", "/setup/data", width=320, height=700)
    expect(page.locator("#live")).to_contain_text("No stick is plugged in")
    drawer.folder.mkdir()
    expect(page.locator("#live")).to_contain_text("ANNA & SON", timeout=10_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="Back up to the stick").click()
    expect(page.get_by_role("status")).to_contain_text("You may pull it out now")
    assert violations(page) == []
    assert tablets.complaints == []
