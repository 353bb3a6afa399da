"""What is documented is what there is: commands, routes, topics, kinds of entries, the journal's recipe."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from appliance.cli import cli
from appliance.core.admission import RULES
from appliance.core.event import read_event
from appliance.core.journal import GENESIS_HASH, KINDS, seal
from appliance.core.tomltable import Table
from appliance.core.tomltext import TomlProblems
from appliance.uplink.topics import TABLE
from appliance.web.app import ROUTES
from tests.books import EVENT_TEXT

ROOT = Path(__file__).parents[1]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
LISTS = {f"{method} /api/v1/tickets/lists/{{name}}" for method in ("PUT", "DELETE")}  # of the API, beside its table
PAGES = LISTS | {
    "GET /api/v1/state",
    "GET /api/v1/openapi.json",
    "GET /healthz",
    "GET /",
    "GET /staff",
    "GET /setup",
    "GET /media/<name>",
    "GET /r/<name>",
    "GET /join",
    "POST /join/stay",
    "POST /language",
    "GET /captive-portal",
    "GET /pair",
}


def section(title: str) -> str:
    return REFERENCE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str) -> dict[str, list[str]]:
    """Read a table of the reference: first cell without its backticks -> the other cells."""
    table = [line for line in section(title).splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]
    return {row[0].strip("`"): row[1:] for row in cells}


def commands(group: click.Group, prefix: str = "stallbox") -> Iterator[tuple[str, str]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", (command.help or "").splitlines()[0]


def test_every_command_is_documented_as_it_explains_itself() -> None:
    assert rows("Commands") == {name: [summary] for name, summary in commands(cli)}


def test_every_route_is_documented_with_its_role() -> None:
    documented = rows("HTTP")
    expected = {f"{route.method} /api/v1{route.path}": [route.role.name.lower(), route.summary] for route in ROUTES}
    assert set(documented) == set(expected) | PAGES
    assert {name: documented[name] for name in expected} == expected


def test_every_topic_is_documented() -> None:
    expected = {
        topic.pattern: ["yes" if topic.retained else "never", topic.direction, topic.meaning] for topic in TABLE
    }
    assert rows("MQTT") == expected


def test_every_kind_of_entry_is_documented() -> None:
    assert rows("Journal entries") == {kind: [meaning] for kind, meaning in KINDS.items()}


def test_every_kind_of_entry_is_written_somewhere() -> None:
    sources = [path for path in (ROOT / "appliance").rglob("*.py") if path != ROOT / "appliance/core/journal.py"]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    code = code.replace('f"order.{status}"', '"order.cancelled" "order.expired"')  # one line releases both
    assert [kind for kind in KINDS if f'"{kind}"' not in code] == []


def test_the_recipe_for_checking_a_chain_works_as_printed(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "journal.md").read_text(encoding="utf-8")
    script = tmp_path / "check.py"
    script.write_text(page.split("```python\n", 1)[1].split("```", 1)[0], encoding="utf-8")
    first = seal(None, "a", "box.started", "2026-12-05T16:00:00.000000Z", "guess", {"name": "Größe €", "n": [1, None]})
    second = seal(first, "b", "box.stopped", "2026-12-05T16:00:01.000000Z", "guess", {})
    assert first.prev == GENESIS_HASH
    lines = "".join(json.dumps(entry.as_dict()) + "\n" for entry in (first, second))
    good = subprocess.run([sys.executable, script], input=lines, capture_output=True, text=True, timeout=60)
    assert (good.returncode, good.stdout) == (0, "2 entries, whole\n")
    bad = subprocess.run(
        [sys.executable, script], input=lines.replace("Größe", "Groesse").replace("Gr\\u00f6\\u00dfe", "x"),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert bad.returncode == 1


@pytest.mark.parametrize(
    "page", ["README.md", "CHANGELOG.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http://", "https://")):
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


def test_every_make_target_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert named <= targets
    assert {"run", "test", "bench", "soak", "lint", "venv"} <= named


def test_the_door_s_rules_are_documented_in_their_order() -> None:
    reasons = [reason for cells in rows("The door") for reason in cells.replace("`", "").split(", ")]
    rules = [rule.__name__.removeprefix("_") for rule in RULES]
    assert reasons[reasons.index("cancelled") :] == rules[rules.index("cancelled") :]


ALL_TABLES = """
[texts]
total = "SUM"
[screen.ar]
language_name = "العربية"
[staff.ar]
language_name = "العربية"
[transfer]
scheme = "sepa"
account = "DE89370400440532013000"
name = "Stall"
[[ticket_keys]]
format = "stallbox"
public_key = "00"
[[pretix_items]]
item = 1
product = "workshop"
"""


def test_every_key_of_the_event_file_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, set[str]] = {}

    def listen(name: str) -> None:
        original = getattr(Table, name)

        def listening(self: Table, key: str, *rest: object) -> object:
            asked.setdefault(".".join(str(part) for part in self._path if isinstance(part, str)), set()).add(key)
            return original(self, key, *rest)

        monkeypatch.setattr(Table, name, listening)

    listen("_take")
    listen("has")
    with contextlib.suppress(TomlProblems):  # the key is none
        read_event(EVENT_TEXT + ALL_TABLES)
    del asked["windows.stock"]  # its keys are the offers
    asked["texts"] = set()  # its keys are those of core/languages/en.toml
    del asked["screen.ar"]  # and its, those of core/languages/screen/en.toml
    del asked["staff.ar"]  # and its, those of core/languages/office/*/en.toml
    asked["screen"] = asked["staff"] = set()  # their keys are languages
    page = (ROOT / "docs" / "event-file.md").read_text(encoding="utf-8")
    documented = {}
    for part in page.split("\n## ")[1:]:
        title = part.splitlines()[0].strip("[]")
        keys = re.findall(r"^\| (?:\*\*)?`(\w+)`", part, re.MULTILINE)
        assert len(keys) == len(set(keys))
        documented["" if title == "Top of the file" else title] = set(keys)
    assert documented == asked
