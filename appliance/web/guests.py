"""What a guest may do: a browser that merely opened the kiosk page, which anybody on the Wi-Fi can.

A guest sees the offers and orders, at the pace of people at a tablet, so that nobody floods the till's list of
orders. Scanning needs a token or a PIN: a guest could use up the tickets of others, or light the door's lamp.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from appliance.core.errors import Refusal
from appliance.web.routes import Route

AT_ONCE = 20  # acts of one address in a row: a tablet at a rush
EVERY_S = 6.0  # and one more in so long
MAX_ADDRESSES = 1000


@dataclass(slots=True)
class _Allowance:
    acts: float
    at_s: float


class Guests:
    """Counts the acts of guests by address; safe from many threads. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_address: OrderedDict[str, _Allowance] = OrderedDict()

    def check(self, route: Route, address: str) -> None:
        """Let a guest call a route, or not. Raises Refusal 403 and 429."""
        if not route.guests:
            raise Refusal("forbidden", "Only staff does this: open the staff page and enter the PIN.", 403)
        if route.body is not None and not route.reads:
            self.pace(f"{address} aside" if route.aside else address)

    def pace(self, address: str) -> None:
        """Count an act of a guest's. Raises Refusal 429 where there are too many."""
        if not self._take(address):
            raise Refusal("too_fast", "Too much at once from this device: wait a moment, then press again.", 429)

    def _take(self, address: str) -> bool:
        with self._lock:
            now_s = self._clock()
            allowance = self._by_address.setdefault(address, _Allowance(AT_ONCE, now_s))
            self._by_address.move_to_end(address)
            if len(self._by_address) > MAX_ADDRESSES:
                self._by_address.popitem(last=False)
            allowance.acts = min(AT_ONCE, allowance.acts + (now_s - allowance.at_s) / EVERY_S)
            allowance.at_s = now_s
            if allowance.acts < 1:
                return False
            allowance.acts -= 1
            return True
