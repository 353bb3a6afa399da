"""What an attacker on the stall's Wi-Fi may try, over every route that is served: the routes come from the tables."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from appliance.web import app as web_app
from appliance.web.app import ROUTES
from appliance.web.routes import PREFIX
from appliance.web.tokens import Role
from tests.web.test_rights import form_token, login
from tests.web.test_tablets import paired
from tests.web.webbox import Box

WEB = Path(web_app.__file__).parent
OURS = {"X-Stallbox": "1"}
FILLED = {
    "order_id": "x",
    "offer_id": "cup",
    "tablet_id": "t9",
    "name": "list",
    "filename": "style.css",
    "step": "name",
}
# Beside the table of the API: who may ask for each of the others. None: anybody, with a session or without.
BESIDE: dict[tuple[str, str], Role | None] = {
    ("GET", f"{PREFIX}/state"): Role.KIOSK,
    ("PUT", f"{PREFIX}/tickets/lists/<string:name>"): Role.OWNER,
    ("DELETE", f"{PREFIX}/tickets/lists/<string:name>"): Role.OWNER,
    ("GET", f"{PREFIX}/openapi.json"): None,
    ("GET", "/healthz"): None,
    ("GET", "/"): None,
    ("GET", "/pair"): None,
    ("GET", "/join"): None,
    ("POST", "/join/stay"): None,
    ("POST", "/language"): None,
    ("GET", "/captive-portal"): None,
    ("GET", "/static/<path:filename>"): None,
    ("GET", "/media/<name>"): None,
    ("GET", "/r/<name>"): None,
    ("GET", "/r/<name>/receipt.pdf"): None,
    ("GET", "/r/<name>/code.svg"): None,
}
PAGES = {"/staff", "/setup"}  # a PIN form, or what is behind it: see below
HARMLESS = {"/join/stay", "/language"}  # speak for nobody but their own sender, and do no harm
FORMS = {"/lock", "/pair", *PAGES}  # and every /setup/...


def address(rule: Rule) -> str:
    """Fill in the parts of a route's path."""
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda match: FILLED.get(match[1], "1"), rule.rule)


def rules(box: Box) -> Iterator[tuple[str, Rule]]:
    for rule in box.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule


def least_role(method: str, rule: Rule) -> Role | None:
    """The least role that a route of the API wants, by its table; KeyError for one that nobody thought of."""
    table = {(route.method, route.rule): route.role for route in ROUTES}
    return (table | BESIDE)[method, rule.rule]


def is_page(rule: Rule) -> bool:
    return rule.rule in FORMS or rule.rule.startswith("/setup/")


CALLERS: dict[str, tuple[Role | None, Callable[[Box], FlaskClient]]] = {
    "nobody": (None, lambda box: box.browser()),
    "a guest": (Role.KIOSK, lambda box: box.kiosk_page()),
    "a kiosk tablet": (Role.KIOSK, lambda box: paired(box, "kiosk")),
    "a door tablet": (Role.DOOR, lambda box: paired(box, "door")),
    "a staff tablet": (Role.STAFF, lambda box: paired(box, "staff")),
    "the staff PIN": (Role.STAFF, lambda box: login(box, box.tokens.staff_pin)),
    "the owner's PIN": (Role.OWNER, lambda box: login(box, box.tokens.owner_pin or "", "/setup")),
}


@pytest.mark.parametrize("caller", CALLERS)
def test_every_route_asks_every_caller_for_its_role(box: Box, caller: str) -> None:
    role, make = CALLERS[caller]
    browser = make(box)
    for method, rule in rules(box):
        if is_page(rule):
            continue
        least = least_role(method, rule)
        answer = browser.open(
            address(rule), method=method, headers=OURS, json={"not": "a field"} if method != "GET" else None
        )
        answer.close()
        named = f"{method} {rule.rule} by {caller}: {answer.status_code}"
        if least is None:
            assert answer.status_code not in {401, 403}, named
        elif role is None:
            assert answer.status_code == 401, named
        elif role < least:
            assert answer.status_code == 403, named
            assert answer.json["error"]["code"] == "forbidden", named
        elif (code := (answer.json or {}).get("error", {}).get("code")) in {"unauthorised", "forbidden"}:
            guests_may_not = [route.rule for route in ROUTES if not route.guests]
            assert caller == "a guest", named
            assert rule.rule in guests_may_not, f"{named} {code}"


@pytest.mark.parametrize("caller", CALLERS)
def test_every_page_behind_a_pin_shows_others_the_pin_only(box: Box, caller: str) -> None:
    role, make = CALLERS[caller]
    browser = make(box)
    for method, rule in rules(box):
        if method != "GET" or not is_page(rule) or rule.rule == "/pair":
            continue
        least = Role.OWNER if rule.rule.startswith("/setup") else Role.DOOR
        for step in ("name", "data") if "step" in rule.arguments else ("",):
            page = browser.get(re.sub("<.*>", step, rule.rule)).text
            assert ('id="pin"' in page) == ((role or 0) < least), f"{rule.rule} by {caller}"


@pytest.mark.parametrize("caller", ["a guest", "a door tablet", "a staff tablet", "the staff PIN", "the owner's PIN"])
def test_nothing_that_changes_takes_a_cookie_alone(box: Box, caller: str) -> None:
    """CSRF: another site's page can send cookies and forms, but neither our header nor the form's token."""
    browser = CALLERS[caller][1](box)
    browser.get("/")
    head = box.desk.head_seq
    for method, rule in rules(box):
        if method == "GET" or rule.rule in HARMLESS:
            continue
        for headers in ({}, {"Origin": "http://elsewhere.example"}, {"Origin": "http://elsewhere.example", **OURS}):
            as_form = {"data": {"pin": box.tokens.staff_pin, "form_token": ""}}
            sent = as_form if is_page(rule) else {"json": {}}
            answer = browser.open(address(rule), method=method, headers=headers, **sent)  # type: ignore[arg-type]
            assert answer.status_code == 403, f"{method} {rule.rule} by {caller}: {answer.status_code}"
    assert box.desk.head_seq == head


def test_a_form_of_another_session_is_refused(box: Box) -> None:
    mine, theirs = login(box, box.tokens.staff_pin), login(box, box.tokens.staff_pin)
    token = form_token(theirs, "/staff")
    assert mine.post("/lock", data={"form_token": token}).status_code == 403


def test_every_answer_forbids_frames_foreign_content_and_guessing_of_types(box: Box) -> None:
    browser = login(box, box.tokens.owner_pin or "", "/setup")
    for method, rule in rules(box):
        answer = browser.open(address(rule), method=method)
        answer.close()
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, rule.rule
        assert "unsafe" not in policy, rule.rule
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in answer.headers
    whole = browser.get("/staff").headers["Content-Security-Policy"]
    for rest in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "script-src 'self'"):
        assert rest in whole


@pytest.mark.parametrize("template", sorted(WEB.rglob("templates/**/*.html")), ids=lambda path: path.name)
def test_no_template_has_a_script_a_style_or_an_act_inside(template: Path) -> None:
    text = template.read_text(encoding="utf-8").replace('<script type="application/json"', "")  # data: nobody runs it
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:", text) == []
    assert "|safe" not in text.replace(" ", "")


def test_logging_in_makes_another_session_of_a_planted_one(box: Box) -> None:
    """Session fixation: whoever planted a cookie beforehand has no more after the PIN than before."""
    thief, victim = box.kiosk_page(), box.browser()
    planted = thief.get_cookie("stallbox_box-1")
    assert planted is not None
    victim.set_cookie("stallbox_box-1", planted.value)
    token = form_token(victim, "/staff")
    assert victim.post("/staff", data={"pin": box.tokens.staff_pin, "form_token": token}).status_code == 303
    assert victim.get(f"{PREFIX}/sales").status_code == 200
    assert thief.get(f"{PREFIX}/sales").status_code == 403
    assert victim.post("/lock", data={"form_token": token}).status_code == 403, "the form's token is of the old session"


def test_a_session_ends_after_half_a_day_and_a_tablet_stays_paired(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    staff, tablet = login(box, box.tokens.staff_pin), paired(box, "staff")
    now_s, begun_s = time.time(), time.monotonic()
    monkeypatch.setattr(time, "time", lambda: now_s + 300 * 86_400)  # somebody set the system's clock
    assert staff.get(f"{PREFIX}/sales").status_code == 200
    monkeypatch.setattr(time, "monotonic", lambda: begun_s + 12 * 3600 + 60)
    assert staff.get(f"{PREFIX}/sales").status_code == 401
    assert tablet.get(f"{PREFIX}/sales").status_code == 200
