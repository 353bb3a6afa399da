"""Workers: named threads that do one thing over and over, can be watched, and stop when told."""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import FrameType

_log = logging.getLogger(__name__)


class Worker:
    """A thread that calls `step()`, rests for `interval_s`, and begins again until it is stopped.

    A step must return within `beat_limit_s`, or call `beat()` on its way, or the supervisor takes it for stuck.
    `interrupt` ends a blocking step from another thread; `finish` runs in the worker's thread after the last step.
    An exception from a step ends the thread and reaches `threading.excepthook`, which the supervisor owns.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], None],
        *,
        interval_s: float = 0.0,
        beat_limit_s: float = 30.0,
        interrupt: Callable[[], None] | None = None,
        finish: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self.beat_limit_s = beat_limit_s
        self._step = step
        self._interval_s = interval_s
        self._interrupt = interrupt
        self._finish = finish
        self._stop = threading.Event()
        self._roused = threading.Event()
        self._due_s = 0.0  # monotonic time at which the next beat is due
        self.last_beat_s = 0.0  # monotonic time of the last beat
        # A daemon thread: one that is stuck must not keep a process alive that wants to end.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread. A worker starts once."""
        self.beat()
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Ask the thread to end, wait for it, and say whether it did. Never raises; stopping twice is fine."""
        self._stop.set()
        self._roused.set()
        if self._interrupt is not None:
            self._interrupt()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self.alive

    def wake(self) -> None:
        """End the rest, or have none after the step at hand: the next step follows at once. From any thread."""
        self._roused.set()

    @property
    def stopping(self) -> bool:
        """Whether the worker was told to stop."""
        return self._stop.is_set()

    @property
    def stop_event(self) -> threading.Event:
        """Set once the worker was told to stop; for steps that wait in a library's own loop."""
        return self._stop

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def overdue(self) -> bool:
        """Whether the heartbeat is late."""
        return time.monotonic() > self._due_s

    def beat(self, rest_s: float = 0.0) -> None:
        """Give a sign of life; the next one is due after `rest_s` and the beat limit."""
        self.last_beat_s = time.monotonic()
        self._due_s = self.last_beat_s + rest_s + self.beat_limit_s

    def rest(self, timeout_s: float) -> bool:
        """Wait, but not beyond a stop or `wake`; return whether the worker was told to stop.

        A rest is no missed beat.
        """
        self.beat(rest_s=timeout_s)
        if not self.stopping:  # a stop may have come, and its wake been cleared, in the rest before
            self._roused.wait(timeout_s)
            self._roused.clear()
        self.beat()
        return self.stopping

    def stack(self) -> str:
        """Return where the thread is right now, as a traceback."""
        frame: FrameType | None = sys._current_frames().get(self._thread.ident or 0)
        return "".join(traceback.format_stack(frame)) if frame else "(no thread)\n"

    def _run(self) -> None:
        try:
            while not self.stopping:
                self._round()
        finally:
            if self._finish is not None:
                self._finish()

    def _round(self) -> None:
        self.beat()
        self._step()
        if self._interval_s:
            self.rest(self._interval_s)


def _nothing(timeout_s: float = 0.0) -> None:
    """Do nothing, at a start or a stop."""


class Part:
    """Something with threads of its own, or none, that starts and stops in line with the workers."""

    def __init__(
        self,
        name: str,
        *,
        start: Callable[[], None] = _nothing,
        stop: Callable[[float], None] = _nothing,
        alive: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = name
        self.start = start
        self._stop = stop
        self._is_alive = alive
        self.overdue = False

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._is_alive()

    def stop(self, timeout_s: float) -> bool:
        """Stop it; such a part is never stuck."""
        self._stop(timeout_s)
        return True

    def stack(self) -> str:
        """Return what is known of where it is: nothing."""
        return "(no thread)\n"
