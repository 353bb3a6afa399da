"""The door's tables: tickets and their uses, how many are inside, members, keyboards of scanners."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from appliance.core.ports import ScannerLayout
from appliance.core.shortcode import canonical
from appliance.core.trade import EntryRule, Member, Ticket, TicketStatus
from appliance.store.issued import forget
from appliance.store.journal import add_to_tally

INSIDE = "inside"  # the head count is a tally: its page is written at every scan anyway

# What a list says of a ticket, and what only the door knows: an import never touches the second.
_LISTED = (
    "product", "status", "event", "valid_from", "valid_until", "entry", "entries_allowed", "note", "price_due_minor",
    "language",
    "holder",
)  # fmt: skip
_USES = ("first_used_at", "first_used_by", "entries_used", "inside", "last_entry_at")
_COLUMNS = ("id", *_LISTED, *_USES)
_TICKET = ", ".join(_COLUMNS)
_INSERT = f"INSERT OR IGNORE INTO tickets (id, {', '.join(_LISTED)}, source) VALUES (?{', ?' * (len(_LISTED) + 1)})"
_UPDATE = (  # takes what is listed, the id, and what is listed once more
    f"UPDATE tickets SET {', '.join(f'{name} = ?' for name in _LISTED)}"
    f" WHERE id = ? AND ({' OR '.join(f'{name} IS NOT ?' for name in _LISTED)})"
)
_LIFT = "UPDATE tickets SET status = 'valid' WHERE id = ? AND status = 'blocked'"
_FORGET = (  # what no other list described
    "DELETE FROM tickets WHERE id = ? AND source = ? AND status = 'blocked' AND product = '' AND first_used_at IS NULL"
)
_REFUSE = {
    TicketStatus.BLOCKED: "UPDATE tickets SET status = 'blocked' WHERE id = ? AND status = 'valid'",
    TicketStatus.REVOKED: "UPDATE tickets SET status = 'revoked' WHERE id = ? AND status <> 'revoked'",
}
_FIND = f"SELECT {_TICKET} FROM tickets WHERE id = ?"
_FIND_BY_ALIAS = f"SELECT {_TICKET} FROM tickets WHERE id = (SELECT ticket FROM ticket_aliases WHERE alias = ?)"
_listed_of = attrgetter("id", *_LISTED)  # words of an enumeration are texts to SQLite as well
_uses_of = attrgetter(*_USES, "id")
_KEEP_USE = f"UPDATE tickets SET {', '.join(f'{name} = ?' for name in _USES)} WHERE id = ?"


class Tickets:
    """See TicketsPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def find(self, id: str) -> Ticket | None:
        """Find a ticket by the hash of its code, or of another code of it."""
        row = self._db.execute(_FIND, (id,)).fetchone() or self._db.execute(_FIND_BY_ALIAS, (id,)).fetchone()
        return _ticket(row) if row else None

    def import_all(self, tickets: Iterable[Ticket], source: str = "") -> tuple[int, int, int]:
        """Add or update tickets, never forgetting a use; return how many are new, changed and the same."""
        tickets = list(tickets)
        if any(ticket.status_only for ticket in tickets):
            whole = [ticket for ticket in tickets if not ticket.status_only]
            changes = [ticket for ticket in tickets if ticket.status_only]
            both = zip(self.import_all(whole, source), self._change_statuses(changes, source), strict=True)
            new, changed, same = (sum(counts) for counts in both)
            return new, changed, same
        self._keep_aliases(tickets)
        paid = {id for (id,) in self._db.execute("SELECT id FROM tickets WHERE paid_here = 1")}
        rows = [_listed_of(_paid(ticket) if ticket.id in paid else ticket) for ticket in tickets]
        new = self._each(_INSERT, [(*row, source) for row in rows])
        if new == len(rows):
            return new, 0, 0
        changed = self._each(_UPDATE, [(*listed, id, *listed) for id, *listed in rows])
        moved = [(source, row[0], source) for row in rows]
        self._each("UPDATE tickets SET source = ? WHERE id = ? AND source <> ?", moved)
        return new, changed, len(rows) - new - changed

    def _change_statuses(self, tickets: Sequence[Ticket], source: str) -> tuple[int, int, int]:
        """Take only the status of tickets; one that no other list describes is known for as long as it is refused."""
        lifted = [(ticket.id,) for ticket in tickets if ticket.status is TicketStatus.VALID]
        refused = [ticket for ticket in tickets if ticket.status is not TicketStatus.VALID]
        self._keep_aliases(refused)
        new = self._each(_INSERT, [(*_listed_of(ticket), source) for ticket in refused])
        changed = self._each(_FORGET, [(*one, source) for one in lifted]) + self._each(_LIFT, lifted)
        for ticket in refused:
            changed += self._each(_REFUSE[ticket.status], [(ticket.id,)])
        return new, changed, len(tickets) - new - changed

    def _keep_aliases(self, tickets: Sequence[Ticket]) -> None:
        aliases = [(alias, ticket.id) for ticket in tickets for alias in ticket.aliases]
        self._each("INSERT OR REPLACE INTO ticket_aliases VALUES (?,?)", aliases)

    def _each(self, query: str, rows: list[tuple[Any, ...]]) -> int:
        return self._db.executemany(query, rows).rowcount if rows else 0

    def sources(self, event: str = "") -> Mapping[str, int]:
        """Count the tickets by the list that they came from; of one event if it is named."""
        of_event = "WHERE event = :event" if event else ""
        query = f"SELECT source, count(*) FROM tickets {of_event} GROUP BY source ORDER BY source"
        return dict(self._db.execute(query, {"event": event}))

    def remove_unused(self, source: str, limit: int, event: str = "") -> int:
        """Take away tickets of a list, of one event if it is named, that were never used nor paid here."""
        unused = "source = :source AND first_used_at IS NULL AND paid_here = 0"
        of_event = "AND event = :event" if event else ""
        query = f"SELECT id FROM tickets WHERE {unused} {of_event} ORDER BY id LIMIT :limit"
        found = self._db.execute(query, {"source": source, "event": event, "limit": limit})
        return forget(self._db, found.fetchall())

    def add(self, ticket: Ticket) -> None:
        """Keep a ticket that is on no list, unless it is known."""
        self._db.execute(_INSERT, (*_listed_of(ticket), ""))

    def keep_use(self, ticket: Ticket, came_in: int) -> None:
        """Keep how a ticket was used, and that so many more people are inside (below 0: fewer)."""
        self._db.execute(_KEEP_USE, _uses_of(ticket))
        if came_in:
            add_to_tally(self._db, INSIDE, came_in)

    def set_status(self, id: str, status: TicketStatus) -> bool:
        """Change what a ticket is worth; False if it is not known."""
        return self._db.execute("UPDATE tickets SET status = ? WHERE id = ?", (status.value, id)).rowcount == 1

    def keep_paid_here(self, id: str, paid: bool) -> None:
        """Remember that a ticket was paid at this till, or forget it."""
        self._db.execute("UPDATE tickets SET paid_here = ? WHERE id = ?", (paid, id))

    def inside(self) -> int:
        """Return how many people are inside."""
        row = self._db.execute("SELECT value FROM tallies WHERE name = ?", (INSIDE,)).fetchone()
        return int(row[0]) if row else 0

    def empty_the_place(self) -> None:
        """Forget who is inside: the box has moved to another event."""
        if self.inside():
            self._db.execute("UPDATE tickets SET inside = 0 WHERE inside > 0")
            self._db.execute("DELETE FROM tallies WHERE name = ?", (INSIDE,))

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
        query = "SELECT code, credits, joined_at, valid_until FROM members WHERE code = ?"
        row = self._db.execute(query, (code,)).fetchone()
        if row is None and (typed := canonical(code)):
            row = self._db.execute(query, (typed,)).fetchone()
        return Member(*row) if row else None

    def add_member(self, member: Member) -> None:
        """Keep a new member."""
        self._db.execute(
            "INSERT INTO members (code, credits, joined_at, valid_until) VALUES (?,?,?,?)",
            (member.code, member.credits, member.joined_at, member.valid_until),
        )

    def renew_member(self, code: str, valid_until: str | None) -> None:
        """Let a membership hold until another time."""
        self._db.execute("UPDATE members SET valid_until = ? WHERE code = ?", (valid_until, code))

    def add_credits(self, code: str, credits: int) -> None:
        """Add to a member's balance."""
        self._db.execute("UPDATE members SET credits = credits + ? WHERE code = ?", (credits, code))


def _paid(ticket: Ticket) -> Ticket:
    """Return what a list says of a ticket that was paid here since: only that it is unpaid is wrong."""
    return replace(ticket, status=TicketStatus.VALID) if ticket.status is TicketStatus.UNPAID else ticket


def _ticket(row: tuple[Any, ...]) -> Ticket:
    values = dict(zip(_COLUMNS, row, strict=True))
    entry = EntryRule(values["entry"]) if values["entry"] else None
    return Ticket(**{**values, "status": TicketStatus(values["status"]), "entry": entry})
