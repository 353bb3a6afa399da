"""The sale at hand outlives a page that is loaded anew and a PIN that is asked anew, and not whoever locks the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from appliance.web.app import exchange_tokens
from appliance.web.tokens import create
from tests.web.tablets import Tablets
from tests.web.webbox import Box

pytestmark = pytest.mark.browser


def enter(page: Page, box: Box) -> None:
    page.get_by_label("PIN", exact=True).fill(box.tokens.staff_pin)
    page.get_by_role("button", name="Open").click()
    expect(page.locator(".tile").first).to_be_visible()


def half_price_cup(page: Page) -> None:
    page.locator(".tile", has_text="Hand-thrown cup").click()
    page.get_by_text("Voucher, member, discount").click()
    page.get_by_label("Voucher code").fill("PRESS-50")
    page.get_by_label("Voucher code").blur()
    expect(page.locator("#charge")).to_have_text("Charge $12.00")


def test_a_pin_that_is_asked_anew_loses_nothing_and_a_lock_leaves_nothing(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin)
    half_price_cup(page)
    box.tokens = create()
    exchange_tokens(box.app, box.context, box.tokens)  # every session ends
    page.reload()
    enter(page, box)
    expect(page.locator("#charge")).to_have_text("Charge $12.00")
    expect(page.locator("#voucher")).to_have_value("PRESS-50")
    page.get_by_role("button", name="Lock").click()
    enter(page, box)
    expect(page.locator("#empty")).to_be_visible()
    assert page.locator("#voucher").input_value() == ""


def test_another_language_leaves_the_sale_at_hand_as_it_is(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, "/staff#till")
    half_price_cup(page)
    page.locator(".speech summary").click()
    page.locator(".speech [value=de]").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#charge")).to_contain_text("12,00")
    expect(page.locator("#voucher")).to_have_value("PRESS-50")


def test_an_order_whose_answer_was_lost_with_the_page_is_opened_once(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin)
    half_price_cup(page)

    lost: list[Route] = []

    def lose(route: Route) -> None:
        lost.append(route)
        if len(lost) == 1:
            route.fetch()  # the box hears it
        route.abort()

    page.route("**/api/v1/orders", lose)
    page.locator("#charge").click()
    expect(page.locator("#link")).to_contain_text("No answer to what you pressed yet")
    page.reload()
    page.unroute("**/api/v1/orders")
    expect(page.locator("#charge")).to_have_text("Charge $12.00")
    page.locator("#charge").click()
    expect(page.locator("#pay")).to_be_visible()
    (order,) = box.client().get("/orders").json["orders"]
    expect(page.locator("#pay-title")).to_have_text(f"Order {order['code']}")
    expect(page.locator("#pay-due")).to_have_text("$12.00")
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator("#empty")).to_be_visible()
