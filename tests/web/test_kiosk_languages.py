"""The kiosk in each language: words, amounts, direction."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from appliance.core.screen import own_screen
from appliance.core.texts import LANGUAGES
from appliance.services.events import load_event
from tests.web.kiosk_page import ARABIC, begin, event_text, tap_offer
from tests.web.tablets import Tablets
from tests.web.webbox import Box

pytestmark = pytest.mark.browser
AMOUNTS = {"en": "€48.00", "de": "48,00 €", "fr": "48,00 €", "es": "48,00 €", "it": "48,00 €", "pt": "48,00 €"}
ASKS = ("begin", "choose", "your_order", "total", "place_order", "to_pay", "done", "pay_at_till")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_in_each_language(box: Box, tablets: Tablets, language: str) -> None:
    box.desk.submit(lambda books: load_event(books, event_text(('currency = "USD"', 'currency = "EUR"'))))
    say = own_screen(language).texts
    page = tablets.open("/")
    page.locator(f"#attract [data-language={language}]", has_text=say["language_name"]).click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.get_by_role("button", name=say["begin"])).to_be_visible()
    page.get_by_role("button", name=say["begin"]).click()
    tap_offer(page, "cup")
    page.get_by_role("button", name=say["one_more"].format(name="Hand-thrown cup")).click()
    expect(page.locator("#subtotal")).to_have_text(AMOUNTS[language])
    expect(page.locator("#offers .stock").first).to_be_empty()
    assert own_words_left(page, language) == []
    page.get_by_text(say["codes"]).click()
    page.get_by_label(say["voucher_code"]).fill("NOTHING")
    page.get_by_label(say["voucher_code"]).blur()
    told = "There is no voucher" if language == "en" else say["refused_voucher_unknown"]
    expect(page.locator("#problem")).to_contain_text(told)
    page.get_by_label(say["voucher_code"]).fill("")
    page.get_by_role("button", name=say["place_order"]).click()
    expect(page.locator("#slip-state")).to_have_text(say["pay_at_till"])
    expect(page.locator("#slip-total")).to_have_text(AMOUNTS[language])
    assert own_words_left(page, language) == []
    page.get_by_role("button", name=say["done"]).click()
    expect(page.get_by_role("button", name="Tap to begin")).to_be_visible()


def own_words_left(page: Page, language: str) -> list[str]:
    """Return the English words of ours that are to be seen in another language."""
    seen = page.evaluate("document.body.innerText")
    english, other = own_screen("en").texts, own_screen(language).texts
    return [english[key] for key in ASKS if english[key] != other[key] and re.search(rf"\b{english[key]}\b", seen)]


def test_a_language_may_be_changed_in_the_middle_and_the_cart_stays(tablets: Tablets) -> None:
    page = tablets.open("/")
    begin(page)
    tap_offer(page, "cup")
    page.get_by_role("button", name="Language, display and sound").click()
    page.locator("#comfort").get_by_role("button", name="Deutsch").click()
    page.get_by_role("button", name="Schließen").click()
    expect(page.locator("#lines")).to_contain_text("je 24,00 $")
    expect(page.locator("#order")).to_have_text("Bestellen")
    expect(page.locator('#offers [data-key="apron"]')).to_contain_text("ab 32,00 $")
    expect(page.locator("#window")).to_contain_text("Jetzt offen: Market Square")


def test_the_event_s_own_language_runs_from_right_to_left(box: Box, tablets: Tablets) -> None:
    text = event_text(('currency = "USD"', 'currency = "USD"\nlanguages = ["ar", "en"]'), more=ARABIC)
    box.desk.submit(lambda books: load_event(books, text))
    page = tablets.open("/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("#begin")).to_have_text("المسوا للبدء")
    begin(page)
    tap_offer(page, "cup")
    expect(page.locator("#subtotal")).to_have_text("\u206824.00\u00a0$\u2069")
    place = {name: page.locator(name).bounding_box() for name in ("#cart", "#offers", "h1", "#open-comfort")}
    assert place["#cart"]["x"] < place["#offers"]["x"]  # type: ignore[index]
    assert place["#open-comfort"]["x"] < place["h1"]["x"]  # type: ignore[index]
    less, more = (page.locator(f'[data-key="{way} cup"]').bounding_box() for way in ("less", "more"))
    assert less
    assert more
    assert less["x"] > more["x"]
    name = page.locator("#lines .name").first
    expect(name).to_have_attribute("lang", "en")
    expect(name).to_have_css("text-align", "right")
    page.locator("#open-comfort").click()
    page.locator("#comfort").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    expect(page.locator("#subtotal")).to_have_text("$24.00")


def test_another_event_comes_with_its_own_languages_while_nobody_is_there(box: Box, tablets: Tablets) -> None:
    page = tablets.open("/")
    expect(page.locator("h1")).to_have_text("Street Series: Clay & Light")
    text = event_text(
        ('id = "street-series"', 'id = "fair"\nlanguages = ["de"]'), ("Street Series: Clay & Light", "Fair")
    )
    box.desk.submit(lambda books: load_event(books, text))
    expect(page.locator("h1")).to_have_text("Fair")
    expect(page.get_by_role("button", name="Hier tippen")).to_be_visible()
    expect(page.locator("[data-language]")).to_have_count(0)  # there is nothing to choose
