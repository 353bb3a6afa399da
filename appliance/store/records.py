"""The smaller tables: print jobs, cursors, kept answers, shifts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from appliance.core.clock import Moment
from appliance.core.ports import KeptAnswer, Shift
from appliance.core.trade import PrintJob, PrintStatus

KEPT_ANSWERS = 50_000  # more than an event's requests; older ones are forgotten


_JOB = "id, status, kind, subject, document, queued_at, reason"


class Prints:
    """See PrintsPort in core/ports.py."""

    def __init__(self, connection: sqlite3.Connection, moment: Moment) -> None:
        self._db = connection
        self._moment = moment

    def add(self, kind: str, subject: str, document: list[dict[str, Any]]) -> int:
        """Queue a document."""
        text = json.dumps(document, ensure_ascii=False)
        row = (PrintStatus.QUEUED.value, kind, subject, text, self._moment.text())
        query = "INSERT INTO print_jobs (status, kind, subject, document, queued_at) VALUES (?,?,?,?,?)"
        return int(self._db.execute(query, row).lastrowid or 0)

    def get(self, id: int) -> PrintJob | None:
        """Find a job."""
        return self._first(f"SELECT {_JOB} FROM print_jobs WHERE id = ?", (id,))

    def next_queued(self) -> PrintJob | None:
        """Return the oldest queued job."""
        return self._first(f"SELECT {_JOB} FROM print_jobs WHERE status = 'queued' ORDER BY id LIMIT 1", ())

    def by_status(self, statuses: Sequence[PrintStatus], limit: int) -> Sequence[PrintJob]:
        """Return jobs in these states, newest first."""
        marks = ",".join("?" * len(statuses))
        query = f"SELECT {_JOB} FROM print_jobs WHERE status IN ({marks}) ORDER BY id DESC LIMIT ?"
        return [_job(row) for row in self._db.execute(query, (*(s.value for s in statuses), limit))]

    def set_status(self, id: int, status: PrintStatus, reason: str = "") -> None:
        """Note how a job fares."""
        self._db.execute("UPDATE print_jobs SET status = ?, reason = ? WHERE id = ?", (status.value, reason, id))

    def count(self, status: PrintStatus) -> int:
        """Count the jobs in one state."""
        return int(self._db.execute("SELECT count(*) FROM print_jobs WHERE status = ?", (status.value,)).fetchone()[0])

    def _first(self, query: str, values: tuple[Any, ...]) -> PrintJob | None:
        row = self._db.execute(query, values).fetchone()
        return _job(row) if row else None


def _job(row: tuple[Any, ...]) -> PrintJob:
    id, status, kind, subject, document, queued_at, reason = row
    return PrintJob(id, PrintStatus(status), kind, subject, json.loads(document), queued_at, reason)


class Cursors:
    """See CursorsPort in core/ports.py."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def get(self, name: str) -> int:
        """Return a cursor."""
        row = self._db.execute("SELECT seq FROM cursors WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def set(self, name: str, seq: int) -> None:
        """Move a cursor."""
        self._db.execute("INSERT OR REPLACE INTO cursors VALUES (?,?)", (name, seq))


class Answers:
    """See AnswersPort in core/ports.py."""

    def __init__(self, connection: sqlite3.Connection, moment: Moment) -> None:
        self._db = connection
        self._moment = moment

    def get(self, key: str) -> KeptAnswer | None:
        """Find the answer to a key."""
        query = "SELECT request_sha256, status, body FROM answers WHERE key = ?"
        row = self._db.execute(query, (key,)).fetchone()
        return KeptAnswer(*row) if row else None

    def keep(self, key: str, answer: KeptAnswer) -> None:
        """Keep an answer; far older ones make room."""
        row = (key, answer.request_sha256, answer.status, answer.body, self._moment.text())
        added = self._db.execute("INSERT INTO answers VALUES (?,?,?,?,?)", row)
        self._db.execute("DELETE FROM answers WHERE rowid <= ?", ((added.lastrowid or 0) - KEPT_ANSWERS,))


_SHIFT = "id, opened_at, opened_seq, float_minor, closed_at, closed_seq, counted_minor"


class Shifts:
    """See ShiftsPort in core/ports.py."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def current(self) -> Shift | None:
        """Return the open shift."""
        return self._first(f"SELECT {_SHIFT} FROM shifts WHERE closed_at IS NULL")

    def last_closed(self) -> Shift | None:
        """Return the newest closed shift."""
        return self._first(f"SELECT {_SHIFT} FROM shifts WHERE closed_at IS NOT NULL ORDER BY id DESC LIMIT 1")

    def open(self, opened_at: str, opened_seq: int, float_minor: int) -> Shift:
        """Open a shift."""
        query = "INSERT INTO shifts (opened_at, opened_seq, float_minor) VALUES (?,?,?)"
        added = self._db.execute(query, (opened_at, opened_seq, float_minor))
        return Shift(int(added.lastrowid or 0), opened_at, opened_seq, float_minor)

    def close(self, id: int, closed_at: str, closed_seq: int, counted_minor: int) -> None:
        """Close a shift."""
        query = "UPDATE shifts SET closed_at = ?, closed_seq = ?, counted_minor = ? WHERE id = ?"
        self._db.execute(query, (closed_at, closed_seq, counted_minor, id))

    def _first(self, query: str) -> Shift | None:
        row = self._db.execute(query).fetchone()
        return Shift(*row) if row else None
