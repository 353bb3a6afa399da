"""What was scanned lands on the tablet that stands at that scanner. In memory only: it names vouchers and cards."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from appliance.core.verdict import Verdict

Listener = Callable[[Verdict, str], None]
KEPT_S = 15.0  # who scanned something is still looking at the tablet


def telling(*listeners: Listener) -> Listener:
    """Return what tells each of several listeners of a verdict and the scanner that it is of."""

    def tell(verdict: Verdict, scanner: str) -> None:
        for listener in listeners:
            listener(verdict, scanner)

    return tell


class Landings:
    """Keeps the newest scan of each scanner for a moment; safe from many threads. `clock` gives growing seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._newest: dict[str, tuple[float, Verdict]] = {}

    def put(self, verdict: Verdict, scanner: str) -> None:
        """Take a verdict that is on the disk; one that is not (the box could not decide) lands nowhere."""
        if verdict.seq:
            with self._lock:
                self._newest[scanner] = (self._clock(), verdict)

    def newest(self, scanner: str) -> Verdict | None:
        """Return the newest scan of a scanner, unless it is too long ago."""
        with self._lock:
            at_s, verdict = self._newest.get(scanner, (0.0, None))
            if verdict is not None and self._clock() - at_s > KEPT_S:
                del self._newest[scanner]
                return None
            return verdict
