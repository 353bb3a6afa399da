"""The rehearsal on configured devices, with a person at hand: here the person is the test, the wires are emulated."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from appliance.sim.kit import Kit

pytestmark = pytest.mark.system
LIMIT_S = 100


def own_wires(kit: Kit, folder: Path) -> Path:
    """Configure printer and door scanner by path; battery and panel hang on objects, so this box has none."""
    tables = re.split(r"\n(?=\[)", kit.settings())
    kept = [table for table in tables if table.lstrip().startswith(("[printer]", "[scanners.door]"))]
    config = folder / "box.toml"
    config.write_text("\n\n".join(kept), encoding="utf-8")
    return config


def rehearse(config: Path, data: Path, kit: Kit, answers: str) -> tuple[int, str]:
    """Run the command; scan what it asks to have scanned, and answer its questions."""
    command = [sys.executable, "-m", "appliance", "rehearse", "--data", str(data), "--config", str(config)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    )
    assert process.stdin
    assert process.stdout
    watchdog = threading.Timer(LIMIT_S, process.kill)
    watchdog.start()
    try:
        process.stdin.write(answers)
        process.stdin.close()
        lines = []
        for line in process.stdout:
            lines.append(line)
            if asked := re.search(r"Please scan .*: (\S+)$", line.strip()):
                kit.scan("door", asked[1])
        process.stdout.close()
        return process.wait(LIMIT_S), "".join(lines)
    finally:
        watchdog.cancel()


def test_a_person_who_says_yes_has_a_box_that_is_ready(tmp_path: Path) -> None:
    kit = Kit(tmp_path / "kit")
    kit.start()
    try:
        config = own_wires(kit, tmp_path)
        code, report = rehearse(config, tmp_path / "data", kit, "y\ny\n")
        assert code == 0, report
        assert "the box is ready" in report
        assert re.search(r"none\s+battery read\s+this box has none", report)
        assert re.search(r"none\s+received over MQTT\s+no uplink is configured", report)
        assert re.search(r"ok\s+scan of a used ticket\s+Already used", report)
        assert "REHEARSAL TICKET" in kit.printer.text()
        assert "REHEARSAL - not a receipt" in kit.printer.text()
    finally:
        kit.close()


def test_a_drawer_that_stayed_shut_fails_the_rehearsal(tmp_path: Path) -> None:
    kit = Kit(tmp_path / "kit")
    kit.start()
    try:
        code, report = rehearse(own_wires(kit, tmp_path), tmp_path / "data", kit, "y\nn\n")
        assert code == 1, report
        assert re.search(r"FAILED\s+drawer\s+the drawer stayed shut", report)
        assert "1 of 13 steps failed" in report
    finally:
        kit.close()
