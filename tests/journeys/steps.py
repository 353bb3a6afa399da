"""How each journey gets to its critical step, and what is pressed and seen there."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.stall import Stall
from tests.web.kiosk_page import begin, place_order, tap_offer
from tests.web.webbox import CONTACT, LATER

Before = Callable[[Stall, Page], object]
Does = Callable[[Page], object]


def tap(page: Page, target: str) -> None:
    found = page.locator(target).first
    if page.evaluate("'ontouchstart' in window"):
        found.tap()
    else:
        found.click()


NAME_THIS_ONE = """([part, words, button]) => {
  const list = document.querySelector(part);
  const name = () => {
    const row = [...list.children].find((one) => one.textContent.includes(words));
    const found = row?.querySelector(button);
    if (found && found.id !== "this-one") found.id = "this-one";
  };
  new MutationObserver(name).observe(list, { childList: true });
  name();
}"""


def taps(target: str) -> Does:
    return lambda page: tap(page, target)


def shows(target: str, words: str = "") -> Does:
    return lambda page: expect(page.locator(target).first).to_contain_text(words, use_inner_text=True)


def is_gone(target: str) -> Does:
    return lambda page: expect(page.locator(target)).to_have_count(0)


def is_hidden(target: str) -> Does:
    return lambda page: expect(page.locator(target)).to_be_hidden()


def is_empty(target: str) -> Does:
    return lambda page: expect(page.locator(target)).to_have_value("")


def fill(page: Page, **fields: str) -> None:
    for id, text in fields.items():
        page.locator(f"#{id.replace('_', '-')}").fill(text)


# ---- the kiosk


def with_offer(offer: str) -> Before:
    def before(stall: Stall, page: Page) -> None:
        begin(page)
        tap_offer(page, offer)

    return before


def for_nothing(stall: Stall, page: Page) -> None:
    with_offer("postcard")(stall, page)
    page.locator("#codes summary").click()
    fill(page, voucher="ALL-FREE")
    page.locator("#voucher").blur()
    expect(page.locator("#subtotal")).to_have_text("$0.00")


def sent_later(stall: Stall, page: Page) -> None:
    stall.post("/offers/cup-and-print/stock", {"stock": 0, "reason": "counted"})
    begin(page)
    expect(page.locator('#offers [data-key="cup-and-print"] .stock')).to_have_text("Sent later")
    tap_offer(page, "cup-and-print")
    page.locator("#order").click()
    page.locator("#shipping-tiers").get_by_text("Courier in the city").click()
    fill(page, **{f"shipping_{name}": text for name, text in CONTACT.items()})


def ordered(stall: Stall, page: Page) -> None:
    begin(page)
    place_order(page, "postcard")


def with_card(code: Callable[[Stall], str]) -> Before:
    def before(stall: Stall, page: Page) -> None:
        ordered(stall, page)
        page.locator("#pay-here summary").click()
        fill(page, pay_code=code(stall))

    return before


def gift_card(stall: Stall) -> str:
    return stall.gift_card


def member_card(stall: Stall) -> str:
    return stall.member_card


def paid_here(stall: Stall, page: Page) -> None:
    with_card(gift_card)(stall, page)
    page.locator("[data-tender=voucher]").click()
    page.locator("#receipt-sms").click()
    fill(page, receipt_number="+49 170 1234567")


# ---- staff


def types_ticket(stall: Stall, page: Page) -> None:
    fill(page, code=stall.ticket())


def let_out(stall: Stall, page: Page) -> None:
    code = stall.ticket()
    stall.post("/scan", {"code": code})
    fill(page, code=code)


def refused_once(stall: Stall, page: Page) -> None:
    let_out(stall, page)
    tap(page, "#scan .primary")
    expect(page.locator("#verdict")).to_contain_text("Already used")
    fill(page, why="left the coat inside")


def basket(stall: Stall, page: Page) -> None:
    tap(page, '.tile[data-key="cup"]')
    expect(page.locator("#charge")).to_have_text("Charge $24.00")


def discounted(stall: Stall, page: Page) -> None:
    basket(stall, page)
    tap(page, "#price-off summary")
    fill(page, discount="10 %", reason="chipped")
    page.locator("#reason").press("Tab")
    expect(page.locator("#charge")).to_have_text("Charge $21.60")
    tap(page, "#charge")
    fill(page, supervisor_pin=stall.supervisor_pin)


def paying(stall: Stall, page: Page) -> None:
    code = stall.order()["code"]
    page.locator("#open-orders button", has_text=code).click()
    expect(page.locator("#pay-due")).to_have_text("$24.00")


def given(amount: str) -> Before:
    def before(stall: Stall, page: Page) -> None:
        paying(stall, page)
        fill(page, given=amount)

    return before


def tipped(stall: Stall, page: Page) -> None:
    paying(stall, page)
    tap(page, '#tips [data-key="10 %"]')
    fill(page, given="30")


def splitting(stall: Stall, page: Page) -> None:
    given("10")(stall, page)
    tap(page, "#pay details summary")
    fill(page, stored_code=stall.gift_card)


def name_this_one(page: Page, part: str, words: str, button: str) -> None:
    """Call the button of one row `#this-one`, however often the list is drawn anew."""
    page.evaluate(NAME_THIS_ONE, [part, words, button])
    expect(page.locator("#this-one")).to_be_visible()


def asked(stall: Stall) -> str:
    order = stall.order()
    body = {"tender": "card", "amount_minor": 2400, "pending": True}
    stall.post(f"/orders/{order['id']}/payments", body)
    return str(order["code"])


def pending(stall: Stall, page: Page) -> None:
    name_this_one(page, "#pending", asked(stall), ".came")


def coded(stall: Stall, page: Page) -> None:
    paying(stall, page)
    tap(page, "#transfer")
    expect(page.locator("#code-amount")).to_have_text("$24.00")


def looks_at_sale(stall: Stall, page: Page) -> None:
    fill(page, sale_number=str(stall.sale(quantity=2)))
    tap(page, "#find-sale button")
    expect(page.locator("#sale")).to_be_visible()
    fill(page, back_reason="a crack")


def one_of_two(stall: Stall, page: Page) -> None:
    looks_at_sale(stall, page)
    tap(page, "#receipt-lines .more")


def goods_came(stall: Stall, page: Page) -> None:
    expect(page.locator("#stock-offer option").first).to_be_attached()
    page.locator("#stock-offer").select_option("print-a4")
    fill(page, stock_pieces="3")


def nothing_half_paid(stall: Stall) -> None:
    with stall.daemon.staff() as staff:
        payments = staff.get("/api/v1/payments?status=pending").body["payments"]
        orders = staff.get("/api/v1/orders").body["orders"]
    for payment in payments:
        stall.post(f"/payments/{payment['id']}/settle", {"outcome": "failed"})
    for order in orders:
        if order["paid_minor"]:
            stall.post(f"/orders/{order['id']}/payments", {"tender": "cash", "amount_minor": 1_000_000})


def shift(*, is_open: bool) -> Before:
    def before(stall: Stall, page: Page) -> None:
        nothing_half_paid(stall)
        with stall.daemon.staff() as staff:
            now = staff.get("/api/v1/state").body["shift"]
        if is_open and not now:
            stall.post("/shifts", {"float_minor": 5000})
        if now and not is_open:
            stall.post("/shifts/current/close", {"counted_minor": 5000})
        expect(page.locator("#shift-form")).to_be_visible(visible=not is_open)
        if not is_open:
            fill(page, shift_amount="50")

    return before


def cash_put_in(stall: Stall, page: Page) -> None:
    shift(is_open=True)(stall, page)
    fill(page, cash_amount="20", cash_reason="change")


def counting(stall: Stall, page: Page) -> None:
    shift(is_open=True)(stall, page)
    tap(page, "#count-open")
    page.get_by_label("How many of $50.00", exact=True).fill("1")


def counted(stall: Stall, page: Page) -> None:
    counting(stall, page)
    tap(page, "#count-done")
    expect(page.locator("#close-shift")).to_be_focused()


def parcel(stall: Stall, page: Page) -> None:
    lines = [{"offer": LATER, "quantity": 1}]
    stall.post("/offers/cup-and-print/stock", {"stock": 0, "reason": "counted"})
    shipping = {"tier": "pick-up-sunday-noon", **CONTACT, "address": ""}
    payment = {"tender": "card", "amount_minor": 3900}
    stall.post("/orders", {"lines": lines, "shipping": shipping, "payment": payment})
    expect(page.locator("#parcels button").first).to_be_visible()


def new_tablet(stall: Stall, page: Page) -> None:
    other = stall.page("/pair", "small tablet")
    other.get_by_role("button", name="Show a code").click()
    stall.used += 1
    fill(page, pair_code=other.locator("#code").inner_text(), pair_name=f"Tablet {stall.used:03}")


def paired(stall: Stall, page: Page) -> None:
    new_tablet(stall, page)
    tap(page, "#pair button.primary, #pair button")
    name = f"Tablet {stall.used:03}"
    away = page.get_by_role("button", name=f"Send {name} away")
    away.click()
    expect(away).to_have_text("Really?")
    name_this_one(page, "#tablets", name, "button")


# ---- the owner, and whoever is nobody yet


def pin(stall: Stall, page: Page) -> None:
    fill(page, pin=stall.supervisor_pin)


def name_typed(stall: Stall, page: Page) -> None:
    fill(page, name="Corner stall")


def nothing_before(stall: Stall, page: Page) -> None:
    pass
