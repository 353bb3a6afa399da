"""The supervisor: starts the workers, watches them, tells systemd, and ends the process as it should end.

It lives in the main thread, where Python runs signal handlers. What ends the daemon, a signal, an exception in any
thread or a stuck worker, comes in through one queue.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Protocol

from appliance.core.errors import StallboxError
from appliance.runtime.notify import Notifier

EX_OK = 0
EX_SOFTWARE = 70  # sysexits.h: an internal software error; systemd starts the daemon again
_log = logging.getLogger(__name__)


class Supervised(Protocol):
    """What the supervisor needs of a worker; `Worker` is one."""

    @property
    def name(self) -> str:
        """Name of the worker and of its thread."""

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""

    @property
    def overdue(self) -> bool:
        """Whether its heartbeat is late."""

    def start(self) -> None:
        """Start its thread."""

    def stop(self, timeout_s: float) -> bool:
        """Ask it to end, wait up to the limit and say whether it did. Never raises; also before the start."""

    def stack(self) -> str:
        """Return where its thread is right now."""


class Supervisor:
    """Runs workers in the order given, and stops them in the reverse order.

    `stop_limit_s` is the time that all workers together have to stop; `status` gives the line for
    `systemctl status`.
    """

    def __init__(
        self,
        workers: Sequence[Supervised],
        notifier: Notifier | None = None,
        *,
        stop_limit_s: float = 15.0,
        tick_s: float = 1.0,
        status: Callable[[], str] = lambda: "",
    ) -> None:
        self._workers = tuple(workers)
        self._started: list[Supervised] = []
        self._notifier = notifier or Notifier()
        self._stop_limit_s = stop_limit_s
        self._status = status
        self._last_status = ""
        self._refusal: StallboxError | None = None
        # A third of what systemd bears, so that one late tick does no harm.
        watchdog_s = self._notifier.watchdog_s
        self._tick_s = min(tick_s, watchdog_s / 3) if watchdog_s else tick_s
        # SimpleQueue: `put` may be called by a signal handler at any point of the main thread; Event.set may not.
        self._endings: queue.SimpleQueue[int] = queue.SimpleQueue()

    def run(self, on_ready: Callable[[], None] | None = None) -> int:
        """Run until a signal or a failure; return the exit code for the process. Call it in the main thread.

        Returns 0 after SIGTERM, SIGINT or `stop`, 70 after a failure. If a worker cannot be stopped, the process
        ends here with code 70, because an interpreter with a stuck thread may never end.

        Raises StallboxError, everything stopped again, if a worker cannot start for a reason that was foreseen.
        """
        code = EX_SOFTWARE
        with self._signals(), self._thread_failures():
            with _FailuresOfMain(self.fail):
                code = self._work(on_ready)
            _log.info("stopping")
            self._notifier.stopping()
            stuck = self._stop_all()
        if stuck:
            logging.shutdown()
            os._exit(EX_SOFTWARE)
        if self._refusal is not None:
            raise self._refusal
        while not self._endings.empty():  # what failed on the way out
            code = max(code, self._endings.get_nowait())
        return code

    def stop(self) -> None:
        """Ask `run` to end with code 0; from any thread or signal handler."""
        self._endings.put(EX_OK)

    def fail(self, name: str, error: BaseException) -> None:
        """Record an unforeseen exception and ask `run` to end with code 70; from any thread."""
        _log.critical("%s failed: %r", name, error, exc_info=error)
        self._endings.put(EX_SOFTWARE)

    def _work(self, on_ready: Callable[[], None] | None) -> int:
        try:
            for worker in self._workers:
                self._started.append(worker)
                worker.start()
        except StallboxError as error:  # foreseen, such as a port in use: one sentence, no traceback
            self._refusal = error
            return EX_OK
        self._notifier.ready()
        if on_ready is not None:
            on_ready()
        while True:
            self._tick()
            try:
                return self._endings.get(timeout=self._tick_s)
            except queue.Empty:
                continue

    def _tick(self) -> None:
        """Feed the watchdog, if all is well."""
        if not self._all_well():
            self._endings.put(EX_SOFTWARE)
            return
        self._notifier.alive()
        status = self._status()
        if status != self._last_status:
            self._notifier.status(status)
            self._last_status = status

    def _all_well(self) -> bool:
        well = True
        for worker in self._started:
            if not worker.alive:
                _log.critical("%s ended by itself", worker.name)
                well = False
            elif worker.overdue:
                _log.critical("%s is stuck:\n%s", worker.name, worker.stack())
                well = False
        return well

    def _stop_all(self) -> list[Supervised]:
        """Stop the workers, last started first; return those that did not."""
        deadline_s = time.monotonic() + self._stop_limit_s
        stuck = []
        for worker in reversed(self._started):
            # Half of what is left: one that is stuck must not take the time of those that it stands on.
            if not worker.stop(max(0.0, deadline_s - time.monotonic()) / 2):
                _log.error("%s does not stop:\n%s", worker.name, worker.stack())
                stuck.append(worker)
        return stuck

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT."""

        def stop(number: int, frame: FrameType | None) -> None:
            self.stop()

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def _thread_failures(self) -> Iterator[None]:
        """Fail on an exception that ends any thread, also one of a library."""

        def failed(caught: threading.ExceptHookArgs) -> None:
            error = caught.exc_value or caught.exc_type()
            self.fail(caught.thread.name if caught.thread else "a thread", error)

        before, threading.excepthook = threading.excepthook, failed
        try:
            yield
        finally:
            threading.excepthook = before


class _FailuresOfMain:
    """Treats an exception in the main thread as one in any other: recorded, and the end with code 70."""

    def __init__(self, fail: Callable[[str, BaseException], None]) -> None:
        self._fail = fail

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is not None:
            self._fail("the main thread", error)
        return error is not None
