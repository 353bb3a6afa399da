"""Switching the computer off, by the command that the system has for it."""

from __future__ import annotations

import logging
import shlex
import subprocess

_log = logging.getLogger(__name__)
LIMIT_S = 20.0


def power_off(command: str) -> bool:
    """Run the command (no shell in between) and say whether it went well; never raises."""
    try:
        done = subprocess.run(
            shlex.split(command), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
        _log.error("the system cannot be halted: %s", error)
        return False
    if done.returncode:
        _log.error("the system cannot be halted: '%s' ended with %d: %s", command, done.returncode, done.stderr.strip())
    return done.returncode == 0
