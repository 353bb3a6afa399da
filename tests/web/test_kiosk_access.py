"""The kiosk for everybody: axe-core on each state in each theme, targets, 200 % text, 320 px, reduced motion."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from appliance.core.sms.message import SmsRules
from tests.web.axe import violations
from tests.web.kiosk_page import ARABIC, begin, tap_offer, with_cards
from tests.web.tablets import Tablets
from tests.web.webbox import Box

pytestmark = pytest.mark.browser

SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), summary, label.way')]
  .filter((node) => node.checkVisibility() && !node.closest('label.way > *'))
  .filter((node) => { const { width, height } = node.getBoundingClientRect(); return Math.min(width, height) < 48; })
  .map((node) => node.outerHTML.slice(0, 120))"""
SMALL_PRIMARIES = """() => [...document.querySelectorAll('.primary, .offer, .jump')]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 64)
  .map((node) => node.outerHTML.slice(0, 120))"""
# Text that its box cuts off, or that leaves the screen at its side.
LOST = """() => [...document.querySelectorAll('body *')]
  .filter((node) => node.checkVisibility() && !node.closest('.sr-only, [inert]') && node.innerText?.trim())
  .filter((node) => {
    const { left, right } = node.getBoundingClientRect();
    const cuts = getComputedStyle(node).overflowX !== 'visible' && node.scrollWidth > node.clientWidth + 1;
    return cuts || left < -1 || right > innerWidth + 1;
  }).map((node) => node.outerHTML.slice(0, 160))"""


def walk(box: Box, page: Page, gift: str, look: Callable[[str], None]) -> None:
    """Go through every state of the kiosk, and look at each."""
    expect(page.locator(".highlight").first).to_be_visible()
    expect(page.locator("#window-left")).not_to_be_empty()
    look("attract")
    begin(page)
    expect(page.locator("#arrival .treat")).to_be_visible()
    look("choose")
    tap_offer(page, "apron")
    look("variants")
    page.keyboard.press("Escape")
    page.locator("#open-comfort").click()
    look("comfort")
    page.keyboard.press("Escape")
    for offer in ("cup", "cup-and-print", "cup-and-print"):  # one is there, one is sent later
        tap_offer(page, offer)
    page.locator("#codes summary").click()
    expect(page.locator("#join .treat")).to_be_visible()
    look("cart")
    page.locator("#voucher").fill("NIGHT-OWL")
    page.locator("#order").click()
    expect(page.locator("#shipping .way").first).to_be_visible()
    look("shipping")
    page.keyboard.press("Escape")
    page.locator("#voucher").fill("nothing")
    page.locator("#voucher").blur()
    expect(page.locator("#problem")).to_be_visible()
    look("problem")
    page.locator("#clear").click()
    begin(page)
    tap_offer(page, "postcard")
    page.locator("#order").click()
    page.locator("#pay-here summary").click()
    look("order")
    page.locator("#pay-code").fill(gift)
    page.locator("[data-tender=voucher]").click()
    page.locator("#receipt-sms").click()
    look("receipt")
    page.locator("#receipt-phone").click()
    look("thanks")
    page.clock.run_for(31_000)
    expect(page.locator("#idle")).to_be_visible()
    look("still there")
    page.locator("#stay").click()
    page.context.set_offline(True)
    page.clock.run_for(4000)
    expect(page.locator("#link")).to_be_visible()
    look("no answer")


def opened(box: Box, tablets: Tablets, **kwargs: object) -> tuple[Page, str]:
    """Open a kiosk whose clock the test turns, and which has every way to pay and to tell."""
    box.context.sms = SmsRules(is_on=True)
    gift = with_cards(box, more=ARABIC)
    box.client().post("/offers/cup-and-print/stock", {"stock": 1, "reason": "counted"})
    page = tablets.open("/", **kwargs)  # type: ignore[arg-type]
    page.emulate_media(reduced_motion="reduce")
    page.clock.install()
    page.reload()
    return page, gift


@pytest.mark.parametrize("theme", ["light", "sun", "dim"])
def test_axe_finds_nothing_in_any_state(box: Box, tablets: Tablets, theme: str) -> None:
    page, gift = opened(box, tablets, theme=theme)
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        if wrong := violations(page, enhanced_contrast=theme == "sun"):
            found[state] = wrong

    walk(box, page, gift, look)
    assert found == {}


@pytest.mark.parametrize(
    ("width", "height", "text", "language"),
    [(320, 640, "100%", "en"), (320, 640, "100%", "de"), (1024, 768, "200%", "en"), (1024, 768, "200%", "ar"),
     (640, 800, "200%", "de"), (800, 1280, "100%", "ar")],
)  # fmt: skip
def test_nothing_is_lost_when_it_is_narrow_or_large(
    box: Box, tablets: Tablets, width: int, height: int, text: str, language: str
) -> None:
    page, gift = opened(box, tablets, width=width, height=height)
    page.locator(f"#attract [data-language={language}]").click()
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        page.evaluate(f"document.documentElement.style.fontSize = '{text}'")
        if wrong := [*page.evaluate(LOST), *page.evaluate(SMALL_TARGETS), *page.evaluate(SMALL_PRIMARIES)]:
            found[state] = wrong
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state

    walk(box, page, gift, look)
    assert found == {}


def test_whoever_wants_less_motion_gets_none(tablets: Tablets) -> None:
    page = tablets.open("/")
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate("document.getAnimations().length") > 0


def test_what_changes_is_told_to_a_screen_reader(tablets: Tablets) -> None:
    page = tablets.open("/")
    begin(page)
    tap_offer(page, "cup")
    expect(page.get_by_role("status").filter(has_text="Hand-thrown cup: 1 in your order")).to_have_count(1)
    expect(page.get_by_role("button", name="One more: Hand-thrown cup")).to_be_visible()
