"""Lists of tickets: read whole or not at all, taken in without ever forgetting a use, taken away again."""

from __future__ import annotations

import csv
import io
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from appliance.core import pretix, signed
from appliance.core.admission import ticket_id
from appliance.core.errors import NotFound
from appliance.core.holders import Holder
from appliance.core.lists.listed import MAX_PROBLEMS, ListedTicket, ListProblems
from appliance.core.lists.options import Options
from appliance.core.lists.reader import open_text
from appliance.core.ports import Books, DeskPort, SealerPort
from appliance.core.shortcode import canonical
from appliance.core.tomltext import Problem
from appliance.core.trade import Ticket, TicketStatus

LIKE_SHORT_CODES = (12, 14)  # characters, plain and grouped
PART = 2000  # tickets in one transaction: a door in use waits for no more


def read_tickets(text: str, options: Options | None = None, sealer: SealerPort | None = None) -> list[Ticket]:
    """Read a list as text; see `collect`."""
    return collect(open_text(text, options).rows(), sealer)


def collect(rows: Iterable[ListedTicket | Problem], sealer: SealerPort | None = None) -> list[Ticket]:
    """Gather the tickets of a list, all or none; `sealer` takes their holders, which are left out without one.

    Codes are not kept, only what comes out of them. Raises ListProblems with every bad row and every code twice.
    """
    tickets: list[Ticket] = []
    lines = array("I")
    problems: list[Problem] = []
    wrong = 0
    for row in rows:
        if isinstance(row, ListedTicket):
            tickets.append(_kept(row, sealer))
            lines.append(row.line)
            continue
        wrong += 1
        if len(problems) < MAX_PROBLEMS:
            problems.append(row)
    twice = list(_twice(tickets, lines, sealer))
    if wrong or twice:
        raise ListProblems([*problems, *twice], wrong + len(twice))
    return tickets


def _kept(listed: ListedTicket, sealer: SealerPort | None) -> Ticket:
    """Map a row to what the store keeps: all but its code, and its holder and note, which are sealed."""
    fast_id, aliases = identity(listed.code, listed.short_code)
    code = canonical(listed.code) or listed.code
    id, holder = (fast_id, "") if sealer is None else sealer.take(code, _holder(listed), fast_id)
    return Ticket(
        id=id,
        aliases=aliases if id == fast_id else (),  # a fast hash of a code that could be guessed would give it away
        product=listed.product,
        status=TicketStatus(listed.status.value),
        valid_from=listed.valid_from,
        valid_until=listed.valid_until,
        entries_allowed=listed.entries_allowed,
        price_due_minor=listed.price_due_minor or 0,
        event=listed.event,
        language=listed.language,
        holder=holder,
        status_only=listed.status_only,
    )


def _holder(listed: ListedTicket) -> Holder | None:
    """Return who a ticket is for, with the list's note, which may say as much as a name."""
    if not listed.note:
        return listed.holder
    return replace(listed.holder or Holder(), note=listed.note)


def identity(code: str, short_code: str = "") -> tuple[str, tuple[str, ...]]:
    """Return the name of a ticket, and the hashes of all codes that lead to it besides.

    A ticket that Stallbox signed goes by what is signed, as it does where no list has it. Its text leads there as
    well, but another text with the same content and no right signature does not. So do tickets that pretix signed.
    """
    is_short = bool(short_code) or len(code) in LIKE_SHORT_CODES
    if not is_short and len(code) < pretix.LEAST_CHARS and not code.startswith(signed.PREFIX):
        return ticket_id(code), ()  # most of a long list
    unverified = signed.parse(code) or pretix.parse(code)
    id = unverified.identity if unverified else ticket_id(code)
    codes = {ticket_id(one) for one in (code, canonical(code), canonical(short_code)) if one}
    return id, tuple(sorted(codes - {id}))


def _twice(tickets: Sequence[Ticket], lines: Sequence[int], sealer: SealerPort | None) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, ticket in enumerate(tickets):
        fast_id = sealer.fast_ids.get(ticket.id) if sealer else None  # a code may be there with a holder and without
        before = first.setdefault(fast_id or ticket.id, index)
        if before == index:
            continue
        if lines[index]:
            yield Problem(lines[index], f"this code is on line {lines[before]} already")
        else:
            yield Problem(0, f"ticket {index + 1} of the file has the same code as ticket {before + 1}")


def import_tickets(
    books: Books, tickets: Sequence[Ticket], source: str, sealer: SealerPort | None = None
) -> tuple[int, int, int]:
    """Add or update tickets; return how many are new, changed and the same. `sealer` has read them.

    Raises Refusal if another list was taken in since.
    """
    if sealer is not None:
        books.holders.rename(tickets, sealer)
    new, changed, same = books.tickets.import_all(tickets, source)
    if sealer is not None:
        books.holders.keep(tickets, sealer)
    books.journal.append("tickets.imported", {"source": source, "new": new, "changed": changed, "same": same})
    return new, changed, same


def remove(desk: DeskPort, source: str, event: str = "") -> tuple[int, int]:
    """Take a list away in parts; return how many tickets went, and how many stay because they were used or paid here.

    With an `event` only its tickets go. Raises NotFound if no ticket came from such a list.
    """
    with desk.reading() as books:
        there = books.tickets.sources(event)
    if source not in there:
        names = ", ".join(f"'{name}'" for name in there if name) or "none"
        raise NotFound("no_such_list", f"There is no list '{source}' here; there are {names}.")
    removed = part = desk.submit(lambda books: _remove_part(books, source, event))
    while part == PART:
        part = desk.submit(lambda books: _remove_part(books, source, event))
        removed += part
    with desk.reading() as books:
        return removed, books.tickets.sources(event).get(source, 0)


def _remove_part(books: Books, source: str, event: str) -> int:
    removed = books.tickets.remove_unused(source, PART, event)
    if removed:
        books.journal.append("tickets.removed", {"source": source, "removed": removed})
    return removed


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
