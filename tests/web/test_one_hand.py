"""A phone of six inches in one hand: what is pressed all day lies in the lower half, and nothing covers it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.web.tablets import Tablets, show
from tests.web.webbox import Box

pytestmark = pytest.mark.browser
WIDTH, HEIGHT = 360, 740
UNCOVERED = """(node) => {
  const { left, top, width, height } = node.getBoundingClientRect();
  return node.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""


def under_the_thumb(page: Page, *targets: str) -> None:
    for target in targets:
        found = page.locator(target).last
        expect(found).to_be_visible()
        place = found.bounding_box()
        assert place
        assert HEIGHT / 2 < place["y"] + place["height"] / 2 < HEIGHT, (target, place)
        assert found.evaluate(UNCOVERED), target


def test_primary_acts_lie_in_the_lower_half_of_a_phone(box: Box, tablets: Tablets) -> None:
    staff = box.client()
    staff.post("/scan", {"code": "STREET-GUEST-1", "source": "door"})
    page = tablets.staff(box.tokens.staff_pin, "/staff#door", width=WIDTH, height=HEIGHT, touch=True)
    expect(page.locator("#verdict")).to_contain_text("Admit and look")
    under_the_thumb(page, "#scan .primary", "#scan [value=exit]", *(f"#tab-{view}" for view in ("door", "till")))
    show(page, "shift")
    page.locator("#shift-amount").fill("50")
    under_the_thumb(page, "#shift-button")
    show(page, "stock")
    under_the_thumb(page, "#stock-form .primary", "#stock-form [value=waste]")
    show(page, "till")
    page.locator(".tile").first.tap()
    under_the_thumb(page, "#charge", "#clear")
    page.locator("#charge").tap()
    expect(page.locator("#pay-due")).to_have_text("$24.00")
    under_the_thumb(page, "#keys button", "#cash", "#card")  # the pad down to its last key
    page.locator("#notes button").first.tap()
    under_the_thumb(page, "#next")
    assert tablets.complaints == []
