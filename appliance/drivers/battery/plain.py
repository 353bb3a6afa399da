"""What battery boards have in common that only measure: no clock, no switch."""

from __future__ import annotations

import datetime as dt


class MeasuringBoard:
    """The part of the Battery face that such a board answers with nothing."""

    def cut_after_halt(self, delay_s: int, wake_pct: int | None) -> bool:
        """Say that it cannot."""
        return False

    def keep_on(self) -> None:
        """Do nothing: nothing was planned."""

    def read_clock(self) -> dt.datetime | None:
        """Say that there is no clock."""
        return None

    def set_clock(self, at: dt.datetime) -> None:
        """Do nothing."""
