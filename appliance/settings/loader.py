"""Files become settings: layer by layer, key by key, and everything that is wrong is said at once."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from appliance.core.tomltext import Lines, did_you_mean, syntax_problem
from appliance.settings.rules import Rule, Value, rule_of
from appliance.settings.schema import ROLE_TABLES, TABLES, Origin, Settings, Table

DEFAULT_FILE = Path("/etc/stallbox/stallbox.toml")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in one file. `line` and `key` are empty where there is none to name."""

    file: Path
    line: int | None
    key: str
    what: str

    def __str__(self) -> str:
        """Return `file:line: key: what is wrong and what to write`."""
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.key}: {self.what}" if self.key else f"{place}: {self.what}"


class ConfigError(Exception):
    """The configuration cannot be used. `problems` holds everything that is wrong; the text is one a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def layers(config: Path | None = None, default: Path = DEFAULT_FILE, own: Path | None = None) -> list[Path]:
    """Return the files that apply, weakest first: the main file, its sibling `conf.d/*.toml` by name, the owner's own.

    A `config` that somebody named must exist; `load` says so. The others need not.
    """
    main = config or default
    first = [main] if config or main.exists() else []
    last = [own] if own and own.exists() else []
    return first + sorted((main.parent / "conf.d").glob("*.toml")) + last


def load(paths: Sequence[Path]) -> Settings:
    """Read the layers, weakest first, over the built-in defaults. Raises ConfigError with all problems."""
    loader = _Loader()
    for path in paths:
        loader.add(path)
    return loader.settings()


def load_anyhow(paths: Sequence[Path]) -> Settings:
    """Read the layers; while something in them is wrong only the first, the main file, else the built-in defaults."""
    for fewer in (paths, paths[:1]):
        with contextlib.suppress(ConfigError):
            return load(fewer)
    return load([])


class _Loader:
    """Collects values, their origins and all problems."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, Value]] = {}  # by full table name, `scanners.door`
        self._origins: dict[str, Origin] = {}
        self._problems: list[Problem] = []

    def add(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8")
            document = tomllib.loads(text)
        except OSError as error:
            self._problems.append(Problem(path, None, "", f"cannot be read: {error.strerror}"))
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            self._problems.append(Problem(path, line, "", "is not UTF-8; save the file as UTF-8"))
        except tomllib.TOMLDecodeError as error:
            found = syntax_problem(text, error)
            self._problems.append(Problem(path, found.line, "", found.message))
        else:
            self._problems += _Layer(path, Lines(text), self._values, self._origins).read(document)

    def settings(self) -> Settings:
        if self._problems:
            raise ConfigError(self._problems)
        tables = {name: self._table(name, kind) for name, kind in TABLES.items() if name not in ROLE_TABLES}
        by_role = {name: MappingProxyType(self._roles(name)) for name in ROLE_TABLES}
        if self._problems:
            raise ConfigError(self._problems)
        parts: dict[str, Any] = {
            **tables,
            **by_role,
            "origins": MappingProxyType(self._origins),
        }
        return Settings(**parts)

    def _roles(self, name: str) -> dict[str, Table]:
        roles = sorted(full.partition(".")[2] for full in self._values if full.startswith(f"{name}."))
        return {role: self._table(f"{name}.{role}", TABLES[name]) for role in roles}

    def _table(self, name: str, kind: type[Table]) -> Table:
        values: dict[str, Any] = dict(self._values.get(name, {}))
        table = kind(**values)
        for key, what in getattr(table, "conflicts", tuple)():
            # Blame the key itself where a file sets it, else whatever of its table was set last.
            set_here = [origin for full, origin in self._origins.items() if full.startswith(f"{name}.")]
            origin = self._origins.get(f"{name}.{key}") or set_here[-1]
            self._problems.append(Problem(origin.file, origin.line, f"{name}.{key}", what))
        return table


@dataclass(frozen=True, slots=True)
class _Layer:
    """One file that parsed, and where its values go."""

    path: Path
    lines: Lines
    values: dict[str, dict[str, Value]]
    origins: dict[str, Origin]

    def read(self, document: Mapping[str, object]) -> Iterator[Problem]:
        for name, content in document.items():
            if name not in TABLES and isinstance(content, dict):
                yield self._unknown((name,), "table", TABLES)
            elif name not in TABLES:
                yield self._problem((name,), "stands outside the tables; put it below one such as [http]")
            elif not isinstance(content, dict):
                yield self._problem((name,), f"is a table; write [{name}] and its settings below")
            elif name in ROLE_TABLES:
                yield from self._roles(name, content)
            else:
                yield from self._table((name,), content, TABLES[name])

    def _roles(self, name: str, content: Mapping[str, object]) -> Iterator[Problem]:
        check, example = ROLE_TABLES[name]
        for role, table in content.items():
            place = (name, role)
            if not isinstance(table, dict):
                yield self._problem(place, f"is no role; write a table such as [{name}.{example}]")
            elif wrong := check(role):
                yield self._problem(place, wrong)
            else:
                yield from self._table(place, table, TABLES[name])

    def _table(self, place: tuple[str, ...], content: Mapping[str, object], kind: type[Table]) -> Iterator[Problem]:
        rules: dict[str, Rule] = {declared.name: rule_of(declared) for declared in fields(kind)}
        table = self.values.setdefault(".".join(place), {})
        for key, raw in content.items():
            if key not in rules:
                yield self._unknown((*place, key), "setting", rules)
                continue
            try:
                table[key] = rules[key].read(raw)
            except ValueError as error:
                yield self._problem((*place, key), str(error))
            else:
                full = ".".join((*place, key))
                self.origins.pop(full, None)  # so that the newest stands last
                self.origins[full] = Origin(self.path, self.lines.find((*place, key)))

    def _unknown(self, place: tuple[str, ...], what: str, known: Mapping[str, object]) -> Problem:
        return self._problem(place, f"there is no such {what}{did_you_mean(place[-1], known)}")

    def _problem(self, place: tuple[str, ...], what: str) -> Problem:
        return Problem(self.path, self.lines.find(place), ".".join(place), what)
