"""The clock of the box, for those who may set it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

from appliance.core.clock import Moment


class ClockPort(Protocol):
    """Tells the time, and takes another one."""

    @property
    def built_at(self) -> dt.datetime | None:
        """When this software was built, None if nobody knows: it was never earlier than that."""

    def now(self) -> Moment:
        """Return the time with its quality and source."""

    def mark(self) -> Mapping[str, object]:
        """Return what finds this very instant again after a restart of the daemon, as plain JSON values."""

    def monotonic(self) -> float:
        """Return seconds that never jump; only differences mean something."""

    def go_by_tablet(self, ahead: dt.timedelta) -> None:
        """Put the clock forward (or back, if negative), and go by that until a time server is there."""
