"""A USB stick that somebody plugs in to carry a backup away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class StickFacts:
    """A stick as its owner knows it: its name, and how large it is."""

    name: str
    size_bytes: int


class StickPort(Protocol):
    """The one stick that is plugged in, if there is one."""

    def look(self) -> StickFacts | None:
        """Return the stick that is there; None for none."""

    def keep(self, file: BinaryIO, name: str) -> int:
        """Copy a file onto the stick, read it back, let go of the stick; return the bytes that are still free on it.

        Raises StallboxError, nothing by that name left behind: no stick, no room, pulled out, another thing read back.
        """
