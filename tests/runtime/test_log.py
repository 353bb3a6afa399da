"""The log, as a process of its own writes it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile

PROGRAM = """
import logging, sys, warnings
from appliance.runtime import log
log.setup(sys.argv[1])
ours, theirs = logging.getLogger("appliance.uplink"), logging.getLogger("paho.mqtt")
for say in (ours.debug, ours.info, ours.warning, ours.error, theirs.info, theirs.warning):
    say("%s\\nand more", say.__self__.name)
try:
    1 // 0
except ZeroDivisionError as error:
    ours.critical("it failed", exc_info=error)
warnings.warn("old ways")
"""


def run(level: str, *, journal: bool) -> list[str]:
    with tempfile.TemporaryFile("w+") as stream:
        status = os.fstat(stream.fileno())
        # What systemd tells a service whose standard error is the journal.
        wire = f"{status.st_dev}:{status.st_ino if journal else status.st_ino + 1}"
        environ = {**os.environ, "JOURNAL_STREAM": wire}
        subprocess.run(
            [sys.executable, "-W", "default", "-c", PROGRAM, level],
            stderr=stream,
            env=environ,
            check=True,
            timeout=30,
        )
        stream.seek(0)
        return stream.read().splitlines()


def test_journald_gets_a_priority_on_each_line_and_no_time():
    lines = run("debug", journal=True)
    assert lines[:12] == [
        f"<{priority}>{text}"
        for priority, name in [
            (7, "appliance.uplink"),
            (6, "appliance.uplink"),
            (4, "appliance.uplink"),
            (3, "appliance.uplink"),
            (4, "paho.mqtt"),
        ]
        for text in (f"{name}: {name}", "and more")
    ] + ["<2>appliance.uplink: it failed", "<2>Traceback (most recent call last):"]
    assert all(re.match(r"<[2-7]>", line) for line in lines)
    assert any(line.startswith("<4>py.warnings: ") and "old ways" in line for line in lines)


def test_a_person_gets_the_time_and_the_level():
    lines = run("warning", journal=False)
    assert re.fullmatch(r"\d\d:\d\d:\d\d WARNING appliance\.uplink: appliance\.uplink", lines[0])
    assert re.fullmatch(r"\d\d:\d\d:\d\d ERROR   appliance\.uplink: appliance\.uplink", lines[2])
    assert re.fullmatch(r"\d\d:\d\d:\d\d WARNING paho\.mqtt: paho\.mqtt", lines[4])


def test_the_level_is_ours_and_others_never_say_less_than_a_warning():
    lines = run("error", journal=True)
    assert "<3>appliance.uplink: appliance.uplink" in lines
    assert "<4>appliance.uplink: appliance.uplink" not in lines
    assert "<4>paho.mqtt: paho.mqtt" in lines
