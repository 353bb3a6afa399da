"""The door: every scan gets a verdict, and every verdict is in the journal before anybody hears it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from appliance.core.admission import judge, judge_exit, overrule, refuse
from appliance.core.codes import decode, normalise, ticket_id
from appliance.core.errors import NotFound
from appliance.core.gate import NOBODYS, Case, entered, gate_of, left
from appliance.core.holders import Holder, is_weak, slow_secret
from appliance.core.journal import Entry
from appliance.core.ports import Books
from appliance.core.trade import Event
from appliance.core.trust import ReadersOf, no_readers
from appliance.core.verdict import CodeKind, Decision, Direction, Verdict
from appliance.services import windows
from appliance.services.calibration import understand, undo
from appliance.services.resolver import TicketFound, listed, resolve

SCANS = ("ticket.admitted", "ticket.overridden", "ticket.exited", "ticket.refused", "code.shown", "scanner.calibrated")


@dataclass(frozen=True, slots=True)
class Asked:
    """How a scan is meant: who asks, which way, and staff's reason to pass over a refusal (empty: none)."""

    source: str  # the scanner or tablet
    direction: Direction
    override: str = ""


def scan(
    books: Books,
    code: str | bytes,
    source: str,
    *,
    direction: Direction | None = None,
    override: str = "",
    readers_of: ReadersOf = no_readers,
) -> Verdict:
    """Decide about a scanned or typed code. Never raises a Refusal.

    Without a `direction` the event says whether people go out at this scanner. `readers_of` gives the readers of the
    signed tickets that the event trusts. `override` admits a known ticket against a refusal; who may say so, the
    caller has checked.
    """
    event = books.events.current()
    asked = Asked(source, direction or _direction(event, source), override)
    arrived = decode(code)
    meant = understand(books, source, arrived) if arrived is not None else None
    if isinstance(meant, Verdict):
        return meant
    text = normalise(meant) if meant is not None else None
    if text is None:
        return _noted(books, _judged(books, event, asked, None, "unreadable"), asked, _raw(code))
    found = resolve(books, text, readers_of(event))
    if isinstance(found, Verdict):
        return replace(_noted(books, found, asked, _code(books, text)), code=text)
    if isinstance(found, str):
        return _noted(books, _judged(books, event, asked, None, found), asked, _code(books, text))
    return _noted(books, _judged(books, event, asked, found), asked, _about(found, event))


def admit(
    books: Books,
    id: str,
    source: str,
    owner_key: bytes,
    *,
    direction: Direction | None = None,
    override: str = "",
) -> Verdict:
    """Decide about a ticket that was found by its holder's name. Raises NotFound."""
    ticket = books.tickets.find(id)
    if ticket is None:
        raise NotFound("ticket_unknown", "There is no such ticket here any more: search again.")
    event = books.events.current()
    asked = Asked(source, direction or _direction(event, source), override)
    holder = books.holders.named(id, owner_key) or Holder()
    found = TicketFound(replace(ticket, note=holder.note or ticket.note), holder=holder.name)
    return _noted(books, _judged(books, event, asked, found), asked, {**_about(found, event), "by_name": True})


def holder_of(books: Books, code: str, source: str) -> Holder:
    """Return the name and note that a ticket's code opens, for an answer that is given once more; empty if none."""
    arrived = decode(code)
    text = normalise(undo(books, source, arrived)) if arrived is not None else None
    found = listed(books, text) if text is not None else None
    return Holder(found.holder, note=found.ticket.note) if found else Holder()


def undecided() -> Verdict:
    """Return what the door says while the store takes nothing: nobody is let in on a guess."""
    return refuse("undecided", "Not decided", "The box cannot decide right now: scan again in a moment.")


@dataclass(frozen=True, slots=True)
class DoorState:
    """How the door stands: people inside, how many may be, from when staff is warned, and the newest scans."""

    inside: int
    capacity: int | None
    capacity_warning: int | None
    newest: Sequence[Entry]


def state(books: Books, newest: int) -> DoorState:
    """Return how the door stands, with that many of the newest scans."""
    event = books.events.current()
    limits = (event.capacity, event.capacity_warning) if event else (None, None)
    return DoorState(books.tickets.inside(), *limits, books.journal.newest(SCANS, newest))


def newest_by_source(books: Books, among: int) -> dict[str, Entry]:
    """Return the newest scan of each scanner and tablet that is among the newest scans of all."""
    return {str(entry.data.get("source", "")): entry for entry in reversed(books.journal.newest(SCANS, among))}


def _judged(books: Books, event: Event | None, asked: Asked, found: TicketFound | None, problem: str = "") -> Verdict:
    """Decide, and keep what the decision changes."""
    gate = gate_of(event, books.tickets.inside())
    case = Case(found.ticket if found else NOBODYS, gate, books.moment.at, problem)
    if asked.direction is Direction.EXIT:
        verdict = judge_exit(case)
    else:
        verdict = judge(case)
        if asked.override and verdict.can_override:
            verdict = overrule(case, verdict)
    if verdict.verdict is Decision.ADMIT and found is not None:
        _keep(books, case, found, asked)
    return replace(verdict, holder=found.holder) if found else verdict


def _keep(books: Books, case: Case, found: TicketFound, asked: Asked) -> None:
    if found.is_new:
        books.tickets.add(case.ticket)
    after = left(case.ticket) if asked.direction is Direction.EXIT else entered(case, asked.source)
    books.tickets.keep_use(after, after.inside - case.ticket.inside)


def _about(found: TicketFound, event: Event | None) -> dict[str, Any]:
    """Name a ticket, with the note of its type: that one is the event's, and no list's."""
    product = found.ticket.product
    note = next((type.note for type in event.ticket_types if type.product == product), "") if event else ""
    return {"ticket": found.ticket.id[:16], "product": product, **({"type_note": note} if note else {})}


def _code(books: Books, text: str) -> dict[str, Any]:
    """Name a code that is no ticket. A short one may be a real one mistyped: its fast hash would help to guess that."""
    salt = books.holders.slow_salt() if is_weak(text) else None
    return {"code_scrypt": slow_secret(text, salt).id} if salt else {"code_sha256": ticket_id(text)}


def _direction(event: Event | None, source: str) -> Direction:
    return Direction.EXIT if event and source in event.exits else Direction.ENTRY


def _raw(code: str | bytes) -> dict[str, Any]:
    """Describe what is no text. It may be somebody's contact: a short one has no hash, which would help to guess it."""
    raw = code if isinstance(code, bytes) else code.encode("utf-8", "surrogatepass")
    told: dict[str, Any] = {"raw_bytes": len(raw)}
    return told if is_weak(raw.decode("latin-1")) else {**told, "raw_sha256": hashlib.sha256(raw).hexdigest()}


def _kind(verdict: Verdict) -> str:
    if verdict.verdict is Decision.REFUSE:
        return "ticket.refused"
    if verdict.verdict is Decision.INFO or verdict.kind is not CodeKind.TICKET:
        return "code.shown"
    if verdict.overridden:
        return "ticket.overridden"
    return "ticket.exited" if verdict.direction is Direction.EXIT else "ticket.admitted"


def _noted(books: Books, verdict: Verdict, asked: Asked, about: dict[str, Any]) -> Verdict:
    data = {
        "verdict": verdict.verdict.value,
        "reason": verdict.reason,
        "kind": verdict.kind.value,
        "title": verdict.title,
        "message": verdict.message,
        "advice": verdict.advice,
        "ticket_type": verdict.ticket_type,
        "attention": verdict.attention,
        "direction": verdict.direction.value,
        "inside": verdict.inside,
        "first_used_at": verdict.first_used_at,
        "source": asked.source,
        "names": verdict.names,
        **about,
    }
    if window := windows.now_open(books):
        data["window"] = window
    if verdict.overridden:
        data |= {"overridden": verdict.overridden, "override_reason": asked.override}
    if verdict.guest:
        data["guest"] = asdict(verdict.guest)
    return replace(verdict, seq=books.journal.append(_kind(verdict), data).seq)
