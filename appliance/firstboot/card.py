"""`stallbox.txt` on the card: a few settings, written by people with any editor of any computer.

A line is `key = value`; `#` begins a remark. Read kindly: byte order marks, UTF-16, CRLF, curly quotes, capitals, a
colon for the equals sign. What is wrong is said below its line, and passwords are taken out once they are used.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from appliance.core.tomltext import did_you_mean

MARK = "# ^ "  # begins the lines that the box writes
_QUOTES = "\"'“”„‟«»‹›‘’‚‛`´"
_SPACES = re.compile(r"[\s\u00a0\u2000-\u200b\u202f\ufeff]+")
_LINE = re.compile(r"\s*([^=:]+?)\s*[=:]\s*(.*?)\s*")
_INSTEAD = {"UK": "GB", "EN": "GB", "EU": "DE, FR or the one that you are in"}
SECRETS = frozenset({"wifi_password"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one line, counted from 1."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Card:
    """What was read: settings by key, and what is wrong."""

    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[Problem, ...] = ()

    def sentences(self) -> tuple[str, ...]:
        """Say what is wrong, a sentence each."""
        return tuple(f"stallbox.txt:{problem.line}: {problem.message}" for problem in self.problems)


def decoded(raw: bytes) -> str:
    """Return the text of a file as editors save it: UTF-8, UTF-16 with its mark, else Windows-1252."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def read_card(text: str) -> Card:
    """Read the settings; a line with a mistake sets nothing, the others hold."""
    settings: dict[str, str] = {}
    problems: list[Problem] = []
    for number, line in _lines(text):
        found = _LINE.fullmatch(line)
        key = _SPACES.sub("_", found[1].strip(_QUOTES + " ").lower()).replace("-", "_") if found else ""
        value = found[2].strip(_QUOTES + " ") if found else ""
        if not found:
            problems.append(Problem(number, "is not 'name = value'"))
        elif key not in CHECKS:
            problems.append(Problem(number, f"there is no setting '{key}'{did_you_mean(key, CHECKS)}"))
        elif value:
            try:
                settings[key] = CHECKS[key](value)
            except ValueError as error:
                problems.append(Problem(number, f"{key} {error}"))
    return Card(MappingProxyType(settings), tuple(problems))


def annotated(text: str, card: Card) -> str:
    """Return the file as it goes back to the card: each mistake said below its line, passwords taken out."""
    by_line = {problem.line: problem.message for problem in card.problems}
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(MARK):
            continue
        if number not in by_line and _is_secret(line):
            lines.append("#wifi_password = (the box took it from here)")
        else:
            lines.append(line)
        if number in by_line:
            lines.append(f"{MARK}{by_line[number]}")
    if lines == text.splitlines():
        return text
    return ("\r\n" if "\r\n" in text else "\n").join([*lines, ""])


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(text.splitlines(), 1):
        line = _SPACES.sub(" ", raw).strip()
        if line and not line.startswith(("#", ";")):
            yield number, line


def _is_secret(line: str) -> bool:
    return not SECRETS.isdisjoint(read_card(line).settings)


def _country(value: str) -> str:
    country = value.upper()
    if instead := _INSTEAD.get(country):
        raise ValueError(f"is not {country}: write {instead}")
    if not re.fullmatch("[A-Z]{2}", country):
        raise ValueError("is two letters, such as DE, IN or PE")
    return country


def _wifi_name(value: str) -> str:
    if len(value.encode()) > 32:  # IEEE 802.11, 9.4.2.2: an SSID has at most 32 bytes
        raise ValueError("is too long: at most 32 letters, fewer with accents")
    return value


def _wifi_password(value: str) -> str:
    if not re.fullmatch(r"[ -~]{8,63}", value):  # IEEE 802.11, annex J.4: printable ASCII
        raise ValueError("has 8 to 63 letters, digits and signs, without accents")
    return value


def _wifi_channel(value: str) -> str:
    if value not in ("1", "6", "11"):  # the three of 2.4 GHz that do not overlap, allowed everywhere
        raise ValueError("is 1, 6 or 11")
    return value


def _time_zone(value: str) -> str:
    by_name = {name.lower(): name for name in zoneinfo.available_timezones()}
    found = by_name.get(value.lower().replace(" ", "_"))
    if found is None:
        raise ValueError(f"is not known, write it as Europe/Berlin{did_you_mean(value, by_name.values())}")
    return found


def _cable(value: str) -> str:
    if value.lower() not in ("uplink", "stall"):
        raise ValueError("is uplink or stall")
    return value.lower()


CHECKS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "country": _country,
        "wifi_name": _wifi_name,
        "wifi_password": _wifi_password,
        "wifi_channel": _wifi_channel,
        "time_zone": _time_zone,
        "cable": _cable,
    }
)
