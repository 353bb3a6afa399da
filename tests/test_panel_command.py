"""`stallbox panel`: the card, and when the fault lights are none of its business."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.cli import cli
from appliance.commands import panel
from appliance.runtime.folder import only_one


def run(folder: Path, *arguments: str, result: str | None = None):
    (folder / "box.toml").touch()
    place = ["--data", str(folder), "--config", str(folder / "box.toml")]
    return CliRunner().invoke(cli, ["panel", *arguments, *place], env={"SERVICE_RESULT": result})


def test_the_card_is_a_page_of_its_own(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["panel", "card", str(tmp_path / "card.html")])
    assert done.exit_code == 0
    page = (tmp_path / "card.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "http" not in page


def test_a_stop_in_good_order_is_no_fault(tmp_path: Path) -> None:
    with only_one(tmp_path):
        assert run(tmp_path, "fault", result="success").exit_code == 0


def test_a_daemon_that_runs_keeps_its_lights(tmp_path: Path) -> None:
    with only_one(tmp_path):
        done = run(tmp_path, "fault", "--seconds", "1", result="watchdog")
    assert (done.exit_code, done.output) == (0, "The daemon runs: the lights are its own.\n")


@pytest.mark.parametrize("result", ["watchdog", "exit-code", None])
def test_a_box_without_panel_has_nothing_to_blink(tmp_path: Path, result: str | None) -> None:
    assert run(tmp_path, "fault", result=result).exit_code == 0


@pytest.mark.parametrize("main", ['[panel]\ndriver = "gpio"\n', "[panel\n"])
def test_a_mistake_in_the_settings_does_not_keep_the_lights_dark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, main: str
) -> None:
    shown = []
    monkeypatch.setattr(panel, "show_fault", lambda settings, is_back, seconds: shown.append(settings.panel.driver))
    (tmp_path / "box.toml").write_text(main)
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d/50-card.toml").write_text("[uplnk]\n")
    assert run(tmp_path, "fault").exit_code == 0
    assert shown == ["gpio" if "gpio" in main else "absent"]


def test_looking_for_the_daemon_does_not_keep_it_from_starting(tmp_path: Path) -> None:
    run(tmp_path, "fault")
    with only_one(tmp_path):
        pass
