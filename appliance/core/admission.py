"""The door's rules: what a scan is worth. Pure and total: every scan gets a verdict."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from appliance.core.clock import parse_timestamp
from appliance.core.trade import Ticket, TicketStatus

MAX_CODE_BYTES = 4096


class Decision(enum.StrEnum):
    """What the door does."""

    ADMIT = "admit"
    REFUSE = "refuse"
    INFO = "info"  # nothing to admit: the scan tells something (a voucher, a member card)


class CodeKind(enum.StrEnum):
    """What a code turned out to be."""

    TICKET = "ticket"
    VOUCHER = "voucher"
    MEMBER = "member"
    PRODUCT = "product"
    ORDER = "order"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scan is worth, for a person (`title`, `message`) and for a program (`verdict`, `reason`).

    `reason` is empty for an admission; `seq` is the journal entry, 0 before it is written.
    """

    verdict: Decision
    kind: CodeKind
    title: str
    message: str
    reason: str = ""
    first_used_at: str | None = None
    seq: int = 0


def normalise(raw: str | bytes) -> str | None:
    """Return the code that a scanner or a person meant; None if it is not readable as text.

    Surrounding white space and control characters (CR, LF) are dropped; beyond MAX_CODE_BYTES it is no code.
    """
    if isinstance(raw, str):
        text = raw
    else:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            return None
    if len(text) > MAX_CODE_BYTES or any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        return None
    kept = "".join(char for char in text if char.isprintable())
    return kept.strip() or None


def ticket_id(code: str) -> str:
    """Return the name under which a ticket is kept: the SHA-256 of its code, in hex."""
    return hashlib.sha256(code.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Gate:
    """What a door lets in: the products it admits (empty: every one), and the zone its clock on the wall shows."""

    admits: Sequence[str] = ()
    time_zone: str = "UTC"


Rule = Callable[[Ticket, Gate], Verdict | None]


def _cancelled(ticket: Ticket, gate: Gate) -> Verdict | None:
    if ticket.status is not TicketStatus.CANCELLED:
        return None
    return refuse("cancelled", "Cancelled", "This ticket was cancelled by the organiser.", ticket)


def _wrong_product(ticket: Ticket, gate: Gate) -> Verdict | None:
    if not gate.admits or ticket.product in gate.admits:
        return None
    return refuse("wrong_product", "Not for this door", f"A '{ticket.product}' ticket is not valid here.", ticket)


def _already_used(ticket: Ticket, gate: Gate) -> Verdict | None:
    if ticket.first_used_at is None:
        return None
    at = parse_timestamp(ticket.first_used_at).astimezone(ZoneInfo(gate.time_zone)).strftime("%H:%M on %d %B")
    where = f" by '{ticket.first_used_by}'" if ticket.first_used_by else ""
    return refuse("already_used", "Already used", f"First used at {at}{where}.", ticket)


# In the order in which they are asked: the first that objects decides.
RULES: tuple[Rule, ...] = (_cancelled, _wrong_product, _already_used)


def judge(ticket: Ticket, gate: Gate) -> Verdict:
    """Decide on a known ticket."""
    for rule in RULES:
        if verdict := rule(ticket, gate):
            return verdict
    product = f"Valid for '{ticket.product}'." if ticket.product else "This ticket is valid."
    return Verdict(Decision.ADMIT, CodeKind.TICKET, "Welcome", product)


def refuse(reason: str, title: str, message: str, ticket: Ticket | None = None) -> Verdict:
    """Make a refusal; of a known ticket if one is given."""
    kind = CodeKind.TICKET if ticket else CodeKind.UNKNOWN
    return Verdict(Decision.REFUSE, kind, title, message, reason, ticket.first_used_at if ticket else None)
