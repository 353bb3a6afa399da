"""Waiting for a condition with a limit: what tests use in place of sleeping."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PAUSE_S = 0.005


def wait_until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    """Return once `condition()` is true; AssertionError when it is still false after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            name = getattr(condition, "__qualname__", repr(condition))
            raise AssertionError(f"still waiting for {name} after {timeout_s} s")
        threading.Event().wait(PAUSE_S)
