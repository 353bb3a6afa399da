"""The screen's languages: complete, with the same places, in the direction in which they are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from appliance.core.event import read_event
from appliance.core.screen import OF_PAPER, SCREEN_LANGUAGES, own_screen
from appliance.core.texts import text_problem
from appliance.core.tomltext import TomlProblems
from tests.books import EVENT_TEXT

ROOT = Path(__file__).parents[2]
HEBREW = '[screen.he]\nlanguage_name = "עברית"\nmoney = "{number} {symbol}"\n'
ENGLISH = own_screen("en").texts
# The same word in English and in one of the others.
ALIKE = set(
    "total sound name refused_contact_phone free receipt_sms opens_in no_thanks paid open_now theme_light voucher_code"
    " theme_sun".split()
)


def event_with(top: str, tables: str = "") -> tuple[str, ...]:
    event = read_event(EVENT_TEXT.replace("[[", f"{top}\n[[", 1) + tables)
    return tuple(one.tag for one in event.screens)


@pytest.mark.parametrize("language", SCREEN_LANGUAGES)
def test_each_language_says_everything(language: str) -> None:
    said = own_screen(language).texts
    assert list(said) == list(ENGLISH)
    assert {key: problem for key, text in said.items() if (problem := text_problem(key, text, ENGLISH[key]))} == {}
    if language != "en":
        same = {key for key in set(said) - set(OF_PAPER) if said[key] == ENGLISH[key]}
        assert same <= ALIKE, "words that were not translated"


def test_each_text_is_said_somewhere() -> None:
    web = ROOT / "appliance/web"
    sources = [
        *web.glob("static/*.js"),
        *web.glob("templates/**/*.html"),
        web / "pages.py",
        ROOT / "appliance/core/screen.py",
    ]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    by_name = re.compile("refused_|theme_")  # said by what the box answers, or by a theme's name
    never = [
        key for key in ENGLISH if not by_name.match(key) and not re.search(rf"""["']{key}["']|texts\.{key}\b""", code)
    ]
    assert never == []


def test_the_event_s_language_comes_first_and_may_be_one_of_its_own() -> None:
    assert event_with("") == SCREEN_LANGUAGES
    assert event_with('language = "fr"')[:3] == ("fr", "en", "de")
    assert event_with("", HEBREW) == ("en", "he", *SCREEN_LANGUAGES[1:])
    assert event_with('languages = ["he", "de"]', HEBREW) == ("he", "de")


def test_a_language_of_the_event_says_in_english_what_it_leaves_out() -> None:
    event = read_event(EVENT_TEXT + HEBREW)
    hebrew = next(one for one in event.screens if one.tag == "he")
    assert (hebrew.direction, hebrew.name) == ("rtl", "עברית")
    assert hebrew.texts["money"] == "{number} {symbol}"
    assert hebrew.texts["begin"] == ENGLISH["begin"]


def test_an_event_writes_amounts_on_the_screen_as_on_its_papers() -> None:
    top = 'language = "pl"'
    texts = '[texts]\ndecimal_mark = ","\nmoney = "{number} {symbol}"\n[screen.pl]\nlanguage_name = "Polski"\n'
    event = read_event(EVENT_TEXT.replace("[[", f"{top}\n[[", 1) + texts)
    assert (event.screens[0].tag, event.screens[0].texts["decimal_mark"]) == ("pl", ",")


@pytest.mark.parametrize(
    ("tag", "direction"),
    [("he", "rtl"), ("fa-IR", "rtl"), ("uz-Arab", "rtl"), ("ar-Latn", "ltr"), ("pl", "ltr"), ("zh-Hant", "ltr")],
)
def test_the_direction_is_that_of_the_script(tag: str, direction: str) -> None:
    event = read_event(EVENT_TEXT + f'[screen.{tag}]\nlanguage_name = "X"\n')
    assert next(one for one in event.screens if one.tag == tag).direction == direction


@pytest.mark.parametrize(
    ("top", "tables", "problem"),
    [
        ("", '[screen.he]\nbegin = "x"\n', "language_name: is missing"),
        ("", '[screen.he]\nlanguage_name = "x"\nbeginn = "x"\n', "there is no such text; did you mean 'begin'?"),
        ("", '[screen.de]\ntime_left = "noch"\n', "must hold what '{time} left' holds between braces"),
        ("", '[screen.german]\nlanguage_name = "x"\n', "'german' is no language"),
        ('languages = ["en", "he"]', "", "there are no texts in 'he'"),
    ],
)
def test_what_is_wrong_is_said(top: str, tables: str, problem: str) -> None:
    with pytest.raises(TomlProblems, match=re.escape(problem)):
        event_with(top, tables)
