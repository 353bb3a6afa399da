"""Who may enter: tickets and their types, keys of signed tickets, members."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class TicketStatus(enum.StrEnum):
    """What a list says of a ticket."""

    VALID = "valid"
    CANCELLED = "cancelled"  # by the organiser
    BLOCKED = "blocked"  # for now; the organiser can lift it
    REVOKED = "revoked"  # another ticket took its place
    UNPAID = "unpaid"  # may be paid at the till


class EntryRule(enum.StrEnum):
    """How often a ticket lets somebody in."""

    COUNTED = "counted"  # as often as `entries` says, whoever comes
    REENTRY = "reentry"  # one person, who may come back after going out
    DAILY = "daily"  # one person, once on each day of the event


@dataclass(frozen=True, slots=True)
class Ticket:
    """A right to enter. `id` comes out of its code (see holders.py), which itself is not kept.

    Times are RFC 3339 in UTC. What is None or empty here, the ticket's type says (see TicketType).
    """

    id: str
    product: str
    status: TicketStatus
    first_used_at: str | None = None
    first_used_by: str = ""  # the scanner or tablet that admitted it
    event: str = ""  # the event that it is for; empty: the one that is loaded
    valid_from: str | None = None
    valid_until: str | None = None  # this instant is too late
    entry: EntryRule | None = None
    entries_allowed: int | None = None  # 0: without limit
    entries_used: int = 0
    inside: int = 0  # how many people came in with it and did not go out
    last_entry_at: str | None = None
    note: str = ""  # what staff should see to; of a list's ticket it is sealed with the holder
    price_due_minor: int = 0  # what is missing of an unpaid one; 0: the price of its type's offer
    aliases: tuple[str, ...] = ()  # SHA-256 of other codes of it, told when it is taken in; never read back
    language: str = ""  # of its holder, one of wording.LANGUAGES; empty: not known
    holder: str = ""  # tells one sealed record of its holder from another; empty: it has none
    status_only: bool = False  # a list tells its status and nothing else of it; never read back


@dataclass(frozen=True, slots=True)
class TicketType:
    """What holds for every ticket of one product, unless the ticket itself says otherwise."""

    product: str
    name: str = ""
    entry: EntryRule = EntryRule.COUNTED
    entries: int | None = None  # None: 1 if counted, else without limit, which is 0
    offer: str = ""  # the offer whose price an unpaid ticket costs
    note: str = ""
    valid_from: str | None = None
    valid_until: str | None = None


class KeyFormat(enum.StrEnum):
    """Whose signed tickets a key is for."""

    STALLBOX = "stallbox"
    PRETIX = "pretix"


@dataclass(frozen=True, slots=True)
class TicketKey:
    """A key that the door trusts: the 32 bytes of an Ed25519 public key."""

    format: KeyFormat
    public_key: bytes


@dataclass(frozen=True, slots=True)
class PretixItem:
    """What pretix's number of a product means at this door. `variation` 0: every one that has no line of its own."""

    item: int
    product: str
    variation: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A person with a membership. `code` is what the card says; `valid_until` None is for ever."""

    code: str
    credits: int
    joined_at: str
    valid_until: str | None = None

    def is_valid(self, at: str) -> bool:
        """Tell whether the membership holds at an RFC 3339 time."""
        return self.valid_until is None or at < self.valid_until
