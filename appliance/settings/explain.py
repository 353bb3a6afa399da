"""Settings as text: the shipped `config/stallbox.toml`, and what differs from it on a box."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import Field, dataclass, fields
from pathlib import Path
from typing import Any

from appliance.settings.rules import Rule, Value, path, rule_of
from appliance.settings.schema import ROLE_TABLES, TABLES, Settings, Table

_INTRODUCTION = """\
# Every setting of Stallbox with its default.
# Write what is different on this box into a file of its own, /etc/stallbox/conf.d/box.toml for example:
# those files are read after this one, by name, and the last word counts.
# `stallbox config check` finds mistakes, `stallbox config show --changes` tells what differs from here.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that is not at its default, and the file that says so; None if no file does."""

    key: str
    value: Value
    default: Value
    file: Path | None
    is_plain: bool = True  # a number, a choice or a path: it names nobody and is no secret

    def line(self) -> str:
        """Write it as TOML with a dotted key, and after it the default and the file."""
        value, default = (json.dumps(value, ensure_ascii=False) for value in (self.value, self.default))
        return f"{self.key} = {value}  # not {default}" + (f"; from {self.file}" if self.file else "")


def changes(settings: Settings) -> list[Change]:
    """Return what differs from the defaults, in the order of the shipped file."""
    found = []
    for name, table in _tables(settings):
        for declared in fields(table):
            key, value, rule = f"{name}.{declared.name}", getattr(table, declared.name), rule_of(declared)
            default = rule.default
            if value != default:
                origin = settings.origins.get(key)
                found.append(Change(key, value, default, origin.file if origin else None, _is_plain(rule, value)))
    return found


def document(settings: Settings | None = None) -> str:
    """Write settings as commented TOML; without an argument the defaults, which is `config/stallbox.toml`."""
    settings = settings or Settings()
    parts = [_INTRODUCTION]
    for name, table in _tables(settings):
        parts.append(_table_text(name, table))
        kind = name.partition(".")[0]
        if kind in ROLE_TABLES and not getattr(settings, kind):
            parts[-1] = _commented_out(parts[-1])
    return "\n".join(parts)


def _is_plain(rule: Rule, value: Value) -> bool:
    return not isinstance(value, str) or bool(rule.choices) or rule.check is path


def _tables(settings: Settings) -> Iterator[tuple[str, Table]]:
    for name in TABLES:
        if name in ROLE_TABLES:
            # A role as an example, where there is none.
            for role, table in (getattr(settings, name) or {ROLE_TABLES[name][1]: TABLES[name]()}).items():
                yield f"{name}.{role}", table
        else:
            yield name, getattr(settings, name)


def _table_text(name: str, table: Table) -> str:
    lines = [*_comment(table.__doc__ or ""), f"[{name}]"]
    for declared in fields(table):
        lines += _setting_text(declared, getattr(table, declared.name))
    return "\n".join(lines) + "\n"


def _setting_text(declared: Field[Any], value: object) -> list[str]:
    rule: Rule = rule_of(declared)
    allowed = f" ({rule.allowed()})" if rule.allowed() else ""
    return [*_comment(f"{rule.help}{allowed}"), f"{declared.name} = {rule.write(value)}"]


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, width=110, initial_indent="# ", subsequent_indent="# ")


def _commented_out(text: str) -> str:
    """Put `#` before what is not a comment already; `#key` is a setting that is off, `# Key` is prose."""
    return "".join(line if line.startswith("#") else f"#{line}" for line in text.splitlines(keepends=True))
