"""Settings that the owner made on the setup page: one more file, read after all others."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from appliance.core.errors import Refusal
from appliance.settings.loader import ConfigError, load

FILE = "setup.toml"
Tables = Mapping[str, Mapping[str, str | bool]]
HEAD = "# Written by the setup page, and read after /etc/stallbox. Change it there.\n"


class OwnSettings:
    """Keeps the owner's settings; see SettingsPort in core/ports."""

    def __init__(self, data: Path, write: Callable[[Path, bytes], None]) -> None:
        """Keep them in a data folder; `write` makes a private file that lasts."""
        self._file = data / FILE
        self._write = write

    def read(self) -> Tables:
        """Return what the owner set, by table and key."""
        try:
            return tomllib.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # broken by hand: the daemon would not have started with it
            return {}

    def keep(self, table: str, values: Mapping[str, str | bool]) -> None:
        """Set some keys of a table. Raises Refusal if a value is none; then nothing is kept."""
        self.keep_all({table: values})

    def keep_all(self, changes: Tables) -> None:
        """Set some keys of several tables. Raises Refusal if a value is none; then nothing of all is kept."""
        tables = dict(self.read())
        for table, values in changes.items():
            tables[table] = {**tables.get(table, {}), **values}
        content = _written(tables).encode()
        draft = self._file.with_suffix(".draft")  # the power may go before it is looked at
        self._write(draft, content)
        try:
            load([draft])
        except ConfigError as error:
            problem = error.problems[0]
            raise Refusal("bad_setting", f"{problem.key}: {problem.what}.") from error
        finally:
            draft.unlink()
        self._write(self._file, content)

    def show_wifi(self, name: str, password: str) -> None:
        """Say of the Wi-Fi what is in force, where something else was set. Raises Refusal if it cannot be a setting."""
        if not self._file.exists():
            return
        try:
            shown = load([self._file]).wifi
        except ConfigError:  # broken by hand: there is nothing to go on from
            return
        if shown.name and (shown.name, shown.password) != (name, password):
            self.keep("wifi", {"name": name, "password": password})


def _written(tables: Tables) -> str:
    parts = [HEAD]
    for name, content in tables.items():
        parts += [f"\n[{name}]\n", *(f"{key} = {_quoted(value)}\n" for key, value in content.items())]
    return "".join(parts)


def _quoted(value: str | bool) -> str:
    """Write a value as TOML: its true, false and basic strings are JSON's, but for the character DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
