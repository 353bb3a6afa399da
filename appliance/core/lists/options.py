"""How a list is to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Options:
    """`told`: field -> column. `date`: only tickets for it. `exponent`: digits after the point of the currency.

    Times without an offset are local to `time_zone`. `event`: whose tickets they are, unless the list itself says.
    """

    preset: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    date: str = ""
    time_zone: str = "UTC"
    exponent: int = 2
    event: str = ""


class OneDate:
    """Holds a list to tickets for one date: a ticket for tomorrow must not let in today."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._first: str | None = None

    def leaves_out(self, date: str) -> bool:
        """Tell whether a ticket is for another date than wanted. Raises ValueError for a second one if none is."""
        if self._wanted:
            return date != self._wanted
        if self._first is None:
            self._first = date
        if date != self._first:
            raise ValueError(f"this ticket is for '{date}', the first one for '{self._first}': choose one with --date")
        return False
