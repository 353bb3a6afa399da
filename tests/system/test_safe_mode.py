"""A daemon that keeps crashing comes up without its devices and says so; stopped in good order, it starts as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.runtime.starts import FAILED_STARTS
from tests.system.daemon import Daemon
from tests.system.httpclient import Http
from tests.waiting import wait_until

pytestmark = pytest.mark.system
SCANNER = '[scanners.door]\ndriver = "hid"\nport = "/dev/input/by-id/none"\n'


def told(daemon: Daemon) -> list[str]:
    """Return what /healthz names as wrong; nothing while the daemon does not answer."""
    try:
        with Http(daemon.address, timeout_s=5) as http:
            answer = http.get("/healthz")
    except OSError:
        return ["no answer"]
    return list(answer.body.get("reasons", []))


def test_it_starts_safely_after_crashes_and_as_before_once_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "run"
    kept.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(kept))  # as systemd sets it
    with Daemon(tmp_path / "box", SCANNER) as daemon:
        daemon.load_event()
        for _ in range(FAILED_STARTS):
            daemon.start()
            daemon.kill()
        daemon.spawn()
        wait_until(lambda: told(daemon) != ["no answer"])
        assert "Started without devices" in told(daemon)[0]
        with daemon.staff() as http:
            state = http.get("/api/v1/state").body
        assert "scanner.door" not in state["devices"]
        assert daemon.stop() == 0
        daemon.start()
        assert told(daemon) == []
        with daemon.staff() as http:
            assert "scanner.door" in http.get("/api/v1/state").body["devices"]
