"""Holders of tickets: sealed records, the names that the owner's key opens, and the owner's PIN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from appliance.core.holders import CodeSecret, Holder
from appliance.core.trade import Ticket


class SealerPort(Protocol):
    """Seals the holders of one list while it is read, since afterwards nobody has the codes.

    `salt` is what slow ids are derived with, `has_slow` whether the store had any when reading began. `fast_ids`
    are the fast id of each slow one; `sealed_event_key` the key of the search copies, sealed to the owner's; None as
    long as he has no PIN.
    """

    @property
    def salt(self) -> bytes: ...
    @property
    def has_slow(self) -> bool: ...
    @property
    def fast_ids(self) -> Mapping[str, str]: ...
    @property
    def sealed_event_key(self) -> bytes | None: ...

    def take(self, code: str, holder: Holder | None, fast_id: str) -> tuple[str, str]:
        """Seal a ticket's holder; return the ticket's id, and what tells this record from another (empty: none).

        The id is `fast_id` unless the code could be guessed and there is somebody to protect.
        """

    def record(self, id: str) -> tuple[bytes, bytes | None]:
        """Return the sealed record of a ticket that has one, and its search copy (None: there is none)."""


class HoldersPort(Protocol):
    """The sealed records of holders."""

    def rename(self, tickets: Sequence[Ticket], sealer: SealerPort) -> None:
        """Before a part of a list is taken in: give tickets that are known by a fast id their slow one, uses and all.

        Raises Refusal if another list was taken in since this one was read.
        """

    def keep(self, tickets: Sequence[Ticket], sealer: SealerPort) -> None:
        """Keep the records of these tickets; of those that have none any more the old one goes."""

    def slow_salt(self) -> bytes | None:
        """Return what slow ids are derived with; None if no ticket is kept under one."""

    def open(self, secret: CodeSecret) -> Holder | None:
        """Open the holder of a ticket whose code is in hand; None if there is none."""

    def are_there(self) -> bool:
        """Tell whether there is any holder."""

    def can_be_searched(self) -> bool:
        """Tell whether a list was taken in with names that the owner's key opens."""

    def names(self, owner_key: bytes) -> Iterator[tuple[str, Holder]]:
        """Walk all (ticket id, name and note) that the owner's key opens."""

    def named(self, ticket: str, owner_key: bytes) -> Holder | None:
        """Return the name and note of one ticket; None if there are none."""

    def purge(self) -> Mapping[str, int]:
        """Take away all that is personal; return how many of each there were."""

    def personal(self) -> Mapping[str, int]:
        """Count what `purge` would take away."""


class VaultPort(Protocol):
    """The PIN that the owner chose, and the key that it opens: in memory, until the box stops or it is locked."""

    @property
    def has_pin(self) -> bool:
        """Whether the owner has chosen a PIN; the one of tokens.json is void then."""

    @property
    def owner_key(self) -> bytes | None:
        """The opened key; None while it is locked."""

    @property
    def mark(self) -> str:
        """Tells one chosen PIN from another, and nothing else of it; empty without one."""

    def is_pin(self, pin: str) -> bool:
        """Tell whether this is the chosen PIN; as slow for a wrong one as for the right one."""

    def set_pin(self, pin: str, current: str = "") -> None:
        """Choose a PIN. With the current one the names of lists taken in stay open to search. Raises Refusal."""

    def unlock(self, pin: str) -> bool:
        """Open the key; False if the PIN is wrong."""

    def lock(self) -> None:
        """Forget the opened key."""
