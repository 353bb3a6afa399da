"""The pages in a real browser, against the real box: order, pay, lose the network, walk away."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Route, expect

from appliance.core.devices import DeviceState, Health
from appliance.core.keyboard import CARD
from appliance.core.trade import PrintStatus, Right
from appliance.services import cashiers, printing
from appliance.services.events import load_event
from tests.web.kiosk_page import begun, place_order, with_cards
from tests.web.tablets import Tablets, show
from tests.web.webbox import EVENT_FILE, Box, open_names

pytestmark = pytest.mark.browser


def test_an_order_at_the_kiosk_is_paid_at_the_till(box: Box, tablets: Tablets) -> None:
    kiosk, staff = begun(tablets), tablets.staff(box.tokens.staff_pin, "/staff#orders")
    code = place_order(kiosk)
    expect(kiosk.locator("#slip-total")).to_have_text("$24.00")
    staff.get_by_role("button", name=code).click()
    expect(staff.locator("#pay-due")).to_have_text("$24.00")
    staff.get_by_label("Cash given", exact=True).last.fill("30")
    staff.get_by_role("button", name="Take cash").click()
    expect(staff.locator("#change")).to_have_text("$6.00")
    staff.get_by_role("button", name="Next").click()
    expect(staff.locator("#takings")).to_have_text("1 sale · $24.00")
    expect(staff.get_by_text("No open orders.")).to_be_visible()
    expect(kiosk.locator("#slip-state")).to_have_text("Paid")
    assert [sale["total_minor"] for sale in box.client().get("/sales").json["sales"]] == [2400]
    assert tablets.complaints == []


def test_every_screen_counts_down_by_the_clock_of_the_box(box: Box, tablets: Tablets) -> None:
    box.at[0] += timedelta(minutes=50)  # ten before the end of the first window
    chips = [page.locator("#window") for page in (tablets.open("/"), tablets.staff(box.tokens.staff_pin))]
    for chip in chips:
        expect(chip).to_contain_text("Last call: Market Square")
        expect(chip).to_have_text(re.compile(r"(09|10):[0-5][0-9] left"))
    box.at[0] += timedelta(minutes=11)
    for chip in chips:
        expect(chip).to_contain_text("Next: Old Harbour", timeout=15_000)
        expect(chip).to_have_text(re.compile(r"in (58|59):[0-5][0-9]"))
    box.at[0] -= timedelta(days=2)
    for chip in chips:  # on a phone this is all that shows of it
        expect(chip.locator("strong")).to_have_text(re.compile(r"\w+, \w+ \d+"), timeout=15_000)


def test_staff_takes_something_off_with_a_reason(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin)
    page.locator(".tile", has_text="Hand-thrown cup").click()
    page.get_by_text("Voucher, member, discount").click()
    page.get_by_label("Discount", exact=True).fill("10 %")
    page.get_by_label("Discount", exact=True).press("Tab")
    expect(page.locator("#sale-problem")).to_have_text("Type the reason of the discount.")
    page.get_by_label("Reason of the discount").fill("chipped")
    page.get_by_label("Reason of the discount").press("Tab")
    expect(page.locator("#lines")).to_contain_text("Discount 10 %: chipped -$2.40")
    page.get_by_role("button", name="Charge $21.60").click()
    expect(page.locator("#pay-due")).to_have_text("$21.60")
    assert tablets.complaints == []


def test_staff_sells_scans_and_sees_to_paper_and_shift(box: Box, tablets: Tablets) -> None:
    box.board.set_device(
        DeviceState("scanner.door", "scanner", "serial", Health.OFFLINE, "No answer.", "Check its cable.")
    )
    page = tablets.staff(box.tokens.owner_pin, "/staff#devices")
    expect(page.locator("#device-list")).to_contain_text("Offline")
    expect(page.locator("#device-list")).to_contain_text("Check its cable.")
    show(page, "shift")
    page.get_by_label("Float in the drawer").fill("50")
    page.get_by_role("button", name="Open shift").click()
    show(page, "till")
    page.locator(".tile", has_text="Postcard").click()
    page.get_by_role("button", name="Charge $1.00").click()
    page.get_by_role("button", name="Exact").click()
    expect(page.locator("#change")).to_have_text("$0.00")
    page.get_by_role("button", name="Next").click()
    show(page, "door")
    page.get_by_label("Ticket, voucher or member code").fill("STREET-GOOD-1")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#verdict")).to_contain_text("Admit")
    job = box.desk.submit(printing.claim_next)
    assert job is not None
    box.desk.submit(lambda books: printing.finish(books, job.id, PrintStatus.UNSURE, "The power went."))
    show(page, "devices")
    page.get_by_role("button", name="It is on paper").click(timeout=15_000)
    expect(page.locator("#prints")).to_contain_text("sale 1 printed")
    show(page, "shift")
    page.get_by_role("button", name="Count and close").click()
    page.get_by_label("How many of $50.00", exact=True).fill("1")
    page.get_by_label("How many of $0.50", exact=True).fill("1")
    page.get_by_role("button", name="This is all").click()
    page.get_by_role("button", name="Close shift").click()
    expect(page.locator("#report")).to_contain_text("-$0.50")
    assert tablets.complaints == []


def test_staff_sees_the_card_counts_people_and_lets_in_with_a_reason(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, "/staff#door")
    card, code = page.locator("#verdict"), page.get_by_label("Ticket, voucher or member code")

    def scan(text: str, button: str = "Check") -> None:
        code.fill(text)
        page.get_by_role("button", name=button, exact=True).click()

    scan("STREET-GUEST-1")
    expect(card).to_have_class("verdict amber")
    expect(card).to_contain_text("Admit and look: Welcome")
    expect(card).to_contain_text("Guest of the makers · Hand out a wristband.")
    scan("STREET-GUEST-1")
    expect(card).to_have_class("verdict red")
    expect(card.locator("use")).to_have_attribute("href", "#i-refuse")
    expect(card).to_contain_text("Refuse: Already used")
    page.get_by_label("Why they may come in all the same").fill("left the coat inside")
    page.get_by_role("button", name="Let in").click()
    expect(card).to_contain_text("Let in by staff although")
    expect(page.locator("#inside")).to_have_text("2 inside")
    scan("STREET-GUEST-1", "Exit")
    expect(card).to_contain_text("Exit: Goodbye")
    expect(page.locator("#inside")).to_have_text("1 inside")
    scan("nobody")
    expect(card).to_contain_text("Refuse: Not known")
    expect(page.locator("#override")).to_be_hidden()
    assert tablets.complaints == []


def test_the_pin_form_works_without_javascript(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/setup", script=False)
    page.get_by_label("PIN", exact=True).fill("000000")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_have_text("That PIN is not right. Try again.")
    page.get_by_label("PIN", exact=True).fill(box.tokens.owner_pin)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="Addresses")).to_be_visible()
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_label("PIN", exact=True)).to_be_visible()


SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), summary')]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 48)
  .map((node) => node.outerHTML)"""
NAMELESS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden])')].filter((node) =>
  node.checkVisibility() && !(node.getAttribute('aria-label') ?? node.innerText ?? '').trim() && !node.labels?.length)
  .map((node) => node.outerHTML)"""


@pytest.mark.parametrize("width", [320, 1280])
def test_targets_are_large_named_and_on_the_screen(box: Box, tablets: Tablets, width: int) -> None:
    kiosk = begun(tablets, width=width)
    kiosk.get_by_role("button", name="Hand-thrown cup").first.click()
    staff = tablets.staff(box.tokens.owner_pin, width=width)
    expect(staff.locator(".tile").first).to_be_visible()
    setup = tablets.staff(box.tokens.owner_pin, "/setup", width=width)
    for page in (kiosk, staff, setup, tablets.open("/staff", width), tablets.open("/nothing", width)):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SMALL_TARGETS) == []
        assert page.evaluate(NAMELESS) == []


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


TEXT_COLOURS = """() => {
  const backdrop = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')]
    .filter((node) => node.checkVisibility() && !node.closest(':disabled')
      && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .map((node) => [node.innerText, getComputedStyle(node).color, backdrop(node)]);
}"""


def test_text_stands_out_from_its_ground(box: Box, tablets: Tablets) -> None:
    box.client().post("/scan", {"code": "STREET-GOOD-1"})
    box.client().post("/scan", {"code": "PRESS-50"})
    box.client().post("/scan", {"code": "nothing"})
    kiosk, staff = begun(tablets), tablets.staff(box.tokens.staff_pin)
    kiosk.get_by_role("button", name="Hand-thrown cup").first.click()
    expect(staff.locator("#verdicts li")).to_have_count(2)
    show(staff, "door")
    for page in (kiosk, staff):
        for text, ink, ground in page.evaluate(TEXT_COLOURS):
            lighter, darker = sorted((luminance(ink), luminance(ground)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, ink, ground)


def test_a_cashier_counts_blind_and_a_supervisor_lends_a_right(box: Box, tablets: Tablets) -> None:
    rights = {"Ben": [], "Chief": [Right.DRAWER, Right.REPORT]}
    pins = {name: box.desk.submit(lambda books, who=name: cashiers.add(books, who, rights[who]))[1] for name in rights}
    page = tablets.staff(pins["Ben"], "/staff#shift")
    expect(page.get_by_role("button", name="Ben · Lock")).to_be_visible()
    page.get_by_label("Float in the drawer").fill("100")
    page.get_by_role("button", name="Open shift").click()
    page.get_by_placeholder("Amount").fill("20")
    page.locator("#cash-reason").fill("parking")
    page.get_by_role("button", name="Take out").click()
    page.get_by_label("Supervisor's PIN").fill(pins["Chief"])
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#cash-reason")).to_have_value("")
    page.get_by_role("button", name="X report").click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.locator("#shift-problem")).to_contain_text("right 'report'")
    page.get_by_role("button", name="Count and close").click()
    page.get_by_label("How many of $20.00", exact=True).fill("3")
    page.get_by_label("One more of $10.00", exact=True).click()
    expect(page.locator("#counted")).to_have_text("$70.00")
    assert "80.00" not in page.locator("body").inner_text()  # what should be there
    page.get_by_role("button", name="This is all").click()
    expect(page.locator("#preview")).to_contain_text("-$10.00")
    page.get_by_role("button", name="Close shift, print Z").click()
    expect(page.locator("#report")).to_contain_text("Z report 1")
    z = box.client().get("/shifts/1/report").json
    assert (z["difference_minor"], z["closed_by"], z["movements"][0]["approved_by"]) == (-1000, "c1", "c2")
    page.get_by_role("button", name="Ben · Lock").click()
    expect(page.get_by_label("PIN", exact=True)).to_be_visible()
    assert [text for text in tablets.complaints if "403" not in text] == []


def test_staff_takes_the_money_for_an_unpaid_ticket_on_the_spot(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, "/staff#door")
    card, code = page.locator("#verdict"), page.get_by_label("Ticket, voucher or member code")
    code.fill("STREET-UNPAID")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(card).to_contain_text("Refuse: Not paid")
    page.get_by_role("button", name="Take payment: $12.00").click()
    expect(page.locator("#lines")).to_contain_text("$12.00 for a ticket at the door")
    page.get_by_role("button", name="Charge $12.00").click()
    page.get_by_role("button", name="Exact").click()
    page.get_by_role("button", name="Next").click()
    show(page, "door")
    code.fill("STREET-UNPAID")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(card).to_contain_text("Admit: Welcome")
    expect(page.locator("#pay-ticket")).to_be_hidden()
    assert tablets.complaints == []


def test_a_tap_before_the_script_is_there_does_not_load_the_page_anew(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, "/staff#door")
    expect(page.locator("#scan")).not_to_have_attribute("inert", "")
    held: list[Route] = []
    page.route("**/staff.js", lambda route: held.append(route))
    with page.expect_request("**/staff.js"):
        page.reload(wait_until="commit")
    page.locator("#view-door").evaluate("view => { view.hidden = false; }")  # as if the script had just begun
    page.locator("#code").evaluate("input => input.value = 'STREET-UNPAID'")  # required: an empty form is not sent
    page.locator("#scan").scroll_into_view_if_needed()
    place = page.locator("#scan button.primary").bounding_box()
    assert place
    page.mouse.click(place["x"] + 5, place["y"] + 5)
    held[0].continue_()
    expect(page.locator("#scan")).not_to_have_attribute("inert", "")
    assert page.url.endswith("/staff#door"), "the form was sent by the browser: what was typed is lost"
    page.get_by_label("Ticket, voucher or member code").fill("STREET-UNPAID")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#verdict")).to_contain_text("Refuse: Not paid")


def test_the_owner_checks_a_list_takes_it_and_takes_it_away(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.owner_pin, "/setup/tickets")
    expect(page.locator("#lists")).to_contain_text("test")

    def choose(text: str) -> None:
        file = {"name": "fair.csv", "mimeType": "text/csv", "buffer": text.encode()}
        page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
        page.get_by_role("button", name="Check it").click()

    choose("code,status\nF1,valid\nF2,perhaps\n")
    expect(page.locator("#told")).to_contain_text("fair.csv:3: the status 'perhaps' is not one of")
    expect(page.locator("#list-problem")).to_contain_text("fair.csv has 1 problem: nothing was loaded.")
    expect(page.locator("#take")).to_be_hidden()
    choose("code,status\nF1,valid\nF2,valid\n")
    expect(page.locator("#told")).to_contain_text("2 tickets, all in order; nothing was imported.")
    page.get_by_role("button", name="Take it").click()
    expect(page.locator("#told")).to_contain_text("fair.csv: 2 new, 0 changed, 0 as before.")
    row = page.locator("#lists li").filter(has_text="fair.csv")
    expect(row).to_contain_text("2 tickets")
    row.get_by_role("button", name="Take away").click()
    row.get_by_role("button", name="Really take it away").click()
    expect(page.locator("#told")).to_contain_text("fair.csv: 2 tickets taken away.")
    expect(row).to_have_count(0)
    assert len(tablets.complaints) == 1  # the browser's own note of the answer 422


def test_somebody_without_a_code_is_found_by_name_and_admitted(box: Box, tablets: Tablets) -> None:
    pin = open_names(box)
    page = tablets.staff(box.tokens.staff_pin, "/staff#door")
    page.get_by_text("Without a code").click()
    page.get_by_label("Owner's PIN").fill(pin)
    page.get_by_role("button", name="Unlock").click()
    page.get_by_label("Name, or a part of it").fill("LOVST")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Ada Løvstad").click()
    expect(page.locator("#verdict .holder")).to_have_text("Ada Løvstad")
    expect(page.locator("#verdict")).to_contain_text("Speaks at nine")
    page.get_by_label("Name, or a part of it").fill("ada")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#found")).to_contain_text("used 16:30")
    page.locator("#lock-names").click()
    expect(page.locator("#names-why")).to_contain_text("locked")
    assert tablets.complaints == []


def test_a_card_payment_without_an_answer_waits_in_its_list(box: Box, tablets: Tablets) -> None:
    box.client("staff").post("/orders", {"lines": [{"offer": "cup", "quantity": 1}]})
    page = tablets.staff(box.tokens.staff_pin, "/staff#orders")
    page.locator("#open-orders button").click()
    page.get_by_role("button", name="Card: no answer yet").click()
    expect(page.locator("#pay")).to_be_hidden()
    expect(page.locator("#pending-badge")).to_have_text("1 payment pending")
    expect(page.locator("#pending li")).to_contain_text("$24.00 by card")
    show(page, "orders")
    page.locator("#open-orders button").click()
    expect(page.locator("#pay-note")).to_contain_text("$24.00 wait for an answer")
    page.get_by_role("button", name="Close").click()
    page.locator("#pending-badge").click()
    page.locator("#pending .came").click()
    expect(page.locator("#pending-card")).to_be_hidden()
    assert box.client("staff").get("/sales").json["sales"][0]["payments"][0]["tender"] == "card"


def test_a_gift_card_pays_what_it_holds_and_cash_the_rest(box: Box, tablets: Tablets) -> None:
    code = with_cards(box)
    box.client("staff").post("/orders", {"lines": [{"offer": "cup", "quantity": 1}]})
    page = tablets.staff(box.tokens.staff_pin, "/staff#orders")
    page.locator("#open-orders button").click()
    page.get_by_text("Gift card or credits").click()
    page.get_by_label("Code of the card").fill(code)
    page.get_by_role("button", name="Gift card", exact=True).click()
    expect(page.locator("#pay-due")).to_have_text("$14.00")
    expect(page.locator("#pay-note")).to_have_text("$0.00 left on the card.")
    page.get_by_role("button", name="Exact").click()
    expect(page.locator("#paid-sale")).to_contain_text("$24.00 paid")
    assert tablets.complaints == []


def test_staff_finds_a_sale_and_gives_a_part_of_it_back(box: Box, tablets: Tablets) -> None:
    lines = [{"offer": "cup", "quantity": 2}, {"offer": "postcard", "quantity": 1}]
    paid = {"tender": "card", "amount_minor": 4900}
    box.client("staff").post("/orders", {"lines": lines, "payment": paid})
    page = tablets.staff(box.tokens.staff_pin, "/staff#orders")
    expect(page.get_by_role("button", name="Receipt 1, $49.00")).to_be_visible()
    number = page.get_by_label("Receipt number")
    number.fill("7")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#sales-problem")).to_have_text("There is no sale 7 on this box.")
    number.fill("1")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#receipt-about")).to_contain_text("$49.00 · paid by card")
    page.get_by_role("button", name="Give back what is chosen").click()
    expect(page.locator("#back-problem")).to_contain_text("Choose with +")
    page.get_by_role("button", name="Give back one more: Hand-thrown cup").click()
    page.get_by_label("Why is it given back?").fill("a crack")
    page.get_by_role("button", name="Give back what is chosen").click()
    expect(page.locator("#gone-back")).to_have_text("$24.00 by card. Give it back at the terminal.")
    expect(page.locator("#receipt-lines")).to_contain_text("1 given back")
    page.get_by_role("button", name="Choose all").click()
    page.get_by_role("button", name="Give back what is chosen").click()
    expect(page.locator("#back")).to_be_hidden()
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#sales")).to_contain_text("$49.00 given back")
    assert len(tablets.complaints) == 1, "the browser itself notes the sale that there is not"
    assert "404" in tablets.complaints[0]


def test_a_guest_s_bank_pays_with_a_tip_and_the_sale_is_voided(box: Box, tablets: Tablets) -> None:
    text = EVENT_FILE.read_text().replace('currency = "USD"', 'currency = "USD"\ntips_pct = [5, 10]')
    text += '\n[transfer]\nscheme = "link"\naccount = "https://pay.example/stall/{amount}?about={reference}"\n'
    box.desk.submit(lambda books: load_event(books, text))
    place_order(begun(tablets))
    page = tablets.staff(box.tokens.staff_pin, "/staff#orders")
    page.locator("#open-orders button").first.click()
    page.get_by_role("button", name="Tip 10 %").click()
    expect(page.locator("#pay-due")).to_have_text("$26.40")
    expect(page.get_by_role("button", name="Tip 10 %")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Payment code").click()
    expect(page.locator("#code-amount")).to_have_text("$26.40")
    assert scanned(page.locator("#code-picture").screenshot()).startswith("https://pay.example/stall/26.40?about=")
    page.get_by_role("button", name="Print the code").click()
    expect(page.locator("#code-note")).to_have_text("The code is being printed.")
    page.get_by_role("button", name="Later").click()
    expect(page.locator("#pending-badge")).to_have_text("1 payment pending")
    show(page, "till")
    page.get_by_role("button", name="Show code").click()
    page.get_by_role("button", name="It came").click()
    show(page, "orders")
    expect(page.locator("#sales")).to_contain_text("$24.00")
    page.get_by_role("button", name="Receipt 1, $24.00").click()
    page.get_by_label("Why is it given back?").fill("typed wrong")
    page.get_by_role("button", name="Void the whole sale").click()
    expect(page.locator("#gone-back")).to_have_text("$26.40 by transfer. Send it back.")
    expect(page.locator("#back")).to_be_hidden()


def test_cash_is_asked_for_as_coins_can_pay_it(box: Box, tablets: Tablets) -> None:
    text = EVENT_FILE.read_text().replace('currency = "USD"', 'currency = "CHF"\ntips_pct = [7]')
    box.desk.submit(lambda books: load_event(books, text.replace("price_minor = 2400", "price_minor = 2398")))
    place_order(begun(tablets))
    page = tablets.staff(box.tokens.staff_pin, "/staff#orders")
    page.locator("#open-orders button").first.click()
    expect(page.locator("#pay-due")).to_have_text("CHF 23.98")
    expect(page.locator("#pay-cash")).to_have_text("In cash CHF 24.00.")
    page.get_by_role("button", name="Tip 7 %, CHF 1.70").click()
    expect(page.locator("#pay-due")).to_have_text("CHF 25.68")
    expect(page.locator("#pay-cash")).to_have_text("In cash CHF 25.70.")
    page.get_by_role("button", name="Exact").click()
    expect(page.locator("#change")).to_have_text("CHF 0.00")
    (sale,) = box.client().get("/sales").json["sales"]
    assert [(one["rounding_minor"], one["tip_minor"]) for one in sale["payments"]] == [(2, 170)]


def scanned(png: bytes) -> str:
    """Read the code on a picture as a telephone does."""
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return str(found.text)


def test_staff_switches_the_lights(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, "/staff#devices")
    expect(page.locator("#lights-card")).to_be_hidden()
    box.board.set("lights", {"on": True, "saved": False})
    expect(page.locator("#lights-now")).to_have_text("On, by themselves.")
    page.get_by_role("button", name="Off", exact=True).click()
    expect(page.get_by_role("button", name="Off", exact=True)).to_have_attribute("aria-pressed", "true")
    box.board.set("lights", {"on": False, "saved": True})
    expect(page.locator("#lights-now")).to_have_text("Out: the battery is low.")


def test_a_scanner_s_calibration_card_is_printed_and_read_off_the_screen(box: Box, tablets: Tablets) -> None:
    box.board.set_device(DeviceState("scanner.till", "scanner", "hid", Health.READY))
    page = tablets.staff(box.tokens.staff_pin, "/staff#devices")
    devices = page.get_by_role("region", name="What is plugged in")
    devices.get_by_text("A scanner reads wrong letters").click()
    devices.get_by_label("Scanner").select_option("till")
    devices.get_by_role("button", name="Print and show the card").click()
    expect(devices.get_by_role("status")).to_contain_text("at 'till' within 5 minutes")
    picture = Image.open(io.BytesIO(devices.get_by_role("img", name="Calibration card").screenshot()))
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == CARD
    assert [job["subject"] for job in box.client().get("/prints").json["prints"]] == ["calibration card"]
    swapped = CARD.translate(str.maketrans("YZyz", "ZYzy"))
    taught = box.client().post("/scan", {"code": swapped, "source": "till"}).json
    show(page, "door")
    expect(page.locator("#verdict")).to_contain_text("Scanner calibrated")
    assert taught["message"] == "4 characters are put right from now on."
    assert tablets.complaints == []


def test_a_long_list_shows_how_far_it_is_and_every_bad_line(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.owner_pin, "/setup/tickets")
    page.evaluate("""() => {
        window.seen = new Set();
        const note = () => window.seen.add(document.getElementById("progress-says").textContent);
        new MutationObserver(note).observe(document.getElementById("progress-says"), {childList: true});
    }""")
    rows = "".join(f"LONG-{number:06},workshop\n" for number in range(80_000))
    page.locator("#file").set_input_files(
        {"name": "long.csv", "mimeType": "text/csv", "buffer": b"code,product\n" + rows.encode()}
    )
    page.get_by_role("button", name="Check it").click()
    expect(page.locator("#told")).to_contain_text("80000 tickets, all in order")
    page.get_by_role("button", name="Take it").click()
    expect(page.locator("#told")).to_contain_text("long.csv: 80000 new, 0 changed, 0 as before.", timeout=60_000)
    expect(page.locator("#list-progress")).to_be_hidden()
    seen = set(page.evaluate("[...window.seen]"))
    assert {"Sending …", "The box is reading it …"} <= seen
    assert [words for words in seen if re.fullmatch(r"\d+ of 80000 tickets are in …", words)]
    bad = "code,status\nA,valid\nB,perhaps\n,valid\n"
    page.locator("#file").set_input_files({"name": "bad.csv", "mimeType": "text/csv", "buffer": bad.encode()})
    page.get_by_role("button", name="Check it").click()
    for line in ("bad.csv:3: the status 'perhaps'", "bad.csv:4: the code is missing"):
        expect(page.locator("#told")).to_contain_text(line)
    expect(page.get_by_role("alert")).to_have_text("bad.csv has 2 problems: nothing was loaded.")
    expect(page.get_by_role("button", name="Take it")).to_be_hidden()
