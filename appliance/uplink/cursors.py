"""Keeping the two cursors in the store, late on purpose: a lost cursor only means sending again."""

from __future__ import annotations

from appliance.core.errors import StoreUnavailable
from appliance.core.ports import Books, DeskPort
from appliance.uplink.outbox import Outbox

PUBLISHED = "mqtt.published"
STORED = "mqtt.stored"
SAVE_EVERY_S = 1.0  # each save costs the card one fdatasync, however many acknowledgements it holds


class Cursors:
    """Loads the cursors and saves them at most once in SAVE_EVERY_S."""

    def __init__(self, desk: DeskPort) -> None:
        self._desk = desk
        self._saved = (0, 0)
        self._save_at_s = 0.0

    def load(self) -> tuple[int, int]:
        """Return (published, stored). Raises StoreUnavailable."""
        with self._desk.reading() as books:
            self._saved = books.cursors.get(PUBLISHED), books.cursors.get(STORED)
        return self._saved

    def save_if_due(self, outbox: Outbox, now_s: float) -> None:
        """Save what has moved, if the last save is long enough ago."""
        if (outbox.published, outbox.stored) != self._saved and now_s >= self._save_at_s:
            self.save(outbox)
            self._save_at_s = now_s + SAVE_EVERY_S

    def save(self, outbox: Outbox) -> None:
        """Save what has moved. A store that cannot take it now gets it the next time."""
        reached = (outbox.published, outbox.stored)
        if reached == self._saved:
            return
        moved = [
            (name, seq)
            for name, seq, saved in zip((PUBLISHED, STORED), reached, self._saved, strict=True)
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
