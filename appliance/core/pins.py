"""PINs: how they are drawn, which are too weak, and the slow hash under which a cashier's is kept."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable

PIN_DIGITS = 6
SALT_BYTES = 16
# scrypt as RFC 7914, section 2, names it for interactive log-ins: 16 MiB and tens of milliseconds a try.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1


def is_weak_pin(pin: str) -> bool:
    """Tell whether a PIN is among those that people try first: few digits, runs, repeats, mirrors."""
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    half = len(pin) // 2
    return len(set(pin)) < 4 or len(steps) == 1 or pin[:half] == pin[half:] or pin == pin[::-1]


def draw_pin(digits: Callable[[int], int]) -> str:
    """Draw a PIN that is not weak; `digits(n)` draws a number below n."""
    while True:
        pin = f"{digits(10**PIN_DIGITS):0{PIN_DIGITS}d}"
        if not is_weak_pin(pin):
            return pin


def pin_hash(pin: str, salt: str) -> str:
    """Return the hash of a PIN under a salt, both in hexadecimal. Slow on purpose."""
    raw = hashlib.scrypt(
        pin.encode("utf-8", "replace"), salt=bytes.fromhex(salt), n=_COST, r=_BLOCK, p=_PARALLEL, dklen=32
    )
    return raw.hex()
