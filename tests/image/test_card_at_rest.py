"""The built card, looked at without starting it. `make image-test` runs it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.card import OUT, built_image

pytestmark = pytest.mark.image
ROOT = OUT / "root.squashfs"
# Programs that run as their owner. None of them is needed by a box without people on it, but Debian's packages bring
# them; a new one has to be looked at.
SETUID = {"mount", "umount", "su", "newgrp", "chsh", "chfn", "passwd", "gpasswd", "dbus-daemon-launch-helper"}


def listed() -> Iterator[tuple[str, str]]:
    """Yield mode and path of all that is in the root, as `ls -l` writes modes."""
    shown = subprocess.run(["unsquashfs", "-lls", str(ROOT)], capture_output=True, text=True, check=True).stdout
    for line in shown.splitlines():
        if found := re.match(r"([-dlcbps]\S{9}) \S+ +.*? squashfs-root(/.*)?$", line):
            yield found[1], (found[2] or "/").split(" -> ")[0]


def content(path: str) -> str:
    """Read a file of the root."""
    shown = subprocess.run(["unsquashfs", "-cat", str(ROOT), path], capture_output=True, text=True, check=True)
    return shown.stdout


@pytest.fixture(scope="module")
def files() -> list[tuple[str, str]]:
    found = list(listed())
    assert len(found) > 5000
    return found


def test_nothing_can_be_written_by_everybody_but_what_is_for_that(files: list[tuple[str, str]]) -> None:
    open_ones = {path for mode, path in files if mode[8] == "w" and mode[0] not in "lc"}
    assert open_ones <= {"/tmp", "/var/tmp", "/run/lock"}  # in memory, all of them
    assert all(mode[9] == "t" for mode, path in files if path in open_ones)


def test_only_debians_own_programs_run_as_somebody_else(files: list[tuple[str, str]]) -> None:
    assert {Path(path).name for mode, path in files if mode[0] == "-" and "s" in mode[3]} <= SETUID


def test_no_key_id_or_password_is_the_same_on_every_box(files: list[tuple[str, str]]) -> None:
    paths = {path for _, path in files}
    assert not [
        path for path in paths if re.search(r"/ssh_host_|/random-seed$|/dbus/machine-id$|\.nmconnection$", path)
    ]
    assert content("/etc/machine-id") == ""
    fields = [line.split(":") for line in content("/etc/shadow").splitlines()]
    assert {password for _, password, *_ in fields} <= {"*", "!", "!*", "!!"}


def test_there_is_no_server_to_log_in_to_and_no_compiler(files: list[tuple[str, str]]) -> None:
    programs = {Path(path).name for _, path in files if "/bin/" in path or "/sbin/" in path}
    assert not programs & {"sshd", "telnetd", "dropbear", "gcc", "cc", "apt-get", "nc", "curl"}
    assert "stallbox" in programs


def test_its_papers_fit_it() -> None:
    image = built_image()
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=OUT, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
    bill = json.loads(image.with_suffix(".cdx.json").read_text())
    names = {component["name"] for component in bill["components"]}
    assert {"linux-image-arm64", "network-manager", "Flask", "evdev", "lgpio", "u-boot-rpi"} <= names
