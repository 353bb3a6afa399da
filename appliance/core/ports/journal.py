"""The journal, and how far somebody has read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from appliance.core.journal import Entry


class JournalPort(Protocol):
    """The append-only journal."""

    def append(self, kind: str, data: Mapping[str, Any]) -> Entry:
        """Write the next entry, at the command's moment; a rehearsal marks it. Raises ValueError: unknown kind."""

    def head(self) -> Entry | None:
        """Return the newest entry."""

    def after(self, seq: int, limit: int) -> Sequence[Entry]:
        """Return up to `limit` entries that follow `seq`, oldest first."""

    def newest(self, kinds: Sequence[str], limit: int, before: int | None = None) -> Sequence[Entry]:
        """Return the newest entries of these kinds, newest first; only those before a number, if it is given."""

    def between(self, kinds: Sequence[str], since_seq: int, until_seq: int | None) -> Sequence[Entry]:
        """Return the entries of these kinds after `since_seq`, up to and with `until_seq` (None: the end)."""

    def all(self) -> Iterator[Entry]:
        """Walk the whole journal, oldest first."""

    def counts(self) -> Mapping[str, int]:
        """Count the entries of each kind there is; it looks through the whole journal."""

    def newest_synced_at(self) -> str | None:
        """Return the date of the newest entry that a time server vouches for; it may look through the whole journal."""

    def sign_head(self, entry: Entry, signature: bytes, public_key: bytes) -> None:
        """Keep the box's signature over an entry's hash."""


class CursorsPort(Protocol):
    """How far somebody has read the journal: `mqtt.published`, `mqtt.stored`; `desk.tried` is a mere trial.

    `mqtt.source` is no place in the journal: it is a number for the fleet and the box that the two belong to.
    """

    def get(self, name: str) -> int:
        """Return a cursor, 0 if it was never set."""

    def set(self, name: str, seq: int) -> None:
        """Move a cursor."""
