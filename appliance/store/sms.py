"""The tables of text messages."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from appliance.core.clock import Moment
from appliance.core.sms.message import SmsMessage, SmsStatus
from appliance.core.sms.pdu import Outcome

MIGRATION = """
CREATE TABLE sms_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, status TEXT NOT NULL, sale INTEGER, number TEXT NOT NULL, text TEXT NOT NULL,
    parts INTEGER NOT NULL, sent_parts INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,
    by_guest INTEGER NOT NULL, queued_at TEXT NOT NULL, next_try_at TEXT NOT NULL, ended_at TEXT,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sms_messages_waiting ON sms_messages (status, id) WHERE status IN ('queued', 'sending');
CREATE INDEX sms_messages_by_sale ON sms_messages (sale) WHERE sale IS NOT NULL;
CREATE INDEX sms_messages_of_guests ON sms_messages (queued_at) WHERE by_guest = 1;
CREATE INDEX sms_messages_personal ON sms_messages (ended_at) WHERE number <> '';
CREATE TABLE sms_parts (
    message INTEGER NOT NULL REFERENCES sms_messages (id), part INTEGER NOT NULL, reference INTEGER NOT NULL,
    outcome TEXT NOT NULL DEFAULT 'pending', PRIMARY KEY (message, part)
) WITHOUT ROWID;
CREATE INDEX sms_parts_pending ON sms_parts (reference, message) WHERE outcome = 'pending';
"""
_ALL = "id, status, sale, number, text, parts, sent_parts, tries, by_guest, queued_at, next_try_at, ended_at, reason"
_WAITING = "status IN ('queued', 'sending')"  # word for word as the index has it
_UNDER_WAY = (SmsStatus.QUEUED, SmsStatus.SENDING)


class Sms:
    """See SmsPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection, moment: Moment) -> None:
        self._db = connection
        self._moment = moment

    def add(self, sale: int | None, number: str, text: str, parts: int, by_guest: bool) -> SmsMessage:
        """Queue a message."""
        now = self._moment.text()
        added = self._db.execute(
            "INSERT INTO sms_messages (status, sale, number, text, parts, by_guest, queued_at, next_try_at)"
            " VALUES ('queued',?,?,?,?,?,?,?)",
            (sale, number, text, parts, by_guest, now, now),
        )
        return self._all("id = ?", added.lastrowid)[0]

    def get(self, id: int) -> SmsMessage | None:
        """Find a message."""
        return next(iter(self._all("id = ?", id)), None)

    def newest(self, limit: int) -> Sequence[SmsMessage]:
        """Return the newest messages."""
        return self._all("1 ORDER BY id DESC LIMIT ?", limit)

    def next_due(self, at: str) -> SmsMessage | None:
        """Return the oldest queued message that is due."""
        found = self._all(f"status = 'queued' AND {_WAITING} AND next_try_at <= ? ORDER BY id LIMIT 1", at)
        return next(iter(found), None)

    def by_status(self, status: SmsStatus) -> Sequence[SmsMessage]:
        """Return the messages in one state."""
        within = f" AND {_WAITING}" if status in _UNDER_WAY else ""
        return self._all(f"status = ?{within} ORDER BY id", status.value)

    def of_sale(self, sale: int) -> Sequence[SmsMessage]:
        """Return a sale's messages."""
        return self._all("sale = ? ORDER BY id", sale)

    def guests_since(self, at: str) -> int:
        """Count what guests queued since a time."""
        return self._count("by_guest = 1 AND queued_at > ?", at)

    def set_status(self, id: int, status: SmsStatus, reason: str = "") -> None:
        """Note how a message fares."""
        ended_at = None if status in _UNDER_WAY else self._moment.text()
        query = "UPDATE sms_messages SET status = ?, reason = ?, ended_at = ? WHERE id = ?"
        self._db.execute(query, (status.value, reason, ended_at, id))

    def try_again(self, id: int, tries: int, next_try_at: str, reason: str) -> None:
        """Queue a message again."""
        query = "UPDATE sms_messages SET status = 'queued', tries = ?, next_try_at = ?, reason = ? WHERE id = ?"
        self._db.execute(query, (tries, next_try_at, reason, id))

    def add_part(self, id: int, part: int, reference: int) -> None:
        """Note that the network has a part."""
        self._db.execute("INSERT INTO sms_parts (message, part, reference) VALUES (?,?,?)", (id, part, reference))
        self._db.execute("UPDATE sms_messages SET sent_parts = ? WHERE id = ?", (part, id))

    def part_of(self, reference: int, number: str) -> tuple[int, int] | None:
        """Find the newest part with a reference; a wiped number fits any."""
        query = (
            "SELECT message, part FROM sms_parts JOIN sms_messages ON id = message"
            " WHERE reference = ? AND outcome = 'pending' AND (number = ? OR number = '') ORDER BY message DESC LIMIT 1"
        )
        row = self._db.execute(query, (reference, number)).fetchone()
        return (int(row[0]), int(row[1])) if row else None

    def settle_part(self, id: int, part: int, outcome: Outcome) -> None:
        """Note what became of a part."""
        self._db.execute("UPDATE sms_parts SET outcome = ? WHERE message = ? AND part = ?", (outcome.value, id, part))

    def delivered_parts(self, id: int) -> int:
        """Count the parts that are on the telephone."""
        query = "SELECT count(*) FROM sms_parts WHERE message = ? AND outcome = 'delivered'"
        return int(self._db.execute(query, (id,)).fetchone()[0])

    def wipe(self, ended_before: str | None) -> int:
        """Wipe number and text, also from the page that they stood on."""
        self._db.execute("PRAGMA secure_delete = ON")
        ended = "ended_at IS NOT NULL" if ended_before is None else "ended_at < ?"
        values = () if ended_before is None else (ended_before,)
        query = f"UPDATE sms_messages SET number = '', text = '' WHERE number <> '' AND {ended}"
        return self._db.execute(query, values).rowcount

    def personal(self) -> int:
        """Count the messages that still have number and text."""
        return self._count("number <> ''")

    def _all(self, where: str, *values: Any) -> list[SmsMessage]:
        return [_message(row) for row in self._db.execute(f"SELECT {_ALL} FROM sms_messages WHERE {where}", values)]

    def _count(self, where: str, *values: Any) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM sms_messages WHERE {where}", values).fetchone()[0])


def _message(row: tuple[Any, ...]) -> SmsMessage:
    id, status, sale, number, text, parts, sent_parts, tries, by_guest, *rest = row
    return SmsMessage(id, SmsStatus(status), sale, number, text, parts, sent_parts, tries, bool(by_guest), *rest)
