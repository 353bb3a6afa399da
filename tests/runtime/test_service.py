"""The unit and the user that systemd gets."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "systemd"


UNITS = ("stallbox.service", "stallbox-fault.service")


def read(name: str) -> configparser.SectionProxy:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(SYSTEMD / name)
    return unit["Service"]


def allowed(name: str) -> set[str]:
    """Return the devices that a unit may open."""
    return set(re.findall(r"^DeviceAllow=(\S+) rw$", (SYSTEMD / name).read_text(), re.M))


@pytest.fixture
def service():
    return read("stallbox.service")


def verify(path: Path) -> str:
    """Return what systemd has against the unit, nothing where there is no systemd to ask."""
    if shutil.which("systemd-analyze") is None:
        return ""
    asked = ["systemd-analyze", "verify", "--man=no", str(path)]
    return subprocess.run(asked, capture_output=True, text=True, timeout=60).stderr


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_unit(tmp_path, name):
    # The program is not installed here: any program that is will do.
    unit = (SYSTEMD / name).read_text().replace("/opt/stallbox/bin/stallbox", sys.executable)
    (tmp_path / name).write_text(unit)
    assert verify(tmp_path / name) == ""
    assert read(name)["ExecStart"].startswith("/opt/stallbox/bin/stallbox ")


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
    devices = {"dialout", "gpio", "i2c", "input", "lp", "video"}
    assert {line[2] for line in made[1:]} == devices | {"systemd-journal"}  # the log, for `stallbox report`


def test_every_driver_s_device_may_be_opened():
    lines = {"char-tty*", "char-input", "char-usb", "char-i2c"}
    camera = {"char-media", "char-video4linux", "char-dma_heap"}
    assert allowed("stallbox.service") == {*lines, *camera, "char-gpiochip"}
    assert allowed("stallbox-fault.service") == {"char-gpiochip"}


@pytest.mark.parametrize("name", UNITS)
def test_lgpio_may_write_where_it_makes_its_pipe(name):
    """Without LG_WD it takes the folder of the start: / (github.com/joan2937/lg, issue 22)."""
    assert read(name)["Environment"] == "LG_WD=/tmp"
    assert read(name)["PrivateTmp"] == "yes"
