"""The staff page by hand: on a phone, a tablet and a desk, by touch, by keyboard alone, and with the Wi-Fi gone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from appliance.core.devices import DeviceState, Health
from appliance.core.trade import Right
from appliance.services import cashiers
from tests.web.axe import violations
from tests.web.tablets import Tablets, show
from tests.web.webbox import Box, open_names, order_later

pytestmark = pytest.mark.browser
SIZES = {"phone": (360, 780), "tablet": (1280, 800), "desk": (1600, 1000)}
VIEWS = ("door", "till", "orders", "stock", "shift", "devices", "journal")
CUP = {"lines": [{"offer": "cup", "quantity": 1}]}
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
  .map((node) => (node.matches('[type=radio], [type=checkbox]') ? node.closest('label') : node))
  .filter((node) => node.checkVisibility() && !node.closest('.sr-only'))
  .filter((node) => node.getBoundingClientRect().height < 48 || node.getBoundingClientRect().width < 44)
  .map((node) => node.outerHTML.slice(0, 160))"""


TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter((node) => node.checkVisibility() && !node.closest('.sr-only, .tabs'))
  .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
  .map((node) => node.outerHTML.slice(0, 120))"""


@pytest.fixture
def busy(box: Box) -> Box:
    """An evening under way: sales, orders, a pending card, parcels, scans, devices that want something."""
    staff = box.client("staff")
    staff.post("/shifts", {"float_minor": 5000})
    staff.post("/orders", {**CUP, "payment": {"tender": "cash", "amount_minor": 5000}})
    staff.post("/orders", {"lines": [{"offer": "cup", "quantity": 2}, {"offer": "print-a4", "quantity": 1}]})
    asked = staff.post("/orders", CUP).json["id"]
    staff.post(f"/orders/{asked}/payments", {"tender": "card", "amount_minor": 2400, "pending": True})
    for code in ("STREET-GOOD-1", "nothing", "STREET-GUEST-1", "STREET-GUEST-1"):
        staff.post("/scan", {"code": code, "source": "door"})
    order_later(box)
    for role in ("door", "till"):
        box.board.set_device(DeviceState(f"scanner.{role}", "scanner", "hid", Health.READY))
    box.board.set_device(DeviceState("modem", "modem", "gsm", Health.OFFLINE, "No answer.", "Check its SIM."))
    box.board.set("lights", {"on": True, "saved": False})
    return box


@pytest.mark.parametrize("size", SIZES)
def test_every_view_is_whole_large_enough_and_without_an_objection_of_axe(
    busy: Box, tablets: Tablets, size: str
) -> None:
    width, height = SIZES[size]
    page = tablets.staff(busy.tokens.owner_pin, width=width, height=height, touch=size != "desk")
    expect(page.locator(".tile").first).to_be_visible()
    for view in VIEWS:
        show(page, view)
        expect(page.locator(".view:visible")).to_have_count(1)
        expect(page.locator(f"#view-{view}")).to_be_visible()
        expect(page.locator(f"#tab-{view}")).to_have_attribute("aria-current", "page")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
        assert page.evaluate(SMALL_TARGETS) == [], view
        assert violations(page) == [], view
    assert tablets.complaints == []


@pytest.mark.parametrize("size", ["phone", "tablet"])
def test_dialogs_are_without_an_objection_of_axe(busy: Box, tablets: Tablets, size: str) -> None:
    width, height = SIZES[size]
    page = tablets.staff(busy.tokens.owner_pin, "/staff#orders", width=width, height=height, touch=True)
    for opener, dialog in (("#open-orders button", "#pay"), ("#sales button", "#sale")):
        page.locator(opener).first.click()
        expect(page.locator(dialog)).to_be_visible()
        assert violations(page) == [], dialog
        assert page.evaluate(SMALL_TARGETS) == [], dialog
        page.keyboard.press("Escape")
    show(page, "shift")
    page.get_by_role("button", name="Count and close").click()
    expect(page.locator("#pieces li").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("path", ["/staff", "/setup", "/pair", "/nothing"])
def test_the_pages_before_it_are_without_an_objection_of_axe(box: Box, tablets: Tablets, path: str) -> None:
    page = tablets.open(path, 360, height=780, touch=True)
    assert violations(page) == []
    assert page.evaluate(SMALL_TARGETS) == []


def test_views_are_deep_links_and_the_back_button_goes_back(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, "/staff#stock")
    expect(page.locator("#view-stock")).to_be_visible()
    show(page, "journal")
    expect(page.locator("#head-journal")).to_be_focused()
    page.go_back()
    expect(page.locator("#view-stock")).to_be_visible()
    page.goto(page.url.partition("#")[0] + "#nothing")
    expect(page.locator(".view:visible")).to_have_count(1)


def test_the_back_button_goes_back_to_a_page_that_was_opened_without_a_view(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin)
    expect(page.locator("#view-till")).to_be_visible()
    show(page, "journal")
    expect(page.locator("#view-journal")).to_be_visible()
    page.go_back()
    expect(page.locator("#view-till")).to_be_visible()


def test_a_phone_sells_for_cash_by_the_pad(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, width=360, height=780, touch=True)
    page.locator(".tile", has_text="Hand-thrown cup").tap()
    page.locator(".tile", has_text="Street photograph").tap()
    charge = page.get_by_role("button", name="Charge $42.00")
    expect(charge).to_be_in_viewport(ratio=1)
    charge.tap()
    notes = page.get_by_role("group", name="Cash given").get_by_role("button")
    expect(notes).to_have_text(["Exact", "$50.00", "$60.00", "$100.00"])
    pad = page.get_by_role("group", name="Cash pad")
    for key in ("4", "0"):
        pad.get_by_role("button", name=key, exact=True).tap()
    expect(page.locator("#change-due")).to_have_text("$2.00 are missing")
    pad.get_by_role("button", name="Erase the last digit").tap()
    for key in ("5", ".", "5"):
        pad.get_by_role("button", name=key, exact=True).tap()
    expect(page.locator("#change-due")).to_have_text("Change $3.50")
    take = page.get_by_role("button", name="Take cash")
    expect(take).to_be_in_viewport(ratio=1)
    take.tap()
    expect(page.locator("#change")).to_have_text("$3.50")
    page.get_by_role("button", name="Next").tap()
    expect(page.locator("#takings")).to_have_text("1 sale · $42.00")
    assert tablets.complaints == []


def test_the_one_field_finds_offers_barcodes_and_order_slips(box: Box, tablets: Tablets) -> None:
    code = box.client("kiosk").post("/orders", CUP).json["code"]
    page = tablets.staff(box.tokens.staff_pin)
    field = page.get_by_label("Search an offer")
    field.fill("PHOTÓ A4")
    expect(page.locator(".tile")).to_have_count(1)
    field.press("Enter")
    expect(page.locator("#lines")).to_contain_text("Street photograph, A4")
    expect(field).to_have_value("")
    field.fill("4006381333931")  # a scanner that types
    field.press("Enter")
    expect(page.locator("#lines")).to_contain_text("Hand-thrown cup")
    field.fill("apron")
    field.press("Enter")
    expect(page.locator("#sale-problem")).to_have_text("Several offers fit: tap one.")
    field.fill("no such thing")
    field.press("Enter")
    expect(page.locator("#sale-problem")).to_contain_text("no offer, no barcode, no open order")
    field.fill(code)
    field.press("Enter")
    expect(page.locator("#pay-title")).to_have_text(f"Order {code}")
    assert tablets.complaints == []


def lose_answers(page: Page, path: str, count: int) -> list[str]:
    """Let the box hear requests and the page no answer, so often; return the keys as they come."""
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) <= count:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(path, lose)
    return keys


@pytest.mark.parametrize("how", ["cash", "card", "card-pending"])
def test_wifi_that_goes_in_the_middle_of_a_payment_doubles_nothing(box: Box, tablets: Tablets, how: str) -> None:
    order = box.client("kiosk").post("/orders", CUP).json["id"]
    page = tablets.staff(box.tokens.staff_pin, "/staff#orders", width=360, height=780, touch=True)
    keys = lose_answers(page, "**/payments", 2)
    page.locator("#open-orders button").tap()
    page.get_by_label("Cash given", exact=True).last.fill("30")
    page.locator(f"#{how}").tap()
    if how == "card-pending":
        expect(page.locator("#pending-badge")).to_have_text("1 payment pending")
        expect(page.locator("#pay")).to_be_hidden()  # the badge may know of it before the press has its answer
    else:
        expect(page.locator("#change")).to_have_text("$6.00" if how == "cash" else "$0.00")
    assert len(keys) == 3
    assert len(set(keys)) == 1
    sales = box.client().get("/sales").json["sales"]
    pending = box.client().get("/payments?status=pending").json["payments"]
    assert (len(sales), len(pending)) == ((0, 1) if how == "card-pending" else (1, 0))
    assert box.client().get(f"/orders/{order}").json["paid_minor"] == (0 if how == "card-pending" else 2400)


def test_whoever_presses_again_after_long_silence_pays_once(box: Box, tablets: Tablets) -> None:
    box.client("kiosk").post("/orders", CUP)
    page = tablets.staff(box.tokens.staff_pin, "/staff#orders")
    keys = lose_answers(page, "**/payments", 8)  # all tries of one press
    page.locator("#open-orders button").click()
    page.clock.install()
    page.get_by_role("button", name="Exact").click()
    for _ in range(10):
        page.clock.run_for(3500)
        page.wait_for_function("() => true")
    expect(page.locator("#pay-problem")).to_contain_text("Nothing is lost: please press again.")
    page.get_by_role("button", name="Exact").click()
    page.clock.run_for(1000)
    expect(page.locator("#change")).to_have_text("$0.00")
    assert len(set(keys)) == 1
    assert len(box.client().get("/sales").json["sales"]) == 1


def test_an_equal_share_of_the_next_guest_is_taken_though_the_first_got_no_answer(box: Box, tablets: Tablets) -> None:
    order = box.client("kiosk").post("/orders", CUP).json["id"]
    page = tablets.staff(box.tokens.staff_pin, "/staff#orders")
    keys = lose_answers(page, "**/payments", 8)  # all tries of one press
    page.locator("#open-orders button").click()
    page.clock.install()
    page.locator("#given").fill("5")
    page.locator("#cash").click()
    for _ in range(10):
        page.clock.run_for(3500)
        page.wait_for_function("() => true")
    expect(page.locator("#pay-problem")).to_be_visible()
    box.client("kiosk").post("/orders", CUP)  # news: the page reads its order anew
    page.clock.run_for(2500)
    expect(page.locator("#pay-due")).to_have_text("$19.00")
    page.locator("#given").fill("5")
    page.locator("#cash").click()
    expect(page.locator("#pay-due")).to_have_text("$14.00")
    assert len(set(keys)) == 2
    assert box.client().get(f"/orders/{order}").json["paid_minor"] == 1000


@pytest.mark.parametrize("view", VIEWS)
def test_the_page_says_within_three_seconds_that_the_box_is_gone(busy: Box, tablets: Tablets, view: str) -> None:
    page = tablets.staff(busy.tokens.staff_pin, f"/staff#{view}", width=360, height=780)
    expect(page.locator("#inside")).to_have_text("2 inside", timeout=20_000)
    page.context.set_offline(True)
    expect(page.locator("#link")).to_contain_text("No answer from the box", timeout=3500)
    show(page, "till")  # what is on the page stays usable
    expect(page.locator(".tile").first).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#link")).to_be_hidden(timeout=6000)


def test_what_a_view_shows_stays_without_wifi_and_catches_up_after_it(busy: Box, tablets: Tablets) -> None:
    entrance = tablets.open("/pair")
    entrance.get_by_role("button", name="Show a code").click()
    code = entrance.locator("#code").inner_text()
    manager = busy.client("staff")
    paired = manager.post("/tablets", {"code": code, "name": "Entrance", "role": "door"}).json["tablet"]
    page = tablets.staff(busy.tokens.staff_pin, "/staff#journal")
    parts = ("journal-list", "parcels", "moves", "open-orders", "tablets")
    expect(page.locator("#journal-list li").nth(1)).to_be_visible()
    show(page, "devices")
    for part in parts:
        expect(page.locator(f"#{part} > *").first).to_be_attached()
    before = {part: page.locator(f"#{part}").inner_html() for part in parts}
    page.route(re.compile("/api/v1/(?!state)"), lambda route: route.abort())
    manager.post(f"/tablets/{paired['id']}/revoke")
    show(page, "till")
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/tablets")):
        show(page, "devices")
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/parcels")):
        pass
    assert {part: page.locator(f"#{part}").inner_html() for part in parts} == before
    page.unroute_all()
    expect(page.locator("#tablets")).not_to_contain_text("Entrance")
    show(page, "journal")
    expect(page.locator("#journal-list li").nth(1)).to_be_visible()


def tab_to(page: Page, is_there: Callable[[], bool], most: int = 120) -> None:
    """Press Tab until the focus is where it should be."""
    for _ in range(most):
        if is_there():
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


def focused(page: Page, selector: str) -> Callable[[], bool]:
    return lambda: bool(page.evaluate(f"document.activeElement?.matches({selector!r}) ?? false"))


def test_door_and_sale_by_keyboard_alone(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/staff")
    expect(page.get_by_label("PIN", exact=True)).to_be_focused()
    page.keyboard.type(box.tokens.staff_pin)
    page.keyboard.press("Enter")
    expect(page.locator(".tile").first).to_be_visible()
    tab_to(page, focused(page, "#tab-door"))
    page.keyboard.press("Enter")
    expect(page.locator("#head-door")).to_be_focused()
    tab_to(page, focused(page, "#code"))
    page.keyboard.type("STREET-GOOD-1")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_contain_text("Admit")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    tab_to(page, focused(page, "#tab-till"))
    page.keyboard.press("Enter")
    tab_to(page, focused(page, ".tile"))
    page.keyboard.press("Enter")
    expect(page.locator("#lines output")).to_have_text("1")
    tab_to(page, focused(page, "#charge"))
    page.keyboard.press("Enter")
    expect(page.locator("#given")).to_be_focused()
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    expect(page.locator("#change")).to_have_text("$6.00")
    expect(page.locator("#next")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#pay")).to_be_hidden()
    assert tablets.complaints == []


def test_the_journal_is_read_and_narrowed_and_does_not_jump_away(busy: Box, tablets: Tablets) -> None:
    staff = busy.client("staff")
    for number in range(40):
        staff.post("/signals", {"what": "browsed"})
        staff.post("/scan", {"code": f"nobody {number}"})
    page = tablets.staff(busy.tokens.staff_pin, "/staff#journal", width=360, height=780, touch=True)
    entries = page.locator("#journal-list li:not(.day)")
    expect(entries).to_have_count(30)
    page.get_by_role("radio", name="Money").tap()
    expect(page.locator("#journal-list")).to_contain_text("Sale 1, $24.00: 1 × Hand-thrown cup.")
    expect(page.locator("#journal-list")).not_to_contain_text("Refused")
    page.get_by_role("radio", name="Everything").tap()
    expect(entries).to_have_count(30)
    page.get_by_role("button", name="Older").tap()
    expect(entries).to_have_count(60)
    staff.post("/signals", {"what": "bought"})
    with page.expect_response("**/api/v1/state"):
        pass
    expect(entries).to_have_count(60)
    page.get_by_role("button", name="Newest").tap()
    expect(entries.first).to_contain_text("bought")
    assert tablets.complaints == []


def test_an_answer_that_comes_late_does_not_replace_what_was_asked_for_since(busy: Box, tablets: Tablets) -> None:
    page = tablets.staff(busy.tokens.staff_pin, "/staff#journal")
    expect(page.locator("#journal-list")).to_contain_text("Refused")
    held: list[Route] = []
    page.route(re.compile("/journal.*limit=30&language=en$"), lambda route: held.append(route))
    with page.expect_request(re.compile("language=en$")):
        page.get_by_role("button", name="Newest").click()
    page.get_by_role("radio", name="Money").click()
    expect(page.locator("#journal-list")).not_to_contain_text("Refused")
    with page.expect_response(re.compile("language=en$")) as late:
        held[0].continue_()
    late.value.finished()
    page.evaluate("() => fetch('/api/v1/state').then((answer) => answer.json())")  # the late one is through
    assert "Refused" not in page.locator("#journal-list").inner_text()


def test_a_tablet_is_paired_for_the_door_works_there_and_is_sent_away(box: Box, tablets: Tablets) -> None:
    box.board.set_device(DeviceState("scanner.door", "scanner", "hid", Health.READY))
    new = tablets.open("/pair", 360, height=780, touch=True)
    new.get_by_role("button", name="Show a code").tap()
    code = new.locator("#code").inner_text()
    staff = tablets.staff(box.tokens.staff_pin, "/staff#devices")
    expect(staff.locator("#pair-waiting")).to_have_text("(one waits)")
    staff.get_by_label("Code on the tablet").fill("000 000")
    staff.get_by_label("Name it").fill("Entrance, left")
    staff.get_by_label("What it is for").select_option("door")
    staff.get_by_label("The scanner it belongs to").select_option("door")
    staff.get_by_role("button", name="Pair", exact=True).click()
    expect(staff.locator("#tablets-problem")).to_contain_text("No tablet shows this code")
    staff.get_by_label("Code on the tablet").fill(code)
    staff.get_by_role("button", name="Pair", exact=True).click()
    expect(staff.locator("#tablets")).to_contain_text("Entrance, left")
    expect(new.locator("#view-door")).to_be_visible()
    assert code.replace(" ", "") not in new.url
    assert new.locator(".tabs").count() == 0
    new.get_by_label("Ticket, voucher or member code").fill("STREET-GOOD-1")
    new.get_by_role("button", name="Check", exact=True).tap()
    expect(new.locator("#verdict")).to_contain_text("Admit")
    assert violations(new) == []
    send_away = staff.get_by_role("button", name="Send Entrance, left away")
    send_away.click()
    with staff.expect_response("**/tablets"):  # news draw the list anew between the two presses
        box.client().post("/scan", {"code": "nobody"})
    expect(send_away).to_have_text("Really?")
    send_away.click()
    expect(staff.locator("#tablets li")).to_have_count(0)
    new.reload()
    expect(new.get_by_label("PIN", exact=True)).to_be_visible()
    assert all("404" in text or "403" in text for text in tablets.complaints)


def test_text_at_twice_the_size_loses_nothing(busy: Box, tablets: Tablets) -> None:
    page = tablets.staff(busy.tokens.owner_pin, width=640, height=900)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for view in VIEWS:
        show(page, view)
        assert page.evaluate(TOO_WIDE) == [], view


def test_at_the_narrowest_screen_nothing_is_cut_off(busy: Box, tablets: Tablets) -> None:
    open_names(busy)
    page = tablets.staff(busy.tokens.staff_pin, width=320, height=640)
    for view in VIEWS:
        show(page, view)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, view


def test_a_cashier_without_rights_follows_the_scanner_and_sees_what_runs_low(box: Box, tablets: Tablets) -> None:
    pin = box.desk.submit(lambda books: cashiers.add(books, "Ben", [Right.STOCK]))[1]
    box.client().post("/offers/cup-and-print/stock", {"stock": 1, "reason": "counted"})
    page = tablets.staff(pin)
    expect(page.locator("#low-badge")).to_have_text("Low: 1")
    expect(page.locator("#takings")).to_have_text("0 sales")
