"""Event files changed as text, so that comments and order stay: copied to another day, an offer more, a picture.

The text is the owner's own: each function changes the few lines that it must, and whoever loads the result has it
checked as any other file. An event file that is written in another way (inline tables, dotted keys) is left alone.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

from appliance.core.clock import is_time_zone
from appliance.core.errors import Refusal

_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)")
_HEADER = re.compile(r"^\s*\[")
_OFFERS = re.compile(r"^\s*\[\[\s*offers\s*\]\]")
MAX_ID_CHARS = 40


def slug_of(name: str, max_chars: int = MAX_ID_CHARS) -> str:
    """Make an id of a name: `Clay & Light, spring` -> `clay-light-spring`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:max_chars].strip("-")


def copied(text: str, name: str, first_day: date, time_zone: str) -> str:
    """Copy an event to another day: its id, its name and every time move, by the clock on the wall there.

    Raises Refusal if the name makes no id, the text has no times, or the day is where the calendar ends.
    """
    day = first_day.isoformat()
    slug = slug_of(name, MAX_ID_CHARS - len(f"-{day}"))
    if not slug:
        raise Refusal("bad_name", "Give the event a name with letters or digits.")
    times = [_wall(match[0], time_zone) for match in _TIME.finditer(text)]
    if not times:
        raise Refusal("no_times", "This event has no times to move: load its file, and change it by hand.")
    days = first_day - min(times).date()
    try:
        moved = _TIME.sub(lambda match: (_wall(match[0], time_zone) + days).isoformat(timespec="seconds"), text)
    except OverflowError as error:
        raise Refusal("bad_day", "Write the first day as 2027-04-30.") from error
    return _with_top(_with_top(moved, "id", f"{slug}-{day}"), "name", name)


def in_zone(text: str, time_zone: str) -> str:
    """Name the time zone in an event that names none; an empty one leaves it. The text must have been read as TOML."""
    return text if not time_zone or "time_zone" in tomllib.loads(text) else _with_top(text, "time_zone", time_zone)


def of_template(text: str, time_zone: str) -> str:
    """Put a template where the stall is; an empty time zone leaves it."""
    return _with_top(text, "time_zone", time_zone) if time_zone else text


def with_offer(text: str, name: str, price_minor: int, stock: int | None, tax: str) -> str:
    """Add an offer of goods at the end of the text. Raises Refusal if the name makes no id."""
    id = slug_of(name)
    if not id:
        raise Refusal("bad_name", "Give the offer a name with letters or digits.")
    lines = ["", "[[offers]]", f"id = {_quoted(id)}", 'kind = "product"', f"name = {_quoted(name)}"]
    lines += [f"price_minor = {price_minor}"] + ([f"tax = {_quoted(tax)}"] if tax else [])
    lines += [f"stock = {stock}"] if stock is not None else []
    return text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"


def with_photo(text: str, offer: str, photo: str) -> str:
    """Name the picture of an offer. Raises Refusal if the text does not list the offer as a table of its own."""
    lines = text.split("\n")
    for start in (number for number, line in enumerate(lines) if _OFFERS.match(line)):
        end = next((n for n in range(start + 1, len(lines)) if _HEADER.match(lines[n])), len(lines))
        keys = {line.partition("=")[0].strip(): n for n, line in enumerate(lines[start:end], start) if "=" in line}
        if "id" in keys and re.match(rf"""\s*id\s*=\s*["']{re.escape(offer)}["']""", lines[keys["id"]]):
            written = f"photo = {_quoted(photo)}"
            if "photo" in keys:
                lines[keys["photo"]] = written
            else:
                lines.insert(keys["id"] + 1, written)
            return "\n".join(lines)
    raise Refusal(
        "offer_unwritten", f"The event's file lists '{offer}' in another way: name its picture there by hand."
    )


def _wall(text: str, time_zone: str) -> datetime:
    """Read a time as the clock on the wall shows it, so that a move over the change to summer time keeps the hour."""
    if not is_time_zone(time_zone):
        raise Refusal("time_zone", f"There is no time zone '{time_zone}'.")
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(ZoneInfo(time_zone))


def _with_top(text: str, key: str, value: str) -> str:
    lines = text.split("\n")
    end = next((number for number, line in enumerate(lines) if _HEADER.match(line)), len(lines))
    for number in range(end):
        if re.match(rf"\s*{key}\s*=", lines[number]):
            lines[number] = f"{key} = {_quoted(value)}"
            return "\n".join(lines)
    return f"{key} = {_quoted(value)}\n{text}"


def _quoted(value: str) -> str:
    """Write a text as TOML: its basic strings are JSON's, but for the character DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
