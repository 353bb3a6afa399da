"""What a setting may be: its default, unit, range or choices, and one sentence of help, kept with the field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from appliance.core.clock import is_time_zone
from appliance.core.ids import is_slug
from appliance.core.tomltext import did_you_mean

Value = str | int | float | bool
Conflict = tuple[str, str]  # the key to blame, and what is wrong
BAUD_RATES = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400)
_TYPE_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: 'a text in "quotes"'}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one setting may be. `check` returns what is wrong with a value, or nothing."""

    default: Value
    help: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Value, ...] = ()
    check: Callable[[str], str] | None = None
    hexadecimal: bool = False

    def allowed(self) -> str:
        """Say in words what the setting may be, empty if any text will do."""
        if self.choices:
            return "one of " + ", ".join(self.write(choice) for choice in self.choices)
        if self.minimum is not None and self.maximum is not None:
            low, high = self.write(self.minimum), self.write(self.maximum)
            return f"{low} to {high} {self.unit}".rstrip()
        return self.unit

    def read(self, value: object) -> Value:
        """Return the value as this setting's type. Raises ValueError with what is wrong and what is allowed."""
        typed = self._typed(value)
        if self.choices and typed not in self.choices:
            near = did_you_mean(str(typed), (str(choice) for choice in self.choices))
            raise ValueError(f"{self.write(typed)} is not a choice; write {self.allowed()}{near}")
        if self.minimum is not None and self.maximum is not None and not self._in_range(typed):
            raise ValueError(f"{self.write(typed)} is out of range; write {self.allowed()}")
        if self.check is not None and (wrong := self.check(str(typed))):
            raise ValueError(f"{self.write(typed)} {wrong}")
        return typed

    def write(self, value: object) -> str:
        """Write a value as TOML does."""
        if isinstance(value, bool):
            return str(value).lower()
        if self.hexadecimal and isinstance(value, (int, float)):
            return f"0x{int(value):02x}"
        if isinstance(value, (int, float)):
            return repr(value).removesuffix(".0")
        return _quoted(str(value))

    def _typed(self, value: object) -> Value:
        wanted = type(self.default)
        if wanted is float and type(value) is int:
            value = float(value)
        # `type() is`: for Python True is an int, for the owner of a stall it is not.
        if type(value) is not wanted:
            allowed = self.allowed()
            raise ValueError(f"must be {_TYPE_NAMES[wanted]}" + (f" ({allowed})" if allowed else ""))
        return value

    def _in_range(self, value: Value) -> bool:
        low, high = self.minimum or 0, self.maximum or 0
        return not isinstance(value, str) and low <= value <= high


def setting(default: Value, help: str, **rule: Any) -> Any:
    """Declare a field of a settings table."""
    return field(default=default, metadata={"rule": Rule(default=default, help=help, **rule)})


def rule_of(declared: Field[Any]) -> Rule:
    """Return the rule of a field that `setting` declared."""
    rule: Rule = declared.metadata["rule"]
    return rule


def slug(text: str) -> str:
    """Check for lower-case letters, digits and single hyphens, at most 40 characters."""
    if is_slug(text):
        return ""
    return "is not a slug; write a-z, 0-9 and single hyphens between them, at most 40 characters"


def time_zone(text: str) -> str:
    """Check for the name of a time zone, or nothing."""
    return "" if not text or is_time_zone(text) else "is no time zone; write it as Europe/Berlin"


def not_empty(text: str) -> str:
    """Check that there is something."""
    return "" if text.strip() else "is empty; write a text"


def address(*schemes: str, path_too: bool = False, optional: bool = False) -> Callable[[str], str]:
    """Return a check for `scheme://host[:port]` addresses and, with `path_too`, for absolute paths."""
    forms = (["/dev/…"] if path_too else []) + [f"{scheme}://host:port" for scheme in schemes]
    wrong = f"is not {' or '.join(forms)}"

    def check(text: str) -> str:
        if (optional and not text) or (path_too and text.startswith("/")):
            return ""
        try:
            parts = urlsplit(text)
            fits = parts.scheme in schemes and bool(parts.hostname) and _usable_port(parts)
        except ValueError:  # what urlsplit and its port say of text that is no address
            fits = False
        return "" if fits else wrong

    return check


def clock_time(text: str) -> str:
    """Check for a time of day as clocks show it."""
    hours, _, minutes = text.partition(":")
    fits = len(text) == 5 and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60
    return "" if fits else "is not a time of day; write it as 17:00"


def path(text: str) -> str:
    """Check for nothing or an absolute path."""
    return "" if not text or text.startswith("/") else "is not an absolute path, one that starts with /"


def _usable_port(parts: SplitResult) -> bool:
    # Only HTTP and MQTT have ports that go without saying.
    return parts.port != 0 and (parts.scheme != "tcp" or parts.port is not None)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'
