"""The tables of holders: sealed records, search copies, the keys of lists; and taking all of it away."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from appliance.core.errors import Refusal, StallboxError
from appliance.core.holders import SALT_BYTES, CodeSecret, Holder
from appliance.core.ports import SealerPort
from appliance.core.trade import Ticket
from appliance.store.database import open_reader, open_writer, translated
from appliance.store.sealing import Sealer, unseal, unseal_with

_ANY_SLOW = "SELECT 1 FROM tickets WHERE slow = 1 LIMIT 1"
_NAMED_STILL = "removed_at IS NOT NULL AND name <> id"
_KEPT_PAPER = "status IN ('printed', 'discarded') AND document <> '[]'"  # names cashiers, and holds codes of tickets
_SCRUB_WAIT_MS = 30_000


class Holders:
    """See HoldersPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def rename(self, tickets: Sequence[Ticket], sealer: SealerPort) -> None:
        """Give tickets that are known by a fast id their slow one."""
        if not sealer.fast_ids:
            if not sealer.has_slow and self._any(_ANY_SLOW):
                raise _overtaken()
            return
        self._use_salt(sealer.salt)
        pairs = [(ticket.id, fast) for ticket in tickets if (fast := sealer.fast_ids.get(ticket.id))]
        self._db.executemany("DELETE FROM holders WHERE ticket = ?", [(fast,) for _, fast in pairs])
        self._db.executemany("DELETE FROM ticket_aliases WHERE ticket = ?", [(fast,) for _, fast in pairs])
        self._db.executemany("UPDATE OR IGNORE tickets SET id = ? WHERE id = ?", pairs)
        self._db.executemany("UPDATE order_lines SET ticket = ? WHERE ticket = ?", pairs)  # bought here, or about to be

    def keep(self, tickets: Sequence[Ticket], sealer: SealerPort) -> None:
        """Keep the records of these tickets."""
        slow = [(ticket.id,) for ticket in tickets if ticket.id in sealer.fast_ids]
        self._db.executemany("UPDATE tickets SET slow = 1 WHERE id = ? AND slow = 0", slow)
        if self.are_there():
            without = [(ticket.id,) for ticket in tickets if not ticket.holder and not ticket.status_only]
            self._db.executemany("DELETE FROM holders WHERE ticket = ?", without)
        records = [(ticket.id, *sealer.record(ticket.id)) for ticket in tickets if ticket.holder]
        if not records:
            return
        number = self._event_key(sealer)
        rows = [(id, sealed, number if search else None, search) for id, sealed, search in records]
        self._db.executemany("INSERT OR REPLACE INTO holders VALUES (?,?,?,?)", rows)

    def slow_salt(self) -> bytes | None:
        """Return the salt of slow ids, while there are any."""
        return self.salt() if self._any(_ANY_SLOW) else None

    def salt(self) -> bytes | None:
        """Return the salt of this store; None before the first slow id."""
        row = self._db.execute("SELECT salt FROM code_salt").fetchone()
        return bytes(row[0]) if row else None

    def open(self, secret: CodeSecret) -> Holder | None:
        """Open the holder of a ticket whose code is in hand."""
        row = self._db.execute("SELECT sealed FROM holders WHERE ticket = ?", (secret.id,)).fetchone()
        text = unseal(secret.key, row[0], secret.id) if row else None
        return Holder(*json.loads(text)) if text is not None else None

    def are_there(self) -> bool:
        """Tell whether there is any holder."""
        return self._any("SELECT 1 FROM holders LIMIT 1")

    def can_be_searched(self) -> bool:
        """Tell whether a list was taken in with names that the owner's key opens."""
        return self._any("SELECT 1 FROM event_keys LIMIT 1") and self.are_there()

    def names(self, owner_key: bytes) -> Iterator[tuple[str, Holder]]:
        """Walk all names that the owner's key opens."""
        return self._opened("", (), owner_key)

    def named(self, ticket: str, owner_key: bytes) -> Holder | None:
        """Return the name and note of one ticket."""
        found = next(self._opened(" AND ticket = ?", (ticket,), owner_key), None)
        return found[1] if found else None

    def personal(self) -> Mapping[str, int]:
        """Count what `purge` would take away."""
        return {
            "holders": self._count("holders"),
            "searchable": self._count("holders WHERE search IS NOT NULL"),
            "event_keys": self._count("event_keys"),
            "notes": self._count("tickets WHERE note <> ''"),
            "answers": self._count("answers"),
            "cashiers": self._count(f"cashiers WHERE {_NAMED_STILL}"),
            "papers": self._count(f"print_jobs WHERE {_KEPT_PAPER}"),
        }

    def purge(self) -> Mapping[str, int]:
        """Take away all that is personal; figures, uses and the journal stay."""
        counts = self.personal()
        self._db.execute("DELETE FROM holders")
        self._db.execute("DELETE FROM event_keys")
        self._db.execute("UPDATE tickets SET note = '', holder = '' WHERE note <> '' OR holder <> ''")
        self._db.execute("DELETE FROM answers")
        self._db.execute(f"UPDATE cashiers SET name = id WHERE {_NAMED_STILL}")
        self._db.execute(f"UPDATE print_jobs SET document = '[]' WHERE {_KEPT_PAPER}")
        return counts

    def _opened(self, where: str, values: tuple[str, ...], owner_key: bytes) -> Iterator[tuple[str, Holder]]:
        sealed_keys = self._db.execute("SELECT number, sealed FROM event_keys").fetchall()
        keys = {number: unseal_with(owner_key, sealed) for number, sealed in sealed_keys}
        query = f"SELECT ticket, event_key, search FROM holders WHERE search IS NOT NULL{where}"
        for ticket, number, search in self._db.execute(query, values):
            key = keys[number]
            text = unseal(key, search, ticket) if key else None
            if text is not None:
                name, note = json.loads(text)
                yield ticket, Holder(name, note=note)

    def _event_key(self, sealer: SealerPort) -> int | None:
        if sealer.sealed_event_key is None:
            return None
        values = (sealer.sealed_event_key,)
        self._db.execute("INSERT OR IGNORE INTO event_keys (sealed) VALUES (?)", values)
        return int(self._db.execute("SELECT number FROM event_keys WHERE sealed = ?", values).fetchone()[0])

    def _use_salt(self, salt: bytes) -> None:
        self._db.execute("INSERT OR IGNORE INTO code_salt VALUES (1, ?)", (salt,))
        if self.salt() != salt:
            raise _overtaken()

    def _any(self, query: str) -> bool:
        return self._db.execute(query).fetchone() is not None

    def _count(self, what: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {what}").fetchone()[0])


def _overtaken() -> Refusal:
    return Refusal("list_overtaken", "Another list was taken in meanwhile: import this one once more.", 409)


def sealer_for(store: Path, owner_public: bytes | None) -> Sealer:
    """Make what seals a list's holders for a store, which may not be there yet. Raises StoreUnavailable."""
    if not store.exists():
        return Sealer(os.urandom(SALT_BYTES), False, owner_public)
    with translated(), contextlib.closing(open_reader(store)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'holders'").fetchone():
            return Sealer(os.urandom(SALT_BYTES), False, owner_public)  # of the release before
        holders = Holders(connection)
        return Sealer(holders.salt() or os.urandom(SALT_BYTES), holders.slow_salt() is not None, owner_public)


def scrub(store: Path) -> None:
    """Write the store anew and empty its log, so that no page of the file holds what was deleted.

    The daemon may run beside it; its writers wait. Raises StoreUnavailable and StallboxError.
    """
    with translated(), contextlib.closing(open_writer(store)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {_SCRUB_WAIT_MS}")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise StallboxError("scrub_unfinished", "The rows are gone, but the log is in use: purge once more.")
