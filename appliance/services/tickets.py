"""Lists of tickets: read whole or not at all, taken in without ever forgetting a use."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Iterator, Sequence

from appliance.core.admission import normalise, ticket_id
from appliance.core.ports import Books
from appliance.core.tomltext import Problem, TomlProblems
from appliance.core.trade import Ticket, TicketStatus

COLUMNS = ("code", "product", "status")
CODE_LENGTH = 12  # of 32 letters and digits: 60 bits
MAX_PROBLEMS = 100  # enough for a person to see what is wrong with a list


def read_tickets(text: str) -> list[Ticket]:
    """Read a CSV list with the columns code, product, status (the last two may be missing); others are left out.

    Raises TomlProblems with every bad line; codes are not kept, only their hashes.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    problems: list[Problem] = []
    tickets: list[Ticket] = []
    seen: dict[str, int] = {}
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        if "code" not in header:
            raise TomlProblems([Problem(1, _no_code(header))])
        for row in rows:
            if not any(field.strip() for field in row):
                continue
            ticket, wrong = _ticket(header, row)
            if ticket and ticket.id in seen:
                wrong = f"this code is on line {seen[ticket.id]} already"
            if wrong or ticket is None:
                problems.append(Problem(rows.line_num, wrong))
            else:
                seen[ticket.id] = rows.line_num
                tickets.append(ticket)
    except csv.Error as error:
        problems.append(Problem(rows.line_num, f"not valid CSV: {error}"))
    if problems:
        raise TomlProblems(problems[:MAX_PROBLEMS])
    return tickets


def import_tickets(books: Books, tickets: Sequence[Ticket], source: str) -> tuple[int, int, int]:
    """Add or update tickets; return how many are new, changed and the same."""
    new, changed, same = books.tickets.import_all(tickets)
    books.journal.append("tickets.imported", {"source": source, "new": new, "changed": changed, "same": same})
    return new, changed, same


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


def chunks(tickets: Sequence[Ticket], size: int = 2000) -> Iterator[Sequence[Ticket]]:
    """Split a list, so that a door in use waits for one part of it at most."""
    for start in range(0, len(tickets), size):
        yield tickets[start : start + size]


def _ticket(header: list[str], row: list[str]) -> tuple[Ticket | None, str]:
    """Return the ticket of a row, or what is wrong with it."""
    if len(row) > len(header):
        return None, f"{len(row)} fields, but the first line names {len(header)}"
    values = dict(zip(header, (field.strip() for field in row), strict=False))
    code = normalise(values.get("code", ""))
    if not code:
        return None, "the code is missing or not readable"
    status = values.get("status", "").lower() or TicketStatus.VALID.value
    if status not in set(TicketStatus):
        return None, f"the status '{status}' is not one of {', '.join(TicketStatus)}"
    return Ticket(ticket_id(code), values.get("product", ""), TicketStatus(status)), ""


def _no_code(header: list[str]) -> str:
    close = difflib.get_close_matches("code", header, n=1)
    meant = f"; is it '{close[0]}'?" if close else ""
    return f"the first line must name the columns, 'code' among them{meant}"
