"""Every journey by keyboard alone: staff, the owner, and at the kiosk what test_kiosk_journeys.py leaves."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.web.kiosk_page import with_cards
from tests.web.tablets import Tablets
from tests.web.test_kiosk_journeys import press
from tests.web.webbox import Box

pytestmark = pytest.mark.browser


def write(page: Page, target: str, text: str, key: str = "") -> None:
    """Reach a field with the Tab key and type into it, over what stands there; then press a key."""
    press(page, target, "")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    if key:
        page.keyboard.press(key)


def opened(tablets: Tablets, path: str, pin: str | None) -> Page:
    page = tablets.open(path)
    expect(page.get_by_label("PIN", exact=True)).to_be_focused()
    page.keyboard.type(pin or "")
    page.keyboard.press("Enter")
    return page


def test_a_shift_is_opened_counted_and_closed(box: Box, tablets: Tablets) -> None:
    page = opened(tablets, "/staff#till", box.tokens.staff_pin)
    press(page, "#tab-shift", "Enter")
    expect(page.locator("#head-shift")).to_be_focused()
    write(page, "#shift-amount", "50", "Enter")
    expect(page.locator("#shift-state")).to_contain_text("is open")
    write(page, "#cash-amount", "20")
    write(page, "#cash-reason", "change")
    press(page, "#cash-form [value=in]", "Enter")
    expect(page.locator("#cash-reason")).to_have_value("")
    press(page, "#count-open", "Enter")
    expect(page.locator("#pieces li").first).to_be_visible()
    write(page, '[aria-label="How many of $50.00"]', "1")
    press(page, '[aria-label="One more of $20.00"]', "Space")
    expect(page.locator("#counted")).to_have_text("$70.00")
    press(page, "#count-done", "Enter")
    expect(page.locator("#close-shift")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#report")).to_contain_text("Z report 1")
    assert tablets.complaints == []


def test_a_part_of_a_sale_is_given_back_and_goods_come_in(box: Box, tablets: Tablets) -> None:
    payment = {"tender": "cash", "amount_minor": 4800}
    box.client().post("/orders", {"lines": [{"offer": "cup", "quantity": 2}], "payment": payment})
    page = opened(tablets, "/staff#orders", box.tokens.staff_pin)
    press(page, "#tab-orders", "Enter")
    write(page, "#sale-number", "1", "Enter")
    expect(page.locator("#sale")).to_be_visible()
    press(page, "#receipt-lines .more", "Enter")
    write(page, "#back-reason", "a crack")
    press(page, "#give-back", "Enter")
    expect(page.locator("#gone-back")).to_have_text("$24.00 in cash. Give it out of the drawer.")
    page.keyboard.press("Escape")
    expect(page.locator("#sale")).to_be_hidden()
    press(page, "#tab-stock", "Enter")
    write(page, "#stock-pieces", "5", "Enter")
    expect(page.locator("#moves")).to_contain_text("came in: 5")
    assert tablets.complaints == []


def test_an_order_is_paid_with_a_gift_card_and_the_rest_by_card(box: Box, tablets: Tablets) -> None:
    gift = with_cards(box)
    code = box.client("kiosk").post("/orders", {"lines": [{"offer": "cup", "quantity": 1}]}).json["code"]
    page = opened(tablets, "/staff#till", box.tokens.staff_pin)
    write(page, "#find", code, "Enter")
    expect(page.locator("#given")).to_be_focused()
    press(page, "#pay-open summary", "Enter")
    write(page, "#stored-code", gift)
    press(page, "#stored [value=voucher]", "Enter")
    expect(page.locator("#pay-due")).to_have_text("$14.00")
    press(page, "#card", "Enter")
    expect(page.locator("#next")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#pay")).to_be_hidden()
    assert box.client().get("/sales").json["sales"][0]["total_minor"] == 2400
    assert tablets.complaints == []


def test_a_tablet_is_paired_and_sent_away(box: Box, tablets: Tablets) -> None:
    new = tablets.open("/pair")
    press(new, "form[action='/pair'] button", "Enter")
    code = new.locator("#code").inner_text()
    page = opened(tablets, "/staff#devices", box.tokens.staff_pin)
    press(page, "#tab-devices", "Enter")
    write(page, "#pair-code", code)
    write(page, "#pair-name", "By the door")
    press(page, "#pair-role", "")
    page.keyboard.type("door")
    press(page, "#pair button", "Enter")
    expect(page.locator("#tablets")).to_contain_text("By the door")
    press(page, "#tablets button", "Enter")
    expect(page.locator("#tablets button")).to_have_text("Really?")
    press(page, "#tablets button", "Enter")
    expect(page.locator("#tablets li")).to_have_count(0)
    assert tablets.complaints == []


def test_the_setup_from_name_to_a_first_offer(box: Box, tablets: Tablets) -> None:
    page = opened(tablets, "/setup/name", box.tokens.owner_pin)
    write(page, "#name", "By keyboard", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("By keyboard")
    press(page, ".onward .primary", "Enter")
    write(page, "#network", "Corner guests")
    write(page, "#password", "very fine clay", "Enter")
    expect(page.get_by_role("img", name="Code that joins the Wi-Fi Corner guests")).to_be_visible()
    press(page, ".onward .primary", "Enter")
    press(page, 'form[action="/setup/staff-pin"] button', "Enter")
    expect(page.get_by_role("status")).to_contain_text("The staff PIN is")
    for heading in ("Event", "Offers"):
        press(page, ".onward .primary", "Enter")
        expect(page.locator('.steps [aria-current="page"]')).to_contain_text(heading)
    form = 'form[action="/setup/offers"]'
    write(page, f"{form} #offer-name", "Tea bowl")
    write(page, f'{form} input[name="price"]', "28.50", "Enter")
    expect(page.locator(".offers-list li", has_text="Tea bowl")).to_be_visible()
    for heading in ("Tickets", "Printer"):
        press(page, ".onward .primary", "Enter")
        expect(page.locator('.steps [aria-current="page"]')).to_contain_text(heading)
    press(page, 'form[action="/setup/printer"] button', "Enter")
    expect(page.get_by_role("status").first).to_be_visible()
    assert tablets.complaints == []


def test_a_guest_pays_with_a_gift_card_and_wants_no_receipt(box: Box, tablets: Tablets) -> None:
    gift, page = with_cards(box), tablets.open("/")
    press(page, "#open-comfort", "Enter")
    press(page, "#comfort input[type=checkbox] >> nth=0", "Space")
    page.keyboard.press("Escape")
    press(page, "#begin", "Enter")
    press(page, '#offers [data-key="postcard"]', "Enter")
    press(page, "#order", "Enter")
    expect(page.locator("#slip-code")).to_be_focused()
    press(page, "#pay-here summary", "Enter")
    write(page, "#pay-code", gift)
    press(page, "[data-tender=voucher]", "Enter")
    expect(page.locator("#receipt-title")).to_be_focused()
    press(page, "#receipt-none", "Enter")
    expect(page.locator("#thanks-title")).to_be_focused()
    press(page, "#thanks-done", "Enter")
    expect(page.locator("#attract")).to_be_visible()
    assert tablets.complaints == []
