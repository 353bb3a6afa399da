"""The door's card on the staff page: whose verdict it shows, and how long."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from appliance.services import cashiers
from tests.web.tablets import Held, Tablets
from tests.web.webbox import Box

pytestmark = pytest.mark.browser


def check(page: Page, code: str) -> None:
    page.get_by_label("Ticket, voucher or member code").fill(code)
    page.get_by_role("button", name="Check", exact=True).click()


def refused_a_second_time(page: Page) -> None:
    for verdict in ("Admit", "Refuse: Already used"):
        check(page, "STREET-USED")
        expect(page.locator("#verdict")).to_contain_text(verdict)


def test_a_look_that_is_answered_late_does_not_replace_a_newer_verdict(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, "/staff#door")
    expect(page.locator("#inside")).to_have_text("0 inside")
    looks = Held(page, "/door")
    with page.expect_request("**/api/v1/door"):
        box.client().post("/scan", {"code": "nobody", "source": "another door"})
    check(page, "STREET-GOOD-1")
    expect(page.locator("#verdict")).to_contain_text("Admit: Welcome")
    with page.expect_response("**/api/v1/door"):
        looks.let_go()
    with page.expect_response("**/api/v1/door"):  # the next look
        pass
    expect(page.locator("#inside")).to_have_text("1 inside")
    expect(page.locator("#verdict")).to_contain_text("Admit: Welcome")
    box.client().post("/scan", {"code": "nobody", "source": "another door"})
    expect(page.locator("#verdict")).to_contain_text("Refuse: Not known")


def test_whoever_types_why_somebody_comes_in_is_not_interrupted(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, "/staff#door")
    refused_a_second_time(page)
    card, why = page.locator("#verdict"), page.get_by_label("Why they may come in all the same")
    why.press_sequentially("left the ")
    box.client().post("/scan", {"code": "nobody", "source": "another door"})
    expect(page.locator("#verdicts li").first).to_contain_text("Not known")
    why.press_sequentially("coat")
    expect(card).to_contain_text("Refuse: Already used")
    why.press("Enter")
    expect(card).to_contain_text("Let in by staff although")
    expect(page.locator("#verdicts li")).to_have_count(3)
    expect(page.locator("#code")).to_be_focused()
    assert tablets.complaints == []


def test_a_supervisor_s_pin_that_was_mistyped_is_asked_for_again(box: Box, tablets: Tablets) -> None:
    pin = box.desk.submit(lambda books: cashiers.add(books, "Ben", []))[1]
    page = tablets.staff(pin, "/staff#door")
    refused_a_second_time(page)
    why = page.get_by_label("Why they may come in all the same")
    why.fill("left the coat")
    approve(page, "000000")
    expect(page.locator("#verdict")).to_contain_text("no verdict")
    expect(why).to_have_value("left the coat")
    approve(page, box.tokens.owner_pin)
    expect(page.locator("#verdict")).to_contain_text("Let in by staff although")


def approve(page: Page, pin: str | None) -> None:
    page.get_by_role("button", name="Let in").click()
    page.locator("#supervisor-pin").fill(pin or "")
    page.locator("#supervisor-pin").press("Enter")


def test_while_the_box_decides_the_card_asks_for_patience(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, "/staff#door")
    held: list[Route] = []
    page.route("**/api/v1/scan", lambda route: held.append(route))
    with page.expect_request("**/api/v1/scan"):
        check(page, "STREET-GOOD-1")
    expect(page.locator("#verdict .word")).to_have_text("One moment …")
    held[0].continue_()
    expect(page.locator("#verdict")).to_contain_text("Admit: Welcome")
