"""Pages while the box's answers come late, or while a finger is down: nothing that was picked or pressed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from appliance.core.devices import DeviceState, Health
from tests.web.kiosk_page import begun, tap_offer
from tests.web.tablets import Held, Tablets, show
from tests.web.test_till_scans import CUP, following, scan
from tests.web.webbox import Box, open_names

pytestmark = pytest.mark.browser
IS_AT = "(node, [x, y]) => node.contains(document.elementFromPoint(x, y))"
# Between pressing and lifting a finger a browser draws what changed: so does this.
DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


def aim(page: Page, target: Locator) -> None:
    """Move to the middle of it, and once more where it has moved away meanwhile."""
    is_hit = False
    while not is_hit:
        target.scroll_into_view_if_needed()
        place = target.bounding_box()
        assert place
        at = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        page.mouse.move(*at)
        is_hit = target.evaluate(IS_AT, list(at))


def press_slowly(page: Page, target: Locator, meanwhile: Callable[[], Any] = lambda: None) -> None:
    """Press in the middle of it and lift again where it was, whatever is there by then."""
    aim(page, target)
    page.mouse.down()
    meanwhile()
    page.evaluate(DRAWN)
    page.mouse.up()


def press(page: Page, target: Locator, touch: bool) -> None:
    if touch:
        target.tap()
    else:
        press_slowly(page, target)


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_a_guest_who_takes_a_bad_code_back_orders_with_one_tap(box: Box, tablets: Tablets, touch: bool) -> None:
    page = begun(tablets, touch=touch, height=1400)  # so tall that no scrolling makes up for it
    tap_offer(page, "cup")
    page.locator("#codes summary").click()
    voucher = page.get_by_label("Voucher code")
    voucher.fill("NOTHING")
    voucher.blur()
    expect(page.locator("#problem")).to_contain_text("There is no voucher")
    voucher.focus()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    press(page, page.locator("#order"), touch)  # it ends the typing, and what was wrong goes from above the button
    expect(page.locator("#slip-total")).to_have_text("$24.00")


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_staff_that_takes_a_bad_discount_back_charges_with_one_tap(box: Box, tablets: Tablets, touch: bool) -> None:
    page = tablets.staff(box.tokens.staff_pin, touch=touch)
    page.locator(".tile", has_text="Hand-thrown cup").click()
    expect(page.locator("#charge")).to_have_text("Charge $24.00")
    page.get_by_text("Voucher, member, discount").click()
    discount = page.locator("#discount")
    discount.fill("a lot")
    discount.blur()
    expect(page.locator("#sale-problem")).to_be_visible()
    discount.focus()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    press(page, page.locator("#charge"), touch)
    expect(page.locator("#pay-due")).to_have_text("$24.00")


def test_a_tile_that_changes_while_it_is_pressed_counts(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin)
    tile = page.locator(".tile", has_text="Hand-thrown cup")
    expect(tile).to_be_visible()
    offers = Held(page, "/offers")
    with page.expect_request("**/api/v1/offers"):
        box.client().post("/offers/cup/stock", {"stock": 3, "reason": "counted"})

    def answered() -> None:
        with page.expect_response("**/api/v1/offers"):
            offers.let_go()

    press_slowly(page, tile, answered)
    expect(page.locator("#lines output")).to_have_text("1")
    expect(tile).to_contain_text("3 left")


def test_what_is_picked_before_the_offers_are_there_gets_into_the_sale(box: Box, tablets: Tablets) -> None:
    box.board.set_device(DeviceState("scanner.till", "scanner", "hid", Health.READY))
    page = following(box, tablets)
    offers = Held(page, "/offers")
    with page.expect_request("**/api/v1/offers"):
        page.reload()
    show(page, "till")
    page.get_by_label("Search an offer").fill(CUP)
    page.get_by_label("Search an offer").press("Enter")
    show(page, "door")
    page.get_by_label("Ticket, voucher or member code").fill("STREET-UNPAID")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("button", name="Take payment: $12.00").click()
    offers.let_go()
    expect(page.locator("#lines .name")).to_have_text(["Hand-thrown cup", "Workshop corner, 20 minutes"])
    expect(page.locator("#charge")).to_have_text("Charge $36.00")
    expect(page.locator("#sale-problem")).to_be_hidden()
    scan(box, CUP)
    expect(page.locator("#charge")).to_have_text("Charge $60.00")
    assert tablets.complaints == []


def test_an_older_look_does_not_lock_the_search_by_name_again(box: Box, tablets: Tablets) -> None:
    pin = open_names(box)
    page = tablets.staff(box.tokens.staff_pin, "/staff#door")
    expect(page.locator("#names-why")).to_contain_text("locked")
    page.get_by_text("Without a code").click()
    door = Held(page, "/door")
    with page.expect_request("**/api/v1/door"):
        box.client().post("/scan", {"code": "nobody", "source": "another door"})
    page.get_by_label("Owner's PIN").fill(pin)
    page.get_by_role("button", name="Unlock").click()
    page.get_by_label("Name, or a part of it").fill("LOVST")
    door.let_go()
    expect(page.locator("#verdict")).to_contain_text("Not known")  # the older look is drawn
    expect(page.get_by_label("Name, or a part of it")).to_have_value("LOVST")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("button", name="Ada Løvstad")).to_be_visible()
    assert tablets.complaints == []
