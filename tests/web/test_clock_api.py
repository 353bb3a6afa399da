"""The owner's tablet sets the clock of a box that knows no better: by the API, and by the pages in a real browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from playwright.sync_api import Browser, Page, expect

from appliance.core.clock import timestamp
from appliance.runtime.clock import SystemClock
from appliance.web.app import ROUTES
from appliance.web.openapi import describe
from appliance.web.server import WebServer
from tests.web.axe import violations
from tests.web.tablets import Tablets
from tests.web.test_rights import login
from tests.web.test_staff_browser import SIZES, SMALL_TARGETS
from tests.web.webbox import Box, load_example, open_empty_box

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[Box]:
    """A box that was off for two hours, without a network and without a clock of its own."""
    clock = SystemClock(
        synchronised=lambda: False, rtc_folder=tmp_path, built_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    clock.go_by(clock.now().at - 2 * HOUR)
    with open_empty_box(tmp_path, clock) as box:
        load_example(box)
        yield box


def behind(box: Box) -> dt.timedelta:
    assert box.context.clock is not None
    return dt.datetime.now(dt.UTC) - box.context.clock.now().at


def entries(box: Box) -> list[dict[str, object]]:
    with box.desk.reading() as books:
        return [dict(entry.data) for entry in books.journal.newest(["clock.set"], 9)]


def test_the_owner_s_tablet_puts_the_box_right_once_whatever_is_repeated(lost: Box) -> None:
    state = lost.client("kiosk").get("/state").json
    assert state["clock"] == {"quality": "rtc", "source": "board"}
    now = {"at": timestamp(dt.datetime.now(dt.UTC))}
    for _ in range(2):
        answer = lost.client("owner").post("/clock", now, key="the same")
        assert (answer.status_code, answer.json["set"]) == (200, True)
        jsonschema.validate(answer.json, {**describe(ROUTES, ""), "$ref": "#/components/schemas/ClockSet"})
        assert 7190 < answer.json["ahead_s"] <= 7200
    assert abs(behind(lost)) < dt.timedelta(minutes=1)
    assert len(entries(lost)) == 1
    assert lost.client("kiosk").get("/state").json["clock"] == {"quality": "rtc", "source": "tablet"}


@pytest.mark.parametrize("role", ["kiosk", "staff"])
def test_nobody_else_does(lost: Box, role: str) -> None:
    answer = lost.client(role).post("/clock", {"at": timestamp(dt.datetime.now(dt.UTC))})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
    assert entries(lost) == []


def test_a_box_whose_clock_is_right_says_so(box: Box) -> None:
    answer = box.client("owner").post("/clock", {"at": "2026-12-05T20:00:00Z", "asked": True})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "no_clock")


def test_whoever_is_signed_in_stays_so_over_a_jump_of_the_clock(lost: Box) -> None:
    staff = login(lost, lost.tokens.staff_pin)
    for hours in (20, -20):
        at = timestamp(dt.datetime.now(dt.UTC) + hours * HOUR)
        assert lost.client("owner").post("/clock", {"at": at, "asked": True}).json["set"]
        assert staff.get("/api/v1/sales").status_code == 200


@pytest.fixture
def opened(chromium: Browser, lost: Box) -> Iterator[Tablets]:
    server = WebServer(lost.app, "127.0.0.1", 0, 8)
    server.start()
    made = Tablets(chromium, server)
    yield made
    for context in made.contexts:
        context.close()
    server.stop()


def card(page: Page) -> str:
    return page.locator("#clock-card").inner_text()


@pytest.mark.browser
def test_signing_in_as_owner_is_enough(lost: Box, opened: Tablets) -> None:
    page = opened.staff(lost.tokens.owner_pin or "", "/setup")
    expect(page.locator("#clock-told")).to_contain_text("The box goes by this tablet now")
    expect(page.locator("#clock-source")).to_have_text("set by a tablet")
    assert abs(behind(lost)) < dt.timedelta(minutes=1)
    assert entries(lost)[0]["asked"] is False
    assert opened.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_a_box_that_is_ahead_is_put_back_by_a_press(lost: Box, opened: Tablets, size: str) -> None:
    lost.client("owner").post("/clock", {"at": timestamp(dt.datetime.now(dt.UTC) + 30 * HOUR)})
    width, height = SIZES[size]
    page = opened.staff(lost.tokens.owner_pin or "", "/setup", width=width, height=height)
    expect(page.locator("#clock-differs")).to_contain_text("This tablet says")
    assert violations(page) == []
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Set the box by this tablet").press("Enter")
    expect(page.locator("#clock-told")).to_be_visible()
    expect(page.locator("#clock-differs")).to_be_hidden()
    assert abs(behind(lost)) < dt.timedelta(minutes=1)
    assert entries(lost)[0]["asked"] is True


@pytest.mark.browser
def test_staff_sees_that_the_clock_is_wrong_and_who_sets_it(lost: Box, opened: Tablets) -> None:
    page = opened.staff(lost.tokens.staff_pin, "/staff#devices")
    expect(page.locator("#clock-differs")).to_be_visible()
    expect(page.locator("#clock-owner")).to_contain_text("The owner sets the box")
    expect(page.get_by_role("button", name="Set the box by this tablet")).to_be_hidden()
    assert behind(lost) > HOUR
    assert violations(page) == []
