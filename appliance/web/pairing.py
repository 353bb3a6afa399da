"""Tablets that ask to belong to the stall: each shows a code, which staff types to accept it.

A tablet keeps a random key in a cookie of its own; the store keeps the key's hash once staff has accepted it. What
waits is in memory only: after a start of the box a tablet that was not accepted yet asks anew, and the others stay.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.core.errors import NotFound

CODE_DIGITS = 6
GOOD_FOR_S = 600.0
MAX_WAITING = 20  # at a time; of one address one
KEY_BYTES = 16  # 128 bits: out of reach for guessing


@dataclass(frozen=True, slots=True)
class Asked:
    """One tablet that waits: the code that it shows, and the hash of the key that it keeps."""

    code: str
    key_hash: str
    address: str
    until_s: float


@dataclass(slots=True)
class Waiting:
    """The tablets that wait; safe from many threads. `clock` gives seconds that only grow."""

    clock: Callable[[], float] = time.monotonic
    digits: Callable[[int], int] = secrets.randbelow
    _asked: dict[str, Asked] = field(default_factory=dict)  # by code, oldest first
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, address: str) -> tuple[str, str]:
        """Let a tablet wait; return its code and its key. Whoever waited at this address before waits no more."""
        key = secrets.token_urlsafe(KEY_BYTES)
        with self._lock:
            self._forget()
            for asked in [asked for asked in self._asked.values() if asked.address == address]:
                del self._asked[asked.code]
            while len(self._asked) >= MAX_WAITING:
                del self._asked[next(iter(self._asked))]
            code = self._draw()
            self._asked[code] = Asked(code, hash_of(key), address, self.clock() + GOOD_FOR_S)
        return code, key

    def of_key(self, key: str) -> Asked | None:
        """Return what the tablet with this key waits for."""
        wanted = hash_of(key)
        with self._lock:
            self._forget()
            return next((asked for asked in self._asked.values() if asked.key_hash == wanted), None)

    def of_code(self, code: str) -> Asked:
        """Return the tablet that shows a code. Raises NotFound."""
        with self._lock:
            self._forget()
            asked = self._asked.get("".join(code.split()))
        if asked is None:
            raise NotFound("pairing_unknown", "No tablet shows this code now: look again, a code holds ten minutes.")
        return asked

    def done(self, asked: Asked) -> None:
        """Let a tablet wait no more: it was accepted."""
        with self._lock:
            self._asked.pop(asked.code, None)

    def count(self) -> int:
        """Count the tablets that wait."""
        with self._lock:
            self._forget()
            return len(self._asked)

    def _forget(self) -> None:
        now_s = self.clock()
        for asked in [asked for asked in self._asked.values() if asked.until_s <= now_s]:
            del self._asked[asked.code]

    def _draw(self) -> str:
        while True:
            code = f"{self.digits(10**CODE_DIGITS):0{CODE_DIGITS}d}"
            if code not in self._asked:
                return code


def hash_of(key: str) -> str:
    """Name a key in the store: random and long, so that a plain hash tells nothing of it."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
