"""The journal's table, its head, its signatures, and the check of all three against one another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from appliance.core.clock import Moment
from appliance.core.journal import ChainFault, Entry, canonical_json, check_chain, seal

_COLUMNS = "seq, id, kind, at, clock, data, prev, hash"

# (public key, message, signature) -> whether the signature is right
SignatureCheck = Callable[[bytes, bytes, bytes], bool]


class Journal:
    """See JournalPort in core/ports.py."""

    def __init__(
        self, connection: sqlite3.Connection, moment: Moment, rehearsal: bool, new_id: Callable[[], str]
    ) -> None:
        self._db = connection
        self._moment = moment
        self._rehearsal = rehearsal
        self._new_id = new_id

    def append(self, kind: str, data: Mapping[str, Any]) -> Entry:
        """Write the next entry. Its head is read here each time, so no second writer can fork the chain."""
        marked = {**data, "rehearsal": True} if self._rehearsal else data
        entry = seal(self.head(), self._new_id(), kind, self._moment.text(), self._moment.quality.value, marked)
        row = (entry.seq, entry.id, entry.kind, entry.at, entry.clock, canonical_json(entry.data).decode())
        self._db.execute(f"INSERT INTO journal ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)", (*row, entry.prev, entry.hash))
        self._db.execute("INSERT OR REPLACE INTO journal_head VALUES (1, ?, ?)", (entry.seq, entry.hash))
        if not self._rehearsal:
            add_to_tally(self._db, kind, 1)
        return entry

    def head(self) -> Entry | None:
        """Return the newest entry."""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        return _entry(row) if row else None

    def after(self, seq: int, limit: int) -> Sequence[Entry]:
        """Return up to `limit` entries that follow `seq`."""
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
        return [_entry(row) for row in rows]

    def newest(self, kinds: Sequence[str], limit: int) -> Sequence[Entry]:
        """Return the newest entries of these kinds, newest first."""
        marks = ",".join("?" * len(kinds))
        query = f"SELECT {_COLUMNS} FROM journal WHERE kind IN ({marks}) ORDER BY seq DESC LIMIT ?"
        return [_entry(row) for row in self._db.execute(query, (*kinds, limit))]

    def all(self) -> Iterator[Entry]:
        """Walk the whole journal."""
        for row in self._db.execute(f"SELECT {_COLUMNS} FROM journal ORDER BY seq"):
            yield _entry(row)

    def sign_head(self, entry: Entry, signature: bytes, public_key: bytes) -> None:
        """Keep a signature over an entry's hash."""
        self._db.execute(
            "INSERT INTO signed_heads VALUES (?,?,?,?)", (entry.seq, entry.hash, signature.hex(), public_key.hex())
        )

    def verify(self, is_signed: SignatureCheck, public_key: bytes | None) -> list[ChainFault]:
        """Check the chain, the head and every signature; return all that is wrong, none if nothing.

        `public_key` is the box's own, kept outside the store: without it a signature by any key would do.
        """
        faults = list(check_chain(self._readable()))
        last = self._db.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        head = self._db.execute("SELECT seq, hash FROM journal_head").fetchone()
        if head and (last is None or last[0] < head[0]):
            first = last[0] + 1 if last else 1
            faults.append(ChainFault(first, f"the journal's end is cut off: entries {first} to {head[0]} are missing"))
        elif (last or head) and last != head:
            faults.append(ChainFault(last[0], f"entry {last[0]} is not the one that was written last"))
        return faults + list(self._signature_faults(is_signed, public_key))

    def _readable(self) -> Iterator[Entry]:
        for row in self._db.execute(f"SELECT {_COLUMNS} FROM journal ORDER BY seq"):
            try:
                yield _entry(row)
            except (ValueError, TypeError):  # no JSON any more: keep the text, which then cannot match its hash
                seq, id, kind, at, clock, data, prev, hash = row
                yield Entry(seq, id, kind, at, clock, {"unreadable": str(data)}, prev, hash)

    def _signature_faults(self, is_signed: SignatureCheck, public_key: bytes | None) -> Iterator[ChainFault]:
        query = (
            "SELECT s.seq, s.hash, s.signature, s.public_key, j.hash FROM signed_heads s"
            " LEFT JOIN journal j ON j.seq = s.seq ORDER BY s.seq"
        )
        for seq, signed_hash, signature, key, journal_hash in self._db.execute(query):
            if journal_hash is None:
                yield ChainFault(seq, f"entry {seq} was signed and is missing: the journal's end is cut off")
            elif journal_hash != signed_hash:
                yield ChainFault(seq, f"entry {seq} is not the one that was signed")
            if public_key is not None and key != public_key.hex():
                yield ChainFault(seq, f"the head at entry {seq} is signed with another box's key")
            elif not is_signed(bytes.fromhex(key), signed_hash.encode(), bytes.fromhex(signature)):
                yield ChainFault(seq, f"the signature of the head at entry {seq} is wrong")


def add_to_tally(connection: sqlite3.Connection, name: str, amount: int) -> None:
    """Keep a running sum, so that screens need not add up the whole evening at every change."""
    query = "INSERT INTO tallies VALUES (:name, :n) ON CONFLICT (name) DO UPDATE SET value = value + :n"
    connection.execute(query, {"name": name, "n": amount})


def _entry(row: tuple[Any, ...]) -> Entry:
    seq, id, kind, at, clock, data, prev, hash = row
    return Entry(seq, id, kind, at, clock, json.loads(data), prev, hash)
