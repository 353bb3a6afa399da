"""Starts that come to nothing, until one is a safe one."""

from __future__ import annotations

from pathlib import Path

from appliance.runtime.starts import FAILED_STARTS, FILE, Starts
from tests.waiting import wait_until


def test_after_some_failed_starts_one_is_safe_and_the_next_is_not(tmp_path: Path) -> None:
    assert [Starts(tmp_path).begin() for _ in range(FAILED_STARTS + 1)] == [False] * FAILED_STARTS + [True]
    last = Starts(tmp_path)
    assert last.begin()
    last.came_to_something()
    assert not Starts(tmp_path).begin()


def test_a_daemon_that_runs_for_a_while_has_started(tmp_path: Path) -> None:
    starts = Starts(tmp_path, well_after_s=0.01)
    starts.begin()
    assert (tmp_path / FILE).exists()
    starts.ready()
    wait_until(lambda: not (tmp_path / FILE).exists())


def test_a_spoilt_count_is_none_and_a_full_disk_no_reason_to_stay_away(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\n")
    assert not Starts(tmp_path).begin()
    assert not Starts(tmp_path / "nowhere").begin()
