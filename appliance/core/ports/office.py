"""Commands of the office that the owner's page has run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended: whether it was done, and its lines as a person at the command line reads them."""

    done: bool
    lines: Sequence[str]


class Body(Protocol):
    """What somebody sends, read bit by bit."""

    def read(self, size: int = -1, /) -> bytes:
        """Read up to so many bytes; none at the end."""


class OfficePort(Protocol):
    """Runs commands of `stallbox` beside the daemon. Every method raises Refusal if the office is busy."""

    def take_list(self, name: str, body: Body, dry_run: bool) -> Told:
        """Take a list of tickets in, or only check it. `name` is a plain file's name. Raises StallboxError."""

    def remove_list(self, name: str) -> Told:
        """Take a list away."""

    def purge(self) -> Told:
        """Take away all that is personal, for ever."""

    def back_up(self) -> BinaryIO:
        """Copy store, keys and tokens into one file, which is gone once it is closed. Raises StallboxError."""

    def report(self) -> BinaryIO:
        """Pack what who supports the box needs to know; it is gone once it is closed. Raises StallboxError."""


class SettingsPort(Protocol):
    """The settings that the owner makes on the setup page."""

    def read(self) -> Mapping[str, Mapping[str, str | bool]]:
        """Return what the owner set, by table and key."""

    def keep(self, table: str, values: Mapping[str, str | bool]) -> None:
        """Set some keys of a table. Raises Refusal if a value is none."""
