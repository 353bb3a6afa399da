"""Names over HTTP: who is shown them, what is kept of them, the search, and the owner's PIN."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.people import LONG, PIN, PRIVATE, SHORT, take_list
from tests.web.webbox import Box, open_names


def kept(box: Box) -> str:
    """All that the store keeps of requests and of what happened."""
    with sqlite3.connect(box.folder / "stallbox.db") as connection:
        rows = connection.execute("SELECT * FROM answers").fetchall()
        rows += connection.execute("SELECT data FROM journal").fetchall()
    connection.close()
    return "\n".join(map(str, rows))


def scan(box: Box, role: str, code: str, key: str | None = None) -> Any:
    answer = box.client(role).post("/scan", {"code": code}, key)
    assert answer.status_code == 200
    return answer.json


@pytest.mark.parametrize(("code", "name"), [(LONG, "Zoë Ångström"), (SHORT, "Ada Løvstad")])
def test_staff_sees_the_holder_also_when_the_answer_is_given_once_more(box: Box, code: str, name: str) -> None:
    open_names(box)
    first, again = scan(box, "staff", code, "key-1"), scan(box, "staff", code, "key-1")
    assert first == again
    assert (first["holder"], bool(first["note"]), first["verdict"]) == (name, True, "admit")
    assert [one for one in (*PRIVATE, code) if one in kept(box)] == []


def test_a_kiosk_sees_no_name_and_no_note_of_a_list(box: Box) -> None:
    open_names(box)
    for key in (None, "key-1", "key-1"):
        told = scan(box, "kiosk", LONG, key)
        assert (told["holder"], told["note"]) == ("", "")
        assert not [one for one in PRIVATE if one in json.dumps(told, ensure_ascii=False)]


def test_the_newest_scans_show_no_name(box: Box) -> None:
    open_names(box)
    scan(box, "staff", LONG)
    api = box.client()
    told = json.dumps([api.get("/door").json, api.get("/verdicts").json], ensure_ascii=False)
    assert not [one for one in PRIVATE if one in told]


def test_a_key_is_kept_only_as_a_hash_so_that_its_request_cannot_be_guessed(box: Box) -> None:
    open_names(box)
    scan(box, "staff", SHORT, "a-key-of-this-tablet")
    assert "a-key-of-this-tablet" not in kept(box)
    assert box.client().post("/scan", {"code": LONG}, "a-key-of-this-tablet").status_code == 409


def test_a_refused_override_names_nobody_to_the_disk(box: Box) -> None:
    open_names(box)
    scan(box, "staff", LONG)
    body = {"code": LONG, "override": {"reason": "wristband lost"}}
    for _ in range(2):
        told = box.client().post("/scan", body, "over").json
        assert (told["verdict"], told["holder"]) == ("admit", "Zoë Ångström")
    assert not [one for one in PRIVATE if one in kept(box)]


def test_the_search_is_unlocked_by_the_owner_used_and_locked(box: Box) -> None:
    pin = open_names(box)
    api = box.client()
    assert api.get("/door").json["search"]["state"] == "locked"
    refused = api.post("/door/search", {"name": "ada"})
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "locked")
    assert api.post("/door/unlock", {"pin": "wrong one"}).status_code == 403
    assert api.post("/door/unlock", {"pin": pin}).json == {"state": "open", "message": ""}
    found = api.post("/door/search", {"name": "ada"}, "search-key").json
    assert [(one["name"], one["used"], one["used_at"]) for one in found["found"]] == [
        ("Ada Lovelace", False, None), ("Ada Løvstad", False, None),
    ]  # fmt: skip
    body = {"ticket": found["found"][1]["ticket"], "source": "tablet"}
    first, again = api.post("/door/admit", body, "in"), api.post("/door/admit", body, "in")
    assert first.json == again.json
    assert (first.json["verdict"], first.json["holder"], first.json["note"]) == (
        "admit", "Ada Løvstad", "Speaks at nine",
    )  # fmt: skip
    assert box.scanned[-1][0].verdict == "admit"
    assert scan(box, "staff", SHORT)["reason"] == "already_used"
    assert api.post("/door/lock").json["state"] == "locked"
    assert api.post("/door/admit", body).json["error"]["code"] == "locked"
    assert api.post("/door/admit", body, "in").json["holder"] == ""  # given once more, and nobody may know any more
    assert not [one for one in (*PRIVATE, pin) if one in kept(box)]


def test_a_kiosk_neither_unlocks_nor_searches(box: Box) -> None:
    pin = open_names(box)
    assert box.vault.unlock(pin)
    api = box.client("kiosk")
    for path, body in (("unlock", {"pin": pin}), ("search", {"name": "ada"}), ("admit", {"ticket": "0" * 64})):
        assert api.post(f"/door/{path}", body).status_code == 403


def test_guessing_the_owner_s_pin_is_slowed_down(box: Box) -> None:
    pin = open_names(box)
    answers = [box.client().post("/door/unlock", {"pin": f"wrong {number}"}).status_code for number in range(3)]
    assert answers == [403, 403, 403]
    limited = box.client().post("/door/unlock", {"pin": pin})
    assert (limited.status_code, limited.json["error"]["code"]) == (429, "too_many_pins")
    assert box.vault.owner_key is None


def test_without_a_pin_of_the_owner_s_own_every_face_says_what_to_do(box: Box) -> None:
    take_list(box.desk, box.folder / "stallbox.db")
    api = box.client()
    for refused in (api.post("/door/search", {"name": "ada"}), api.post("/door/unlock", {"pin": box.tokens.owner_pin})):
        assert refused.status_code == 409
        assert "stallbox pin set" in refused.json["error"]["message"]
    assert "stallbox pin set" in api.get("/door").json["search"]["message"]


# The owner's PIN on the pages


def form(browser: FlaskClient, page: str, path: str = "", **fields: str) -> Any:
    token = re.search('name="form_token" value="([^"]+)"', browser.get(page).text)
    assert token is not None
    return browser.post(path or page, data={"form_token": token[1], **fields})


def test_the_owner_chooses_a_pin_and_the_first_one_is_void(box: Box) -> None:
    first = box.tokens.owner_pin or ""
    owner = box.browser()
    assert form(owner, "/setup", pin=first).status_code == 303
    told = form(owner, "/setup", "/setup/pin", pin=PIN, again=PIN)
    assert "Your PIN is kept" in told.text
    assert form(box.browser(), "/setup", pin=first).status_code == 403
    assert form(box.browser(), "/setup", pin=PIN).status_code == 303
    assert form(box.browser(), "/staff", pin=box.tokens.staff_pin).status_code == 303
    assert form(box.browser(), "/setup", pin=box.tokens.staff_pin).status_code == 403


def test_another_pin_ends_the_owner_s_other_sessions(box: Box) -> None:
    first, other, staff = box.browser(), box.browser(), box.browser()
    for browser in (first, other):
        form(browser, "/setup", pin=box.tokens.owner_pin or "")
    form(staff, "/staff", pin=box.tokens.staff_pin)
    form(first, "/setup", "/setup/pin", pin=PIN, again=PIN)
    opened = {browser: browser.get("/setup/tickets").text.count(">Lists of tickets<") for browser in (first, other)}
    assert list(opened.values()) == [1, 0]
    assert other.get("/api/v1/tickets/lists").status_code == 401
    form(other, "/setup", pin=PIN)
    box.vault.set_pin("by the command", PIN)
    assert [browser.get("/api/v1/tickets/lists").status_code for browser in (first, other)] == [401, 401]
    assert staff.get("/api/v1/orders").status_code == 200


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"pin": PIN, "again": "another one"}, "typed the same way twice"),
        ({"pin": "123456", "again": "123456"}, "choose another"),
        ({"pin": PIN, "again": PIN, "current": "not it at all"}, "current PIN is not right"),
    ],
)
def test_a_pin_that_cannot_be_taken_is_told_why(box: Box, fields: dict[str, str], sentence: str) -> None:
    box.vault.set_pin("silver spoon")
    owner = box.browser()
    form(owner, "/setup", pin="silver spoon")
    refused = form(owner, "/setup", "/setup/pin", **fields)
    assert refused.status_code in {403, 409, 422}
    assert sentence in refused.text
    assert box.vault.is_pin("silver spoon")


def test_the_owner_unlocks_and_locks_on_the_setup_page(box: Box) -> None:
    pin = open_names(box)
    owner = box.browser()
    form(owner, "/setup", pin=pin)
    assert "not the owner" in form(owner, "/setup", "/setup/search/unlock", pin="wrong one").text
    assert form(owner, "/setup", "/setup/search/unlock", pin=pin).status_code == 303
    assert "Staff can search tickets by name." in owner.get("/setup/pins").text
    assert form(owner, "/setup", "/setup/search/lock").status_code == 303
    assert box.vault.owner_key is None


@pytest.mark.parametrize("path", ["pin", "search/unlock", "search/lock"])
def test_staff_does_none_of_it(box: Box, path: str) -> None:
    staff = box.browser()
    form(staff, "/staff", pin=box.tokens.staff_pin)
    assert form(staff, "/staff", f"/setup/{path}", pin=PIN, again=PIN).status_code == 403
    assert not box.vault.has_pin
