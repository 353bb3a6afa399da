"""The PIN that the owner chose: not kept itself, it opens the key of the names.

The file holds a X25519 pair, its private half sealed under scrypt(PIN). That seal is also what tells a right PIN from
a wrong one: there is nothing else to try it on.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import threading
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from appliance.core.errors import Refusal, StallboxError
from appliance.store.keys import write_durably
from appliance.store.sealing import seal, unseal

OWNER_PIN = "owner-pin.json"
LEAST_CHARS, MOST_CHARS = 6, 64
_ABOUT = "stallbox owner key 1"
# scrypt (RFC 7914) in 16 MiB: 50 ms on the development machine, some 0.4 s on a Pi Zero 2 W: reckoned, not
# measured. Twice as much would be felt by whoever types it there.
_N, _R = 2**14, 8


class Vault:
    """See VaultPort in core/ports; from any thread. The file is read at each use: the command line may change it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / OWNER_PIN
        self._lock = threading.Lock()  # one derivation at a time: each takes 16 MiB of a small box
        self._owner_key: bytes | None = None

    @property
    def has_pin(self) -> bool:
        """Whether the owner has chosen a PIN."""
        return self._path.exists()

    @property
    def public_key(self) -> bytes | None:
        """To which the keys of lists are sealed; None without a PIN. Raises StallboxError."""
        return base64.b64decode(self._read()["public_key"]) if self.has_pin else None

    @property
    def mark(self) -> str:
        """Tell one chosen PIN from another: each has a salt of its own. Raises StallboxError."""
        return hashlib.sha256(self._read()["salt"].encode()).hexdigest()[:16] if self.has_pin else ""

    @property
    def owner_key(self) -> bytes | None:
        """The opened key."""
        return self._owner_key

    def is_pin(self, pin: str) -> bool:
        """Tell whether this is the chosen PIN."""
        return self._opened(pin) is not None

    def set_pin(self, pin: str, current: str = "") -> None:
        """Choose a PIN; without the current one a new pair is made and older names are lost to search."""
        _check(pin)
        private_key = self._opened(current) if current and self.has_pin else None
        if current and self.has_pin and private_key is None:
            raise Refusal("wrong_pin", "The current PIN is not right.", 403)
        if private_key is None:
            self.lock()
        self._write(pin, private_key or X25519PrivateKey.generate().private_bytes_raw())

    def unlock(self, pin: str) -> bool:
        """Open the key; False if the PIN is wrong."""
        found = self._opened(pin)
        if found is not None:
            self._owner_key = found
        return found is not None

    def lock(self) -> None:
        """Forget the opened key."""
        self._owner_key = None

    def _opened(self, pin: str) -> bytes | None:
        if not self.has_pin:
            return None
        kept = self._read()
        salt, sealed = base64.b64decode(kept["salt"]), base64.b64decode(kept["sealed_private_key"])
        return unseal(self._derived(pin, salt), sealed, _ABOUT)

    def _derived(self, pin: str, salt: bytes) -> bytes:
        with self._lock:
            return hashlib.scrypt(pin.encode("utf-8", "replace"), salt=salt, n=_N, r=_R, p=1, maxmem=2**25, dklen=32)

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return {name: kept[name] for name in ("salt", "public_key", "sealed_private_key")}
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"{self._path} is damaged: restore it from a backup, or remove it and choose a new PIN."
            raise StallboxError("pin_damaged", message) from error

    def _write(self, pin: str, private_key: bytes) -> None:
        salt = os.urandom(16)
        public_key = X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()
        sealed = seal(self._derived(pin, salt), private_key, _ABOUT)
        kept = {"salt": salt, "public_key": public_key, "sealed_private_key": sealed}
        text = json.dumps({name: base64.b64encode(value).decode() for name, value in kept.items()}, indent=2)
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(self._path, text.encode() + b"\n")


def _check(pin: str) -> None:
    """Refuse what is guessed at once. Raises Refusal."""
    if not LEAST_CHARS <= len(pin) <= MOST_CHARS or not pin.isprintable() or pin != pin.strip():
        raise Refusal("bad_pin", f"A PIN has {LEAST_CHARS} to {MOST_CHARS} characters, and no space at its ends.")
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(pin)}
    if len(set(pin)) < 4 or len(steps) == 1:
        raise Refusal("weak_pin", "This PIN is among those that people try first: choose another.")
