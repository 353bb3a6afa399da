"""The journal's table, its head, its signatures, and the check of all three against one another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from appliance.core.clock import Moment
from appliance.core.errors import DeviceLost
from appliance.core.journal import FISCAL_KINDS, ChainFault, Entry, canonical_json, check_chain, seal
from appliance.core.ports import SignaturePort

_ALL = 2**63 - 1
_COLUMNS = "seq, id, kind, at, clock, data, prev, hash"

# (public key, message, signature) -> whether the signature is right
SignatureCheck = Callable[[bytes, bytes, bytes], bool]


class Journal:
    """See JournalPort in core/ports."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        moment: Moment,
        rehearsal: bool,
        new_id: Callable[[], str],
        signer: SignaturePort | None = None,
    ) -> None:
        self._db = connection
        self._moment = moment
        self._rehearsal = rehearsal
        self._new_id = new_id
        self._signer = signer
        self.marks: Mapping[str, str] = {}  # what every entry says of who does it

    def append(self, kind: str, data: Mapping[str, Any]) -> Entry:
        """Write the next entry. Its head is read here each time, so no second writer can fork the chain."""
        marked = {**data, **self.marks, **({"rehearsal": True} if self._rehearsal else {})}
        if self._signer and kind in FISCAL_KINDS:
            marked["signature"] = _signature(self._signer, kind, self._moment.text(), marked)
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

    def newest(self, kinds: Sequence[str], limit: int, before: int | None = None) -> Sequence[Entry]:
        """Return the newest entries of these kinds, newest first; only those before a number, if it is given."""
        wanted = f"kind IN ({','.join('?' * len(kinds))}) AND seq < ?"
        query = f"SELECT {_COLUMNS} FROM journal WHERE {wanted} ORDER BY seq DESC LIMIT ?"
        return [_entry(row) for row in self._db.execute(query, (*kinds, _ALL if before is None else before, limit))]

    def between(self, kinds: Sequence[str], since_seq: int, until_seq: int | None) -> Sequence[Entry]:
        """Return the entries of these kinds in a span, oldest first."""
        wanted = f"kind IN ({','.join('?' * len(kinds))}) AND seq > ? AND seq <= ?"
        span = tuple(span_of(since_seq, until_seq).values())
        query = f"SELECT {_COLUMNS} FROM journal WHERE {wanted} ORDER BY seq"
        return [_entry(row) for row in self._db.execute(query, (*kinds, *span))]

    def all(self) -> Iterator[Entry]:
        """Walk the whole journal."""
        for row in self._db.execute(f"SELECT {_COLUMNS} FROM journal ORDER BY seq"):
            yield _entry(row)

    def counts(self) -> Mapping[str, int]:
        """Count the entries of each kind there is."""
        return dict(self._db.execute("SELECT kind, count(*) FROM journal GROUP BY kind ORDER BY kind").fetchall())

    def newest_synced_at(self) -> str | None:
        """Return when the newest entry was made whose time a time server vouches for."""
        query = "SELECT at FROM journal WHERE clock = 'synced' ORDER BY seq DESC LIMIT 1"
        row = self._db.execute(query).fetchone()
        return row[0] if row else None

    def sign_head(self, entry: Entry, signature: bytes, public_key: bytes) -> None:
        """Keep a signature over an entry's hash."""
        self._db.execute(
            "INSERT INTO signed_heads VALUES (?,?,?,?)", (entry.seq, entry.hash, signature.hex(), public_key.hex())
        )

    def verify(self, is_signed: SignatureCheck, public_key: bytes | None) -> list[ChainFault]:
        """Check the chain, the head and every signature; return all that is wrong, none if nothing.

        `public_key` is the box's own, kept outside the store: without it a signature by any key would do.
        """
        as_text, self._db.text_factory = self._db.text_factory, _decoded
        try:
            return [
                *check_chain(self._as_stored()),
                *self._end_faults(),
                *self._signature_faults(is_signed, public_key),
            ]
        finally:
            self._db.text_factory = as_text

    def _as_stored(self) -> Iterator[Entry]:
        """Walk the rows; data that is not the canonical JSON that was written becomes data that fits no hash."""
        for row in self._db.execute(f"SELECT {_COLUMNS} FROM journal ORDER BY seq"):
            seq, id, kind, at, clock, data, prev, hash = (row[0], *map(str, row[1:]))  # a blob is no text
            try:
                value = json.loads(data)
                canonical = canonical_json(value).decode() == row[5]
            except (ValueError, RecursionError):
                canonical = False
            yield Entry(seq, id, kind, at, clock, value if canonical else {"unreadable": data}, prev, hash)

    def _end_faults(self) -> Iterator[ChainFault]:
        last = self._db.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        head = self._db.execute("SELECT seq, hash FROM journal_head").fetchone()
        if head and (last is None or last[0] < head[0]):
            first = last[0] + 1 if last else 1
            yield ChainFault(first, f"the journal's end is cut off: entries {first} to {head[0]} are missing")
        elif last != head:
            yield ChainFault(last[0], f"entry {last[0]} is not the one that was written last")

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
            elif not _is_right(is_signed, key, signed_hash, signature):
                yield ChainFault(seq, f"the signature of the head at entry {seq} is wrong")
        unsigned = "SELECT seq FROM journal WHERE kind = 'shift.closed' AND seq NOT IN (SELECT seq FROM signed_heads)"
        for (seq,) in self._db.execute(unsigned):
            yield ChainFault(seq, f"entry {seq} closed a shift, and its signature is missing")


def _signature(signer: SignaturePort, kind: str, at: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Have an entry signed. A device that fails stops no sale: the entry and the receipt say so."""
    try:
        signature = signer.sign(kind, at, data)
    except DeviceLost as lost:
        return {"failed": lost.message}
    return {"lines": list(signature.lines), "qr": signature.qr}


def _decoded(raw: bytes) -> str:
    """Read a text of the store even where it is not UTF-8 any more."""
    return raw.decode(errors="backslashreplace")


def _is_right(is_signed: SignatureCheck, key: str, signed_hash: str, signature: str) -> bool:
    try:
        return is_signed(bytes.fromhex(key), signed_hash.encode(), bytes.fromhex(signature))
    except (ValueError, TypeError, AttributeError):  # not hexadecimal, or no text at all
        return False


def span_of(since_seq: int, until_seq: int | None) -> dict[str, int]:
    """Return the bounds of a span of entries for a query: after `since`, up to and with `until` (None: the end)."""
    return {"since": since_seq, "until": _ALL if until_seq is None else until_seq}


def add_to_tally(connection: sqlite3.Connection, name: str, amount: int) -> None:
    """Keep a running sum, so that screens need not add up the whole evening at every change."""
    query = "INSERT INTO tallies VALUES (:name, :n) ON CONFLICT (name) DO UPDATE SET value = value + :n"
    connection.execute(query, {"name": name, "n": amount})


def _entry(row: tuple[Any, ...]) -> Entry:
    seq, id, kind, at, clock, data, prev, hash = row
    return Entry(seq, id, kind, at, clock, json.loads(data), prev, hash)
