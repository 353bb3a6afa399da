"""What the till's scanner reads goes into the sale on the staff's tablet that follows it, and nowhere else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from appliance.core.devices import DeviceState, Health
from appliance.services import door
from tests.web.kiosk_page import begun, member, place_order, with_cards
from tests.web.tablets import Tablets
from tests.web.webbox import Box

pytestmark = pytest.mark.browser
CUP = "4006381333931"


@pytest.fixture
def box(box: Box) -> Box:
    for role in ("door", "till"):
        box.board.set_device(DeviceState(f"scanner.{role}", "scanner", "hid", Health.READY))
    return box


def scan(box: Box, code: str, source: str = "till") -> None:
    """What the scanner's station does: decide, and once that is on the disk tell whoever listens."""
    verdict = box.desk.submit(lambda books: door.scan(books, code, source))
    box.context.landings.put(verdict, source)


def following(box: Box, tablets: Tablets, **kwargs: object) -> Page:
    page = tablets.staff(box.tokens.staff_pin, **kwargs)
    expect(page.locator("#follow")).to_have_value("till")
    return page


def test_goods_and_order_slips_go_to_the_tablet_that_follows_the_scanner(box: Box, tablets: Tablets) -> None:
    code, staff = place_order(begun(tablets)), following(box, tablets)
    expect(staff.locator("#tab-orders .tally")).to_contain_text("1")
    scan(box, CUP, "door")
    expect(staff.locator("#verdict .word")).to_contain_text("cup", ignore_case=True)
    scan(box, CUP)
    expect(staff.locator("#lines output")).to_have_text("1")
    for _ in range(3):  # faster than the page looks
        scan(box, CUP)
    expect(staff.locator("#lines output")).to_have_text("4")
    scan(box, code)
    expect(staff.locator("#pay-title")).to_contain_text(code)
    staff.keyboard.press("Escape")
    staff.locator("#follow").select_option("")
    scan(box, CUP)
    scan(box, CUP, "door")
    expect(staff.locator("#verdicts li")).to_have_count(6)
    expect(staff.locator("#lines output")).to_have_text("4")
    assert tablets.complaints == []


def test_a_voucher_and_a_member_card_go_into_the_sale(box: Box, tablets: Tablets) -> None:
    with_cards(box)
    card = member(box)
    page, other = following(box, tablets, width=360, height=740, touch=True), following(box, tablets)
    other.locator("#follow").select_option("door")
    scan(box, "PRESS-50")
    expect(page.locator("#sale-notes")).to_have_text("The voucher is in this sale.")
    scan(box, CUP)
    expect(page.locator("#charge")).to_have_text("Charge $12.00")
    expect(page.locator("#voucher")).to_have_value("PRESS-50")
    scan(box, card)
    expect(page.locator("#member")).to_have_value(card)
    expect(page.locator("#lines")).to_contain_text("Voucher")
    page.locator("#charge").tap()
    expect(page.locator("#pay-due")).to_have_text("$12.00")
    expect(other.locator("#empty")).to_be_visible()
    order = box.client().get("/orders").json["orders"][0]
    assert (order["voucher"], bool(order["member"])) == ("PRESS-50", True)
    assert tablets.complaints == []


def test_a_gift_card_waits_until_there_is_something_to_pay(box: Box, tablets: Tablets) -> None:
    gift, page = with_cards(box), following(box, tablets)
    scan(box, CUP)
    scan(box, gift)
    expect(page.locator("#sale-notes")).to_have_text("The gift card is at hand when you charge.")
    expect(page.locator("#voucher")).to_have_value("")
    page.locator("#charge").click()
    page.get_by_role("button", name="Gift card", exact=True).click()
    expect(page.locator("#pay-due")).to_have_text("$14.00")


def test_a_sale_that_is_cleared_leaves_no_gift_card_to_the_next(box: Box, tablets: Tablets) -> None:
    gift, page = with_cards(box), following(box, tablets)
    scan(box, CUP)
    scan(box, gift)
    expect(page.locator("#stored-code")).to_have_value(gift)
    page.locator("#clear").click()
    expect(page.locator("#stored-code")).to_have_value("")
    expect(page.locator("#sale-notes")).to_be_hidden()


def test_a_card_that_is_scanned_while_money_is_taken_pays(box: Box, tablets: Tablets) -> None:
    gift, page = with_cards(box), following(box, tablets)
    scan(box, CUP)
    page.locator("#charge").click()
    expect(page.locator("#pay-due")).to_have_text("$24.00")
    scan(box, gift)
    expect(page.locator("#stored-code")).to_have_value(gift)
    page.get_by_role("button", name="Gift card", exact=True).click()
    expect(page.locator("#pay-due")).to_have_text("$14.00")
    assert page.locator("#voucher").input_value() == ""


def test_what_was_scanned_while_the_wi_fi_was_away_arrives_once(box: Box, tablets: Tablets) -> None:
    page = following(box, tablets)
    scan(box, CUP)
    expect(page.locator("#lines output")).to_have_text("1")
    page.context.set_offline(True)
    scan(box, CUP)
    scan(box, "PRESS-50")
    expect(page.locator("#link")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#charge")).to_have_text("Charge $24.00")  # two cups at half the price
    expect(page.locator("#lines output")).to_have_text("2")


def test_a_box_that_forgot_what_landed_tells_goods_by_its_journal(box: Box, tablets: Tablets) -> None:
    page = following(box, tablets)
    box.desk.submit(lambda books: door.scan(books, CUP, "till"))  # and lands nowhere: the box starts anew
    expect(page.locator("#lines output")).to_have_text("1")
