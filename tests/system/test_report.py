"""`stallbox report` of a real box full of names, numbers and secrets: none of them is in it, and all that helps is."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from appliance import bootstrap
from appliance.bootstrap import Box
from appliance.runtime.crashes import FOLDER
from tests.dump import spellings
from tests.people import LONG, PEOPLE, PRIVATE, SHORT
from tests.runtime.test_lastlines import REMOTE, entry
from tests.system.daemon import Daemon
from tests.system.test_box_life import SETTINGS
from tests.system.test_setup_of_a_box import Browser

pytestmark = pytest.mark.system
WIFI, BROKER, OWN_PIN, CALLER = "throw a pot 42", "kiln-and-wheel-9", "copper kettle 7", "+46 70 7654321"
CONFIG = """public_url = "https://Stall.Zoe-Angstrom.example:8443"
[uplink]
url = "mqtt://broker.fleet.example:1883"
username = "anna-the-potter"
password_file = "{folder}/password"
[wifi]
name = "Anna's stall"
password = "{wifi}"
"""


def unpacked(file: Path) -> Mapping[str, str]:
    """Every file of a report, by its name."""
    with tarfile.open(file) as archive:
        names = [member.name for member in archive if member.isfile()]
        return {
            name.removeprefix("stallbox-report/"): archive.extractfile(name).read().decode()  # type: ignore[union-attr]
            for name in names
        }


def log_of(folder: Path, lines: list[str]) -> None:
    """Have `journalctl` read a real journal that holds these lines of the daemon, by a name in front on the path."""
    if not REMOTE.exists():
        pytest.skip("systemd-journal-remote is not installed")
    ours = {"_SYSTEMD_UNIT": "stallbox.service", "SYSLOG_IDENTIFIER": "stallbox", "PRIORITY": "3"}
    text = b"".join(entry(number, line, **ours) for number, line in enumerate(lines, 1))
    file = folder / "log" / "test.journal"
    file.parent.mkdir(parents=True)
    subprocess.run([str(REMOTE), "-o", str(file), "-"], input=text, check=True, capture_output=True, timeout=60)
    (folder / "bin").mkdir()
    script = folder / "bin" / "journalctl"
    script.write_text(f'#!/bin/sh\nexec {shutil.which("journalctl")} --directory={file.parent} "$@"\n')
    script.chmod(0o755)


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Daemon:
    """A box that was used, crashed, and whose log says what none should."""
    (tmp_path / "password").write_text(f"{BROKER}\n")
    (tmp_path / "people.csv").write_text(PEOPLE)
    daemon = Daemon(tmp_path / "box", CONFIG.format(folder=tmp_path, wifi=WIFI))
    with daemon:
        daemon.load_event()
        daemon.done("tickets", "import", str(tmp_path / "people.csv"))
        daemon.start()
        owner = Browser(daemon)
        pin = daemon.tokens["pin"]["owner"]
        owner.form("/setup", "/setup", pin=pin)
        owner.form("/setup/pins", "/setup/cashiers", act="add", name="Berta Brand")
        with daemon.staff() as staff:
            order = {"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "card", "amount_minor": 2400}}
            assert staff.post("/api/v1/orders", order, "sale").status == 201
            staff.post("/api/v1/scan", {"code": LONG, "source": "door"})
        tokens = daemon.tokens
        log_of(
            tmp_path,
            [
                f"appliance.web: {CALLER} and zoe.angstrom@example.org asked for {tokens['owner']} with {pin}",
                "Traceback (most recent call last):",
                '  File "/opt/stallbox/appliance/services/door.py", line 57, in scan',
                f"ValueError: {PRIVATE[0]}",
                f"{PRIVATE[1]}, the second line",
                f"appliance.store: 'Berta Brand' scanned {LONG} and {SHORT}; the Wi-Fi is {WIFI}",
                f"appliance.uplink: the broker took {BROKER}",
                "appliance.runtime.board: uplink is offline: The broker broker.fleet.example:1883 cannot be reached.",
                "appliance.web: the page at stall.zoe-angstrom.example:8443 is ready",
                f"appliance.web: {tokens['kiosk']} {tokens['staff']} {tokens['pin']['staff']}",
                "appliance.runtime.board: printer is offline: it is out of paper.",
            ],
        )
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        daemon.done("crash-note", "watchdog")
        daemon.kill()
        daemon.start()
        yield daemon


def test_it_names_nobody_and_holds_no_secret(box: Daemon, tmp_path: Path) -> None:
    tokens = box.tokens
    secrets = [tokens[name] for name in ("kiosk", "staff", "owner")] + list(tokens["pin"].values())
    secrets += [WIFI, BROKER, "anna-the-potter", "Anna's stall", "broker.fleet.example", "Berta", LONG, SHORT, CALLER]
    secrets += ["zoe-angstrom", *PRIVATE, "7654321", "loevstad", "99887766"]
    secrets += [key.read_bytes().hex() for key in (box.data / "keys").glob("*.key")]
    file = tmp_path / "report.tar.gz"
    assert "names nobody" in box.done("report", str(file))
    found = unpacked(file)
    everything = "\n".join([*found, *found.values()]).encode()
    for secret in filter(None, secrets):
        for spelling in spellings(secret):
            assert spelling not in everything, f"'{secret}' is in the report"


def test_it_holds_what_mends_a_fault(box: Daemon, tmp_path: Path) -> None:
    box.done("report", str(tmp_path / "report.tar.gz"))
    found = unpacked(tmp_path / "report.tar.gz")
    about = json.loads(found["report.json"])
    assert about["journal"]["entries"]["sale.completed"] == 1
    assert about["journal"]["head"]["seq"] == len(box.journal())
    assert {"kernel", "python", "machine"} <= set(about["computer"])
    assert about["disk"]["total_bytes"] > about["disk"]["free_bytes"] > 0
    started = [line for line in about["journal"]["box"] if "box.started" in line]
    assert ["after crash" in line for line in started] == [True, False]
    assert "daemon" in found["doctor.txt"]
    assert "http.port = " in found["settings.txt"]
    assert "wifi.password is set, 14 characters" in found["settings.txt"]
    for log in (found["log.txt"], *(text for name, text in found.items() if name.startswith("crashes/"))):
        assert "printer is offline: it is out of paper." in log
        assert "File /opt/stallbox/appliance/services/door.py, line 57, in scan" in log
        assert "ValueError: …" in log
    (note,) = [name for name in found if name.startswith("crashes/")]
    assert note.endswith("-watchdog.txt")
    assert json.loads(found[note].splitlines()[0])["cause"] == "watchdog"


def test_the_owner_downloads_it_from_the_page_also_without_a_store(box: Daemon) -> None:
    owner = Browser(box)
    owner.form("/setup", "/setup", pin=box.tokens["pin"]["owner"])
    data = owner.download("/setup/data", "/setup/report")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert "stallbox-report/report.json" in archive.getnames()
    assert list((box.data / "uploads").iterdir()) == []


def test_after_a_power_cut_a_note_is_kept_of_what_is_still_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(machine_boot: str) -> str:
        monkeypatch.setattr(bootstrap, "boot_id", lambda: machine_boot)
        box = Box(SETTINGS, tmp_path)
        box.start()
        with box.desk.reading() as books:
            (entry,) = books.journal.newest(["box.started"], 1)
        box.stop()
        return str(entry.data["after"])

    assert [start("one"), start("one"), start("two")] == ["new", "stop", "stop"]
    monkeypatch.setattr(Box, "_close_books", lambda self, timeout_s: None)  # whoever is cut off notes nothing
    assert [start("two"), start("two"), start("three")] == ["stop", "crash", "power"]
    (note,) = (tmp_path / FOLDER).iterdir()
    assert note.name.endswith("-power.txt.gz")
    assert json.loads(gzip.decompress(note.read_bytes()))["cause"] == "power"
