"""Who may do what: tokens, sessions, PINs, and pages of other sites."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from appliance.core.errors import Refusal
from appliance.web.app import ROUTES
from appliance.web.guests import AT_ONCE, EVERY_S, MAX_ADDRESSES, Guests
from appliance.web.routes import PREFIX
from appliance.web.tokens import Role
from tests.web.webbox import Box, build_box

OURS = {"X-Stallbox": "1"}
FILLED = {"order_id": "x", "offer_id": "cup", "number": "1", "job_id": "1", "payment_id": "1", "z_number": "1"}
FILLED |= {"handoff": "1", "tablet_id": "t1"}


def call(box: Box, route: Any, role: str | None) -> Any:
    path = re.sub(r"{(\w+)}", lambda match: FILLED[match[1]], route.path)
    client = box.client(role)
    return client.get(path) if route.method == "GET" else client.post(path, {"not": "a field"})


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_asks_for_its_role(box: Box, route: Any) -> None:
    nobody = call(box, route, None)
    assert (nobody.status_code, nobody.json["error"]["code"]) == (401, "unauthorised")
    assert nobody.headers["WWW-Authenticate"].startswith("Bearer")
    for role in Role:
        if role is Role.DOOR:
            continue  # no token has it, see test_tablets.py
        answer = call(box, route, role.name.lower())
        if role < route.role:
            assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
        else:
            assert answer.status_code not in {401, 403}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic {kiosk}", "{kiosk}", "Bearer é"])
def test_a_wrong_token_is_not_replaced_by_the_session(box: Box, header: str) -> None:
    browser = box.kiosk_page()
    value = header.format(kiosk=box.tokens.kiosk)
    answer = browser.get(f"{PREFIX}/offers", headers={"Authorization": value})
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthorised")


def test_a_kiosk_token_may_not_pay_while_ordering(box: Box) -> None:
    body = {"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "cash", "amount_minor": 2400}}
    answer = box.client("kiosk").post("/orders", body)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
    assert box.client("staff").get("/orders").json["orders"] == []


def test_the_kiosk_page_gives_a_session_that_can_order(box: Box) -> None:
    browser = box.browser()
    cookie = browser.get("/").headers["Set-Cookie"]
    assert cookie.startswith("stallbox_box-1=")
    assert {"HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
    body = {"lines": [{"offer": "cup", "quantity": 1}]}
    assert browser.post(f"{PREFIX}/orders", json=body, headers=OURS).status_code == 201
    assert browser.get(f"{PREFIX}/sales").status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Stallbox": "0"},
        {**OURS, "Origin": "http://elsewhere.example"},
        {**OURS, "Origin": "null"},
        {**OURS, "Origin": "https://localhost"},
    ],
)
def test_a_call_from_a_foreign_page_changes_nothing(box: Box, headers: dict[str, str]) -> None:
    head = box.desk.head_seq
    answer = box.kiosk_page().post(f"{PREFIX}/scan", json={"code": "STREET-GOOD-1"}, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "foreign_page")
    assert box.desk.head_seq == head


def test_a_call_from_our_own_origin_is_taken(box: Box) -> None:
    headers = {**OURS, "Origin": "http://localhost"}
    assert box.kiosk_page().post(f"{PREFIX}/signals", json={"what": "tried"}, headers=headers).status_code == 201


def test_a_guest_uses_up_no_ticket_and_lights_no_lamp(box: Box) -> None:
    head = box.desk.head_seq
    answer = box.kiosk_page().post(f"{PREFIX}/scan", json={"code": "STREET-GOOD-1"}, headers=OURS)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
    assert (box.desk.head_seq, box.scanned) == (head, [])
    assert box.client("kiosk").post("/scan", {"code": "STREET-GOOD-1"}).json["verdict"] == "admit"


def test_a_guest_cannot_flood_the_till_with_orders(box: Box) -> None:
    body = {"lines": [{"offer": "postcard", "quantity": 1}]}
    guests = [box.kiosk_page() for _ in range(3)]  # a fresh session does not help
    answers = [guests[n % 3].post(f"{PREFIX}/orders", json=body, headers=OURS) for n in range(AT_ONCE + 10)]
    assert [answer.status_code for answer in answers] == [201] * AT_ONCE + [429] * 10
    assert answers[-1].json["error"]["code"] == "too_fast"
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert guests[0].get(f"{PREFIX}/offers").status_code == 200  # looking is free
    assert box.client("kiosk").post("/orders", body).status_code == 201  # and so is who has a token


def test_what_a_page_notes_by_itself_keeps_nobody_from_ordering(box: Box) -> None:
    guest = box.kiosk_page()
    noted = [guest.post(f"{PREFIX}/signals", json={"what": "tried"}, headers=OURS) for _ in range(AT_ONCE + 5)]
    assert [answer.status_code for answer in noted] == [201] * AT_ONCE + [429] * 5
    body = {"lines": [{"offer": "postcard", "quantity": 1}]}
    assert guest.post(f"{PREFIX}/orders", json=body, headers=OURS).status_code == 201


def test_a_guest_who_waits_may_act_again_and_addresses_are_counted_apart() -> None:
    now_s = [0.0]
    guests = Guests(lambda: now_s[0])
    route = next(route for route in ROUTES if route.path == "/orders" and route.method == "POST")

    def acts(address: str) -> int:
        for count in range(1000):
            try:
                guests.check(route, address)
            except Refusal:
                return count
        return 1000

    assert (acts("a"), acts("b"), acts("a")) == (AT_ONCE, AT_ONCE, 0)
    now_s[0] = 2 * EVERY_S
    assert acts("a") == 2
    now_s[0] = 1e6
    assert acts("a") == AT_ONCE
    for number in range(2 * MAX_ADDRESSES):
        guests.check(route, str(number))
    assert len(guests._by_address) == MAX_ADDRESSES


def form_token(page: bytes) -> str:
    return re.search(rb'name="form_token" value="([^"]+)"', page)[1].decode()  # type: ignore[index]


def enter(browser: FlaskClient, page: str, pin: str, **kwargs: Any) -> Any:
    token = form_token(browser.get(page).data)
    return browser.post(page, data={"pin": pin, "form_token": token}, **kwargs)


def test_the_staff_pin_opens_the_staff_page_only(box: Box) -> None:
    browser = box.browser()
    assert b"To be paid" not in browser.get("/staff").data
    answer = enter(browser, "/staff", box.tokens.staff_pin)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff")
    assert b"To be paid" in browser.get("/staff").data
    assert browser.get(f"{PREFIX}/sales").status_code == 200
    assert enter(browser, "/setup", box.tokens.staff_pin).status_code == 403
    assert b"Addresses" not in browser.get("/setup").data


def test_the_owner_pin_opens_both_and_shows_no_secret(box: Box) -> None:
    browser = box.browser()
    enter(browser, "/setup", box.tokens.owner_pin)
    page = browser.get("/setup").data.decode()
    assert "Street Series" in page
    assert "To be paid" in browser.get("/staff").data.decode()
    tokens = box.tokens
    for secret in (tokens.kiosk, tokens.staff, tokens.owner, tokens.staff_pin, tokens.owner_pin):
        assert secret not in page


def test_lock_ends_the_staff_session(box: Box) -> None:
    browser = box.browser()
    enter(browser, "/staff", box.tokens.staff_pin)
    assert browser.post("/lock").status_code == 403
    token = form_token(browser.get("/staff").data)
    assert browser.post("/lock", data={"form_token": token}).status_code == 303
    assert b"To be paid" not in browser.get("/staff").data
    assert browser.get(f"{PREFIX}/sales").status_code == 403


@pytest.mark.parametrize("headers", [{"Origin": "http://elsewhere.example"}, {"Origin": "null"}])
def test_a_pin_from_a_foreign_form_is_refused(box: Box, headers: dict[str, str]) -> None:
    answer = enter(box.browser(), "/staff", box.tokens.staff_pin, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_a_pin_without_the_form_token_is_refused(box: Box) -> None:
    browser = box.browser()
    browser.get("/staff")
    for token in ("", "wrong", "é"):
        answer = browser.post("/staff", data={"pin": box.tokens.staff_pin, "form_token": token})
        assert answer.status_code == 403
        assert b"open the page again" in answer.data


def test_wrong_pins_are_slowed_down_without_holding_a_thread(box: Box) -> None:
    browser = box.browser()
    statuses = [enter(browser, "/staff", "000000").status_code for _ in range(6)]
    assert statuses == [403, 403, 403, 429, 429, 429]
    answer = enter(browser, "/staff", box.tokens.staff_pin)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert b"Try again in" in answer.data


def test_new_tokens_end_old_sessions(box: Box) -> None:
    cookie = box.kiosk_page().get_cookie("stallbox_box-1")
    assert cookie is not None
    same, other = box.browser(), build_box(box.desk, box.at, box.folder).browser()
    for browser, status in ((same, 200), (other, 401)):
        browser.set_cookie("stallbox_box-1", cookie.value)
        assert browser.get(f"{PREFIX}/offers").status_code == status


@pytest.mark.parametrize("cookie", ["", "x", "eyJyb2xlIjoiT1dORVIifQ", "eyJyb2xlIjoiT1dORVIifQ.aaaaaa.bbbb"])
def test_a_forged_session_is_none(box: Box, cookie: str) -> None:
    browser = box.browser()
    browser.set_cookie("stallbox_box-1", cookie)
    assert browser.get(f"{PREFIX}/offers").status_code == 401
