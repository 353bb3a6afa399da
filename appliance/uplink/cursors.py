"""Keeping the two cursors in the store, late on purpose: a lost cursor only means sending again.

They count for one source, fleet and box: another fleet's collector has nothing of what the last one stored.
"""

from __future__ import annotations

import hashlib

from appliance.core.errors import StoreUnavailable
from appliance.core.ports import Books, DeskPort
from appliance.uplink.outbox import Outbox

PUBLISHED = "mqtt.published"
STORED = "mqtt.stored"
SOURCE = "mqtt.source"  # whose the other two are
SAVE_EVERY_S = 1.0  # each save costs the card one fdatasync, however many acknowledgements it holds


class Cursors:
    """Loads a source's cursors and saves them at most once in SAVE_EVERY_S."""

    def __init__(self, desk: DeskPort, source: str) -> None:
        self._desk = desk
        self._source = _number_of(source)
        self._saved = (0, 0, 0)  # source, published, stored
        self._save_at_s = 0.0

    def load(self) -> tuple[int, int]:
        """Return (published, stored), both 0 if those that were kept are another source's. Raises StoreUnavailable."""
        with self._desk.reading() as books:
            get = books.cursors.get
            self._saved = source, published, stored = get(SOURCE), get(PUBLISHED), get(STORED)
        if source not in (0, self._source):  # 0: kept by a version that did not note whose they are
            return 0, 0
        return published, stored

    def save_if_due(self, outbox: Outbox, now_s: float) -> None:
        """Save what has moved, if the last save is long enough ago."""
        if self._reached(outbox) != self._saved and now_s >= self._save_at_s:
            self.save(outbox)
            self._save_at_s = now_s + SAVE_EVERY_S

    def save(self, outbox: Outbox) -> None:
        """Save what has moved. A store that cannot take it now gets it the next time."""
        reached = self._reached(outbox)
        if reached == self._saved:
            return
        moved = [
            (name, seq)
            for name, seq, saved in zip((SOURCE, PUBLISHED, STORED), reached, self._saved, strict=True)
            if seq != saved
        ]

        def command(books: Books) -> None:
            for name, seq in moved:
                books.cursors.set(name, seq)

        try:
            self._desk.submit(command)
        except (StoreUnavailable, TimeoutError):
            return
        self._saved = reached

    def _reached(self, outbox: Outbox) -> tuple[int, int, int]:
        return self._source, outbox.published, outbox.stored


def _number_of(source: str) -> int:
    """Return a source as a number, which is what the store keeps as a cursor; never 0."""
    return int.from_bytes(hashlib.sha256(source.encode()).digest()[:6]) or 1
