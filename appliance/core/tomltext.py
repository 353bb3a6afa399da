"""TOML as people write it: what is wrong with a text, and on which line each of its keys stands."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Path = tuple[str | int, ...]
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w\-.\s]|"[^"]*"|'[^']*')+?)\s*=""")
_SYNTAX_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file. `line` is 0 where it belongs to no line."""

    line: int
    message: str


class TomlProblems(ValueError):
    """All that is wrong with a file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(_sentence(problem) for problem in self.problems))


def _sentence(problem: Problem) -> str:
    return f"line {problem.line}: {problem.message}" if problem.line else problem.message


def parse(text: str) -> dict[str, Any]:
    """Parse TOML, fractions as Decimal. Raises TomlProblems with the line of a syntax error."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise TomlProblems([syntax_problem(text, error)]) from error
    except (ValueError, ArithmeticError, RecursionError) as error:  # tomllib lets these of its parts through
        raise TomlProblems([Problem(0, "a number is too long, or brackets are nested too deep")]) from error


def syntax_problem(text: str, error: tomllib.TOMLDecodeError) -> Problem:
    """Say where a text stops being TOML; until Python 3.14 tomllib tells the line in its message only."""
    found = _SYNTAX_LINE.search(str(error))
    line = int(found[1]) if found else text.count("\n") + 1
    what = str(error)[: found.start()] if found else str(error).removesuffix(" (at end of document)")
    return Problem(line, f"is not TOML: {what[:1].lower()}{what[1:]}")


class Lines:
    """The lines of a TOML text, found by what they set; tomllib does not tell.

    A plain scan of headers and keys: an inline table is found by its first line, and a line inside a text of
    several lines may be taken for a key.
    """

    def __init__(self, text: str) -> None:
        self._places = tuple(_places(text))

    def find(self, place: Path) -> int | None:
        """Return the line, from 1, that sets `place`, such as ("offers", 1, "price_minor"); else the nearest one."""
        nearest, most = None, 0
        for number, stands in self._places:
            if stands == place:
                return number
            shared = min(len(stands), len(place))
            if shared > most and stands[:shared] == place[:shared]:
                nearest, most = number, shared
        return nearest


def _places(text: str) -> Iterator[tuple[int, Path]]:
    table: Path = ()
    newest: dict[Path, int] = {}  # of each array of tables, the one that is being written
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            name = _parts(header[2])
            table = (*name[:1], newest[name[:1]], *name[1:]) if len(name) > 1 and name[:1] in newest else name
            if header[1] == "[[":
                newest[table] = newest.get(table, -1) + 1
                table = (*table, newest[table])
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_parts(key[1]))


def _parts(dotted: str) -> tuple[str, ...]:
    """Split a key into its parts with the rules of TOML itself; no parts if it is no key."""
    try:
        node: object = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    parts = []
    while isinstance(node, dict):
        name, node = next(iter(node.items()))
        parts.append(name)
    return tuple(parts)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean '...'?" where a word is close to a known one, else nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
