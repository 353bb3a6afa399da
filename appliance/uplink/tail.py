"""Reading the journal in runs, so that a long backlog costs one query for many entries."""

from __future__ import annotations

from collections import deque

from appliance.core.errors import StoreUnavailable
from appliance.core.journal import Entry
from appliance.core.ports import DeskPort

_RUN = 250  # entries read at once: about 150 KB


class Tail:
    """The journal from wherever the outbox wants to go on."""

    def __init__(self, desk: DeskPort) -> None:
        self._desk = desk
        self._run: deque[Entry] = deque()

    def entry(self, seq: int) -> Entry:
        """Return one entry; asking for them in order is cheap. Raises StoreUnavailable."""
        if not self._run or self._run[0].seq != seq:
            with self._desk.reading() as books:
                self._run = deque(books.journal.after(seq - 1, _RUN))
        if not self._run or self._run[0].seq != seq:
            raise StoreUnavailable("journal_gap", f"Entry {seq} of the journal cannot be read.")
        return self._run.popleft()
