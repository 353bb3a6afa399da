"""Goods on the pages, in a real browser: a guest orders what is sold out, staff sees to shelf and parcels."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.kiosk_page import begun
from tests.web.tablets import Tablets, show
from tests.web.webbox import CONTACT, Box, order_later

pytestmark = pytest.mark.browser
GIFT = "Cup & photograph, gift-wrapped"


def test_a_guest_orders_what_is_sold_out_and_says_once_how_and_to_whom(box: Box, tablets: Tablets) -> None:
    box.client().post("/offers/cup-and-print/stock", {"stock": 1, "reason": "counted"})
    page = begun(tablets)
    card = page.locator("#offers").get_by_role("button", name=GIFT)
    card.click()
    card.click()  # the last one of the shelf, and one that is sent later
    expect(page.locator("#lines .name")).to_have_text([GIFT, f"{GIFT}, restock"])
    page.get_by_role("button", name="Place order").click()
    form = page.get_by_role("dialog", name="Sent later")
    form.get_by_text("Sunday noon").click()
    expect(form.get_by_label("Address")).to_be_hidden()
    expect(form.locator("#shipping-total")).to_have_text("$78.00")
    form.get_by_text("Courier in the city").click()
    expect(form.locator("#shipping-total")).to_have_text("$87.00")
    form.get_by_label("Name").fill(CONTACT["name"])
    form.get_by_label("Phone, for questions").fill("call me")
    form.get_by_label("Address").fill(CONTACT["address"])
    form.get_by_role("button", name="Place order").click()
    expect(form.get_by_role("alert")).to_contain_text("Write a phone number")
    form.get_by_label("Phone, for questions").fill(CONTACT["phone"])
    form.get_by_role("button", name="Place order").click()
    expect(page.locator("#slip-total")).to_have_text("$87.00")
    expect(form).to_be_hidden()
    assert page.locator("#shipping-name").input_value() == ""
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".highlight", has_text=GIFT).locator(".stock")).to_have_text("Sent later")
    complaints = [text for text in tablets.complaints if "422" not in text]
    assert complaints == []


def test_staff_sees_to_the_shelf_and_to_parcels(box: Box, tablets: Tablets) -> None:
    order_later(box, "pick-up-sunday-noon")
    order_later(box)
    page = tablets.staff(box.tokens.staff_pin, "/staff#stock")
    stock = page.get_by_role("region", name="Stock")
    expect(page.locator("#low-badge")).to_have_text("Low: 1")
    expect(stock.locator("#low")).to_contain_text(GIFT)
    stock.get_by_label("What").select_option("cup-and-print")
    stock.get_by_label("Pieces").fill("20")
    stock.get_by_label("Why, or from whom").fill("from the kiln")
    stock.get_by_role("button", name="Came in").click()
    expect(page.locator("#low-badge")).to_be_hidden()
    expect(stock.locator("#moves")).to_contain_text("came in: 20, 20 there now")
    stock.get_by_label("Pieces").fill("2")
    stock.get_by_role("button", name="Broke").click()
    expect(stock.get_by_role("alert")).to_contain_text("Write why")
    stock.get_by_label("Why, or from whom").fill("fell")
    stock.get_by_role("button", name="Broke").click()
    expect(stock.locator("#moves")).to_contain_text("broke: 2, 18 there now")
    show(page, "orders")
    parcels = page.get_by_role("region", name="Sent later, picked up")
    parcels.get_by_role("button", name="Picked up").click()
    parcels.get_by_role("button", name="Hand 1 over to a courier").click()
    expect(parcels.locator("#handoffs")).to_contain_text("Courier's list 1")
    expect(parcels.locator("#parcels li")).to_have_count(0)
    with page.expect_download() as download:
        parcels.get_by_role("button", name="CSV").click()
    assert CONTACT["name"] in download.value.path().read_text()
    assert {parcel["state"] for parcel in box.client().get("/parcels").json["parcels"]} == {"picked_up", "handed_over"}
    assert tablets.complaints == []
