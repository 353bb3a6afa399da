"""`stallbox pin set` as the owner types it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from appliance.cli import cli
from appliance.core.errors import Refusal
from appliance.parts import vault_of
from appliance.store.keys import write_durably
from appliance.web.tokens import load_or_create


def pin_set(data: Path, *typed: str) -> str:
    ended = CliRunner().invoke(cli, ["pin", "set", "--data", str(data)], input="".join(f"{line}\n" for line in typed))
    return str(ended.exception) if isinstance(ended.exception, Refusal) else ended.output


def test_the_owner_chooses_changes_and_forgets_a_pin(tmp_path: Path) -> None:
    tokens = load_or_create(tmp_path / "tokens.json", write_durably)
    vault = vault_of(tmp_path)
    assert "is kept" in pin_set(tmp_path, "copper kettle", "copper kettle")
    kept = json.loads((tmp_path / "tokens.json").read_text())
    assert kept["pin"] == {"staff": tokens.staff_pin, "owner": None}
    assert load_or_create(tmp_path / "tokens.json", write_durably).owner == tokens.owner
    assert vault.is_pin("copper kettle")
    first = vault.public_key
    assert "not right" in pin_set(tmp_path, "wrong one", "silver spoon", "silver spoon")
    assert "is kept" in pin_set(tmp_path, "copper kettle", "silver spoon", "silver spoon")
    assert vault.public_key == first
    assert "is kept" in pin_set(tmp_path, "", "wooden table", "wooden table")
    assert vault.is_pin("wooden table")
    assert vault.public_key != first


def test_the_staff_s_pin_is_not_the_owner_s(tmp_path: Path) -> None:
    staff_pin = load_or_create(tmp_path / "tokens.json", write_durably).staff_pin
    assert "choose another" in pin_set(tmp_path, staff_pin, staff_pin)
    assert not vault_of(tmp_path).has_pin
