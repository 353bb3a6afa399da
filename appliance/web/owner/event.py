"""The owner's event: loaded from a file or from text, copied to another day, with more offers and their pictures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from werkzeug.datastructures import MultiDict
from werkzeug.datastructures.file_storage import FileStorage

from appliance.core.errors import Refusal
from appliance.core.event import read_event
from appliance.core.eventfile import draft
from appliance.core.money import Currency
from appliance.core.ports import Books
from appliance.core.tomltext import Problem, TomlProblems
from appliance.core.trade import Event
from appliance.paper.picture import fitted
from appliance.services import events
from appliance.services.carts import current_event
from appliance.web import speech
from appliance.web.context import WebContext

TEMPLATES = ("goods", "evening")  # the texts `template_<id>` say what each is
MAX_EVENT_BYTES = 1_000_000
MAX_PHOTO_BYTES = 12_000_000
_FOLDER = Path(__file__).parents[1] / "events"


def text_to_edit(context: WebContext, chosen: str, name: str, day: str) -> str:
    """Return the text of an event to begin with: a template, the one loaded, or that one copied. Raises Refusal."""
    if chosen in TEMPLATES:
        return draft.of_template((_FOLDER / f"{chosen}.toml").read_text(encoding="utf-8"), context.time_zone)
    with context.desk.reading() as books:
        source, event = books.events.source() or "", books.events.current()
    if chosen != "copy":
        return source
    if event is None:
        raise Refusal("no_event", "There is no event yet to copy: begin with a template.", 409)
    return draft.copied(source, name, _day(day), event.time_zone)


def sent_text(text: str, file: FileStorage | None) -> str:
    """Return the event that a form sent: a file, if one was chosen, else what stands in the field. Raises Refusal."""
    if file is None or not file.filename:
        return text.replace("\r\n", "\n")
    try:
        return file.stream.read(MAX_EVENT_BYTES).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Refusal("not_utf8", f"{file.filename} is not UTF-8 text: save it as UTF-8.") from error


def problems_of(text: str) -> Sequence[Problem]:
    """Return all that is wrong with an event's text, none if nothing."""
    try:
        read_event(text)
    except TomlProblems as error:
        return error.problems
    return []


def told(problem: Problem) -> str:
    """Say what is wrong, and where."""
    return speech.say("line_says", line=problem.line, problem=problem.message) if problem.line else problem.message


def load(context: WebContext, text: str) -> Event:
    """Take a text that was checked as the event of this box. Raises Refusal."""
    return context.desk.submit(lambda books: events.load_event(books, draft.in_zone(text, context.time_zone)))


def add_offer(context: WebContext, form: MultiDict[str, str]) -> str:
    """Add an offer of goods; return its name. Raises Refusal."""
    name = form.get("name", "").strip()

    def change(books: Books) -> None:
        event = current_event(books)
        price = _minor(form.get("price", ""), event.currency)
        tax = form.get("tax", "") or next((rate.id for rate in event.tax_rates), "")
        stock = _pieces(form.get("stock", ""))
        _reload(books, draft.with_offer(books.events.source() or "", name, price, stock, tax))

    context.desk.submit(change)
    return name


def add_photo(context: WebContext, offer: str, file: FileStorage | None) -> None:
    """Take a picture of an offer. Raises Refusal."""
    if file is None or not file.filename or context.media is None:
        raise Refusal("no_picture", "Choose a picture first.")
    small = fitted(file.stream.read(MAX_PHOTO_BYTES))
    name = f"{draft.slug_of(offer)}-{hashlib.sha256(small).hexdigest()[:8]}.jpg"
    context.media.mkdir(mode=0o700, exist_ok=True)
    (context.media / name).write_bytes(small)  # first: an event names no picture that is not there
    context.desk.submit(lambda books: _reload(books, draft.with_photo(books.events.source() or "", offer, name)))


def _reload(books: Books, text: str) -> None:
    if wrong := problems_of(text):
        raise Refusal("bad_event", " ".join(one.message for one in wrong))
    events.load_event(books, text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("bad_day", "Write the first day as 2027-04-30.") from error


def _minor(text: str, currency: str) -> int:
    exponent = Currency(currency).exponent
    found = re.fullmatch(r"(\d{1,7})(?:[.,](\d*))?", text.strip())
    if not found or len(found[2] or "") > exponent:
        raise Refusal("bad_price", "Write the price as an amount, such as 12 or 12.50.")
    return int(found[1] + (found[2] or "").ljust(exponent, "0"))


def _pieces(text: str) -> int | None:
    if not text.strip():
        return None
    if not re.fullmatch(r"\d{1,6}", text.strip()):
        raise Refusal("bad_stock", "Write the stock as a number of pieces, or nothing for no limit.")
    return int(text)
