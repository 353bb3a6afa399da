"""The tablets of the stall, as the services keep them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from appliance.core.trade import Tablet


class TabletsPort(Protocol):
    """Tablets that were paired; rows stay when one is revoked."""

    def active(self) -> Sequence[Tablet]:
        """Return those that belong to the stall now, oldest first."""

    def all(self) -> Sequence[Tablet]:
        """Return every tablet there ever was."""

    def get(self, id: str) -> Tablet | None:
        """Find a tablet, revoked or not."""

    def by_key(self, key_hash: str) -> Tablet | None:
        """Find the tablet that belongs to the stall and keeps the key with this hash."""

    def add(self, tablet: Tablet, key_hash: str) -> None:
        """Keep a new tablet."""

    def revoke(self, id: str, at: str) -> None:
        """Let a tablet belong no more."""
