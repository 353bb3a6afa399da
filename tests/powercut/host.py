"""What recording and replaying need of the computer they run on: its tools, and a clean-up that always comes."""

from __future__ import annotations

import subprocess
import weakref
from pathlib import Path

COMMAND_LIMIT_S = 120  # to copy a whole card takes a while


def run(*command: str | Path) -> str:
    """Run a system tool and give its output; RuntimeError with its own words when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_LIMIT_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.returncode}")
    return done.stdout.strip()


class Cleaner:
    """Runs a shell script when told to, or else when this process ends, even by SIGKILL.

    The script runs in a process of its own that waits for a line on its input: our death closes that input,
    which counts as the word. `places` are the script's $1, $2 and so on.
    """

    def __init__(self, script: str, *places: Path) -> None:
        # In its own session, so that Ctrl-C in a terminal ends the tests but not the clean-up.
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", f"read -r _\n{script}", "cleaner", *places],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._finalizer = weakref.finalize(self, finish, self._process)

    def finish(self) -> None:
        """Run the script and wait for its end; calling it again does nothing."""
        self._finalizer()


def finish(process: subprocess.Popen[bytes]) -> None:
    """Say the word and wait."""
    process.communicate(b"\n", timeout=COMMAND_LIMIT_S)
