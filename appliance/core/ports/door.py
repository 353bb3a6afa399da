"""Tickets and their uses, members, keyboards of scanners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from appliance.core.trade import (
    Member,
    Ticket,
    TicketStatus,
)


@dataclass(frozen=True, slots=True)
class ScannerLayout:
    """A scanner's keyboard: what arrives -> what is on the code, and until when its calibration card is awaited."""

    swaps: Mapping[str, str]
    card_expected_until: str | None = None


class TicketsPort(Protocol):
    """Tickets and their uses, members, and the keyboards of scanners."""

    def find(self, id: str) -> Ticket | None:
        """Find a ticket by its id, or by the hash of another code of it."""

    def import_all(self, tickets: Iterable[Ticket], source: str = "") -> tuple[int, int, int]:
        """Add or update tickets and their aliases, never forgetting a use.

        Return how many are new, changed and the same.

        `source` names the list that they come from. A ticket of several lists belongs to the one taken in last.
        """

    def sources(self, event: str = "") -> Mapping[str, int]:
        """Return how many tickets came from each list; of one event if it is named."""

    def remove_unused(self, source: str, limit: int, event: str = "") -> int:
        """Take away up to `limit` tickets of a list that were never used nor paid here; return how many it were."""

    def add(self, ticket: Ticket) -> None:
        """Keep a ticket that is on no list (a signed one), unless it is known; its uses are not taken over."""

    def keep_use(self, ticket: Ticket, came_in: int) -> None:
        """Keep how a ticket was used, and that so many more people are inside (below 0: fewer)."""

    def set_status(self, id: str, status: TicketStatus) -> bool:
        """Change what a ticket is worth, such as from unpaid to valid; False if it is not known."""

    def keep_paid_here(self, id: str, paid: bool) -> None:
        """Remember that a ticket was paid at this till, which no list undoes that calls it unpaid; or forget it."""

    def inside(self) -> int:
        """Return how many people are inside."""

    def counts(self) -> Mapping[str, int]:
        """Return the number of tickets of each TicketStatus, and how many were `used`."""

    def all(self) -> Iterator[Ticket]:
        """Walk all tickets."""

    def layout(self, scanner: str) -> ScannerLayout | None:
        """Return what is known of a scanner's keyboard; None if nothing."""

    def keep_layout(self, scanner: str, layout: ScannerLayout) -> None:
        """Keep what is known of a scanner's keyboard."""

    def member(self, code: str) -> Member | None:
        """Find a member by the code of the card, however it was typed."""

    def add_member(self, member: Member) -> None:
        """Keep a new member."""

    def renew_member(self, code: str, valid_until: str | None) -> None:
        """Let a membership hold until another time (None: for ever)."""

    def add_credits(self, code: str, credits: int) -> None:
        """Add to a member's balance."""
