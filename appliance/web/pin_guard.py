"""How often a PIN may be tried: waits that grow, for one address and for all of them together.

Nobody is made to wait in a thread: a try that comes too early is refused and told when to come again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE_TRIES = 3  # wrong PINs of one address before it has to wait
FREE_TRIES_OVERALL = 20  # wrong PINs of all addresses before all have to wait
MAX_WAIT_S = 300.0
MAX_WAIT_OVERALL_S = 10.0  # short, so that a prankster cannot lock the staff out for long
FORGET_AFTER_S = 900.0
MAX_ADDRESSES = 1000


@dataclass(slots=True)
class _Tries:
    failures: int = 0
    last_at_s: float = 0.0
    open_at_s: float = 0.0  # no try is taken before

    def note(self, now_s: float, free: int, max_wait_s: float) -> None:
        if now_s - self.last_at_s > FORGET_AFTER_S:
            self.failures = 0
        self.failures += 1
        self.last_at_s = now_s
        over = min(self.failures - free, 16)
        self.open_at_s = now_s + min(2.0**over, max_wait_s) if over >= 0 else 0.0


class PinGuard:
    """Counts tries; safe from many threads. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_address: OrderedDict[str, _Tries] = OrderedDict()
        self._overall = _Tries()

    def attempt(self, address: str) -> float:
        """Take a try and return 0, or return for how many seconds the address has to wait.

        A try counts as wrong until `succeeded` is called, so that tries at the same instant all count.
        """
        with self._lock:
            now_s = self._clock()
            tries = self._by_address.setdefault(address, _Tries())
            self._by_address.move_to_end(address)
            if len(self._by_address) > MAX_ADDRESSES:
                self._by_address.popitem(last=False)
            wait_s = max(tries.open_at_s, self._overall.open_at_s) - now_s
            if wait_s > 0:
                return wait_s
            tries.note(now_s, FREE_TRIES, MAX_WAIT_S)
            self._overall.note(now_s, FREE_TRIES_OVERALL, MAX_WAIT_OVERALL_S)
            return 0.0

    def succeeded(self, address: str) -> None:
        """Forget the address's tries, and the one that was counted for all."""
        with self._lock:
            self._by_address.pop(address, None)
            self._overall.failures = max(0, self._overall.failures - 1)
            if self._overall.failures < FREE_TRIES_OVERALL:
                self._overall.open_at_s = 0.0
