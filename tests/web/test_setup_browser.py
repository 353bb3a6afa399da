"""The setup in a real browser: from an empty box to a first sale, on a phone and a tablet, also without JavaScript."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from appliance.core.devices import DeviceState, Health
from appliance.core.trade import PrintStatus
from appliance.services import door, printing
from appliance.web.owner.steps import STEPS
from appliance.web.server import WebServer
from appliance.web.uploads import body_limit
from tests.web.axe import violations
from tests.web.tablets import Tablets, show
from tests.web.test_staff_browser import SIZES, SMALL_TARGETS
from tests.web.webbox import Box

pytestmark = pytest.mark.browser


@pytest.fixture
def new(chromium: Browser, empty_box: Box) -> Iterator[Tablets]:
    """Tablets at a box fresh from the shop."""
    limit = body_limit(empty_box.app, empty_box.context)
    server = WebServer(empty_box.app, "127.0.0.1", 0, 8, limit)
    server.start()
    opened = Tablets(chromium, server)
    yield opened
    for context in opened.contexts:
        context.close()
    server.stop()


def photograph() -> dict[str, object]:
    """A picture as a telephone takes it, well over what others may send."""
    out = io.BytesIO()
    Image.effect_noise((3000, 2000), 90).convert("RGB").save(out, "JPEG", quality=95)
    assert len(out.getvalue()) > 1_500_000
    return {"name": "IMG_0001.JPG", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def on(page: Page) -> None:
    with page.expect_navigation():
        page.locator(".onward .primary").click()


def press(page: Page, name: str) -> None:
    """Press a button whose page comes anew, and wait for that: a second press before it would take its place."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


@pytest.mark.parametrize(("size", "script"), [("phone", True), ("tablet", True), ("tablet", False)])
def test_from_an_empty_box_to_a_first_sale(empty_box: Box, new: Tablets, size: str, script: bool) -> None:
    box, (width, height) = empty_box, SIZES[size]
    box.board.set_device(DeviceState("scanner.till", "scanner", "hid", Health.READY))
    page = new.staff(box.tokens.owner_pin or "", "/setup", width=width, height=height, script=script)
    expect(page.get_by_text("5 steps to go")).to_be_visible()
    page.get_by_role("link", name="Go on: Name").click()
    page.get_by_label("Name", exact=True).fill("Corner stall")
    page.get_by_role("button", name="Keep the name").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Corner stall")
    on(page)
    page.get_by_label("Name of the network").fill("Corner guests")
    page.get_by_label("Password, 8 characters").fill("very fine clay")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("img", name="Code that joins the Wi-Fi Corner guests")).to_be_visible()
    on(page)
    page.get_by_label("New PIN").fill("kiln and wheel 9")
    page.get_by_label("Once more").fill("kiln and wheel 9")
    press(page, "Keep this PIN")
    press(page, "Draw another one")
    told = page.get_by_role("status").filter(has_text="The staff PIN is")
    staff_pin = told.inner_text().removeprefix("The staff PIN is ")[:6]
    on(page)
    page.get_by_role("link", name="A stall that sells goods").click()
    page.get_by_role("button", name="Load it").click()
    expect(page.get_by_role("status")).to_contain_text("is loaded")
    on(page)
    page.get_by_label("Name", exact=True).fill("Tea bowl")
    page.get_by_label("Price in EUR").fill("28,50")
    page.get_by_label("Pieces on the shelf").fill("12")
    page.get_by_role("button", name="Add it").click()
    bowl = page.locator(".offers-list li", has_text="Tea bowl")
    expect(bowl).to_contain_text("12 left")
    bowl.locator("summary").click()
    bowl.get_by_label("Picture of Tea bowl").set_input_files(photograph())  # type: ignore[arg-type]
    bowl.get_by_role("button", name="Take it").click()
    expect(page.locator(".offers-list li", has_text="Tea bowl").locator("img")).to_be_visible()
    on(page)
    on(page)  # no tickets
    press(page, "Print a test page")
    job = box.desk.submit(printing.claim_next)
    assert job is not None
    box.desk.submit(lambda books: printing.finish(books, job.id, PrintStatus.PRINTED))
    if script:
        expect(page.locator("#live")).to_contain_text("printed", timeout=10_000)
    on(page)
    box.desk.submit(lambda books: door.scan(books, "anything", "till"))
    if script:
        expect(page.locator("#live")).to_contain_text("The till scanner read a code. Seen.", timeout=10_000)
        sell(box, new, staff_pin)
    page.goto(page.url.partition("/setup")[0] + "/setup")
    expect(page.get_by_text("All steps are done." if script else "1 step to go")).to_be_visible()
    assert new.complaints == []


def sell(box: Box, tablets: Tablets, staff_pin: str) -> None:
    staff = tablets.staff(staff_pin, width=360, height=780, touch=True)
    staff.locator(".tile", has_text="Tea bowl").tap()
    staff.get_by_role("button", name="Charge").tap()
    staff.get_by_role("button", name="Exact").tap()
    expect(staff.locator("#paid-sale")).to_contain_text("28.50 paid")
    staff.get_by_role("button", name="Next").tap()
    show(staff, "orders")
    staff.locator("#sales button").tap()
    staff.get_by_label("Why is it given back?").fill("a rehearsal")
    staff.get_by_role("button", name="Void the whole sale").tap()
    expect(staff.locator("#gone-back")).to_be_visible()
    assert box.client().get("/sales/1").json["refunded_minor"] == 2850


@pytest.mark.parametrize("size", SIZES)
def test_every_step_is_whole_large_enough_and_without_an_objection_of_axe(
    box: Box, tablets: Tablets, size: str
) -> None:
    width, height = SIZES[size]
    box.context.wifi = ("Guests", "throw a pot")
    page = tablets.staff(box.tokens.owner_pin or "", "/setup", width=width, height=height, touch=size != "desk")
    for step in ("", *(f"/{step.id}" for step in STEPS)):
        page.goto(page.url.partition("/setup")[0] + f"/setup{step}")
        expect(page.locator("main .card").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, step
        assert page.evaluate(SMALL_TARGETS) == [], step
        assert violations(page) == [], step
    assert tablets.complaints == []


def test_an_event_with_faults_keeps_what_was_typed(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.owner_pin or "", "/setup/event")
    expect(page.get_by_label("Or its text")).to_contain_text("street-series")
    text = page.get_by_label("Or its text").input_value().replace('currency = "USD"', 'currency = "shells"')
    page.get_by_label("Or its text").fill(text)
    page.get_by_role("button", name="Load it").click()
    expect(page.locator(".wrong")).to_contain_text("Line 7")
    assert page.get_by_label("Or its text").input_value() == text
    assert violations(page) == []


def test_a_backup_is_downloaded_and_the_personal_is_purged(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.owner_pin or "", "/setup/data")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download a backup").click()
    assert download.value.suggested_filename == "stallbox-box-1-2026-12-05.tar.gz"
    assert download.value.path().stat().st_size > 10_000


def test_the_steps_by_keyboard_alone(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/setup/name")
    expect(page.get_by_label("PIN", exact=True)).to_be_focused()
    page.keyboard.type(box.tokens.owner_pin or "")
    page.keyboard.press("Enter")
    name = page.get_by_label("Name", exact=True)
    expect(name).to_be_visible()
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == "name":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("By keyboard")
