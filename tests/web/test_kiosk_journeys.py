"""The kiosk in a real browser: each journey from the first screen to thanks, by mouse, by touch and by keyboard."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from appliance.core.trade import PrintStatus
from appliance.services import door
from appliance.services.events import load_event
from appliance.web.app import PREFIX
from tests.web.kiosk_page import begin, begun, event_text, member, place_order, tap_offer, with_cards
from tests.web.tablets import Tablets
from tests.web.webbox import Box

pytestmark = pytest.mark.browser
TEN_INCH, SEVEN_INCH = (1280, 800), (600, 960)


def prints(box: Box, kind: str) -> list[str]:
    with box.desk.reading() as books:
        return [job.subject for job in books.prints.by_status([PrintStatus.QUEUED], 10) if job.kind == kind]


@pytest.mark.parametrize(("width", "height"), [(1024, 768), TEN_INCH, SEVEN_INCH])
def test_from_the_first_screen_to_thanks_by_touch(box: Box, tablets: Tablets, width: int, height: int) -> None:
    gift = with_cards(box)
    page = tablets.open("/", width=width, height=height, touch=True)
    expect(page.locator("h1")).to_have_text("Street Series: Clay & Light")
    expect(page.locator("#window")).to_contain_text("Open now: Market Square")
    expect(page.locator(".highlight")).to_have_count(4)
    expect(page.locator(".highlight").first).to_contain_text("40 left")
    page.get_by_role("button", name="Tap to begin").tap()
    page.locator("#arrival").get_by_role("button", name="Add it").tap()
    if page.locator("#jump").is_visible():
        page.locator("#jump").tap()
    page.get_by_role("button", name="Place order").tap()
    page.locator("#pay-here summary").tap()
    page.get_by_label("Code on the card").fill(gift)
    page.get_by_role("button", name="Use gift card").tap()
    expect(page.locator("#slip-state")).to_have_text("Paid")
    assert prints(box, "receipt") == []
    page.get_by_role("button", name="On paper").tap()
    expect(page.locator("#thanks")).to_contain_text("Thank you for stopping by!")
    expect(page.locator("#thanks-text")).to_have_text("Your receipt is being printed.")
    assert prints(box, "receipt") == ["sale 1"]
    expect(page.get_by_role("button", name="Tap to begin")).to_be_visible(timeout=15_000)
    assert tablets.complaints == []


def test_a_whole_order_by_keyboard_alone(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/")
    press(page, "#begin", "Enter")
    expect(page.locator("#offers-title")).to_be_focused()
    press(page, '#offers [data-key="cup"]', "Enter")
    press(page, '#offers [data-key="apron"]', "Space")
    expect(page.locator("#variant-list button").first).to_be_visible()
    press(page, "#variant-list button >> nth=1", "Enter")
    expect(page.locator('#offers [data-key="apron"]')).to_be_focused()
    press(page, '[data-key="more cup"]', "Enter")
    expect(page.locator('[data-key="more cup"]')).to_be_focused()
    press(page, "#codes summary", "Enter")
    press(page, "#voucher", "")
    page.keyboard.type("WELCOME-3")
    press(page, "#order", "Enter")
    expect(page.locator("#slip-code")).to_be_focused()
    expect(page.locator("#slip-total")).to_have_text("$77.00")
    press(page, "#finish", "Enter")
    expect(page.locator("#attract")).to_be_visible()


def test_the_focus_comes_back_to_an_offer_that_was_drawn_anew_under_its_dialog(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    apron = page.locator('#offers [data-key="apron"]')
    press(page, '#offers [data-key="apron"]', "Enter")
    before = apron.element_handle()
    box.client().post("/orders", {"lines": [{"offer": "cup", "quantity": 1}]})  # another stock, on every tablet
    page.wait_for_function("node => !node.isConnected", arg=before)
    page.keyboard.press("Escape")
    expect(apron).to_be_focused()


def press(page: Page, target: str, key: str) -> None:
    """Reach something with the Tab key, and press a key on it."""
    wanted = page.locator(target)
    for _ in range(60):
        if wanted.evaluate("node => node === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()
    assert wanted.evaluate("node => getComputedStyle(node).outlineStyle") != "none", "the focus is not to be seen"
    if key:
        page.keyboard.press(key)


def test_the_small_extra_is_offered_once_and_goes_into_the_order(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    tap_offer(page, "print-a4")
    page.locator("#treat").get_by_role("button", name="Add it").click()
    expect(page.locator("#treat")).to_be_hidden()
    expect(page.locator("#subtotal")).to_have_text("$19.00")
    page.get_by_role("button", name="One less: Postcard and a sticker").click()
    page.get_by_role("button", name="No, thanks").click()
    page.get_by_role("button", name="One more: Street photograph, A4").click()
    expect(page.locator("#treat")).to_be_hidden()
    page.get_by_text("Voucher or member card").click()
    page.get_by_label("Voucher code").fill("PRESS-50")
    page.get_by_role("button", name="Place order").click()
    expect(page.locator("#slip-total")).to_have_text("$18.00")
    page.get_by_role("button", name="Change my order").click()
    expect(page.locator("#choose")).to_be_visible()
    assert box.client().get("/orders").json["orders"] == []
    assert tablets.complaints == []


def test_on_arrival_one_tap_adds_the_small_extra_and_a_variant_is_asked_for(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    page.locator("#arrival").get_by_role("button", name="Add it").click()
    expect(page.locator("#arrival")).to_be_hidden()
    tap_offer(page, "apron")
    page.get_by_role("button", name="M, indigo").click()
    expect(page.locator("#subtotal")).to_have_text("$37.00")
    page.get_by_role("button", name="Place order").click()
    expect(page.locator("#slip-lines")).to_contain_text("Maker's apron, M, indigo")
    assert tablets.complaints == []


def test_joining_is_one_tap_at_the_checkout_and_shows_every_step_of_the_price(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    tap_offer(page, "cup")
    expect(page.locator("#join")).to_contain_text("Friends of the Series")
    tap_offer(page, "print-a4")
    page.get_by_role("button", name="One less: Hand-thrown cup").click()
    for _ in range(5):
        page.get_by_role("button", name="One more: Street photograph, A4").click()
    expect(page.locator("#join")).to_contain_text("pay $3.00 less")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#join")).to_be_hidden()
    expect(page.locator("#subtotal")).to_have_text("$105.00")
    expect(page.locator("#lines")).to_contain_text("Member price -$18.00")
    expect(page.locator('#offers [data-key="print-a4"] s')).to_have_text("$18.00")
    page.get_by_text("Voucher or member card").click()
    page.get_by_label("Voucher code").fill("press-50")
    page.get_by_label("Member card").focus()
    expect(page.locator("#subtotal")).to_have_text("$52.50")
    page.get_by_label("Voucher code").fill("night-owl")
    page.get_by_label("Member card").focus()
    expect(page.get_by_role("alert").get_by_text("good from 2026-12-05 21:00 on")).to_be_visible()
    page.get_by_label("Voucher code").fill("")
    page.get_by_label("Member card").focus()
    expect(page.locator("#problem")).to_be_hidden()
    assert all("422" in complaint for complaint in tablets.complaints)  # the browser's own word for a refusal


def test_a_tap_meets_its_button_though_an_answer_arrives_meanwhile(tablets: Tablets) -> None:
    page = begun(tablets)
    tap_offer(page, "cup-and-print")
    expect(page.locator("#join")).to_be_visible()
    page.get_by_text("Voucher or member card").click()
    page.get_by_label("Voucher code").fill("NIGHT-OWL")
    place = page.locator("#order").bounding_box()
    assert place
    laid_out = "button => [button.offsetLeft, button.offsetTop]"  # without the shrinking of a button that is pressed
    before = page.locator("#order").evaluate(laid_out)
    page.mouse.move(place["x"] + 20, place["y"] + 8)
    with page.expect_response("**/carts/price"):
        page.mouse.down()  # the field is left, and its voucher refused
    assert page.locator("#order").evaluate(laid_out) == before
    page.mouse.up()
    expect(page.locator("#problem")).to_contain_text("good from")


def test_a_refusal_is_said_in_words(tablets: Tablets) -> None:
    page = begun(tablets)
    tap_offer(page, "credits-10")
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("alert").get_by_text("Credits go onto a member's card")).to_be_visible()


def test_what_somebody_else_bought_meanwhile_leaves_the_cart_and_is_said(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    tap_offer(page, "cup")
    tap_offer(page, "cup")
    tap_offer(page, "cup-and-print")
    box.client().post("/offers/cup/stock", {"stock": 1, "reason": "counted"})
    expect(page.locator("#problem")).to_have_text("There is not enough left of something in your order.")
    expect(page.locator("#lines output")).to_have_text(["1", "1"])
    box.client().post("/offers/cup-and-print/stock", {"stock": 0, "reason": "counted"})
    expect(page.locator("#lines .name").last).to_have_text("Cup & photograph, gift-wrapped, restock")
    expect(page.locator("#problem")).to_be_visible()


def test_an_order_at_the_kiosk_is_paid_at_the_till_and_its_receipt_goes_to_a_phone(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    code = place_order(page)
    expect(page.locator("#slip-text")).to_contain_text("Take your slip to the till")
    assert prints(box, "order") == [f"order {code}"]
    with box.desk.reading() as books:
        (order,) = books.orders.open()
    verdict = box.desk.submit(lambda books: door.scan(books, order.id, "till"))
    assert (verdict.kind, verdict.names) == ("order", order.id)
    box.client().post(f"/orders/{order.id}/payments", {"tender": "cash", "amount_minor": 2400})
    expect(page.locator("#slip-state")).to_have_text("Paid")
    expect(page.get_by_role("button", name="On paper")).to_be_hidden()  # the till has printed it
    page.get_by_role("button", name="On my phone").click()
    expect(page.locator("#receipt-code")).to_have_js_property("complete", True)
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator("#receipt-code").screenshot())))
    sale = box.client().get("/sales/1").json
    assert str(read.text).endswith(sale["page"])
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#attract")).to_be_visible()
    assert tablets.complaints == []


def test_a_guest_pays_alone_with_a_gift_card_and_the_rest_at_the_till(box: Box, tablets: Tablets) -> None:
    gift, page = with_cards(box), begun(tablets)
    place_order(page)
    page.locator("#pay-here summary").click()
    page.get_by_label("Code on the card").fill("NO-SUCH-CARD")
    page.get_by_role("button", name="Use gift card").click()
    expect(page.locator("#pay-problem")).to_contain_text("There is no gift card")
    page.get_by_label("Code on the card").fill(gift)
    page.get_by_role("button", name="Use gift card").click()
    expect(page.locator("#slip-total")).to_have_text("$14.00")
    expect(page.locator("#slip-text")).to_contain_text("rest at the till")
    expect(page.get_by_role("button", name="Change my order")).to_be_hidden()


def test_a_member_pays_alone_with_credits_and_wants_no_receipt(box: Box, tablets: Tablets) -> None:
    with_cards(box)
    card, page = member(box), begun(tablets)
    place_order(page)
    page.locator("#pay-here summary").click()
    page.get_by_label("Code on the card").fill(card)
    page.get_by_role("button", name="Use credits").click()
    expect(page.locator("#slip-state")).to_have_text("Paid")
    expect(page.locator("#pay-here")).to_be_hidden()
    page.get_by_role("button", name="No receipt").click()
    expect(page.locator("#thanks")).to_be_visible()
    assert tablets.complaints == []
    assert box.client().get("/sales").json["sales"][0]["payments"][0]["tender"] == "credit"
    assert prints(box, "receipt") == ["sale 1"], "only that of the till"


def test_what_costs_nothing_is_done_at_the_kiosk_and_what_it_brings_is_taken_along(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    tap_offer(page, "postcard")
    page.get_by_text("Voucher or member card").click()
    page.get_by_label("Voucher code").fill("FREE-CARD")
    page.get_by_label("Voucher code").blur()
    expect(page.locator("#subtotal")).to_have_text("$0.00")
    page.get_by_role("button", name="Place order").click()
    expect(page.locator("#slip-state")).to_have_text("Paid")
    expect(page.get_by_role("button", name="No receipt")).to_be_visible()
    assert box.client().get("/sales").json["sales"][0]["total_minor"] == 0


def test_where_the_law_wants_receipts_each_sale_prints_one_by_itself(box: Box, tablets: Tablets) -> None:
    text = event_text(('currency = "USD"', 'currency = "USD"\nreceipt_always = true'))
    box.desk.submit(lambda books: load_event(books, text))
    page = begun(tablets)
    tap_offer(page, "postcard")
    page.get_by_text("Voucher or member card").click()
    page.get_by_label("Voucher code").fill("FREE-CARD")
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("button", name="On my phone")).to_be_visible()
    expect(page.get_by_role("button", name="On paper")).to_be_hidden()
    expect(page.get_by_role("button", name="No receipt")).to_have_count(0)
    assert prints(box, "receipt") == ["sale 1"]
    page.locator("#receipt-none").click()  # it says "Done" now
    expect(page.locator("#thanks")).to_be_visible()


def test_a_ticket_bought_here_is_never_left_without_its_receipt(box: Box, tablets: Tablets) -> None:
    with_cards(box)
    card, page = member(box), begun(tablets)
    place_order(page, "workshop-seat")
    page.locator("#pay-here summary").click()
    page.get_by_label("Code on the card").fill(card)
    page.get_by_role("button", name="Use credits").click()
    expect(page.locator("#receipt-holds")).to_be_visible()
    expect(page.get_by_role("button", name="No receipt")).to_be_hidden()


def test_what_people_do_is_noted_without_who_they_are(box: Box, tablets: Tablets) -> None:
    gift, page = with_cards(box), begun(tablets)
    tap_offer(page, "postcard")
    tap_offer(page, "postcard")
    page.get_by_role("button", name="Place order").click()
    page.locator("#pay-here summary").click()
    page.get_by_label("Code on the card").fill(gift)
    with page.expect_response(f"**{PREFIX}/signals"):
        page.get_by_role("button", name="Use gift card").click()
    with box.desk.reading() as books:
        noted = [entry.data for entry in books.journal.newest(("signal.noted",), 10)]
    assert [(data["what"], data["persona"], data["offer"]) for data in reversed(noted)] == [
        ("browsed", None, None), ("tried", None, "postcard"), ("bought", "shopper", None),
    ]  # fmt: skip


def test_a_guest_may_begin_again_after_thanks(tablets: Tablets) -> None:
    page = begun(tablets)
    place_order(page)
    page.get_by_role("button", name="Done").click()
    begin(page)
    expect(page.locator("#empty")).to_be_visible()


def test_the_first_screen_begins_wherever_it_is_tapped_and_not_with_a_language(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/", touch=True)
    page.locator("#attract [data-language=de]").tap()
    expect(page.locator("#begin")).to_be_visible()
    page.locator("#highlights li").first.tap()
    expect(page.locator(".offer").first).to_be_visible()
