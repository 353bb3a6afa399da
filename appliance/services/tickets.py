"""Lists of tickets: read whole or not at all, taken in without ever forgetting a use, taken away again."""

from __future__ import annotations

import csv
import io
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from appliance.core.admission import ticket_id
from appliance.core.errors import NotFound
from appliance.core.lists.listed import MAX_PROBLEMS, ListedTicket, ListProblems
from appliance.core.lists.options import Options
from appliance.core.lists.reader import open_text
from appliance.core.ports import Books, DeskPort
from appliance.core.tomltext import Problem
from appliance.core.trade import Ticket, TicketStatus

COLUMNS = ("code", "product", "status")
CODE_LENGTH = 12  # of 32 letters and digits: 60 bits
PART = 2000  # tickets in one transaction: a door in use waits for no more


def read_tickets(text: str, options: Options | None = None) -> list[Ticket]:
    """Read a list as text. Raises ListProblems with every bad row; codes are not kept, only their hashes."""
    return collect(open_text(text, options).rows())


def collect(rows: Iterable[ListedTicket | Problem]) -> list[Ticket]:
    """Gather the tickets of a list, all or none. Raises ListProblems with every bad row, and with every code twice."""
    tickets: list[Ticket] = []
    lines = array("I")
    problems: list[Problem] = []
    wrong = 0
    for row in rows:
        kept = row if isinstance(row, Problem) else _kept(row)
        if isinstance(kept, Problem):
            wrong += 1
            if len(problems) < MAX_PROBLEMS:
                problems.append(kept)
        elif isinstance(row, ListedTicket):
            tickets.append(kept)
            lines.append(row.line)
    twice = list(_twice(tickets, lines))
    if wrong or twice:
        raise ListProblems([*problems, *twice], wrong + len(twice))
    return tickets


def _kept(listed: ListedTicket) -> Ticket:
    """Map a row to what the store keeps: all but its code, of which it keeps the hash, and its holder."""
    return Ticket(
        id=ticket_id(listed.code),
        product=listed.product,
        status=TicketStatus(listed.status.value),
        valid_from=listed.valid_from,
        valid_until=listed.valid_until,
        entries_allowed=listed.entries_allowed,
        note=listed.note,
        price_due_minor=listed.price_due_minor or 0,
    )


def _twice(tickets: Sequence[Ticket], lines: Sequence[int]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, ticket in enumerate(tickets):
        before = first.setdefault(ticket.id, index)
        if before == index:
            continue
        if lines[index]:
            yield Problem(lines[index], f"this code is on line {lines[before]} already")
        else:
            yield Problem(0, f"ticket {index + 1} of the file has the same code as ticket {before + 1}")


def import_tickets(books: Books, tickets: Sequence[Ticket], source: str) -> tuple[int, int, int]:
    """Add or update tickets; return how many are new, changed and the same."""
    new, changed, same = books.tickets.import_all(tickets, source)
    books.journal.append("tickets.imported", {"source": source, "new": new, "changed": changed, "same": same})
    return new, changed, same


def remove(desk: DeskPort, source: str) -> tuple[int, int]:
    """Take a list away in parts; return how many tickets went, and how many stay because they were used.

    Raises NotFound if no ticket came from such a list.
    """
    with desk.reading() as books:
        there = books.tickets.sources()
    if source not in there:
        names = ", ".join(f"'{name}'" for name in there) or "none"
        raise NotFound("no_such_list", f"There is no list '{source}' here; there are {names}.")
    removed = part = desk.submit(lambda books: _remove_part(books, source))
    while part == PART:
        part = desk.submit(lambda books: _remove_part(books, source))
        removed += part
    with desk.reading() as books:
        return removed, books.tickets.sources().get(source, 0)


def _remove_part(books: Books, source: str) -> int:
    removed = books.tickets.remove_unused(source, PART)
    if removed:
        books.journal.append("tickets.removed", {"source": source, "removed": removed})
    return removed


def issue(books: Books, count: int, product: str) -> list[str]:
    """Make new tickets and return their codes: the store keeps only their hashes."""
    codes = [books.new_code(CODE_LENGTH) for _ in range(count)]
    import_tickets(books, [Ticket(ticket_id(code), product, TicketStatus.VALID) for code in codes], "issued")
    return codes


def as_csv(codes: Sequence[str], product: str) -> str:
    """Write codes as a list that can be imported again."""
    return _csv([COLUMNS, *((code, product, TicketStatus.VALID.value) for code in codes)])


def export(books: Books) -> Iterator[str]:
    """Write the tickets as lines of CSV: what the box knows, which is no code."""
    yield "code_sha256,product,status,first_used_at,first_used_by"
    for ticket in books.tickets.all():
        row = (ticket.id, ticket.product, ticket.status.value, ticket.first_used_at or "", ticket.first_used_by)
        yield _csv([row]).rstrip("\n")


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def chunks(tickets: Sequence[Ticket], size: int = PART) -> Iterator[Sequence[Ticket]]:
    """Split a list, so that a door in use waits for one part of it at most; in the order of the table.

    A part of hashes in any order touches a page of the table for each: of 200,000 tickets a gigabyte would be written.
    """
    ordered = sorted(tickets, key=lambda ticket: ticket.id)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def tally(tickets: Iterable[Ticket]) -> Mapping[tuple[str, str], int]:
    """Count tickets by product and status, in that order."""
    return dict(sorted(Counter((one.product, one.status.value) for one in tickets).items()))
