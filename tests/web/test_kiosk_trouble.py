"""The kiosk when the Wi-Fi stutters, the box starts anew, or nobody is there any more."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from appliance.web.app import exchange_tokens
from appliance.web.server import WebServer
from appliance.web.tokens import create
from tests.web.kiosk_page import begin, begun, member, place_order, tap_offer, with_cards
from tests.web.tablets import Tablets
from tests.web.webbox import CONTACT, Box

pytestmark = pytest.mark.browser


def sales(box: Box) -> list[int]:
    return [sale["total_minor"] for sale in box.client().get("/sales").json["sales"]]


def codes(box: Box) -> list[str]:
    return [order["code"] for order in box.client().get("/orders").json["orders"]]


def losing_answers(page: Page, path: str, lost: int) -> list[str]:
    """Let so many acts reach the box and lose their answers; return the keys that are sent."""
    keys: list[str] = []

    def pass_on(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) <= lost:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(path, pass_on)
    return keys


def test_an_order_whose_answer_was_lost_is_placed_once(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    keys = losing_answers(page, "**/api/v1/orders", 2)
    code = place_order(page)
    assert (len(keys), len(set(keys))) == (3, 1)
    assert codes(box) == [code]


def test_a_payment_whose_answer_is_lost_is_never_left_in_doubt(box: Box, tablets: Tablets) -> None:
    gift, page = with_cards(box), begun(tablets)
    place_order(page, "postcard")
    keys = losing_answers(page, "**/payments", 4)
    page.locator("#pay-here summary").click()
    page.get_by_label("Code on the card").fill(gift)
    page.get_by_role("button", name="Use gift card").click()
    expect(page.locator("#pay-wait")).to_contain_text("We do not know yet whether this is paid")
    expect(page.get_by_role("button", name="Use gift card")).to_be_disabled()
    expect(page.locator("#slip-state")).to_have_text("Paid")
    expect(page.locator("#pay-wait")).to_be_hidden()
    assert (len(keys), len(set(keys))) == (5, 1)
    assert sales(box) == [100]


def test_a_box_that_does_not_answer_is_said_and_the_cart_is_kept(tablets: Tablets) -> None:
    page = begun(tablets)
    tap_offer(page, "cup")
    page.context.set_offline(True)
    expect(page.locator("#link")).to_have_text(
        "No answer from the box. Trying again… Your order is kept.", timeout=3500
    )
    tap_offer(page, "cup")  # it still answers to a tap
    expect(page.locator("#lines output")).to_have_text("2")
    page.context.set_offline(False)
    expect(page.locator("#link")).to_be_hidden(timeout=5000)
    expect(page.locator("#subtotal")).to_have_text("$48.00")


def test_an_order_that_is_placed_without_wi_fi_arrives_when_it_is_back(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    tap_offer(page, "cup")
    page.context.set_offline(True)
    page.locator("#order").click()
    expect(page.locator("#order")).to_be_disabled()
    expect(page.locator("#order-wait")).to_contain_text("it is placed once only")
    page.context.set_offline(False)
    expect(page.locator("#done")).to_be_visible()
    assert len(codes(box)) == 1


def test_a_language_is_chosen_while_the_box_is_away(tablets: Tablets) -> None:
    page = tablets.open("/")
    expect(page.locator(".highlight").first).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("button", name="Hier tippen")).to_be_visible()
    expect(page.locator("#link")).to_have_text("Keine Antwort von der Box. Neuer Versuch …")


def restarted(server: WebServer, box: Box) -> WebServer:
    port = server.port
    server.stop()
    again = WebServer(box.app, "127.0.0.1", port, 8)
    again.start()
    return again


def test_a_box_that_starts_anew_finds_the_kiosk_where_it_was(
    box: Box, tablets: Tablets, serve: Callable[..., WebServer]
) -> None:
    page = begun(tablets)
    tap_offer(page, "cup")
    box.tokens = create()
    exchange_tokens(box.app, box.context, box.tokens)  # every session ends
    again = restarted(tablets.server, box)
    page.locator("#order").click()
    expect(page.locator("#done")).to_be_visible()
    assert codes(box) == [page.locator("#slip-code").inner_text()]
    again.stop()


def test_left_alone_it_asks_for_twenty_seconds_then_forgets(tablets: Tablets) -> None:
    page = tablets.open("/")
    page.clock.install()
    page.reload()
    begin(page, "fr")
    page.clock.run_for(50_000)
    tap_offer(page, "cup")
    page.clock.run_for(59_000)
    expect(page.locator("#idle")).to_be_hidden()
    page.clock.run_for(2000)
    page.get_by_role("button", name="Je suis là").click()
    expect(page.locator("#checkout")).to_be_visible()
    page.clock.run_for(61_000)
    expect(page.locator("#idle-text")).to_have_text(re.compile("dans (20|19|18) secondes"))
    page.clock.run_for(12_000)
    expect(page.locator("#idle-text")).to_have_text(re.compile("dans [0-9] secondes"))
    page.clock.run_for(9000)
    expect(page.locator("#idle")).to_be_hidden()
    expect(page.get_by_role("button", name="Tap to begin")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.clock.run_for(600_000)  # nobody is asked where there is nobody
    expect(page.locator("#idle")).to_be_hidden()


def test_a_question_that_was_closed_from_elsewhere_ends_nobody_s_visit(tablets: Tablets) -> None:
    page = tablets.open("/")
    page.clock.install()
    page.reload()
    begin(page)
    page.clock.run_for(61_000)
    expect(page.locator("#idle")).to_be_visible()
    page.evaluate("document.getElementById('clear').click()")
    expect(page.locator("#idle")).to_be_hidden()
    begin(page)
    tap_offer(page, "cup")
    page.clock.run_for(30_000)
    expect(page.locator("#lines output")).to_have_text("1")
    page.clock.run_for(31_000)
    expect(page.locator("#idle-text")).to_have_text(re.compile("in (20|19|18) seconds"))


PERSONAL = """() => document.body.innerText + ' '
  + [...document.querySelectorAll('input, textarea')].map((one) => one.value).join(' ')"""


def test_nothing_of_the_last_guest_stays_and_no_dialog_stays_open(box: Box, tablets: Tablets) -> None:
    with_cards(box)
    card = member(box)
    box.client().post("/offers/cup-and-print/stock", {"stock": 0, "reason": "counted"})
    page = tablets.open("/")
    page.clock.install()
    page.reload()
    begin(page)
    page.locator("#open-comfort").click()
    page.get_by_label("Larger text").check()
    page.get_by_label("Left-handed").check()
    page.get_by_role("button", name="Close").click()
    expect(page.locator('#offers [data-key="cup-and-print"] .stock')).to_have_text("Sent later")
    tap_offer(page, "cup-and-print")
    page.get_by_text("Voucher or member card").click()
    page.get_by_label("Member card").fill(card)
    page.locator("#order").click()
    form = page.get_by_role("dialog", name="Sent later")
    form.get_by_text("Courier in the city").click()
    for label, what in (("Name", "name"), ("Phone, for questions", "phone"), ("Address", "address")):
        form.get_by_label(label).fill(CONTACT[what])
    assert CONTACT["name"] in page.evaluate(PERSONAL)
    page.clock.run_for(61_000)
    expect(page.locator("#idle")).to_be_visible()
    page.clock.run_for(21_000)
    expect(page.locator("#attract")).to_be_visible()
    assert page.locator("dialog[open]").count() == 0
    left = page.evaluate(PERSONAL)
    assert [what for what in (card, *CONTACT.values()) if what in left] == []
    assert page.evaluate("document.documentElement.dataset.size + document.documentElement.dataset.hand") == ""
    begin(page)
    expect(page.locator("#empty")).to_be_visible()
    assert page.evaluate("JSON.stringify({...localStorage}) + document.cookie") in ("{}", '{"stallbox.theme":"auto"}')


def test_an_order_that_arrives_after_its_guest_has_gone_is_given_up(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    tap_offer(page, "cup")
    held: list[Route] = []
    page.route("**/api/v1/orders", lambda route: held.append(route))
    with page.expect_request("**/api/v1/orders"):
        page.locator("#order").click()
    page.evaluate("document.getElementById('clear').click()")
    expect(page.locator("#attract")).to_be_visible()
    with page.expect_response("**/cancel"):
        held[0].continue_()
    expect(page.locator("#attract")).to_be_visible()
    assert codes(box) == []


def test_an_order_that_is_changed_keeps_its_cart_though_the_box_is_seen_to_have_given_it_up(
    box: Box, tablets: Tablets
) -> None:
    page = begun(tablets)
    place_order(page)
    held: list[Route] = []

    def give_up_and_wait(route: Route) -> None:
        route.fetch()
        held.append(route)

    page.route("**/cancel", give_up_and_wait)
    page.get_by_role("button", name="Change my order").click()
    with page.expect_response("**/offers"):  # the state has changed, and the page has seen it
        pass
    expect(page.locator("#done")).to_be_visible()
    held[0].continue_()
    expect(page.locator("#choose")).to_be_visible()
    expect(page.locator("#lines output")).to_have_text("1")


def test_an_order_of_the_last_piece_that_is_changed_comes_back_with_it(box: Box, tablets: Tablets) -> None:
    box.client().post("/offers/cup/stock", {"stock": 1, "reason": "counted"})
    page = begun(tablets)
    place_order(page)
    expect(page.locator('#offers [data-key="cup"] .stock')).to_have_text("Sold out")  # the page has seen it
    page.get_by_role("button", name="Change my order").click()
    expect(page.locator("#choose")).to_be_visible()
    expect(page.locator('#offers [data-key="cup"] .stock')).to_have_text("1 left")
    expect(page.locator("#lines output")).to_have_text("1")
    expect(page.locator("#problem")).to_be_hidden()


def test_an_order_whose_payment_was_not_read_at_once_is_read_again(box: Box, tablets: Tablets) -> None:
    page = begun(tablets)
    place_order(page)
    order = box.client().get("/orders").json["orders"][0]["id"]
    page.route(f"**/api/v1/orders/{order}", lambda route: route.abort(), times=1)
    with page.expect_event("requestfailed"):
        box.client().post(f"/orders/{order}/payments", {"tender": "cash", "amount_minor": 2400})
    expect(page.locator("#slip-state")).to_have_text("Paid")


def test_a_price_that_was_not_answered_is_asked_for_again(tablets: Tablets) -> None:
    page = begun(tablets)
    tap_offer(page, "cup")
    expect(page.locator("#treat, #join").first).to_be_visible()  # it is priced
    page.route("**/api/v1/state", lambda route: route.abort())  # news have the cart priced as well
    page.route("**/carts/price", lambda route: route.abort())
    page.get_by_text("Voucher or member card").click()
    page.get_by_label("Voucher code").fill("PRESS-50")
    page.get_by_label("Voucher code").blur()
    expect(page.locator("#problem")).to_be_visible()
    page.unroute("**/carts/price")
    expect(page.locator("#subtotal")).to_have_text("$12.00")
    expect(page.locator("#problem")).to_be_hidden()
