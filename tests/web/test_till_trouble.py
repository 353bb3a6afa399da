"""The till when an answer takes long, goods run out, or two of a thing may not be in one sale."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.web.tablets import Tablets
from tests.web.webbox import Box

pytestmark = pytest.mark.browser


def test_what_is_added_while_the_charge_waits_is_the_next_sale(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin)
    held: list[Route] = []
    page.route("**/api/v1/orders", lambda route: held.append(route))
    page.locator(".tile", has_text="Hand-thrown cup").click()
    with page.expect_request("**/api/v1/orders"):
        page.locator("#charge").click()
    expect(page.locator("#charge")).to_be_disabled()
    page.locator(".tile", has_text="Hand-thrown cup").click()
    page.locator(".tile", has_text="Street photograph").click()
    page.get_by_text("Voucher, member, discount").click()
    page.get_by_label("Voucher code").fill("PRESS-50")
    held[0].continue_()
    expect(page.locator("#pay-due")).to_have_text("$24.00")
    page.keyboard.press("Escape")
    expect(page.locator("#lines output")).to_have_text(["1", "1"])
    expect(page.locator("#charge")).to_have_text("Charge $21.00")
    page.unroute("**/api/v1/orders")
    page.locator("#charge").click()
    expect(page.locator("#pay-due")).to_have_text("$21.00")
    page.keyboard.press("Escape")
    expect(page.locator("#empty")).to_be_visible()
    assert page.locator("#voucher").input_value() == ""
    assert len(box.client().get("/orders").json["orders"]) == 2
    assert tablets.complaints == []


def test_an_order_that_took_the_last_piece_leaves_nothing_of_it_in_the_sale(box: Box, tablets: Tablets) -> None:
    box.client().post("/offers/cup-and-print/stock", {"stock": 1, "reason": "counted"})
    page = tablets.staff(box.tokens.staff_pin)
    held: list[Route] = []

    def place_and_wait(route: Route) -> None:
        route.fetch()
        held.append(route)

    page.route("**/api/v1/orders", place_and_wait)
    tile = page.locator(".tile", has_text="gift-wrapped")
    tile.click()
    page.locator("#charge").click()
    expect(tile).to_contain_text("Sent later")  # the state has changed, and the page has seen it
    expect(page.locator("#lines .name")).to_have_text("Cup & photograph, gift-wrapped")
    held[0].continue_()
    expect(page.locator("#pay")).to_be_visible()
    expect(page.locator("#lines li")).to_have_count(0)
