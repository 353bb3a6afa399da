"""What was scanned lands on the tablet that stands at that scanner. In memory only: it names vouchers and cards."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from appliance.core.verdict import Verdict

Listener = Callable[[Verdict, str], None]
KEPT_S = 15.0  # who scanned something is still looking at the tablet
MOST_KEPT = 50  # of one scanner: more than a hand scans in that time


def telling(*listeners: Listener) -> Listener:
    """Return what tells each of several listeners of a verdict and the scanner that it is of."""

    def tell(verdict: Verdict, scanner: str) -> None:
        for listener in listeners:
            listener(verdict, scanner)

    return tell


class Landings:
    """Keeps the newest scans of each scanner for a moment; safe from many threads. `clock` gives growing seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._newest: dict[str, deque[tuple[float, Verdict]]] = {}

    def put(self, verdict: Verdict, scanner: str) -> None:
        """Take a verdict that is on the disk; one that is not (the box could not decide) lands nowhere."""
        if verdict.seq:
            with self._lock:
                kept = self._newest.setdefault(scanner, deque(maxlen=MOST_KEPT))
                kept.append((self._clock(), verdict))

    def newest(self, scanner: str) -> tuple[Verdict, ...]:
        """Return the scans of a scanner that are not too long ago, oldest first."""
        with self._lock:
            kept = self._newest.get(scanner, deque())
            while kept and self._clock() - kept[0][0] > KEPT_S:
                kept.popleft()
            return tuple(verdict for _, verdict in kept)
