"""The texts of the screen in templates: each is said once, by its key, so that a script can say it anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from appliance.core.screen import ScreenLanguage


def for_page(screens: Sequence[ScreenLanguage]) -> dict[str, Any]:
    """Return what templates say texts with: `t(key)` is a text, `ta(attribute, key)` an attribute.

    Both carry their keys, by which static/i18n.js says them in another of the `texts` that the page brings along.
    """
    first = screens[0]

    def t(key: str) -> Markup:
        return Markup('<span data-t="{}">{}</span>').format(key, first.texts[key])

    def ta(attribute: str, key: str) -> Markup:
        return Markup('{0}="{1}" data-ta="{0}:{2}"').format(attribute, first.texts[key], key)

    texts = [{"tag": one.tag, "dir": one.direction, "texts": dict(one.texts)} for one in screens]
    return {"t": t, "ta": ta, "screen": first, "screens": screens, "texts": texts}
