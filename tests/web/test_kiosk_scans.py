"""What is scanned at the box lands on the tablet that stands at that scanner, and on no other."""

from __future__ import annotations

import jsonschema
import pytest
from playwright.sync_api import Page, expect

from appliance.core.devices import DeviceState, Health
from appliance.services import door
from tests.web.kiosk_page import begun, member, place_order, with_cards
from tests.web.tablets import Tablets
from tests.web.test_tablets import paired
from tests.web.webbox import Box

pytestmark = pytest.mark.browser


def stand_at(page: Page, box: Box, scanner: str) -> None:
    """Pair the tablet, for guests and beside a scanner, and go on."""
    kiosk = page.url
    box.board.set_device(DeviceState(f"scanner.{scanner}", "scanner", "hid", Health.READY))
    page.goto(f"{kiosk}pair")
    page.get_by_role("button", name="Show a code").click()
    code = page.locator("#code").inner_text().replace(" ", "")
    asked = {"code": code, "name": "The kiosk", "role": "kiosk", "scanner": scanner}
    assert box.client("owner").post("/tablets", asked).status_code == 201
    page.wait_for_url(kiosk)  # it goes on by itself
    expect(page.locator("body")).to_have_attribute("data-scanner", scanner)


def scan(box: Box, code: str, source: str = "kiosk") -> None:
    verdict = box.desk.submit(lambda books: door.scan(books, code, source))
    box.context.landings.put(verdict, source)


def test_a_product_lands_in_the_cart_of_the_tablet_at_that_scanner_alone(box: Box, tablets: Tablets) -> None:
    page, other = tablets.open("/"), tablets.open("/")
    stand_at(page, box, "kiosk")
    scan(box, "4006381333931", "till")
    scan(box, "4006381333931")
    expect(page.locator("#lines .name")).to_have_text("Hand-thrown cup")  # it has begun by itself
    expect(page.locator("#told-title")).to_have_text("Hand-thrown cup: 1 in your order")
    expect(page.locator("#lines output")).to_have_text("1")
    expect(other.locator("#attract")).to_be_visible()
    assert tablets.complaints == []


def test_a_voucher_goes_into_the_order_and_a_member_is_greeted_without_a_name(box: Box, tablets: Tablets) -> None:
    with_cards(box)
    card, page = member(box), tablets.open("/")
    stand_at(page, box, "kiosk")
    scan(box, "4006381333931")
    expect(page.locator("#subtotal")).to_have_text("$24.00")
    scan(box, "press-50")
    expect(page.locator("#told-title")).to_have_text("Your voucher is in the order.")
    expect(page.locator("#subtotal")).to_have_text("$12.00")
    scan(box, card)
    expect(page.locator("#notes")).to_have_text("Welcome back! You pay the members' prices.")
    expect(page.locator("#join")).to_be_hidden()
    page.get_by_role("button", name="Place order").click()
    scan(box, "no such code")
    expect(page.locator("#told-title")).to_have_text("This code is not known here. Please ask our staff.")
    scan(box, card)
    expect(page.locator("#pay-code")).to_have_value(card)
    page.get_by_role("button", name="Use credits").click()
    expect(page.locator("#slip-state")).to_have_text("Paid")
    page.get_by_role("button", name="No receipt").click()
    page.get_by_role("button", name="Done").click()
    assert card not in page.content()


def test_a_ticket_tells_its_verdict_in_the_language_of_the_screen(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/")
    stand_at(page, box, "kiosk")
    page.get_by_role("button", name="Deutsch").click()
    scan(box, "STREET-GOOD-1")
    told = page.locator("#told")
    expect(told).to_have_text("WillkommenIhr Ticket ist gültig: Workshop corner.")
    expect(told.locator("use")).to_have_attribute("href", "#i-admit")
    scan(box, "STREET-GOOD-1")
    expect(page.locator("#told-title")).to_have_text("Schon benutzt")
    expect(told).to_have_class("told-card verdict red")
    expect(page.locator("#attract")).to_be_visible()
    told.click()
    expect(told).to_be_hidden()


def test_what_was_scanned_before_the_page_was_open_is_left_alone(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/")
    scan(box, "PRESS-50")
    stand_at(page, box, "kiosk")
    scan(box, "4006381333931")
    expect(page.locator("#lines output")).to_have_text("1")
    assert page.locator("#voucher").input_value() == ""


def test_nobody_is_told_the_codes_of_others(box: Box) -> None:
    guest = box.kiosk_page()
    box.board.set_device(DeviceState("scanner.kiosk", "scanner", "hid", Health.READY))
    scan(box, "PRESS-50")
    assert guest.get("/api/v1/landed").json == {"scanner": None, "scan": None, "scans": []}
    assert "PRESS-50" not in guest.get("/api/v1/state").get_data(as_text=True)
    tablet = paired(box, "kiosk", "kiosk")
    answer = tablet.get("/api/v1/landed?language=fr").json
    document = box.client().get("/openapi.json").json
    schema = {**document, **document["components"]["schemas"]["Landed"]}
    jsonschema.validate(answer, schema)
    assert (answer["scan"]["kind"], answer["scan"]["code"]) == ("voucher", "PRESS-50")
    scan(box, "STREET-GOOD-1")
    told = tablet.get("/api/v1/landed?language=fr").json["scan"]
    assert (told["code"], told["title"]) == ("", "Bienvenue")
    assert told["message"] == "Votre billet est valable : Workshop corner."


def test_a_card_that_is_scanned_while_an_order_waits_does_not_touch_the_cart(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    stand_at(page, box, "kiosk")
    page.locator("#begin").click()
    place_order(page)
    scan(box, "4006381333931")
    expect(page.locator("#told-title")).to_have_text("This code is not known here. Please ask our staff.")
    expect(page.locator("#slip-total")).to_have_text("$24.00")


def test_a_scan_says_that_somebody_is_there(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/")
    stand_at(page, box, "kiosk")
    page.clock.install()
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-scanner", "kiosk")
    page.locator("#begin").click()
    page.clock.run_for(61_000)
    expect(page.locator("#idle")).to_be_visible()
    scan(box, "4006381333931")
    page.clock.run_for(1500)
    expect(page.locator("#idle")).to_be_hidden()
    expect(page.locator("#lines output")).to_have_text("1")
