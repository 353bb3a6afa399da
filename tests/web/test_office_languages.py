"""Staff's and the owner's pages in each language: chosen on a page, kept by the tablet, whole in both directions."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from appliance.core.office_texts import own_office
from appliance.core.screen import SCREEN_LANGUAGES
from appliance.services.events import load_event
from appliance.web.owner.steps import STEPS
from tests.web.axe import violations
from tests.web.kiosk_page import begin, event_text
from tests.web.tablets import Tablets, show
from tests.web.test_rights import form_token, login
from tests.web.test_staff_browser import SMALL_TARGETS, TOO_WIDE, VIEWS, busy
from tests.web.webbox import Box

__all__ = ["busy"]  # a fixture
OTHERS = tuple(tag for tag in SCREEN_LANGUAGES if tag != "en")
# Texts of the page in English that are no other language's.
TELLING = ("Staff", "Back to the kiosk", "Pair this tablet", "Journal", "Lock", "Setup", "Overview", "Skip", "Cashiers")


def choose(browser: FlaskClient, tag: str, to: str = "/staff") -> str:
    return str(browser.post("/language", data={"language": tag, "to": to}).headers["Location"])


@pytest.mark.parametrize("tag", SCREEN_LANGUAGES)
def test_every_page_speaks_the_chosen_language(box: Box, tag: str) -> None:
    owner = login(box, box.tokens.owner_pin or "", "/setup")
    assert choose(owner, tag) == "/staff"
    say = own_office(tag).texts
    pages = {
        "/staff": "views",
        "/pair": "pair_why",
        "/nothing": "to_start",
        "/join": "join_stay",
        "/setup": "from_nothing",
    }
    for path, key in pages.items():
        page = owner.get(path).text
        assert f'<html lang="{tag}" dir="{"rtl" if tag == "ar" else "ltr"}">' in page
        assert say[key].replace("'", "&#39;") in page
    for step in STEPS:
        assert say[f"step_{step.id}"] in owner.get(f"/setup/{step.id}").text
    locked = box.browser()
    choose(locked, tag)
    assert say["to_kiosk"] in locked.get("/staff").text


@pytest.mark.parametrize("path", ["/staff", "/setup", "/setup/tickets", "/pair"])
def test_a_page_carries_its_own_language_only(box: Box, path: str) -> None:
    owner = login(box, box.tokens.owner_pin or "", "/setup")
    choose(owner, "fr")
    page = owner.get(path).text
    texts = json.loads(re.search(r'id="texts">(.*?)</script>', page)[1])  # type: ignore[index]
    assert [one["tag"] for one in texts] == ["fr"]
    assert texts[0]["texts"]["no_answer"] == own_office("fr").texts["no_answer"]


def test_the_language_is_the_tablet_s_then_the_event_s_then_the_browser_s(empty_box: Box) -> None:
    def tag(browser: FlaskClient, path: str = "/staff", **headers: str) -> str:
        return str(re.search(r'<html lang="(.*?)"', browser.get(path, headers=headers).text)[1])  # type: ignore[index]

    french = {"Accept-Language": "xx, fr-CA;q=0.9, en;q=0.5"}
    assert tag(empty_box.browser(), **french) == "fr"
    assert tag(empty_box.browser(), **{"Accept-Language": "xx"}) == "en"
    text = event_text(('id = "street-series"', 'id = "street-series"\nlanguage = "pt"'))
    empty_box.desk.submit(lambda books: load_event(books, text))
    browser = empty_box.browser()
    assert tag(browser, **french) == "pt"
    assert tag(browser, "/join", **french) == "fr"  # a guest's own phone
    choose(browser, "it")
    assert tag(browser, **french) == "it"
    choose(browser, "xx")
    assert tag(browser, **french) == "it"


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "/\\evil.example", "", "/a?b"])
def test_a_choice_leads_to_a_page_of_ours(box: Box, to: str) -> None:
    assert choose(box.browser(), "de", to) == "/staff"
    assert choose(box.browser(), "de", "/setup/pins") == "/setup/pins"


def test_what_the_setup_says_and_refuses_is_said_in_the_language(box: Box) -> None:
    owner = login(box, box.tokens.owner_pin or "", "/setup")
    choose(owner, "de")
    token = form_token(owner, "/setup")

    def send(path: str, **fields: str) -> str:
        return str(owner.post(f"/setup/{path}", data={"form_token": token, **fields}).text)

    say = own_office("de").texts
    assert say["name_kept"] in send("name", name="Stand <1>")
    assert say["refused_not_the_same"] in send("pin", pin="abcdef1", again="abcdef2")
    assert say["refused_not_confirmed"] in send("purge", sure="no")
    assert "Stand &lt;1&gt;" in owner.get("/setup").text
    added = send("cashiers", act="add", name='"Åsa" & Co')
    assert re.search(r"&#34;Åsa&#34; &amp; Co: PIN \d{6}\. Schreiben Sie sie jetzt auf", added)
    wrong = send("event", act="check", text='id = "x"')
    assert re.search(r"Die Veranstaltung hat \d+ Fehler", wrong)


@pytest.mark.parametrize("tag", SCREEN_LANGUAGES)
def test_the_journal_is_told_in_the_language(busy: Box, tag: str) -> None:
    said = busy.client().get(f"/journal?language={tag}&limit=100").json["entries"]
    words = " ".join(entry["words"] for entry in said)
    assert own_office(tag).texts["told_shift_opened"] in words
    english = {entry["seq"]: entry["words"] for entry in busy.client().get("/journal?limit=100").json["entries"]}
    told = own_office("en").texts
    if tag != "en":
        same = [entry["words"] for entry in said if entry["words"] == english[entry["seq"]]]
        assert [words for words in same if any(words == told[key] for key in told if key.startswith("told_"))] == []
    assert busy.client().get("/journal?language=xx").json["entries"][0]["words"] in english.values()


def in_language(page: Page, tag: str) -> None:
    """Choose a language by the menu of the page."""
    page.locator(".speech summary").click()
    page.locator(f".speech [value={tag}]").click()
    expect(page.locator("html")).to_have_attribute("lang", tag)


@pytest.mark.browser
@pytest.mark.parametrize("tag", OTHERS)
def test_staff_sells_and_admits_in_each_language(box: Box, tablets: Tablets, tag: str) -> None:
    say = own_office(tag).texts
    page = tablets.open("/staff", 360, height=780, touch=True)
    in_language(page, tag)
    page.get_by_label(say["pin"]).fill(box.tokens.staff_pin)
    page.get_by_role("button", name=say["open"]).click()
    page.locator(".tile").first.tap()
    expect(page.locator("#charge")).to_contain_text(say["charge_amount"].replace("{amount}", "").strip())
    page.locator("#charge").tap()
    page.get_by_role("button", name=say["exact"]).tap()
    expect(page.locator("#paid-sale")).not_to_be_empty()
    page.get_by_role("button", name=say["next"], exact=True).tap()
    page.get_by_label(say["find_label"]).fill("no such thing")
    page.keyboard.press("Enter")
    expect(page.locator("#sale-problem")).to_contain_text(say["nothing_called"].partition("{")[0].strip()[:12])
    show(page, "door")
    for code, title in (("STREET-GOOD-1", "welcome"), ("STREET-GOOD-1", "already_used"), ("nobody", "not_known")):
        page.locator("#code").fill(code)
        page.locator("#code").press("Enter")
        expect(page.locator("#verdict .word")).to_contain_text(say[f"verdict_{title}"])
    expect(page.locator("#verdict .word")).to_contain_text(say["word_refuse"])
    expect(page.locator("#verdict .message")).to_have_text(say["verdict_not_known_said"])
    show(page, "shift")
    page.locator("#shift-amount").fill("x")
    page.locator("#shift-button").tap()
    expect(page.locator("#shift-problem")).to_have_text(say["type_amount"])
    show(page, "stock")
    page.locator("#stock-pieces").fill("1")
    page.locator("#stock-form [value=waste]").tap()
    expect(page.locator("#stock-problem")).to_have_text(say["write_why"])
    assert tablets.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("tag", ["de", "ar"])
def test_no_view_is_cut_off_or_objected_to(busy: Box, tablets: Tablets, tag: str) -> None:
    """On a phone of 360 px, the narrowest screen, and with letters of twice the size."""
    page = tablets.staff(busy.tokens.owner_pin or "", width=360, height=780, touch=True)
    expect(page.locator(".tile").first).to_be_visible()
    in_language(page, tag)
    expect(page.locator(".tile").first).to_be_visible()
    for view in VIEWS:
        show(page, view)
        assert violations(page) == [], view
        assert page.evaluate(SMALL_TARGETS) == [], view
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, view
        page.set_viewport_size({"width": 640, "height": 900})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate(TOO_WIDE) == [], view
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, view
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size({"width": 360, "height": 780})
    assert tablets.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("tag", ["de", "ar"])
def test_no_step_is_cut_off_or_objected_to(box: Box, tablets: Tablets, tag: str) -> None:
    page = tablets.staff(box.tokens.owner_pin or "", "/setup", width=360, height=780, touch=True)
    in_language(page, tag)
    for step in ["", *(f"/{step.id}" for step in STEPS)]:
        page.goto(page.url.partition("/setup")[0] + f"/setup{step}")
        assert violations(page) == [], step
        assert page.evaluate(SMALL_TARGETS) == [], step
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, step
        page.set_viewport_size({"width": 360, "height": 780})


@pytest.mark.browser
def test_from_right_to_left_the_staff_page_is_mirrored(box: Box, tablets: Tablets) -> None:
    page = tablets.staff(box.tokens.staff_pin, width=1280, height=800)
    in_language(page, "ar")
    expect(page.locator(".tile").first).to_be_visible()
    place = {name: page.locator(name).bounding_box() for name in (".tabs", ".goods", ".basket", ".lock")}
    assert place[".tabs"]["x"] > place[".goods"]["x"] > place[".basket"]["x"]  # type: ignore[index]
    assert place[".lock"]["x"] < 640  # type: ignore[index]


@pytest.mark.browser
def test_the_menu_works_by_keyboard_and_without_javascript(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/setup/event", script=False)
    page.locator(".speech summary").press("Enter")
    page.get_by_role("button", name="Deutsch").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inhaber")
    assert page.url.endswith("/setup/event")
    page.get_by_label("PIN", exact=True).fill(box.tokens.owner_pin or "")
    page.get_by_role("button", name="Öffnen").click()
    expect(page.get_by_role("heading", name="Die Veranstaltung")).to_be_visible()


NAMES = (
    ('name = "Hand-thrown cup"', 'name = "Hand-thrown cup"\nnames = { de = "Gedrehte Tasse" }'),
    ('name = "Maker\'s apron"', 'name = "Maker\'s apron"\nnames = { de = "Schürze" }'),
)


@pytest.mark.browser
def test_offers_are_called_in_the_language_of_each_screen(box: Box, tablets: Tablets) -> None:
    box.desk.submit(lambda books: load_event(books, event_text(*NAMES)))
    kiosk = tablets.open("/")
    begin(kiosk, "de")
    cup = kiosk.locator('#offers [data-key="cup"]')
    expect(cup.locator(".name")).to_have_text("Gedrehte Tasse")
    expect(cup.locator(".name")).to_have_attribute("lang", "de")
    expect(kiosk.locator('#offers [data-key="apron"]')).to_contain_text("Schürze")
    expect(kiosk.locator('#offers [data-key="postcard"] .name')).to_have_attribute("lang", "en")
    cup.click()
    expect(kiosk.locator("#lines")).to_contain_text("Gedrehte Tasse")
    kiosk.locator("#order").click()
    expect(kiosk.locator("#slip-lines")).to_contain_text("1 × Gedrehte Tasse")
    order = box.client().get("/orders?status=open").json["orders"][0]
    assert order["lines"][0]["name"] == "Hand-thrown cup"
    staff = tablets.staff(box.tokens.staff_pin)
    expect(staff.locator(".tile").first).to_contain_text("Hand-thrown cup")
    in_language(staff, "de")
    expect(staff.locator(".tile").first).to_contain_text("Gedrehte Tasse")
    assert tablets.complaints == []
