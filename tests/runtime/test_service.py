"""The unit and the user that systemd gets."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "systemd"


@pytest.fixture
def service():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(SYSTEMD / "stallbox.service")
    return unit["Service"]


def verify(path: Path) -> str:
    """Return what systemd has against the unit, nothing where there is no systemd to ask."""
    if shutil.which("systemd-analyze") is None:
        return ""
    asked = ["systemd-analyze", "verify", "--man=no", str(path)]
    return subprocess.run(asked, capture_output=True, text=True, timeout=60).stderr


def test_systemd_takes_the_unit(tmp_path, service):
    # The program is not installed here: any program that is will do.
    unit = (SYSTEMD / "stallbox.service").read_text().replace("/opt/stallbox/bin/stallbox", sys.executable)
    (tmp_path / "stallbox.service").write_text(unit)
    assert verify(tmp_path / "stallbox.service") == ""
    assert service["ExecStart"] == "/opt/stallbox/bin/stallbox run"


def test_it_is_watched_and_always_comes_back(service):
    assert service["Type"] == "notify"
    assert service["WatchdogSec"] == "30"
    assert service["Restart"] == "always"
    assert service["RestartPreventExitStatus"] == "2"


def test_systemd_waits_longer_than_the_supervisor(service):
    assert int(service["TimeoutStopSec"]) > 15


def test_the_user_is_one_that_sysusers_makes(service):
    made = [line.split() for line in (SYSTEMD / "stallbox.sysusers").read_text().splitlines() if line[:1] in "um"]
    assert ["u", service["User"]] == made[0][:2]
    assert {line[2] for line in made[1:]} == {"dialout", "gpio", "i2c", "input", "lp"}
