"""The office's commands, run by the daemon for its owner's page: each in a process of its own.

A list of 200,000 tickets takes more memory and time than a daemon at the door may give away, and a process gives both
back. What it prints is what a person at the command line reads.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from appliance.core.errors import Refusal, StallboxError
from appliance.core.ports import Told
from appliance.core.ports.office import Body

LIMIT_S = 900.0  # a long list on a slow card


class Office:
    """Runs one command at a time over the daemon's own data folder."""

    def __init__(self, data: Path) -> None:
        """Clear away what an upload left behind when the plug was pulled."""
        self._data = data
        self._uploads = data / "uploads"
        self._one = threading.Lock()
        shutil.rmtree(self._uploads, ignore_errors=True)

    def take_list(self, name: str, body: Body, dry_run: bool) -> Told:
        """Take a list of tickets in, or only check it. Raises StallboxError if there is no room for it."""
        try:
            self._uploads.mkdir(mode=0o700, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._uploads) as folder:
                file = Path(folder) / name
                with file.open("wb") as out:
                    shutil.copyfileobj(body, out)
                words = ["tickets", "import", str(file), f"--source={name}"]
                return self._run([*words, "--dry-run"] if dry_run else words)
        except OSError as error:
            raise StallboxError("no_room", f"The list cannot be kept on the disk: {error.strerror}.") from error

    def remove_list(self, name: str) -> Told:
        """Take a list away."""
        return self._run(["tickets", "remove", f"--source={name}"])

    def purge(self) -> Told:
        """Take away all that is personal."""
        return self._run(["event", "purge", "--yes"])

    def back_up(self) -> BinaryIO:
        """Copy store, keys and tokens into one file, which is gone once it is closed. Raises StallboxError."""
        return self._made("backup", "There is no backup")

    def report(self) -> BinaryIO:
        """Pack a report for who supports the box; it is gone once it is closed. Raises StallboxError."""
        return self._made("report", "There is no report")

    def _made(self, command: str, failed: str) -> BinaryIO:
        """Run a command that writes a file, and return that. Raises StallboxError."""
        try:
            self._uploads.mkdir(mode=0o700, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._uploads) as folder:
                file = Path(folder) / f"{command}.tar.gz"
                told = self._run([command, str(file)])
                if not told.done:
                    why = told.lines[-1].removeprefix("stallbox: ") if told.lines else "it was not written."
                    raise StallboxError(f"no_{command}", f"{failed}: {why}")
                return file.open("rb")
        except OSError as error:
            raise StallboxError("no_room", f"{failed}: there is no room on the disk: {error.strerror}.") from error

    def _run(self, words: Sequence[str]) -> Told:
        """Run a command. Raises Refusal if another one runs, or this one does not end."""
        if not self._one.acquire(blocking=False):
            raise Refusal("office_busy", "Another task of the office runs: wait until it is done.", status=409)
        try:
            command = [sys.executable, "-m", "appliance", *words, "--data", str(self._data)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise Refusal("office_slow", f"This took over {LIMIT_S:.0f} s and was stopped.", status=503) from error
        finally:
            self._one.release()
        return Told(done.returncode == 0, [line for line in (done.stdout + done.stderr).splitlines() if line.strip()])
