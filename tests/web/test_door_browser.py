"""The door's card on the staff page: whose verdict it shows, and how long."""

from __future__ import annotations

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.web.tablets import Tablets
from tests.web.webbox import Box

pytestmark = pytest.mark.browser


def check(page: Page, code: str) -> None:
    page.get_by_label("Ticket, voucher or member code").fill(code)
    page.get_by_role("button", name="Check", exact=True).click()


def test_a_look_that_is_answered_late_does_not_replace_a_newer_verdict(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, "/staff#door")
    expect(page.locator("#inside")).to_have_text("0 inside")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/api/v1/door", lambda route: held.append((route, route.fetch())), times=1)
    with page.expect_request("**/api/v1/door"):
        box.client().post("/scan", {"code": "nobody", "source": "another door"})
    check(page, "STREET-GOOD-1")
    expect(page.locator("#verdict")).to_contain_text("Admit: Welcome")
    ((route, late),) = held
    with page.expect_response("**/api/v1/door"):
        route.fulfill(response=late)
    with page.expect_response("**/api/v1/door"):  # the next look
        pass
    expect(page.locator("#inside")).to_have_text("1 inside")
    expect(page.locator("#verdict")).to_contain_text("Admit: Welcome")
    box.client().post("/scan", {"code": "nobody", "source": "another door"})
    expect(page.locator("#verdict")).to_contain_text("Refuse: Not known")
