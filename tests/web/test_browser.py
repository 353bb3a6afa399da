"""The pages in a real browser, against the real box: order, pay, lose the network, walk away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from appliance.core.devices import DeviceState, Health
from appliance.core.trade import PrintStatus
from appliance.services import printing
from appliance.web.server import WebServer
from tests.web.webbox import Box

pytestmark = pytest.mark.browser
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = CHROMIUM if CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Tablets:
    """Opens pages of the box; whatever a page complains of is kept."""

    browser: Browser
    server: WebServer
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, path: str, width: int = 1024, script: bool = True) -> Page:
        context = self.browser.new_context(viewport={"width": width, "height": 768}, java_script_enabled=script)
        self.contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: message.type in {"error", "warning"} and self.complaints.append(message.text)
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"http://127.0.0.1:{self.server.port}{path}")
        return page

    def staff(self, pin: str, path: str = "/staff", **kwargs: int) -> Page:
        page = self.open(path, **kwargs)
        page.get_by_label("PIN").fill(pin)
        page.get_by_role("button", name="Open").click()
        return page


@pytest.fixture
def tablets(chromium: Browser, serve: Callable[..., WebServer]) -> Iterator[Tablets]:
    opened = Tablets(chromium, serve())
    yield opened
    for context in opened.contexts:
        context.close()


def place_order(page: Page) -> str:
    page.get_by_role("button", name="Hand-thrown cup").first.click()
    page.get_by_role("button", name="Place order").click()
    expect(page.locator("#done")).to_be_visible()
    return page.locator("#slip-code").inner_text()


def test_an_order_at_the_kiosk_is_paid_at_the_till(box: Box, tablets: Tablets) -> None:
    kiosk, staff = tablets.open("/"), tablets.staff(box.tokens.staff_pin)
    code = place_order(kiosk)
    expect(kiosk.locator("#slip-total")).to_have_text("$24.00")
    staff.get_by_role("button", name=code).click()
    expect(staff.locator("#pay-due")).to_have_text("$24.00")
    staff.get_by_label("Cash given", exact=True).last.fill("30")
    staff.get_by_role("button", name="Take cash").click()
    expect(staff.locator("#change")).to_have_text("$6.00")
    staff.get_by_role("button", name="Next").click()
    expect(staff.locator("#takings")).to_have_text("1 sales · $24.00")
    expect(staff.get_by_text("No open orders.")).to_be_visible()
    expect(kiosk.locator("#slip-state")).to_have_text("Paid")
    assert [sale["total_minor"] for sale in box.client().get("/sales").json["sales"]] == [2400]
    assert tablets.complaints == []


def test_the_small_extra_is_offered_once_and_goes_into_the_order(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/")
    page.get_by_role("button", name="Street photograph").first.click()
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#treat")).to_be_hidden()
    expect(page.locator("#subtotal")).to_have_text("$19.00")
    page.get_by_role("button", name="One less: Postcard and a sticker").click()
    page.get_by_role("button", name="No, thanks").click()
    page.get_by_role("button", name="One more: Street photograph, A4").click()
    expect(page.locator("#treat")).to_be_hidden()
    page.get_by_text("Voucher or member card").click()
    page.get_by_label("Voucher code").fill("PRESS-50")
    page.get_by_role("button", name="Place order").click()
    expect(page.locator("#slip-total")).to_have_text("$18.00")
    page.get_by_role("button", name="Change my order").click()
    expect(page.locator("#choose")).to_be_visible()
    assert box.client().get("/orders").json["orders"] == []
    assert tablets.complaints == []


def test_a_refusal_is_said_in_words(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/")
    page.get_by_role("button", name="Ten studio credits").first.click()
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("alert").get_by_text("Credits go onto a member's card")).to_be_visible()


def test_an_order_whose_answer_was_lost_is_placed_once(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/")
    keys: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/orders", lose_the_first_answer)
    code = place_order(page)
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert [order["code"] for order in box.client().get("/orders").json["orders"]] == [code]


def test_a_box_that_does_not_answer_is_said_and_forgotten_when_it_is_back(tablets: Tablets) -> None:
    page = tablets.open("/")
    expect(page.locator(".offer").first).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator("#link")).to_contain_text("No answer from the box", timeout=3500)
    page.context.set_offline(False)
    expect(page.locator("#link")).to_be_hidden(timeout=5000)


def test_a_kiosk_left_alone_asks_then_forgets(tablets: Tablets) -> None:
    page = tablets.open("/")
    page.clock.install()
    page.reload()
    page.get_by_role("button", name="Hand-thrown cup").first.click()
    page.clock.run_for(61_000)
    page.get_by_role("button", name="I am still here").click()
    expect(page.locator("#checkout")).to_be_visible()
    page.clock.run_for(61_000)
    expect(page.get_by_text("Still there?")).to_be_visible()
    page.clock.run_for(21_000)
    expect(page.get_by_text("Still there?")).to_be_hidden()
    expect(page.locator("#checkout")).to_be_hidden()


def test_staff_sells_scans_and_sees_to_paper_and_shift(box: Box, tablets: Tablets) -> None:
    box.board.set_device(
        DeviceState("scanner.door", "scanner", "serial", Health.OFFLINE, "No answer.", "Check its cable.")
    )
    page = tablets.staff(box.tokens.owner_pin)
    expect(page.locator("#devices")).to_contain_text("Offline")
    expect(page.locator("#devices")).to_contain_text("Check its cable.")
    page.get_by_label("Float in the drawer").fill("50")
    page.get_by_role("button", name="Open shift").click()
    page.locator(".tile", has_text="Postcard").click()
    page.get_by_role("button", name="Charge $1.00").click()
    page.get_by_role("button", name="Exact").click()
    expect(page.locator("#change")).to_have_text("$0.00")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Ticket, voucher or member code").fill("STREET-GOOD-1")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#verdict")).to_contain_text("Admit")
    job = box.desk.submit(printing.claim_next)
    assert job is not None
    box.desk.submit(lambda books: printing.finish(books, job.id, PrintStatus.UNSURE, "The power went."))
    page.get_by_role("button", name="It is on paper").click(timeout=15_000)
    expect(page.locator("#prints")).to_contain_text("sale 1 printed")
    page.get_by_label("Counted in the drawer").fill("50.50")
    page.get_by_role("button", name="Close shift").click()
    expect(page.locator("#report")).to_contain_text("-$0.50")
    assert tablets.complaints == []


def test_staff_sees_the_card_counts_people_and_lets_in_with_a_reason(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin)
    card, code = page.locator("#verdict"), page.get_by_label("Ticket, voucher or member code")

    def scan(text: str, button: str = "Check") -> None:
        code.fill(text)
        page.get_by_role("button", name=button, exact=True).click()

    scan("STREET-GUEST-1")
    expect(card).to_have_class("verdict amber")
    expect(card).to_contain_text("Admit and look: Welcome")
    expect(card).to_contain_text("Guest of the makers · Hand out a wristband.")
    scan("STREET-GUEST-1")
    expect(card).to_have_class("verdict red")
    expect(card.locator("use")).to_have_attribute("href", "#i-refuse")
    expect(card).to_contain_text("Refuse: Already used")
    page.get_by_label("Why they may come in all the same").fill("left the coat inside")
    page.get_by_role("button", name="Let in").click()
    expect(card).to_contain_text("Let in by staff although")
    expect(page.locator("#inside")).to_have_text("2 inside")
    scan("STREET-GUEST-1", "Exit")
    expect(card).to_contain_text("Exit: Goodbye")
    expect(page.locator("#inside")).to_have_text("1 inside")
    scan("nobody")
    expect(card).to_contain_text("Refuse: Not known")
    expect(page.locator("#override")).to_be_hidden()
    assert tablets.complaints == []


def test_the_pin_form_works_without_javascript(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/setup", script=False)
    page.get_by_label("PIN").fill("000000")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_have_text("That PIN is not right. Try again.")
    page.get_by_label("PIN").fill(box.tokens.owner_pin)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="Addresses")).to_be_visible()
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_label("PIN")).to_be_visible()


SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), summary')]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 48)
  .map((node) => node.outerHTML)"""
NAMELESS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden])')].filter((node) =>
  node.checkVisibility() && !(node.getAttribute('aria-label') ?? node.innerText ?? '').trim() && !node.labels?.length)
  .map((node) => node.outerHTML)"""


@pytest.mark.parametrize("width", [320, 1280])
def test_targets_are_large_named_and_on_the_screen(box: Box, tablets: Tablets, width: int) -> None:
    kiosk = tablets.open("/", width)
    kiosk.get_by_role("button", name="Hand-thrown cup").first.click()
    staff = tablets.staff(box.tokens.owner_pin, width=width)
    expect(staff.locator(".tile").first).to_be_visible()
    setup = tablets.staff(box.tokens.owner_pin, "/setup", width=width)
    for page in (kiosk, staff, setup, tablets.open("/staff", width), tablets.open("/nothing", width)):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SMALL_TARGETS) == []
        assert page.evaluate(NAMELESS) == []


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


TEXT_COLOURS = """() => {
  const backdrop = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')]
    .filter((node) => node.checkVisibility() && !node.closest(':disabled')
      && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .map((node) => [node.innerText, getComputedStyle(node).color, backdrop(node)]);
}"""


def test_text_stands_out_from_its_ground(box: Box, tablets: Tablets) -> None:
    box.client().post("/scan", {"code": "STREET-GOOD-1"})
    box.client().post("/scan", {"code": "PRESS-50"})
    box.client().post("/scan", {"code": "nothing"})
    kiosk, staff = tablets.open("/"), tablets.staff(box.tokens.staff_pin)
    kiosk.get_by_role("button", name="Hand-thrown cup").first.click()
    expect(staff.locator("#verdicts li")).to_have_count(2)
    for page in (kiosk, staff):
        for text, ink, ground in page.evaluate(TEXT_COLOURS):
            lighter, darker = sorted((luminance(ink), luminance(ground)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, ink, ground)
