"""Guessing a PIN takes longer and longer, for one address and for all of them."""

from __future__ import annotations

import pytest

from appliance.web.pin_guard import (
    FREE_TRIES,
    FREE_TRIES_OVERALL,
    MAX_ADDRESSES,
    MAX_WAIT_OVERALL_S,
    MAX_WAIT_S,
    PinGuard,
)
from tests.people import PIN
from tests.web.test_rights import add, ask, form_token, login
from tests.web.webbox import Box, open_names


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def fail(guard: PinGuard, clock: Clock, address: str) -> float:
    """Fail once, waiting as long as the guard says; return that wait."""
    wait_s = guard.attempt(address)
    if wait_s:
        clock.now_s += wait_s
        assert guard.attempt(address) == 0
    return wait_s


def test_waits_double_up_to_a_limit() -> None:
    guard = PinGuard(clock := Clock())
    waits = [fail(guard, clock, "10.0.0.2") for _ in range(16)]
    assert waits[:7] == [0, 0, 0, 1, 2, 4, 8]
    assert waits[-1] == MAX_WAIT_S


def test_a_try_that_came_too_early_does_not_count() -> None:
    guard = PinGuard(clock := Clock())
    for _ in range(FREE_TRIES + 1):
        fail(guard, clock, "10.0.0.2")
    waits = {guard.attempt("10.0.0.2") for _ in range(50)}
    assert len(waits) == 1


def test_one_address_does_not_hold_up_another_until_many_fail() -> None:
    guard = PinGuard(Clock())
    for number in range(FREE_TRIES_OVERALL):
        assert guard.attempt(f"10.0.0.{number}") == 0
    assert 0 < guard.attempt("10.0.1.1") <= MAX_WAIT_OVERALL_S


def test_the_wait_for_all_stays_short() -> None:
    guard = PinGuard(clock := Clock())
    waits = [fail(guard, clock, f"10.0.{number}.1") for number in range(60)]
    assert max(waits) == MAX_WAIT_OVERALL_S


def test_the_right_pin_forgets_the_wrong_ones() -> None:
    guard = PinGuard(clock := Clock())
    for _ in range(FREE_TRIES + 2):
        fail(guard, clock, "10.0.0.2")
    clock.now_s += 100
    assert guard.attempt("10.0.0.2") == 0
    guard.succeeded("10.0.0.2")
    assert [fail(guard, clock, "10.0.0.2") for _ in range(FREE_TRIES)] == [0] * FREE_TRIES


def test_wrong_pins_are_forgotten_after_a_quarter_of_an_hour() -> None:
    guard = PinGuard(clock := Clock())
    for _ in range(FREE_TRIES + 3):
        fail(guard, clock, "10.0.0.2")
    clock.now_s += 901 + MAX_WAIT_S
    assert [fail(guard, clock, "10.0.0.2") for _ in range(FREE_TRIES)] == [0] * FREE_TRIES


def test_many_addresses_do_not_fill_the_memory() -> None:
    guard = PinGuard(clock := Clock())
    for number in range(MAX_ADDRESSES + 200):
        clock.now_s += 20
        guard.attempt(f"address {number}")
    assert len(guard._by_address) == MAX_ADDRESSES


def refused(box: Box) -> list[dict[str, object]]:
    with box.desk.reading() as books:
        return [dict(entry.data) for entry in books.journal.newest(["pin.refused"], 50)]


@pytest.mark.parametrize("page", ["/staff", "/setup"])
def test_a_wrong_pin_on_a_page_is_journalled_and_never_the_pin(box: Box, page: str) -> None:
    browser = box.browser()
    for _ in range(FREE_TRIES + 3):
        browser.post(page, data={"pin": "481516", "form_token": form_token(browser, page)})
    assert refused(box) == [{"where": page.strip("/"), "from": "127.0.0.1"}] * FREE_TRIES  # what waits is no try
    with box.desk.reading() as books:
        assert "481516" not in str([entry.data for entry in books.journal.all()])


def test_a_wrong_pin_is_journalled_wherever_it_is_typed(box: Box) -> None:
    open_names(box)
    box.client("staff").post("/door/unlock", {"pin": "wrong one"})
    ana = login(box, add(box, "Ana", []))
    ask(ana, "/drawer", {"reason": "stuck"}, X_Supervisor_Pin="000000")
    owner = box.browser()
    owner.post("/setup", data={"pin": PIN, "form_token": form_token(owner, "/setup")})
    owner.post(
        "/setup/pin",
        data={"pin": "another one", "again": "another one", "current": "no", "form_token": form_token(owner, "/setup")},
    )
    assert [entry["where"] for entry in refused(box)] == ["owner's PIN", "supervisor", "names"]


def test_the_owner_s_pin_is_slowed_down_where_another_one_is_chosen(box: Box) -> None:
    open_names(box)
    owner = login(box, PIN, "/setup")
    box.context.pin_guard = PinGuard(Clock())  # no time passes
    for current in [*["no"] * (FREE_TRIES + 2), PIN]:
        new = {"pin": "another one", "again": "another one", "current": current}
        owner.post("/setup/pin", data={**new, "form_token": form_token(owner, "/setup")})
    assert len(refused(box)) == FREE_TRIES
    assert box.vault.is_pin(PIN), "the right one came too early"


def test_a_store_that_takes_nothing_makes_no_wrong_pin_right(box: Box) -> None:
    browser = box.browser()
    token = form_token(browser, "/staff")
    box.desk.stop(5)
    assert browser.post("/staff", data={"pin": "0000000", "form_token": token}).status_code in {403, 503}
    assert "view-till" not in browser.get("/staff").text
