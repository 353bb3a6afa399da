"""Settings as text: the shipped file, and what differs from it."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.config import BoxSettings, Change, ScannerSettings, Settings, changes, document, load
from appliance.settings.rules import Rule, rule_of
from appliance.settings.schema import ROLE_TABLES, TABLES

SHIPPED = Path(__file__).parents[2] / "config" / "stallbox.toml"
EVERY_KEY = [(name, declared) for name, kind in TABLES.items() for declared in fields(kind)]


def uncommented(text: str) -> str:
    """Switch on what is off: `#key = 1` and `#[table]`, not `# Prose`."""
    return "\n".join(line[1:] if line.startswith("#") and line[1:2] != " " else line for line in text.splitlines())


def test_the_shipped_file_is_what_the_code_says():
    assert SHIPPED.read_text(encoding="utf-8") == document()


def test_the_shipped_file_sets_the_defaults():
    assert load([SHIPPED]) == Settings()


@pytest.mark.parametrize(("name", "declared"), EVERY_KEY, ids=lambda part: getattr(part, "name", part))
def test_the_shipped_file_has_every_key_with_default_unit_and_range(name, declared):
    text, rule = SHIPPED.read_text(encoding="utf-8"), rule_of(declared)
    table = tomllib.loads(uncommented(text))[name]
    table = table[ROLE_TABLES[name][1]] if name in ROLE_TABLES else table
    assert table[declared.name] == rule.default
    prose = " ".join(text.replace("\n# ", " ").split())
    assert rule.help in prose
    assert rule.allowed() in prose


def test_the_shipped_file_has_no_key_beyond_the_code():
    shipped = tomllib.loads(uncommented(SHIPPED.read_text(encoding="utf-8")))
    shipped |= {name: shipped[name][role] for name, (_, role) in ROLE_TABLES.items()}
    in_file = {(name, key) for name, table in shipped.items() for key in table}
    assert in_file == {(name, declared.name) for name, declared in EVERY_KEY}


@pytest.mark.parametrize(("name", "declared"), EVERY_KEY, ids=lambda part: getattr(part, "name", part))
def test_every_default_keeps_its_own_rule(name, declared):
    rule = rule_of(declared)
    assert rule.read(rule.default) == rule.default


def values(rule: Rule) -> st.SearchStrategy:
    if rule.choices:
        return st.sampled_from(rule.choices)
    if isinstance(rule.default, bool):
        return st.booleans()
    if isinstance(rule.default, int):
        return st.integers(int(rule.minimum), int(rule.maximum))
    if isinstance(rule.default, float):
        return st.floats(rule.minimum, rule.maximum)
    return st.text(st.characters(codec="utf-8"), max_size=20) if rule.check is None else st.just(rule.default)


@st.composite
def some_settings(draw) -> Settings:
    """Settings that keep each rule, apart from the drivers, pins and levels that must fit together."""

    def table(kind, **fixed):
        free = {f.name: draw(values(rule_of(f))) for f in fields(kind) if f.name not in fixed}
        return kind(**(free | fixed))

    parts = {}
    for name, kind in TABLES.items():
        fixed = {f.name: f.default for f in fields(kind) if f.name.endswith(("_pin", "_pct", "below_mv", "driver"))}
        fixed |= {f.name: f.default for f in fields(kind) if f.name.startswith("reconnect_")}
        if name in ROLE_TABLES:
            names = {"scanners": ["door", "till", "back-2"], "printers": ["labels", "pickup"]}[name]
            roles = draw(st.lists(st.sampled_from(names), unique=True))
            parts[name] = {role: table(kind, **fixed) for role in sorted(roles)}
        else:
            parts[name] = table(kind, **fixed)
    return Settings(**parts)


@given(some_settings())
def test_what_is_written_is_read_back(tmp_path_factory, settings):
    path = tmp_path_factory.mktemp("settings") / "own.toml"
    path.write_text(document(settings), encoding="utf-8")
    assert load([path]) == settings


@pytest.mark.parametrize("name", ["C:\\new", 'say "hi"', "tab\tand\nline", "\x7f\x00\u2028", "Käse € 🧀", "#1"])
def test_awkward_texts_are_written_as_toml(tmp_path, name):
    path = tmp_path / "own.toml"
    path.write_text(document(Settings(box=BoxSettings(name=name))), encoding="utf-8", newline="")
    assert load([path]).box.name == name


def test_changes_name_key_value_default_and_file(tmp_path):
    main, own = tmp_path / "stallbox.toml", tmp_path / "own.toml"
    main.write_text('[http]\nport = 8080\n[log]\nlevel = "info"\n')
    own.write_text("[scanners.door]\nbaud_rate = 115200\n[http]\nport = 8081\n")
    assert changes(load([main, own])) == [
        Change("http.port", 8081, 80, own),
        Change("scanners.door.baud_rate", 115200, 9600, own),
    ]


def test_changes_without_a_file():
    changed = Settings(scanners={"till": ScannerSettings(driver="hid", port="/dev/input/event3")})
    assert changes(changed) == [
        Change("scanners.till.driver", "hid", "absent", None),
        Change("scanners.till.port", "/dev/input/event3", "", None),
    ]


def test_nothing_changed():
    assert changes(Settings()) == []
