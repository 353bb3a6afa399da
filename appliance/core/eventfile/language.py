"""The language of an event's papers: one of our own, or any other that the file brings along."""

from __future__ import annotations

import re

from appliance.core.texts import LANGUAGES, Texts, english, own_texts, text_problem
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
    for key in table.written():
        if key not in own:
            table.problem(f"{key}: there is no such text{did_you_mean(key, list(own))}", key)
    written = {
        key: table.text(key, check=lambda text, key=key: text_problem(key, text))  # type: ignore[misc]
        for key in table.written()
        if key in own
    }
    return {**own, **written}


def language_problem(tag: str) -> str | None:
    """Tell what is wrong with the name of a language; None if nothing is."""
    return None if _TAG.fullmatch(tag) else f"'{tag}' is no language such as en, de or pt-BR"
