"""What a list says of one ticket, whichever program wrote the list."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from appliance.core.holders import Holder
from appliance.core.tomltext import Problem, TomlProblems

__all__ = ["MAX_PROBLEMS", "Holder", "ListProblems", "ListedStatus", "ListedTicket", "TicketRows"]

MAX_PROBLEMS = 100  # enough for a person to see what is wrong with a list


class ListedStatus(enum.StrEnum):
    """What the organiser says of a ticket."""

    VALID = "valid"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    UNPAID = "unpaid"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ListedTicket:
    """One ticket of a list.

    `code` is normalised as a scan is. `valid_from` and `valid_until` are RFC 3339 in UTC. `entries_allowed` is 0 for
    any number, None where the list does not say. `price_due_minor` is what an unpaid ticket costs, None where the list
    does not say. `line` is where it begins in the file, 0 in a file without lines.
    """

    code: str
    product: str = ""
    status: ListedStatus = ListedStatus.VALID
    valid_from: str | None = None
    valid_until: str | None = None
    entries_allowed: int | None = None
    note: str = ""
    price_due_minor: int | None = None
    holder: Holder | None = None
    line: int = 0
    event: str = ""  # its id in Stallbox; empty: whichever is loaded
    short_code: str = ""  # Stallbox's own, as it is kept; empty: none, or no other than `code`
    language: str = ""  # of its holder, one of wording.LANGUAGES
    status_only: bool = False  # the list tells nothing else of it: what another one told stays


class ListProblems(TomlProblems):
    """All that is wrong with a list; `problems` are the first MAX_PROBLEMS, `total` says how many there are."""

    def __init__(self, problems: Iterable[Problem], total: int | None = None) -> None:
        shown = list(problems)
        super().__init__(shown[:MAX_PROBLEMS])
        self.total = len(shown) if total is None else total


class TicketRows(Protocol):
    """A list that was opened: its columns are known, its rows not yet read."""

    preset: str  # the name of the form that it has
    mapping: Mapping[str, str]  # field -> the column or the place that it is read from
    size: int  # about how many rows there are, for a progress bar
    notes: list[str]  # what a person should know, one sentence each; complete once all rows were read
    skipped: dict[str, int]  # why rows were left out -> how many

    def rows(self) -> Iterator[ListedTicket | Problem]:
        """Read the list: each row is a ticket or what is wrong with it. Raises nothing. To be read once."""
