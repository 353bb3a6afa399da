"""Reading the tables of a TOML file field by field: every problem at once, each with the line it stands on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from appliance.core.clock import parse_timestamp
from appliance.core.tomltext import Lines, Path, Problem, did_you_mean, parse

MIN_YEAR, MAX_YEAR = 2000, 2199  # a time elsewhere is a slip of the pen
_NO_MOMENT = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # stands in for one that was noted as wrong


class Table:
    """One table of a TOML file, read field by field; what is wrong is collected and does not stop the reading."""

    def __init__(self, values: dict[str, Any], path: Path, lines: Lines, problems: list[Problem]) -> None:
        self._values = values
        self._path = path
        self._lines = lines
        self._problems = problems
        self._known: set[str] = set()

    @classmethod
    def of_text(cls, text: str) -> tuple[Table, list[Problem]]:
        """Read a whole file; return its root table and the list in which problems gather. Raises TomlProblems."""
        problems: list[Problem] = []
        return cls(parse(text), (), Lines(text), problems), problems

    def problem(self, message: str, key: str | None = None) -> None:
        """Note something wrong, at a key of this table or at the table itself."""
        path = (*self._path, key) if key is not None else self._path
        self._problems.append(Problem(self._lines.find(path) or 0, message))

    def text(self, key: str, default: str | None = None, check: Callable[[str], str | None] | None = None) -> str:
        """Read a text; `check` returns what is wrong with it, or None. Without default it must be there."""
        value = self._take(key, str, "a text", default)
        wrong = check(value) if check and key in self._values and isinstance(self._values[key], str) else None
        if wrong:
            self.problem(f"{key}: {wrong}", key)
        return value or ""

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        """Read one of several words."""
        known = list(choices)
        return self.text(
            key, default, lambda value: None if value in known else f"'{value}' is not {_or(known, value)}"
        )

    def moment(self, key: str) -> dt.datetime:
        """Read an instant, as a text or as TOML writes it; it must name its offset from UTC."""
        value = self._take(key, (str, dt.datetime), "a time such as 2026-12-05T17:00:00+01:00", None)
        if value is None:
            return _NO_MOMENT
        try:
            at = parse_timestamp(str(value))
        except (ValueError, OverflowError):
            self.problem(f"{key}: '{value}' is not a time with its offset, such as 2026-12-05T17:00:00+01:00", key)
            return _NO_MOMENT
        if not MIN_YEAR <= at.year <= MAX_YEAR:
            self.problem(f"{key}: the year {at.year} is outside {MIN_YEAR} to {MAX_YEAR}", key)
            return _NO_MOMENT
        return at

    def integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Read a whole number within bounds."""
        value = self._take(key, int, "a whole number", default)
        if isinstance(value, int) and key in self._values and not low <= value <= high:
            self.problem(f"{key}: {value} is outside {low} to {high}", key)
            return min(max(value, low), high)
        return value or 0

    def decimal(self, key: str, low: int, high: int) -> Decimal:
        """Read a number, with or without a fraction, within bounds."""
        value = self._take(key, (int, Decimal), "a number", None)
        if value is None:
            return Decimal(0)
        if not (Decimal(value).is_finite() and low <= value <= high):
            self.problem(f"{key}: {value} is outside {low} to {high}", key)
            return Decimal(low)
        return Decimal(value)

    def flag(self, key: str, default: bool) -> bool:
        """Read true or false."""
        return bool(self._take(key, bool, "true or false", default))

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of texts; missing is empty."""
        values = self._take(key, list, "a list of texts", [])
        if any(not isinstance(value, str) for value in values or []):
            self.problem(f"{key}: must be a list of texts", key)
            return ()
        return tuple(values or ())

    def integers(self, key: str, low: int, high: int) -> tuple[int, ...]:
        """Read a list of whole numbers within bounds; missing is empty."""
        values = self._take(key, list, "a list of whole numbers", [])
        if any(type(value) is not int or not low <= value <= high for value in values or []):
            self.problem(f"{key}: must be a list of whole numbers from {low} to {high}", key)
            return ()
        return tuple(values or ())

    def has(self, key: str) -> bool:
        """Tell whether the file says anything about a key."""
        return key in self._values

    def tables(self, key: str) -> list[Table]:
        """Read an array of tables; missing is empty."""
        values = self._take(key, list, f"one or more [[{key}]]", [])
        if any(not isinstance(value, dict) for value in values or []):
            self.problem(f"{key}: must be written as [[{key}]]", key)
            return []
        return [
            Table(value, (*self._path, key, index), self._lines, self._problems)
            for index, value in enumerate(values or [])
        ]

    def table(self, key: str) -> Table | None:
        """Read a table inside this one; None if it is missing."""
        value = self._take(key, dict, f"written as [{key}]", {})
        return Table(value, (*self._path, key), self._lines, self._problems) if key in self._values and value else None

    def written(self) -> tuple[str, ...]:
        """Return the keys that are written, where it is the file that names them."""
        return tuple(self._values)

    def finish(self) -> None:
        """Complain about every key that nobody asked for."""
        for key in self._values:
            if key not in self._known:
                self.problem(f"{key}: there is no such key{did_you_mean(key, self._known)}", key)

    def _take(self, key: str, types: type | tuple[type, ...], what: str, default: Any) -> Any:
        self._known.add(key)
        if key not in self._values:
            if default is None:
                self.problem(f"{key}: is missing; it must be {what}")
            return default
        value = self._values[key]
        is_flag = isinstance(value, bool)  # true is an int to Python, not to people
        if not isinstance(value, types) or (is_flag and types is not bool):
            self.problem(f"{key}: must be {what}, not {value!r}", key)
            return default
        return value


def _or(known: list[str], value: str) -> str:
    return "one of " + ", ".join(known) + did_you_mean(value, known)
