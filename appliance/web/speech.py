"""The language of staff's and the owner's pages: chosen on a page, or the event's, or what the browser asks for.

A page is rendered in one language and carries the texts of that one only; choosing another loads it anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, make_response, redirect, request
from markupsafe import Markup, escape

from appliance.core.errors import StallboxError, StoreUnavailable
from appliance.core.office_texts import PARTS, is_one, keys_of, office
from appliance.core.screen import SCREEN_LANGUAGES, ScreenLanguage, own_screen
from appliance.web.context import WebContext

COOKIE = "stallbox_language"
COOKIE_DAYS = 400  # the longest that browsers keep one (RFC 6265bis, 5.5)
BLUEPRINTS = frozenset({"pages", "pair", "captive", "speech"})
_PATH = re.compile(r"/|(?:/[\w.-]+)+")  # of our own pages: no other host, no query
_AROUND = "\u2068{}\u2069"  # first strong isolate: a name or an amount keeps its own direction


@dataclass(frozen=True, slots=True)
class Speech:
    """A language to speak on a page, and those that can be chosen there: their names by tag."""

    language: ScreenLanguage
    names: dict[str, str]

    @property
    def is_english(self) -> bool:
        """Whether the box's own words can be shown."""
        return self.language.tag.split("-")[0] == "en"

    def text(self, key: str, /, **values: object) -> Markup:
        """Say a text; what is put in is escaped, unless it is markup."""
        return Markup(escape(self.language.texts[key])).format(**{name: self._in(put) for name, put in values.items()})

    def counted(self, key: str, count: int, /, **values: object) -> Markup:
        """Say a text of so many things, or of one."""
        return self.text(f"{key}_one" if is_one(count, self.language.tag) else key, count=count, **values)

    def attribute(self, name: str, key: str, /, **values: object) -> Markup:
        """Write an attribute of an element."""
        return Markup('{}="{}"').format(name, self.text(key, **values))

    def device(self, device: str) -> str:
        """Say what a device is called: in English as the box calls it, see static/words.js."""
        kind, _, name = device.partition(".")
        return device if self.is_english else self._or_else(f"called_{kind}", device, name)

    def complaint(self, sentence: str) -> str:
        """Say what a device complains of, or what to do about it."""
        key = re.sub("[^a-z]+", "_", sentence.lower()).strip("_")
        return sentence if self.is_english else self._or_else(f"says_{key}", sentence)

    def explain(self, error: StallboxError) -> str:
        """Say what the box refuses: in English in its own words, in other languages by its code."""
        return error.message if self.is_english else self._or_else(f"refused_{error.code}", error.message)

    def scripts(self, *parts: str) -> list[dict[str, object]]:
        """Return texts as static/i18n.js reads them: those of some parts, and what the kiosk says as well.

        In English what is refused is said in the box's own words: nobody reads those texts.
        """
        unread = keys_of("refused") if self.is_english else frozenset()
        left_out = (keys_of(*PARTS) - keys_of(*parts)) | unread
        texts = {key: text for key, text in self.language.texts.items() if key not in left_out}
        return [{"tag": self.language.tag, "dir": self.language.direction, "texts": texts}]

    def _or_else(self, key: str, own: str, name: str = "") -> str:
        return self.text(key, name=name) if key in self.language.texts else own

    def _in(self, value: object) -> object:
        return Markup(_AROUND).format(value) if self.language.direction == "rtl" else value


def add(app: Flask, context: WebContext) -> None:
    """Have every page speak, and add the address that takes the choice."""
    blueprint = Blueprint("speech", __name__)

    @blueprint.post("/language")  # no form token: it only speaks for its own sender, and does no harm
    def choose() -> Response:
        to, chosen = request.form.get("to", ""), request.form.get("language", "")
        response = make_response(redirect(to if _PATH.fullmatch(to) else "/staff", 303))
        if chosen in here().names:
            response.set_cookie(COOKIE, chosen, max_age=COOKIE_DAYS * 86_400, httponly=True, samesite="Lax")
        return response

    @app.before_request
    def find() -> None:
        """Find the language before a page opens the books: nobody may open them twice."""
        if request.blueprint in BLUEPRINTS:
            g.speech = _speech(context)

    @app.context_processor
    def words() -> dict[str, Any]:
        speech = here()
        return {
            "t": speech.text,  # t(key) is a text, counted(key, count) one of so many things
            "counted": speech.counted,
            "ta": speech.attribute,  # ta(attribute, key)
            "screen": speech.language,
            "speech": speech,
        }

    app.extensions["stallbox"] = context
    app.register_blueprint(blueprint)


def here() -> Speech:
    """Return the language of the page that is asked for."""
    if "speech" not in g:
        g.speech = _speech(current_app.extensions["stallbox"])
    found: Speech = g.speech
    return found


def say(key: str, /, **values: object) -> Markup:
    """Say a text in the language of the page that is asked for."""
    return here().text(key, **values)


def _speech(context: WebContext) -> Speech:
    try:
        with context.desk.reading() as books:
            event = books.events.current()
    except (StoreUnavailable, TimeoutError):
        event = None
    written = event.offices if event else ()
    names = {tag: own_screen(tag).name for tag in SCREEN_LANGUAGES} | {one.tag: one.name for one in written}
    return Speech(office(_chosen(list(names), event.language if event else ""), written), names)


def _chosen(known: list[str], of_event: str) -> str:
    """Choose a language: what somebody chose here, then the event's, then the browser's.

    A guest who joins the Wi-Fi reads on a phone of their own: there the browser's goes before the event's.
    """
    asked = (part for tag, _ in request.accept_languages for part in (tag, tag.split("-")[0]))  # best first
    of_browser = next((tag for tag in asked if tag in known), "")
    wanted = (of_browser, of_event) if request.blueprint == "captive" else (of_event, of_browser)
    return next((tag for tag in (request.cookies.get(COOKIE, ""), *wanted) if tag in known), "en")
