"""The table of paired tablets: of each one's key only the hash, so that a stolen store pairs nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from appliance.core.trade import Tablet, TabletRole

MIGRATION = """
    CREATE TABLE tablets (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, scanner TEXT, key_sha256 TEXT NOT NULL UNIQUE,
        paired_at TEXT NOT NULL, revoked_at TEXT
    );
    """
_TABLET = "id, name, role, scanner, paired_at, revoked_at"


class Tablets:
    """See TabletsPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self) -> Sequence[Tablet]:
        """Return every tablet there ever was."""
        return [_tablet(row) for row in self._db.execute(f"SELECT {_TABLET} FROM tablets ORDER BY rowid").fetchall()]

    def active(self) -> Sequence[Tablet]:
        """Return those that belong to the stall now."""
        return [tablet for tablet in self.all() if tablet.revoked_at is None]

    def get(self, id: str) -> Tablet | None:
        """Find a tablet."""
        return self._one("id = ?", id)

    def by_key(self, key_hash: str) -> Tablet | None:
        """Find the tablet that keeps a key."""
        return self._one("key_sha256 = ? AND revoked_at IS NULL", key_hash)

    def add(self, tablet: Tablet, key_hash: str) -> None:
        """Keep a new tablet."""
        row = (tablet.id, tablet.name, tablet.role, tablet.scanner, tablet.paired_at, tablet.revoked_at, key_hash)
        self._db.execute(f"INSERT INTO tablets ({_TABLET}, key_sha256) VALUES (?,?,?,?,?,?,?)", row)

    def revoke(self, id: str, at: str) -> None:
        """Let a tablet belong no more."""
        self._db.execute("UPDATE tablets SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (at, id))

    def _one(self, which: str, value: str) -> Tablet | None:
        row = self._db.execute(f"SELECT {_TABLET} FROM tablets WHERE {which}", (value,)).fetchone()
        return _tablet(row) if row else None


def _tablet(row: tuple[Any, ...]) -> Tablet:
    id, name, role, *rest = row
    return Tablet(id, name, TabletRole(role), *rest)
