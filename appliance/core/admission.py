"""The door's rules: what a ticket is worth at this gate now. Pure and total: every case gets a verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from appliance.core.clock import parse_timestamp
from appliance.core.codes import MAX_CODE_BYTES, normalise, ticket_id
from appliance.core.gate import Case, Gate
from appliance.core.money import Currency
from appliance.core.texts import counted
from appliance.core.trade import EntryRule, Ticket, TicketStatus
from appliance.core.verdict import CodeKind, Decision, Direction, Due, Verdict
from appliance.core.wording import guest_line

__all__ = [
    "EXIT_RULES", "MAX_CODE_BYTES", "RULES", "Case", "CodeKind", "Decision", "Direction", "Gate", "Verdict", "judge",
    "judge_exit", "normalise", "overrule", "refuse", "ticket_id",
]  # fmt: skip


Rule = Callable[[Case], Verdict | None]

_PROBLEMS = {  # problem -> title, message, what to do; all but `mistyped` are reasons as well
    "unknown": ("Not known", "This code is on no list of this event.", "Look for another code on the ticket."),
    "bad_signature": ("Not genuine", "This ticket is not signed by the organiser.", "Do not accept it."),
    "wrong_event": ("Other event", "This ticket is for another event.", "Send them to the right event."),
    "mistyped": (
        "Mistyped",
        "A letter of this code is wrong: it does not fit the others.",
        "Read it again, letter by letter.",
    ),
    "unreadable": ("Not readable", "This code cannot be read: scan it again.", "Type the code printed below it."),
}


def _not_known(case: Case) -> Verdict | None:
    if not case.problem:
        return None
    title, message, advice = _PROBLEMS.get(case.problem, _PROBLEMS["unknown"])
    reason = "unknown" if case.problem == "mistyped" else case.problem
    return refuse(reason, title, message, advice=advice)


def _wrong_event(case: Case) -> Verdict | None:
    if case.ticket.event in ("", case.gate.event):
        return None
    title, message, advice = _PROBLEMS["wrong_event"]
    return _against(case, "wrong_event", title, message, advice)


def _cancelled(case: Case) -> Verdict | None:
    if case.ticket.status is not TicketStatus.CANCELLED:
        return None
    return _against(case, "cancelled", "Cancelled", "This ticket was cancelled by the organiser.", "Sell a new one.")


def _blocked(case: Case) -> Verdict | None:
    if case.ticket.status is not TicketStatus.BLOCKED:
        return None
    return _against(case, "blocked", "Blocked", "The organiser has blocked this ticket.", "Ask the organiser.")


def _revoked(case: Case) -> Verdict | None:
    if case.ticket.status is not TicketStatus.REVOKED:
        return None
    return _against(case, "revoked", "Replaced", "Another ticket took its place.", "Ask for the newest ticket.")


def _unpaid(case: Case) -> Verdict | None:
    if case.ticket.status is not TicketStatus.UNPAID:
        return None
    due_minor = case.due_minor
    price = Currency(case.gate.currency).text(due_minor) if due_minor and case.gate.currency else "The price"
    message = f"{price} for '{case.name}' is not paid."
    if useless := _expired(case) or _wrong_product(case):
        return _against(case, "unpaid", "Not paid", message, f"Take no money for it: {useless.message}")
    told = _against(case, "unpaid", "Not paid", message, "Take the money at the till, then scan again.")
    return replace(told, due=Due(case.type.offer, due_minor) if case.type.offer and due_minor else None)


def _not_yet_valid(case: Case) -> Verdict | None:
    valid_from = case.ticket.valid_from or case.type.valid_from
    if valid_from is None or case.at >= parse_timestamp(valid_from):
        return None
    when = case.when(valid_from)
    return _against(case, "not_yet_valid", "Too early", f"Valid from {when}.", f"Come back at {when}.")


def _expired(case: Case) -> Verdict | None:
    valid_until = case.ticket.valid_until or case.type.valid_until
    if valid_until is None or case.at < parse_timestamp(valid_until):
        return None
    return _against(case, "expired", "Expired", f"It was valid until {case.when(valid_until)}.", "Sell a new one.")


def _wrong_product(case: Case) -> Verdict | None:
    if not case.gate.admits or case.ticket.product in case.gate.admits:
        return None
    message = f"A '{case.name}' ticket is not valid here."
    wanted = " or ".join(f"'{product}'" for product in case.gate.admits)
    return _against(case, "wrong_product", "Not for this door", message, f"This door takes {wanted}.")


def _already_used(case: Case) -> Verdict | None:
    ticket = case.ticket
    used = ticket.entries_used or (1 if ticket.first_used_at else 0)  # older releases only noted the first
    if not used:
        return None
    if case.entries_allowed and used >= case.entries_allowed:
        return _against(case, "already_used", "Already used", _use(case, used), "Sell a new one.")
    if case.entry is EntryRule.REENTRY and ticket.inside:
        return _against(case, "already_used", "Inside already", _use(case, used), "Scan it on the way out first.")
    last = ticket.last_entry_at or ticket.first_used_at
    if case.entry is EntryRule.DAILY and last and case.is_today(last):
        return _against(case, "already_used", "Used today", _use(case, used), "Good again tomorrow.")
    return None


def _full(case: Case) -> Verdict | None:
    gate = case.gate
    if gate.capacity is None or gate.inside + case.newcomers <= gate.capacity or not case.newcomers:
        return None
    message = f"{gate.inside} people are inside, {gate.capacity} may be."
    return _against(case, "full", "Full", message, "Wait until somebody goes out.")


# In the order in which they are asked: the first that objects decides.
RULES: tuple[Rule, ...] = (
    _not_known, _wrong_event, _cancelled, _blocked, _revoked, _unpaid, _not_yet_valid, _expired, _wrong_product,
    _already_used, _full,
)  # fmt: skip


def _not_inside(case: Case) -> Verdict | None:
    if case.ticket.inside:
        return None
    message = "Nobody is inside with this ticket."
    return Verdict(Decision.INFO, CodeKind.TICKET, "Not inside", message, first_used_at=case.ticket.first_used_at)


# On the way out only these are asked: nobody is kept inside.
EXIT_RULES: tuple[Rule, ...] = (_not_known, _not_inside)


def judge(case: Case) -> Verdict:
    """Decide about somebody who wants in."""
    verdict = next(filter(None, (rule(case) for rule in RULES)), None)
    return _completed(case, verdict or _welcome(case), case.newcomers if verdict is None else 0)


def judge_exit(case: Case) -> Verdict:
    """Decide about somebody who goes out."""
    verdict = next(filter(None, (rule(case) for rule in EXIT_RULES)), None)
    goodbye = Verdict(Decision.ADMIT, CodeKind.TICKET, "Goodbye", "Counted out.")
    return _completed(case, replace(verdict or goodbye, direction=Direction.EXIT), 0 if verdict else -1)


def overrule(case: Case, refusal: Verdict) -> Verdict:
    """Admit what was refused, on the word of staff. Only for a `refusal` with `can_override`."""
    message = f"Let in by staff although: {refusal.message}"
    verdict = Verdict(Decision.ADMIT, CodeKind.TICKET, "Welcome", message, overridden=refusal.reason, attention=True)
    return _completed(case, verdict, case.newcomers)


def refuse(reason: str, title: str, message: str, ticket: Ticket | None = None, advice: str = "") -> Verdict:
    """Make a refusal; of a known ticket if one is given."""
    kind = CodeKind.TICKET if ticket else CodeKind.UNKNOWN
    first_used_at = ticket.first_used_at if ticket else None
    known = ticket is not None
    return Verdict(Decision.REFUSE, kind, title, message, reason, first_used_at, advice=advice, can_override=known)


def _against(case: Case, reason: str, title: str, message: str, advice: str) -> Verdict:
    return refuse(reason, title, message, case.ticket, advice)


def _welcome(case: Case) -> Verdict:
    product = f"Valid for '{case.name}'." if case.ticket.product else "This ticket is valid."
    nearly_full = case.gate.warn_at is not None and case.gate.inside + case.newcomers >= case.gate.warn_at
    note = case.ticket.note or case.type.note
    advice = f"Nearly full: {case.gate.inside + case.newcomers} inside." if nearly_full else ""
    attention = bool(note or nearly_full)
    return Verdict(Decision.ADMIT, CodeKind.TICKET, "Welcome", product, advice=advice, attention=attention)


def _completed(case: Case, verdict: Verdict, change: int) -> Verdict:
    """Add what every card shows: the type, the note, how many are inside then."""
    gate = case.gate
    if verdict.kind is not CodeKind.TICKET:
        return replace(verdict, inside=gate.inside, capacity=gate.capacity)
    note, type = case.ticket.note or case.type.note, case.name
    inside = max(0, gate.inside + change)
    guest = guest_line(case, verdict)
    known = replace(verdict, ticket_type=type, note=note, type_note=case.type.note, guest=guest)
    return replace(known, inside=inside, capacity=gate.capacity)


def _use(case: Case, used: int) -> str:
    """Say when and where it was used: `First used at 14:03 by 'gate A', 2 minutes ago.`"""
    first = case.ticket.first_used_at
    if first is None:
        return "It was used before."
    where = f" by '{case.ticket.first_used_by}'" if case.ticket.first_used_by else ""
    times = f" Used {used} times." if used > 1 else ""
    return f"First used at {case.when(first)}{where}{_ago(case.at - parse_timestamp(first))}.{times}"


def _ago(passed: dt.timedelta) -> str:
    seconds = int(passed.total_seconds())
    for unit, length_s in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count = seconds // length_s
        if count > 0:
            return f", {counted(count, unit)} ago"
    return ""  # just now, or the clock was set back
