"""The last lines out of a real journal of systemd's, and the ring in which they are kept."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.runtime.crashes import KEPT, MAX_BYTES, Crashes
from appliance.runtime.lastlines import last_lines
from appliance.store.keys import write_durably

REMOTE = Path("/lib/systemd/systemd-journal-remote")
BOOT = "6c7c6013a26343b29e964691ff25d04c"


def entry(second: int, text: str, **fields: str) -> bytes:
    """One entry of the Journal Export Format, https://systemd.io/JOURNAL_EXPORT_FORMATS."""
    us = (1_764_000_000 + second) * 1_000_000
    known = {"__REALTIME_TIMESTAMP": us, "__MONOTONIC_TIMESTAMP": second * 1_000_000, "_BOOT_ID": BOOT, **fields}
    head = "".join(f"{name}={value}\n" for name, value in known.items()).encode()
    message = text.encode("utf-8", "surrogateescape")
    return head + b"MESSAGE\n" + len(message).to_bytes(8, "little") + message + b"\n\n"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal with lines of ours, of the kernel, and of others."""
    if not REMOTE.exists() or shutil.which("journalctl") is None:
        pytest.skip("systemd-journal-remote is not installed")
    ours = {"_SYSTEMD_UNIT": "stallbox.service", "SYSLOG_IDENTIFIER": "stallbox", "PRIORITY": "3"}
    kernel = {"_TRANSPORT": "kernel", "SYSLOG_IDENTIFIER": "kernel"}
    text = b"".join(
        [
            entry(1, "mmc0: error -110", **kernel, PRIORITY="4"),
            entry(2, "appliance.runtime.board: printer is offline", **ours),
            entry(3, "kettle on", _SYSTEMD_UNIT="kettle.service", SYSLOG_IDENTIFIER="kettle", PRIORITY="3"),
            entry(4, "Undervoltage detected!", **kernel, PRIORITY="2"),
            entry(5, "usb 1-1: new device", **kernel, PRIORITY="6"),
            entry(6, "asked: 'power-off'", _SYSTEMD_UNIT="stallbox-ask@1.service", SYSLOG_IDENTIFIER="python3"),
            entry(7, "two\nlines \udcff", **ours),
            entry(8, "Main process exited", _SYSTEMD_UNIT="init.scope", UNIT="stallbox.service",
                  SYSLOG_IDENTIFIER="systemd", _PID="1", PRIORITY="5"),
        ]
    )  # fmt: skip
    folder = tmp_path / "journal"
    folder.mkdir()
    file = folder / "test.journal"
    subprocess.run([str(REMOTE), "-o", str(file), "-"], input=text, check=True, capture_output=True, timeout=60)
    return folder


def test_the_lines_of_our_units_and_the_warnings_of_the_kernel_in_their_order(journal: Path) -> None:
    fields = "--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER"
    found = last_lines(["journalctl", f"--directory={journal}", "--quiet", "--output=json", fields])
    assert [(line.at.second, line.of, line.priority, line.text) for line in found if not line.is_kernel] == [
        (2, "stallbox", 3, "appliance.runtime.board: printer is offline"),
        (6, "python3", 6, "asked: 'power-off'"),
        (7, "stallbox", 3, "two"),
        (7, "stallbox", 3, "lines \ufffd"),
        (8, "systemd", 5, "Main process exited"),
    ]
    assert [line.text for line in found if line.is_kernel] == ["mmc0: error -110", "Undervoltage detected!"]
    assert [line.at for line in found] == sorted(line.at for line in found)


def test_where_there_is_no_journal_there_are_no_lines(tmp_path: Path) -> None:
    assert last_lines(["no-such-command"]) == []
    assert last_lines(["echo", "no JSON"]) == []
    assert last_lines(["echo", json.dumps({"MESSAGE": None})]) == []


def test_the_ring_keeps_the_newest_notes_and_its_size(tmp_path: Path) -> None:
    ring = Crashes(tmp_path, write_durably)
    for number in range(KEPT + 5):
        ring.add(f"2026-11-26T01:{number:02}:00.000000Z", "watchdog", [f"line {number}"])
    kept = ring.all()
    assert [file.name for file in (kept[0], kept[-1])] == [
        "20261126T010500-watchdog.txt.gz",
        "20261126T012400-watchdog.txt.gz",
    ]
    assert gzip.decompress(kept[-1].read_bytes()) == b"line 24\n"
    assert kept[-1].stat().st_mode & 0o077 == 0
    for number in range(3):
        with Path("/dev/urandom").open("rb") as random:
            ring.add(f"2026-11-27T01:{number:02}:00.000000Z", "../x", [random.read(MAX_BYTES // 4).hex()])
    assert sum(file.stat().st_size for file in ring.all()) <= MAX_BYTES
    assert ring.all()[-1].name == "20261127T010200-unknown.txt.gz"
    ring.give_up()
    assert ring.all() == []
