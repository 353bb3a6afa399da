"""The languages of an event's papers, its kiosk and its staff: our own, or any other that the file brings along."""

from __future__ import annotations

import re

from appliance.core import office_texts
from appliance.core.office_texts import own_office
from appliance.core.screen import OF_PAPER, SCREEN_LANGUAGES, ScreenLanguage, all_screens, own_screen
from appliance.core.texts import LANGUAGES, MAX_TEXT, Texts, english, own_texts, text_problem
from appliance.core.tomltable import Table
from appliance.core.tomltext import did_you_mean

_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")  # RFC 5646


def read_texts(root: Table, language: str) -> Texts:
    """Read `[texts]` over the texts of a language; what is in neither is said in English. Problems are noted."""
    own = own_texts(language) if language in LANGUAGES else english()
    table = root.table("texts")
    if table is None:
        if language not in LANGUAGES and not language_problem(language):
            root.problem(f"language: there are no texts in '{language}': write them as [texts]", "language")
        return own
    return {**own, **_written(table, english())}


def read_screens(root: Table, language: str, paper: Texts) -> tuple[ScreenLanguage, ...]:
    """Read `[screen.xx]` over the texts of that language, and `languages`, those that the kiosk offers, in order."""
    table = root.table("screen")
    tags = table.written() if table else ()
    written = {tag: _read_screen(table, tag, paper if tag == language else None) for tag in tags if table}
    offered = all_screens(language, written)
    chosen = root.texts("languages")
    known = {one.tag: one for one in offered}
    for tag in chosen:
        if tag not in known:
            message = f"languages: there are no texts in '{tag}'{did_you_mean(tag, list(known))}"
            root.problem(f"{message}; write them as [screen.{tag}]", "languages")
    return tuple(known[tag] for tag in dict.fromkeys(chosen) if tag in known) or offered


def _read_screen(screens: Table, tag: str, paper: Texts | None) -> ScreenLanguage:
    """Read one language; what is in neither the file nor our own texts is said in English."""
    own = own_screen(tag if tag in SCREEN_LANGUAGES else "en").texts
    said = {**own, **({key: paper[key] for key in OF_PAPER} if paper else {})}
    return _read_language(screens, tag, said, own_screen("en").texts)


def read_offices(root: Table) -> tuple[ScreenLanguage, ...]:
    """Read `[staff.xx]`: what staff's and the owner's pages say, over our own texts of that language."""
    table = root.table("staff")
    return tuple(_read_office(table, tag) for tag in table.written()) if table else ()


def _read_office(offices: Table, tag: str) -> ScreenLanguage:
    own = own_office(tag if tag in SCREEN_LANGUAGES else "en").texts
    return _read_language(offices, tag, own, own_office("en").texts, office_texts.MAX_TEXT)


def _read_language(tables: Table, tag: str, said: Texts, meant: Texts, most: int = MAX_TEXT) -> ScreenLanguage:
    """Read the texts of a language over those that are `said` without it; `meant` is what they are in English."""
    if wrong := language_problem(tag):
        tables.problem(f"{tag}: {wrong}", tag)
    table = tables.table(tag)
    if table is None:
        return ScreenLanguage(tag, said)
    if tag not in SCREEN_LANGUAGES and not table.has("language_name"):
        table.problem("language_name: is missing; it must be what the language calls itself")
    return ScreenLanguage(tag, {**said, **_written(table, meant, most)})


def _written(table: Table, meant: Texts, most: int = MAX_TEXT) -> dict[str, str]:
    """Read the texts of a table; `meant` is what they are in English."""
    for key in table.written():
        if key not in meant:
            table.problem(f"{key}: there is no such text{did_you_mean(key, list(meant))}", key)
    return {
        key: table.text(key, check=lambda text, key=key: text_problem(key, text, meant[key], most))  # type: ignore[misc]
        for key in table.written()
        if key in meant
    }


def language_problem(tag: str) -> str | None:
    """Tell what is wrong with the name of a language; None if nothing is."""
    return None if _TAG.fullmatch(tag) else f"'{tag}' is no language such as en, de or pt-BR"
