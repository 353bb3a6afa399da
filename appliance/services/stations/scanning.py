"""A scanner in its role."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from appliance.core.codes import DoubleReads
from appliance.core.devices import (
    Condition,
    Scanner,
)
from appliance.core.errors import StoreUnavailable
from appliance.core.ports import DeskPort
from appliance.core.trust import ReadersOf, no_readers
from appliance.core.verdict import Verdict
from appliance.services import door
from appliance.services.stations.pace import READ_S

log = logging.getLogger(__name__)


class ScanStation:
    """A scanner in its role: reads a code, has it decided, tells those who show it.

    A code that is read again within DOUBLE_READ_S gets the same verdict again and no second entry. `clock` gives
    seconds that only grow.
    """

    def __init__(
        self,
        role: str,
        desk: DeskPort,
        on_verdict: Callable[[Verdict, str], None],
        readers_of: ReadersOf = no_readers,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._role = role
        self._desk = desk
        self._on_verdict = on_verdict
        self._readers_of = readers_of
        self._clock = clock
        self._told: DoubleReads[Verdict] = DoubleReads()

    def step(self, scanner: Scanner) -> Condition | None:
        """Wait a moment for a code and decide about it."""
        code = scanner.read(READ_S)
        if code is not None:
            self._on_verdict(self._told.recall(self._role, code, self._clock()) or self._decide(code), self._role)
        return None

    def _decide(self, code: bytes) -> Verdict:
        try:
            verdict = self._desk.submit(lambda books: door.scan(books, code, self._role, readers_of=self._readers_of))
        except (StoreUnavailable, TimeoutError) as error:
            log.error("a scan at '%s' could not be decided: %s", self._role, error)
            return door.undecided()
        self._told.remember(self._role, code, self._clock(), verdict)
        return verdict
