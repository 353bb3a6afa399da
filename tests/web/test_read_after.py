"""What was done counts as done though the read after it fails: nobody is asked to press again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.tablets import Tablets
from tests.web.webbox import Box, order_later

pytestmark = pytest.mark.browser


def lose_reads(page: Page, path: str) -> None:
    def lose(route: Route) -> None:
        if route.request.method == "GET":
            route.abort()
        else:
            route.continue_()

    page.route(f"**/api/v1{path}", lose)


def test_goods_that_came_in(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, "/staff#stock")
    page.locator("#stock-offer").select_option("cup")
    lose_reads(page, "/stock")
    page.get_by_label("Pieces").fill("20")
    came_in = page.get_by_role("button", name="Came in")
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/stock")):
        came_in.click()
    expect(came_in).to_be_enabled()
    expect(page.get_by_label("Pieces")).to_have_value("")
    expect(page.locator("#stock-problem")).to_be_hidden()
    page.unroute_all()
    expect(page.locator("#moves")).to_contain_text("came in: 20, 60 there now")


def test_a_parcel_that_was_picked_up(box: Box, tablets: Tablets) -> None:
    order_later(box, "pick-up-sunday-noon")
    page = tablets.staff(box.tokens.staff_pin, "/staff#orders")
    picked_up = page.get_by_role("button", name="Picked up")
    expect(picked_up).to_be_enabled()
    lose_reads(page, "/parcels")
    with page.expect_response("**/hand-over"):
        picked_up.click()
    expect(picked_up).to_be_enabled()
    expect(page.locator("#parcels-problem")).to_be_hidden()
    page.unroute_all()
    expect(page.locator("#parcels li")).to_have_count(0)


def test_a_tablet_that_was_sent_away(box: Box, tablets: Tablets) -> None:
    entrance = tablets.open("/pair")
    entrance.get_by_role("button", name="Show a code").click()
    asked = {"code": entrance.locator("#code").inner_text(), "name": "Entrance", "role": "door"}
    assert box.client().post("/tablets", asked).status_code == 201
    page = tablets.staff(box.tokens.staff_pin, "/staff#devices")
    send_away = page.get_by_role("button", name="Send Entrance away")
    send_away.click()
    expect(send_away).to_have_text("Really?")
    lose_reads(page, "/tablets")
    with page.expect_response("**/revoke"):
        send_away.click()
    expect(send_away).to_be_enabled()
    expect(page.locator("#tablets-problem")).to_be_hidden()
    page.unroute_all()
    expect(page.locator("#tablets li")).to_have_count(0)


def test_money_that_was_given_back(box: Box, tablets: Tablets) -> None:
    paid = {"lines": [{"offer": "cup", "quantity": 2}], "payment": {"tender": "cash", "amount_minor": 4800}}
    box.client().post("/orders", paid)
    page = tablets.staff(box.tokens.staff_pin, "/staff#orders")
    page.locator("#sales button").click()
    lose_reads(page, "/sales/1")
    page.locator("#receipt-lines .more").click()
    page.locator("#back-reason").fill("cracked")
    page.locator("#give-back").click()
    expect(page.locator("#gone-back")).to_contain_text("$24.00")
    expect(page.locator("#give-back")).to_be_enabled()
    expect(page.locator("#back-problem")).to_be_hidden()
    expect(page.locator("#receipt-lines .quantity")).to_have_value("0")
    page.locator("#give-back").click()
    expect(page.locator("#back-problem")).to_be_visible()  # nothing is chosen
    assert box.client().get("/sales/1").json["refunded_minor"] == 2400
