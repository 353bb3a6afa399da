"""Brightness by hour and battery, sounds, the left hand; how heavy the page is, and in which browsers it runs."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from appliance import web
from tests.web.kiosk_page import begin, begun, tap_offer
from tests.web.tablets import Tablets
from tests.web.webbox import Box

STATIC = Path(web.__file__).parent / "static"
MAX_GZIPPED = 100_000
# Newer than Chrome 95 and Safari 15.4, which tablets of 2016 have; what a browser of then merely does not draw may be.
TOO_NEW = {
    ".js": r"AbortSignal\.(timeout|any)|structuredClone|\.(findLast|toSorted|toReversed|with|groupBy)\(|^await "
    r"|import .* with \{|Array\.fromAsync|Promise\.withResolvers|static \{|\.showPopover|serviceWorker|mediaDevices",
    ".css": r"\d(dvh|svh|lvh|cqi|cqw)\b|color-mix\(|@container|@layer|@scope|oklch\(|^\s*&|text-wrap|light-dark\(",
}
COUNTING = """() => {
  window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
}"""
browser = pytest.mark.browser


def theme_of(page: Page) -> str:
    return str(page.evaluate("document.documentElement.dataset.theme"))


@browser
def test_brightness_follows_the_hour_at_the_stall_and_the_battery(box: Box, tablets: Tablets) -> None:
    for hours, theme in ((0, "sun"), (1, "light"), (4, "dim")):  # half past four in the afternoon, and later
        box.at[0] += timedelta(hours=hours)
        page = tablets.open("/")
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
    box.at[0] += timedelta(hours=18)
    page = tablets.open("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "sun")
    box.board.set("battery", {"state": "saving", "present": True, "charge_pct": 30, "charging": False})
    expect(page.locator("html")).to_have_attribute("data-theme", "dim")
    page.locator("#open-comfort").click()
    page.get_by_role("radio", name="Light", exact=True).check()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.reload()
    expect(page.locator("#begin")).to_be_visible()
    assert theme_of(page) == "light"


@browser
def test_sounds_can_be_muted(tablets: Tablets) -> None:
    page = begun(tablets)
    page.evaluate(COUNTING)
    tap_offer(page, "cup")
    assert page.evaluate("window.tones") == 1
    page.locator("#open-comfort").click()
    page.get_by_role("checkbox", name="Sound").uncheck()
    page.get_by_role("button", name="Close").click()
    before = page.evaluate("window.tones")
    tap_offer(page, "cup")
    assert page.evaluate("window.tones") == before
    assert tablets.complaints == []


@browser
def test_the_left_hand_finds_the_order_on_its_side(tablets: Tablets) -> None:
    page = begun(tablets)
    page.locator("#open-comfort").click()
    page.get_by_label("Left-handed").check()
    page.get_by_role("button", name="Close").click()
    cart, offers = page.locator("#cart").bounding_box(), page.locator("#offers").bounding_box()
    assert cart
    assert offers
    assert cart["x"] < offers["x"]


@browser
def test_a_tap_is_answered_before_the_box_has_answered(tablets: Tablets) -> None:
    page = begun(tablets)
    page.route("**/api/v1/**", lambda route: None)  # no answer ever comes
    answered_ms = page.evaluate("""() => {
      const began = performance.now();
      document.querySelector('#offers [data-key="cup"]').click();
      return [document.querySelector('#lines output').textContent, performance.now() - began];
    }""")
    assert answered_ms[0] == "1"  # in the same breath: not even a frame later


@browser
def test_the_first_page_is_light_and_all_of_it_comes_from_the_box(tablets: Tablets) -> None:
    page = tablets.open("/")
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(gzip.compress(answer.body()))}))
    page.reload(wait_until="networkidle")
    assert sum(sizes.values()) <= MAX_GZIPPED, sizes
    assert {url.split("/")[2] for url in sizes} == {f"127.0.0.1:{tablets.server.port}"}
    begin(page)


@pytest.mark.parametrize("kind", TOO_NEW)
def test_nothing_is_too_new_for_a_tablet_of_2016(kind: str) -> None:
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted(STATIC.glob(f"*{kind}"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(TOO_NEW[kind], line)
    ]
    assert found == []


def test_each_module_is_read_at_a_glance() -> None:
    kiosk = [path for path in STATIC.glob("*.js") if path.name != "staff.js"]
    assert {path.name: n for path in kiosk if (n := len(path.read_text().splitlines())) > 250} == {}
