"""The door's tables: tickets and their uses, how many are inside, members, keyboards of scanners."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from appliance.core.ports import ScannerLayout
from appliance.core.trade import EntryRule, Member, Ticket, TicketStatus

# What a list says of a ticket, and what only the door knows: an import never touches the second.
_LISTED = (
    "product", "status", "event", "valid_from", "valid_until", "entry", "entries_allowed", "note", "price_due_minor",
)  # fmt: skip
_USES = ("first_used_at", "first_used_by", "entries_used", "inside", "last_entry_at")
_COLUMNS = ("id", *_LISTED, *_USES)
_TICKET = ", ".join(_COLUMNS)
_INSERT = f"INSERT INTO tickets (id, {', '.join(_LISTED)}) VALUES (:id, {', '.join(f':{name}' for name in _LISTED)})"
_ADD = (
    f"INSERT OR IGNORE INTO tickets (id, source, {', '.join(_LISTED)})"
    f" VALUES (:id, :source, {', '.join(f':{name}' for name in _LISTED)})"
)
_UPDATE = (
    f"UPDATE tickets SET {', '.join(f'{name} = :{name}' for name in _LISTED)}"
    f" WHERE id = :id AND ({' OR '.join(f'{name} IS NOT :{name}' for name in _LISTED)})"
)
_KEEP_USE = f"UPDATE tickets SET {', '.join(f'{name} = :{name}' for name in _USES)} WHERE id = :id"


class Tickets:
    """See TicketsPort in core/ports.py."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def find(self, id: str) -> Ticket | None:
        """Find a ticket by the hash of its code."""
        row = self._db.execute(f"SELECT {_TICKET} FROM tickets WHERE id = ?", (id,)).fetchone()
        return _ticket(row) if row else None

    def import_all(self, tickets: Iterable[Ticket], source: str = "") -> tuple[int, int, int]:
        """Add or update tickets, never forgetting a use; return how many are new, changed and the same."""
        rows = [{**_values(ticket), "source": source} for ticket in tickets]
        new = self._each(_ADD, rows)
        if new == len(rows):
            return new, 0, 0
        changed = self._each(_UPDATE, rows)
        self._each("UPDATE tickets SET source = :source WHERE id = :id AND source <> :source", rows)
        return new, changed, len(rows) - new - changed

    def _each(self, query: str, rows: list[dict[str, Any]]) -> int:
        return self._db.executemany(query, rows).rowcount if rows else 0

    def sources(self) -> Mapping[str, int]:
        """Count the tickets by the list that they came from."""
        return dict(self._db.execute("SELECT source, count(*) FROM tickets GROUP BY source ORDER BY source"))

    def remove_unused(self, source: str, limit: int) -> int:
        """Take away tickets of a list that were never used."""
        query = (
            "DELETE FROM tickets WHERE id IN"
            " (SELECT id FROM tickets WHERE source = ? AND first_used_at IS NULL ORDER BY id LIMIT ?)"
        )
        return self._db.execute(query, (source, limit)).rowcount

    def add(self, ticket: Ticket) -> None:
        """Keep a ticket that is on no list, unless it is known."""
        self._db.execute(f"{_INSERT} ON CONFLICT (id) DO NOTHING", _values(ticket))

    def keep_use(self, ticket: Ticket, came_in: int) -> None:
        """Keep how a ticket was used, and that so many more people are inside (below 0: fewer)."""
        self._db.execute(_KEEP_USE, _values(ticket))
        self._db.execute("UPDATE headcount SET inside = max(0, inside + ?)", (came_in,))

    def set_status(self, id: str, status: TicketStatus) -> bool:
        """Change what a ticket is worth; False if it is not known."""
        return self._db.execute("UPDATE tickets SET status = ? WHERE id = ?", (status.value, id)).rowcount == 1

    def inside(self) -> int:
        """Return how many people are inside."""
        row = self._db.execute("SELECT inside FROM headcount").fetchone()
        return int(row[0]) if row else 0

    def counts(self) -> Mapping[str, int]:
        """Count the tickets by what can become of them."""
        query = "SELECT status, count(*), count(first_used_at) FROM tickets GROUP BY status"
        rows = {row[0]: row[1:] for row in self._db.execute(query)}
        by_status = {status.value: rows.get(status.value, (0, 0))[0] for status in TicketStatus}
        return {**by_status, "used": sum(used for _, used in rows.values())}

    def all(self) -> Iterator[Ticket]:
        """Walk all tickets."""
        for row in self._db.execute(f"SELECT {_TICKET} FROM tickets ORDER BY id"):
            yield _ticket(row)

    def layout(self, scanner: str) -> ScannerLayout | None:
        """Return what is known of a scanner's keyboard."""
        query = "SELECT swaps, card_expected_until FROM scanner_layouts WHERE scanner = ?"
        row = self._db.execute(query, (scanner,)).fetchone()
        return ScannerLayout(json.loads(row[0]), row[1]) if row else None

    def keep_layout(self, scanner: str, layout: ScannerLayout) -> None:
        """Keep what is known of a scanner's keyboard."""
        row = (scanner, json.dumps(dict(layout.swaps), ensure_ascii=False), layout.card_expected_until)
        self._db.execute("INSERT OR REPLACE INTO scanner_layouts VALUES (?,?,?)", row)

    def member(self, code: str) -> Member | None:
        """Find a member."""
        row = self._db.execute("SELECT code, credits, joined_at FROM members WHERE code = ?", (code,)).fetchone()
        return Member(*row) if row else None

    def add_member(self, member: Member) -> None:
        """Keep a new member."""
        self._db.execute("INSERT INTO members VALUES (?,?,?)", (member.code, member.credits, member.joined_at))

    def add_credits(self, code: str, credits: int) -> None:
        """Add to a member's balance."""
        self._db.execute("UPDATE members SET credits = credits + ? WHERE code = ?", (credits, code))


def _values(ticket: Ticket) -> dict[str, Any]:
    entry = ticket.entry.value if ticket.entry else None
    values = {name: getattr(ticket, name) for name in _COLUMNS}
    return {**values, "status": ticket.status.value, "entry": entry}


def _ticket(row: tuple[Any, ...]) -> Ticket:
    values = dict(zip(_COLUMNS, row, strict=True))
    entry = EntryRule(values["entry"]) if values["entry"] else None
    return Ticket(**{**values, "status": TicketStatus(values["status"]), "entry": entry})
