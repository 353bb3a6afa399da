"""Commands of the office: what they leave behind when something is in the way, and what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from appliance import cli
from appliance.commands.doctor import Finding, examine
from appliance.config import load
from appliance.sim.kit import Kit
from tests.waiting import wait_until

pytestmark = pytest.mark.system
EVENT = Path(__file__).parents[2] / "config" / "events" / "street-series.toml"


def stallbox(data: Path, *command: object) -> tuple[int, str]:
    """Run a command; return its exit code and all that it said."""
    line = [sys.executable, "-m", "appliance", *map(str, command), "--data", str(data)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def count(data: Path) -> str:
    return stallbox(data, "tickets", "status")[1].splitlines()[0]


def test_issuing_never_overwrites_the_codes_of_an_earlier_issue(tmp_path: Path) -> None:
    data, file = tmp_path / "box", tmp_path / "door.csv"
    assert stallbox(data, "tickets", "issue", file, "--count", 3)[0] == 0
    codes = file.read_text()
    assert len(codes.splitlines()) == 4
    code, said = stallbox(data, "tickets", "issue", file, "--count", 5)
    assert (code, "name a new file" in said) == (1, True)
    assert (file.read_text(), count(data)) == (codes, "3 valid, 0 cancelled, 0 blocked, 0 revoked, 0 unpaid, 0 used")


def test_no_ticket_is_made_whose_code_has_nowhere_to_go(tmp_path: Path) -> None:
    data = tmp_path / "box"
    assert stallbox(data, "tickets", "issue", tmp_path / "a.csv", "--count", 1)[0] == 0
    assert stallbox(data, "tickets", "issue", tmp_path / "no-such-folder" / "b.csv", "--count", 5)[0] == 1
    assert count(data) == "1 valid, 0 cancelled, 0 blocked, 0 revoked, 0 unpaid, 0 used"


def test_a_backup_comes_back_whole_and_only_into_an_empty_folder(tmp_path: Path) -> None:
    data, file, fresh = tmp_path / "box", tmp_path / "backup.tar.gz", tmp_path / "fresh"
    assert stallbox(data, "event", "load", EVENT)[0] == 0
    assert stallbox(data, "backup", file)[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert stallbox(fresh, "restore", file)[0] == 0
    assert (count(fresh), stallbox(fresh, "journal", "verify")[0]) == (count(data), 0)
    for left_behind in ("stallbox.db", "stallbox.db-wal", "keys", "tokens.json"):
        used = tmp_path / f"used-{left_behind}"
        used.mkdir()
        (used / left_behind).write_bytes(b"left behind")
        code, said = stallbox(used, "restore", file)
        assert (code, f"{left_behind} is there already" in said) == (1, True)
        assert {path.name for path in used.iterdir()} == {left_behind, "stallbox.lock"}


def test_a_store_that_is_busy_for_too_long_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def busy(**options: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(cli, "cli", busy)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    assert "did not answer in time" in capsys.readouterr().err


def findings(kit: Kit, folder: Path) -> dict[str, Finding]:
    config = folder / "box.toml"
    tables = kit.settings().split("\n\n")
    config.write_text(next(table for table in tables if "[printer]" in table), encoding="utf-8")
    return {found.part: found for found in examine(folder / "box", load([config]))}


def test_the_doctor_sees_what_a_printer_says_of_itself(tmp_path: Path) -> None:
    kit = Kit(tmp_path / "kit", ("127.0.0.1", 1))
    kit.start()
    try:
        assert findings(kit, tmp_path)["printer"] == Finding("printer", "ready")
        kit.set_fault("printer", "paper_out")
        wait_until(lambda: findings(kit, tmp_path)["printer"].bad)
        assert findings(kit, tmp_path)["printer"].line().endswith("The printer is out of paper. Put in a new roll.")
    finally:
        kit.close()
