"""The till when an answer takes long, goods run out, or two of a thing may not be in one sale."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from appliance.core.devices import DeviceState, Health
from appliance.services import tickets
from tests.web.tablets import Tablets, show
from tests.web.test_till_scans import CUP, following, scan
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


def count(box: Box, offer: str, stock: int) -> None:
    box.client().post(f"/offers/{offer}/stock", {"stock": stock, "reason": "counted"})


def test_what_somebody_else_bought_leaves_the_sale_and_is_said(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin)
    for _ in range(2):
        page.locator(".tile", has_text="Hand-thrown cup").click()
    count(box, "cup", 1)
    problem = page.locator("#sale-problem")
    expect(problem).to_have_text("There is not enough left of something.")
    expect(page.locator("#lines output")).to_have_text("1")
    count(box, "apron-s", 0)
    expect(page.locator(".tile", has_text="apron, S")).to_be_disabled()
    expect(problem).to_be_visible()
    page.locator("#clear").click()
    expect(problem).to_be_hidden()


def test_what_sold_out_while_its_page_was_away_is_said(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin)
    page.locator(".tile", has_text="Hand-thrown cup").click()
    page.goto("about:blank")
    count(box, "cup", 0)
    page.go_back()
    expect(page.locator("#sale-problem")).to_have_text("There is not enough left of something.")
    expect(page.locator("#empty")).to_be_visible()


def test_goods_that_do_not_get_into_the_sale_are_said(box: Box, tablets: Tablets) -> None:
    box.board.set_device(DeviceState("scanner.till", "scanner", "hid", Health.READY))
    count(box, "cup", 1)
    page = following(box, tablets)
    problem, field = page.locator("#sale-problem"), page.get_by_label("Search an offer")
    field.fill(CUP)
    field.press("Enter")
    expect(page.locator("#lines output")).to_have_text("1")
    expect(field).to_have_value("")
    field.fill(CUP)
    field.press("Enter")
    expect(problem).to_have_text("Hand-thrown cup: Sold out")
    expect(field).to_have_value(CUP)
    field.fill("")
    page.locator("#clear").click()
    expect(problem).to_be_hidden()
    count(box, "cup", 0)
    expect(page.locator(".tile", has_text="Hand-thrown cup")).to_be_disabled()
    scan(box, CUP)
    expect(problem).to_have_text("Hand-thrown cup: Sold out")
    assert tablets.complaints == []


def bring_to_the_till(page: Page, ticket: str) -> None:
    show(page, "door")
    page.get_by_label("Ticket, voucher or member code").fill(ticket)
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("button", name="Take payment: $12.00").click()


def test_a_second_unpaid_ticket_waits_until_the_first_is_charged(box: Box, tablets: Tablets) -> None:
    second = tickets.read_tickets("code,product,status\nSECOND-UNPAID,workshop,unpaid\n")
    box.desk.submit(lambda books: tickets.import_tickets(books, second, "test"))
    page = tablets.staff(box.tokens.staff_pin)
    bring_to_the_till(page, "STREET-UNPAID")
    expect(page.locator("#charge")).to_have_text("Charge $12.00")
    bring_to_the_till(page, "SECOND-UNPAID")
    expect(page.locator("#sale-problem")).to_have_text("Pay each ticket in an order of its own.")
    page.locator(".tile", has_text="Workshop").click()
    expect(page.locator("#sale-problem")).to_have_text("Pay each ticket in an order of its own.")
    page.locator("#charge").click()
    page.get_by_role("button", name="Exact").click()
    page.get_by_role("button", name="Next").click()
    show(page, "door")
    expect(page.locator("#pay-ticket")).to_be_hidden()
    for ticket, verdict in (("STREET-UNPAID", "Admit: Welcome"), ("SECOND-UNPAID", "Refuse: Not paid")):
        page.get_by_label("Ticket, voucher or member code").fill(ticket)
        page.get_by_role("button", name="Check", exact=True).click()
        expect(page.locator("#verdict")).to_contain_text(verdict)
    assert tablets.complaints == []


def test_a_price_that_was_not_answered_is_asked_for_again(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin)
    page.locator(".tile", has_text="Hand-thrown cup").click()
    expect(page.locator("#charge")).to_have_text("Charge $24.00")
    page.route("**/carts/price", lambda route: route.abort())
    page.get_by_text("Voucher, member, discount").click()
    page.get_by_label("Voucher code").fill("PRESS-50")
    page.get_by_label("Voucher code").blur()
    expect(page.locator("#sale-problem")).to_contain_text("does not answer")
    page.unroute("**/carts/price")
    expect(page.locator("#charge")).to_have_text("Charge $12.00")
    expect(page.locator("#sale-problem")).to_be_hidden()
