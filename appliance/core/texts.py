"""What papers for guests say, in the event's language: six languages of our own, any other from the event file."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from importlib import resources

from appliance.core.money import Currency

LANGUAGES = ("en", "de", "fr", "es", "it", "pt")
MAX_TEXT = 120
_PLACE = re.compile(r"{(\w*)}")

Texts = Mapping[str, str]


@functools.cache
def own_texts(language: str) -> Texts:
    """Return the texts of one of LANGUAGES; core/languages/en.toml explains them."""
    file = resources.files("appliance.core") / "languages" / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def english() -> Texts:
    """Return the texts of which each other language has a translation."""
    return own_texts("en")


def text_problem(key: str, text: str, meant: str, most: int = MAX_TEXT) -> str | None:
    """Tell what is wrong with a translation of what is `meant` in English; None if nothing is."""
    if not text.strip() or len(text) > most or not text.isprintable():
        return f"must be one line of 1 to {most} characters"
    if sorted(_PLACE.findall(text)) != sorted(_PLACE.findall(meant)) or set("{}") & set(_PLACE.sub("", text)):
        return f"must hold what '{meant}' holds between braces, and no other brace"
    if key == "money" and text not in ("{symbol}{number}", "{number} {symbol}"):
        return "must be '{symbol}{number}' or '{number} {symbol}'"
    if key == "decimal_mark" and text not in (".", ",", "٫"):
        return "must be '.', ',' or '٫'"
    return None


def paper_money(currency: str, texts: Texts) -> Currency:
    """Return the currency as papers of a language write its amounts: `$12.50`, `12,50 €`."""
    return Currency(currency, texts["decimal_mark"], is_after=texts["money"].startswith("{number}"))


def counted(number: int, what: str) -> str:
    """Write how many there are, in English, for staff: `1 parcel`, `2 parcels`."""
    return f"{number} {what}{'' if number == 1 else 's'}"
