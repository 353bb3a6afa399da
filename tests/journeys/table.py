"""Every journey's critical step: where it is taken, what is pressed, what the page shows then, what the books hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from tests.journeys.stall import Stall
from tests.web.kiosk_page import begin, place_order, tap_offer
from tests.web.webbox import CONTACT, LATER

Before = Callable[[Stall, Page], object]
Does = Callable[[Page], object]


@dataclass(frozen=True)
class Journey:
    """`path` is where the act that counts is sent, `leaves` what it adds to the journal and to what is printed."""

    at: str
    who: str  # whose PIN was typed before, "" for nobody's
    path: str
    before: Before
    press: Does
    after: Does
    leaves: dict[str, int] = field(default_factory=dict)
    is_form: bool = False  # a plain form: sent once only, and never by itself again


def tap(page: Page, target: str) -> None:
    found = page.locator(target).first
    if page.evaluate("'ontouchstart' in window"):
        found.tap()
    else:
        found.click()


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


def asked(stall: Stall) -> str:
    order = stall.order()
    body = {"tender": "card", "amount_minor": 2400, "pending": True}
    stall.post(f"/orders/{order['id']}/payments", body)
    return str(order["code"])


def pending(stall: Stall, page: Page) -> None:
    row = page.locator("#pending li", has_text=asked(stall))
    row.locator(".came").evaluate("node => { node.id = 'this-one'; }")


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
    fill(page, pair_code=other.locator("#code").inner_text(), pair_name=f"Tablet {stall.used}")


def paired(stall: Stall, page: Page) -> None:
    new_tablet(stall, page)
    tap(page, "#pair button.primary, #pair button")
    name = f"Tablet {stall.used}"
    away = page.get_by_role("button", name=f"Send {name} away")
    away.click()
    expect(away).to_have_text("Really?")
    away.evaluate("node => { node.id = 'this-one'; }")


# ---- the owner, and whoever is nobody yet


def pin(stall: Stall, page: Page) -> None:
    fill(page, pin=stall.supervisor_pin)


def name_typed(stall: Stall, page: Page) -> None:
    fill(page, name="Corner stall")


def nothing_before(stall: Stall, page: Page) -> None:
    pass


PAID = {"payment.taken": 1, "sale.completed": 1}
AT_TILL = PAID | {"paper receipt": 1}
BACK = {"sale.refunded": 1, "paper refund": 1}

JOURNEYS = {
    # kiosk
    "order": Journey(
        "/", "kiosk", "/orders", with_offer("cup"),
        taps("#order"), shows("#slip-total", "$24.00"), {"order.opened": 1},
    ),
    "order for nothing": Journey(
        "/", "kiosk", "/orders", for_nothing,
        taps("#order"), shows("#slip-state", "Paid"), {"order.opened": 1, "sale.completed": 1},
    ),
    "order to be sent": Journey(
        "/", "kiosk", "/orders", sent_later,
        taps("#shipping-send"), shows("#slip-state", "Pay at the till"), {"order.opened": 1},
    ),
    "pay by gift card": Journey(
        "/", "kiosk", "/payments", with_card(gift_card),
        taps("[data-tender=voucher]"), shows("#slip-state", "Paid"), PAID | {"voucher.spent": 1},
    ),
    "pay by credits": Journey(
        "/", "kiosk", "/payments", with_card(member_card),
        taps("[data-tender=credit]"), shows("#slip-state", "Paid"), PAID | {"credits.spent": 1},
    ),
    "change the order": Journey(
        "/", "kiosk", "/cancel", ordered,
        taps("#change"), shows("#lines output", "1"), {"order.cancelled": 1},
    ),
    "print the slip": Journey(
        "/", "kiosk", "/slip", ordered,
        taps("#slip-print"), shows("#slip-text", "Take your slip"), {"paper order": 1},
    ),
    "receipt by text": Journey(
        "/", "kiosk", "/sms", paid_here,
        taps("#receipt-form button"), shows("#thanks-text", "on its way"), {"sms.queued": 1},
    ),
    # staff
    "admit": Journey(
        "/staff#door", "staff", "/scan", types_ticket,
        taps("#scan .primary"), shows("#verdict", "Admit: Welcome"), {"ticket.admitted": 1},
    ),
    "let out": Journey(
        "/staff#door", "staff", "/scan", let_out,
        taps("#scan [value=exit]"), shows("#verdict", "Goodbye"), {"ticket.exited": 1},
    ),
    "let in all the same": Journey(
        "/staff#door", "staff", "/scan", refused_once,
        taps("#override button"), shows("#verdict", "Let in by staff"), {"ticket.overridden": 1},
    ),
    "charge": Journey(
        "/staff#till", "staff", "/orders", basket,
        taps("#charge"), shows("#pay-due", "$24.00"), {"order.opened": 1},
    ),
    "charge with a supervisor": Journey(
        "/staff#till", "cashier", "/orders", discounted,
        taps("#supervisor .primary"), shows("#pay-due", "$21.60"), {"order.opened": 1, "paper slip": 1},
    ),
    "cash": Journey(
        "/staff#orders", "staff", "/payments", given("30"),
        taps("#cash"), shows("#change", "$6.00"), AT_TILL,
    ),
    "card": Journey(
        "/staff#orders", "staff", "/payments", paying,
        taps("#card"), shows("#paid-sale", "$24.00 paid"), AT_TILL,
    ),
    "cash with a tip": Journey(
        "/staff#orders", "staff", "/payments", tipped,
        taps("#cash"), shows("#change", "$3.60"), AT_TILL,
    ),
    "split": Journey(
        "/staff#orders", "staff", "/payments", splitting,
        taps("#stored [value=voucher]"), shows("#pay-due", "$14.00"), {"payment.taken": 1, "voucher.spent": 1},
    ),
    "card without an answer": Journey(
        "/staff#orders", "staff", "/payments", paying,
        taps("#card-pending"), shows("#pending-badge", "pending"), {"payment.asked": 1},
    ),
    "it was paid": Journey(
        "/staff#till", "staff", "/settle", pending,
        taps("#this-one"), is_gone("#this-one"), AT_TILL | {"payment.settled": 1},
    ),
    "payment code": Journey(
        "/staff#orders", "staff", "/payments", paying,
        taps("#transfer"), shows("#code-amount", "$24.00"), {"payment.asked": 1},
    ),
    "the money came": Journey(
        "/staff#orders", "staff", "/settle", coded,
        taps("#code-came"), is_hidden("#code-dialog"), AT_TILL | {"payment.settled": 1},
    ),
    "give the order up": Journey(
        "/staff#orders", "staff", "/cancel", paying,
        taps("#cancel"), is_hidden("#pay"), {"order.cancelled": 1},
    ),
    "refund": Journey(
        "/staff#orders", "staff", "/refund", one_of_two,
        taps("#give-back"), shows("#gone-back", "$24.00 in cash"), BACK,
    ),
    "stock": Journey(
        "/staff#stock", "staff", "/deliveries", goods_came,
        taps("#stock-form .primary"), shows("#moves", "came in: 3"), {"stock.delivered": 1},
    ),
    "open the shift": Journey(
        "/staff#shift", "staff", "/shifts", shift(is_open=False),
        taps("#shift-button"), shows("#shift-state", "is open since"), {"shift.opened": 1},
    ),
    "void": Journey(
        "/staff#orders", "staff", "/void", looks_at_sale,
        taps("#void"), shows("#gone-back", "$48.00 in cash"), BACK,
    ),
    "cash put in": Journey(
        "/staff#shift", "staff", "/cash", cash_put_in,
        taps("#cash-form [value=in]"), is_empty("#cash-reason"), {"cash.moved": 1, "paper slip": 1},
    ),
    "count": Journey(
        "/staff#shift", "staff", "/count", counting,
        taps("#count-done"), shows("#preview", "Counted"), {"shift.counted": 1},
    ),
    "close the shift": Journey(
        "/staff#shift", "staff", "/close", counted,
        taps("#close-shift"), shows("#report", "Z report"), {"shift.closed": 1, "paper report": 1},
    ),
    "picked up": Journey(
        "/staff#orders", "staff", "/hand-over", parcel,
        taps("#parcels button"), is_gone("#parcels li"), {"restock.picked_up": 1},
    ),
    "pair a tablet": Journey(
        "/staff#devices", "staff", "/tablets", new_tablet,
        taps("#pair button"), shows("#tablets", "Tablet"), {"tablet.paired": 1},
    ),
    "send a tablet away": Journey(
        "/staff#devices", "staff", "/revoke", paired,
        taps("#this-one"), is_gone("#this-one"), {"tablet.revoked": 1},
    ),
    # forms
    "PIN": Journey(
        "/staff", "", "/staff", pin,
        taps("button.primary"), shows("#tab-till"), is_form=True,
    ),
    "name of the box": Journey(
        "/setup/name", "owner", "/setup/name", name_typed,
        taps("form.stack .primary"), shows("h1", "Corner stall"), is_form=True,
    ),
    "code for a new tablet": Journey(
        "/pair", "", "/pair", nothing_before,
        taps("form[action='/pair'] button"), shows("#code"), is_form=True,
    ),
}  # fmt: skip
