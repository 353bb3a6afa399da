"""The people at the till."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from appliance.core.trade import Cashier, Right

_CASHIER = "id, name, rights, pin_salt, pin_hash, pin_version, added_at, removed_at"
_KNOWN = frozenset(Right)


class Cashiers:
    """See CashiersPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self) -> Sequence[Cashier]:
        """Return every cashier there ever was."""
        return self._many("1")

    def active(self) -> Sequence[Cashier]:
        """Return those who may log in."""
        return self._many("removed_at IS NULL")

    def get(self, id: str) -> Cashier | None:
        """Find a cashier."""
        row = self._db.execute(f"SELECT {_CASHIER} FROM cashiers WHERE id = ?", (id,)).fetchone()
        return _cashier(row) if row else None

    def add(self, cashier: Cashier) -> None:
        """Keep a new cashier."""
        rights = json.dumps(sorted(cashier.rights))
        row = (cashier.id, cashier.name, rights, cashier.pin_salt, cashier.pin_hash, cashier.pin_version)
        query = f"INSERT INTO cashiers ({_CASHIER}) VALUES (?,?,?,?,?,?,?,NULL)"
        self._db.execute(query, (*row, cashier.added_at))

    def set_pin(self, id: str, salt: str, pin_hash: str) -> None:
        """Change a PIN."""
        query = "UPDATE cashiers SET pin_salt = ?, pin_hash = ?, pin_version = pin_version + 1 WHERE id = ?"
        self._db.execute(query, (salt, pin_hash, id))

    def remove(self, id: str, at: str) -> None:
        """Let a cashier log in no more."""
        self._db.execute("UPDATE cashiers SET removed_at = ? WHERE id = ?", (at, id))

    def _many(self, which: str) -> list[Cashier]:
        rows = self._db.execute(f"SELECT {_CASHIER} FROM cashiers WHERE {which} ORDER BY rowid")
        return [_cashier(row) for row in rows.fetchall()]


def _cashier(row: tuple[Any, ...]) -> Cashier:
    id, name, rights, *rest = row
    granted = frozenset(Right(right) for right in json.loads(rights) if right in _KNOWN)  # a later release knows more
    return Cashier(id, name, granted, *rest)
