"""Tablets of the stall: accepted by the code that they show, known by a key in a cookie, sent away at any time."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from appliance.core.devices import DeviceState, Health
from appliance.core.errors import NotFound
from appliance.core.trade import Right
from appliance.services import door
from appliance.web.guests import AT_ONCE
from appliance.web.pairing import GOOD_FOR_S, MAX_WAITING, Waiting, hash_of
from appliance.web.routes import PREFIX
from tests.web.test_rights import add, ask, form_token, login
from tests.web.webbox import Box, build_box

COOKIE = "stallbox_box-1_tablet"
CUP = {"lines": [{"offer": "cup", "quantity": 1}]}


def code_of(box: Box, browser: FlaskClient) -> str:
    """Have a new tablet show its code, and read it off its page."""
    assert browser.post("/pair", data={"form_token": form_token(browser, "/pair")}).status_code == 303
    page = browser.get("/pair").text
    return page.partition('id="code">')[2].partition("</p>")[0]


def paired(box: Box, role: str, scanner: str | None = None) -> FlaskClient:
    tablet = box.browser()
    body = {"code": code_of(box, tablet), "name": f"The {role}", "role": role, "scanner": scanner}
    assert box.client("owner").post("/tablets", body).status_code == 201
    return tablet


def role_of(tablet: FlaskClient) -> str | None:
    found = ask(tablet, "/tablet", None).json["tablet"]
    return found and str(found["role"])


def test_a_new_tablet_shows_a_code_and_is_a_guest_until_staff_accepts_it(box: Box) -> None:
    tablet = box.browser()
    code = code_of(box, tablet)
    assert role_of(tablet) is None
    assert ask(tablet, "/scan", {"code": "STREET-GOOD-1"}).status_code == 403
    staff = login(box, box.tokens.staff_pin)
    assert ask(staff, "/tablets", None).json["waiting"] == 1
    answer = ask(staff, "/tablets", {"code": code, "name": "By the door", "role": "kiosk"})
    assert answer.json["tablet"]["id"] == "t1"
    assert role_of(tablet) == "kiosk"
    assert ask(staff, "/tablets", None).json["waiting"] == 0
    assert ask(tablet, "/scan", {"code": "STREET-GOOD-1"}).json["verdict"] == "admit"
    assert b"By the door" in tablet.get("/pair").data
    assert code.encode() not in tablet.get("/pair").data


def test_its_key_is_random_hidden_from_scripts_in_no_address_and_in_no_store(box: Box) -> None:
    tablet = box.browser()
    answer = tablet.post("/pair", data={"form_token": form_token(tablet, "/pair")})
    (cookie,) = [text for text in answer.headers.getlist("Set-Cookie") if text.startswith(COOKIE)]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert answer.headers["Location"] == "/pair"
    key = tablet.get_cookie(COOKIE).value  # type: ignore[union-attr]
    assert len(key) >= 20
    code = code_of(box, tablet)
    assert tablet.get_cookie(COOKIE).value != key  # type: ignore[union-attr]
    box.client("owner").post("/tablets", {"code": code, "name": "One", "role": "staff"})
    store = b"".join(path.read_bytes() for path in box.folder.glob("stallbox.db*"))
    key = tablet.get_cookie(COOKIE).value  # type: ignore[union-attr]
    assert key.encode() not in store
    assert hash_of(key).encode() in store


def test_a_planted_key_is_not_the_one_that_is_accepted(box: Box) -> None:
    """Session fixation: whoever gave a tablet its cookie beforehand gains nothing once it is accepted."""
    thief, tablet = box.browser(), box.browser()
    code_of(box, thief)
    planted = thief.get_cookie(COOKIE)
    assert planted is not None
    tablet.set_cookie(COOKIE, planted.value)
    box.client("owner").post("/tablets", {"code": code_of(box, tablet), "name": "One", "role": "staff"})
    assert role_of(tablet) == "staff"
    assert role_of(thief) is None


def test_it_stays_paired_when_the_box_restarts_and_when_tokens_change(box: Box) -> None:
    tablet = paired(box, "staff")
    key = tablet.get_cookie(COOKIE)
    assert key is not None
    again = build_box(box.desk, box.at, box.folder)  # other tokens, other PINs, an empty memory
    browser = again.browser()
    browser.set_cookie(COOKIE, key.value)
    assert role_of_page(browser) == "staff"


def role_of_page(browser: FlaskClient) -> str | None:
    browser.get("/")
    return role_of(browser)


def test_sent_away_it_is_a_guest_from_its_next_request_on(box: Box) -> None:
    tablet = paired(box, "staff")
    assert ask(tablet, "/sales", None).status_code == 200
    ben = login(box, add(box, "Ben", []))  # whoever sees a tablet missing sends it away, without any right
    assert ask(ben, "/tablets/t1/revoke", {}).status_code == 200
    tablet.get("/")
    assert ask(tablet, "/sales", None).status_code == 403
    assert "PIN" in tablet.get("/staff").text
    assert ask(ben, "/tablets/t1/revoke", {}).json["error"]["code"] == "tablet_unknown"
    with box.desk.reading() as books:
        paired_, revoked = books.journal.newest(["tablet.paired", "tablet.revoked"], 5)[::-1]
    assert dict(paired_.data) == {"id": "t1", "role": "staff", "scanner": None}
    assert dict(revoked.data) == {"id": "t1", "cashier": "c1"}


def sign_in(box: Box, tablet: FlaskClient, who: str) -> None:
    page = "/setup" if who == "owner" else "/staff"
    pin = add(box, "Ana", [Right.REPORT]) if who == "cashier" else getattr(box.tokens, f"{who}_pin")
    assert tablet.post(page, data={"form_token": form_token(tablet, page), "pin": pin}).status_code == 303


@pytest.mark.parametrize("who", ["staff", "cashier", "owner"])
@pytest.mark.parametrize("keeps_key", [True, False])
def test_what_a_pin_opened_on_a_tablet_ends_with_the_tablet(box: Box, who: str, keeps_key: bool) -> None:
    tablet = paired(box, "staff")
    tablet.post("/lock", data={"form_token": form_token(tablet, "/staff")})
    sign_in(box, tablet, who)
    assert 'id="view-till"' in tablet.get("/staff").text
    if not keeps_key:
        tablet.delete_cookie(COOKIE)
    assert box.client("staff").post("/tablets/t1/revoke", {}).status_code == 200
    assert ask(tablet, "/sales", None).status_code == 401
    assert 'id="pin"' in tablet.get("/staff").text
    assert 'id="pin"' in tablet.get("/setup/data").text


def test_a_pin_typed_on_a_tablet_that_was_sent_away_holds(box: Box) -> None:
    tablet = paired(box, "staff")
    box.client("staff").post("/tablets/t1/revoke", {})
    sign_in(box, tablet, "staff")
    for _ in range(2):
        assert ask(tablet, "/sales", None).status_code == 200


def test_a_door_tablet_sees_names_and_no_money(box: Box) -> None:
    tablet = paired(box, "door")
    page = tablet.get("/staff").text
    assert 'id="view-door"' in page
    for other in ("till", "orders", "stock", "shift", "devices", "journal"):
        assert f'id="view-{other}"' not in page
    assert ask(tablet, "/door", None).status_code == 200
    assert ask(tablet, "/scan", {"code": "STREET-GOOD-1"}).json["verdict"] == "admit"
    for path in ("/sales", "/orders", "/shifts/report", "/journal", "/tablets"):
        assert ask(tablet, path, None).status_code == 403, path
    state = ask(tablet, "/state", None).json
    assert "takings_minor" not in state["counts"]
    assert state["tablet"] == {"id": "t1", "name": "The door", "role": "door", "scanner": None}


def test_a_door_tablet_lets_in_against_the_verdict_with_a_pin_only(box: Box) -> None:
    tablet = paired(box, "door")
    ask(tablet, "/scan", {"code": "STREET-GOOD-1"})
    body = {"code": "STREET-GOOD-1", "override": {"reason": "lost the band"}}
    assert ask(tablet, "/scan", body).json["error"]["code"] == "right_needed"
    assert ask(tablet, "/scan", body, X_Supervisor_Pin="000000").json["error"]["code"] == "pin_wrong"
    assert ask(tablet, "/scan", body, X_Supervisor_Pin=box.tokens.staff_pin).json["verdict"] == "admit"
    with box.desk.reading() as books:
        (entry,) = books.journal.newest(["ticket.overridden"], 1)
    assert (entry.data["approved_by"], entry.data["tablet"]) == ("staff", "t1")


def test_once_there_are_cashiers_the_staff_pin_lends_no_right(box: Box) -> None:
    add(box, "Ana", [Right.STOCK])
    tablet = paired(box, "staff")
    body = {"stock": 3, "reason": "counted"}
    refused = ask(tablet, "/offers/cup/stock", body, X_Supervisor_Pin=box.tokens.staff_pin)
    assert refused.json["error"]["code"] == "pin_wrong"
    assert ask(tablet, "/orders", CUP).status_code == 201  # it sells all the same


def test_a_kiosk_tablet_hears_its_own_scanner_and_is_not_paced(box: Box) -> None:
    for role in ("till", "left"):
        box.board.set_device(DeviceState(f"scanner.{role}", "scanner", "hid", Health.READY))
    tablet = paired(box, "kiosk", "left")
    for source in ("left", "till"):
        box.desk.submit(lambda books, where=source: door.scan(books, "4006381333931", where))
    scans = ask(tablet, "/state", None).json["scans"]
    assert (list(scans), scans["left"]["names"]) == (["left"], "cup")
    guest = box.kiosk_page()
    assert ask(guest, "/state", None).json["scans"] == {}
    assert {ask(tablet, "/orders", CUP).status_code for _ in range(AT_ONCE + 5)} == {201}


def test_a_scanner_that_is_not_there_is_refused_and_so_is_a_name_twice(box: Box) -> None:
    owner, tablet = box.client("owner"), box.browser()
    code = code_of(box, tablet)
    asked = {"code": code, "name": "One", "role": "kiosk"}
    assert owner.post("/tablets", {**asked, "scanner": "attic"}).json["error"]["code"] == "scanner_unknown"
    assert owner.post("/tablets", {**asked, "code": "000 000"}).json["error"]["code"] == "pairing_unknown"
    assert owner.post("/tablets", {**asked, "name": " \t"}).status_code == 422
    assert owner.post("/tablets", asked).status_code == 201  # none of these used the code up
    other = {**asked, "code": code_of(box, box.browser()), "name": "ONE"}
    assert owner.post("/tablets", other).json["error"]["code"] == "tablet_known"


def test_lock_locks_a_staff_tablet_until_a_pin_and_a_door_tablet_goes_back_to_the_door(box: Box) -> None:
    staff, at_door = paired(box, "staff"), paired(box, "door")

    def lock(tablet: FlaskClient) -> None:
        assert tablet.post("/lock", data={"form_token": form_token(tablet, "/staff")}).status_code == 303

    def enter(tablet: FlaskClient) -> None:
        data = {"form_token": form_token(tablet, "/staff"), "pin": box.tokens.staff_pin}
        assert tablet.post("/staff", data=data).status_code == 303

    lock(staff)
    assert 'id="pin"' in staff.get("/staff").text
    assert role_of(staff) is None
    enter(staff)
    assert 'id="view-till"' in staff.get("/staff").text
    assert role_of(staff) == "staff"
    with at_door.session_transaction() as session:
        session["role"] = "STAFF"  # somebody typed the staff PIN at the door
    assert 'id="view-till"' in at_door.get("/staff").text
    lock(at_door)
    assert 'id="view-till"' not in at_door.get("/staff").text
    assert role_of(at_door) == "door"


def test_lock_locks_a_staff_tablet_whose_session_has_ended(box: Box) -> None:
    tablet = paired(box, "staff")
    form = {"form_token": form_token(tablet, "/staff")}
    box.context.renew_staff_pin()
    assert role_of(tablet) == "staff"
    assert tablet.post("/lock", data=form, headers={"Origin": "http://elsewhere.example"}).status_code == 403
    assert role_of(tablet) == "staff"
    assert tablet.post("/lock", data=form, headers={"Origin": "http://localhost"}).status_code == 303
    assert 'id="pin"' in tablet.get("/staff").text
    assert role_of(tablet) is None


def test_those_who_wait_are_few_one_at_an_address_and_not_for_long() -> None:
    now_s = [0.0]
    waiting = Waiting(lambda: now_s[0])
    first, _ = waiting.ask("10.0.0.2")
    second, key = waiting.ask("10.0.0.2")
    with pytest.raises(NotFound):
        waiting.of_code(first)
    assert waiting.of_code(f"{second[:3]} {second[3:]}").key_hash == hash_of(key)
    for number in range(3 * MAX_WAITING):
        waiting.ask(f"10.0.1.{number}")
    assert waiting.count() == MAX_WAITING
    now_s[0] = GOOD_FOR_S
    assert (waiting.count(), waiting.of_key(key)) == (0, None)


def test_asking_for_a_code_is_paced_and_no_foreign_page_does_it(box: Box) -> None:
    browser = box.browser()
    assert browser.post("/pair").status_code == 403
    token = form_token(browser, "/pair")
    elsewhere = browser.post("/pair", data={"form_token": token}, headers={"Origin": "http://elsewhere.example"})
    assert elsewhere.status_code == 403
    codes = [browser.post("/pair", data={"form_token": token}).status_code for _ in range(AT_ONCE + 2)]
    assert codes[-1] == 429
    assert browser.get(f"{PREFIX}/offers").status_code == 200
