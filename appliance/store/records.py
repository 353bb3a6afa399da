"""The smaller tables: print jobs, cursors, kept answers, shifts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from appliance.core.clock import Moment
from appliance.core.ports import KeptAnswer, Shift
from appliance.core.printers import EVERYTHING, Share
from appliance.core.trade import PrintJob, PrintStatus

KEPT_ANSWERS = 50_000  # more than an event's requests; older ones are forgotten


_JOB = "id, status, kind, subject, document, queued_at, reason"
# Word for word what the index print_jobs_waiting says: without it SQLite reads every receipt of the evening.
_NOT_PRINTED = "status <> 'printed'"


class Prints:
    """See PrintsPort in core/ports."""

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

    def has(self, kind: str, subject: str) -> bool:
        """Tell whether there is or was such a job."""
        query = "SELECT 1 FROM print_jobs WHERE kind = ? AND subject = ? LIMIT 1"
        return self._db.execute(query, (kind, subject)).fetchone() is not None

    def next_queued(self, share: Share = EVERYTHING) -> PrintJob | None:
        """Return the oldest queued job of a share."""
        mine, kinds = _within(share)
        query = f"SELECT {_JOB} FROM print_jobs WHERE status = 'queued' AND {_NOT_PRINTED}{mine} ORDER BY id LIMIT 1"
        return self._first(query, kinds)

    def by_status(self, statuses: Sequence[PrintStatus], limit: int, share: Share = EVERYTHING) -> Sequence[PrintJob]:
        """Return jobs in these states, newest first."""
        mine, kinds = _within(share)
        wanted = f"status IN ({','.join('?' * len(statuses))})"
        if PrintStatus.PRINTED not in statuses:
            wanted += f" AND {_NOT_PRINTED}"
        query = f"SELECT {_JOB} FROM print_jobs WHERE {wanted}{mine} ORDER BY id DESC LIMIT ?"
        return [_job(row) for row in self._db.execute(query, (*(s.value for s in statuses), *kinds, limit))]

    def discard_oldest(self, keep: int, reason: str) -> int:
        """Put away all queued jobs but the newest `keep`."""
        queued = f"SELECT id FROM print_jobs WHERE status = 'queued' AND {_NOT_PRINTED}"
        change = "UPDATE print_jobs SET status = 'discarded', reason = ?"
        query = f"{change} WHERE id IN ({queued} ORDER BY id DESC LIMIT -1 OFFSET ?)"
        return self._db.execute(query, (reason, keep)).rowcount

    def span(self) -> int:
        """Return how many jobs there are from the oldest to the newest."""
        # Two questions: asked for both ends at once, SQLite reads the whole table.
        ends = [self._db.execute(f"SELECT {end}(id) FROM print_jobs").fetchone()[0] for end in ("min", "max")]
        return 0 if None in ends else int(ends[1] - ends[0] + 1)

    def forget_oldest(self, keep: int) -> int:
        """Drop what is printed or discarded and older than the newest `keep` jobs."""
        oldest = "(SELECT max(id) FROM print_jobs) - ?"
        query = f"DELETE FROM print_jobs WHERE id <= {oldest} AND status IN ('printed', 'discarded')"
        return self._db.execute(query, (keep,)).rowcount

    def set_status(self, id: int, status: PrintStatus, reason: str = "") -> None:
        """Note how a job fares."""
        self._db.execute("UPDATE print_jobs SET status = ?, reason = ? WHERE id = ?", (status.value, reason, id))

    def redact(self, id: int) -> None:
        """Forget what is on a job's paper."""
        self._db.execute("UPDATE print_jobs SET document = '[]' WHERE id = ?", (id,))

    def count(self, status: PrintStatus) -> int:
        """Count the jobs in one state."""
        wanted = "status = ?" if status is PrintStatus.PRINTED else f"status = ? AND {_NOT_PRINTED}"
        return int(self._db.execute(f"SELECT count(*) FROM print_jobs WHERE {wanted}", (status.value,)).fetchone()[0])

    def _first(self, query: str, values: tuple[Any, ...]) -> PrintJob | None:
        row = self._db.execute(query, values).fetchone()
        return _job(row) if row else None


def _within(share: Share) -> tuple[str, tuple[str, ...]]:
    """Return what to add to a query for a printer's share, and its values."""
    if not share.kinds:
        return ("", ()) if share.all_but else (" AND 0", ())
    names = tuple(sorted(share.kinds))
    return f" AND kind {'NOT ' if share.all_but else ''}IN ({','.join('?' * len(names))})", names


def _job(row: tuple[Any, ...]) -> PrintJob:
    id, status, kind, subject, document, queued_at, reason = row
    return PrintJob(id, PrintStatus(status), kind, subject, json.loads(document), queued_at, reason)


class Cursors:
    """See CursorsPort in core/ports."""

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
    """See AnswersPort in core/ports."""

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
    """See ShiftsPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def current(self) -> Shift | None:
        """Return the open shift."""
        return self._first(f"SELECT {_SHIFT} FROM shifts WHERE closed_at IS NULL")

    def get(self, id: int) -> Shift | None:
        """Find a shift by its number."""
        return self._first(f"SELECT {_SHIFT} FROM shifts WHERE id = ?", id)

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

    def _first(self, query: str, *values: int) -> Shift | None:
        row = self._db.execute(query, values).fetchone()
        return Shift(*row) if row else None
