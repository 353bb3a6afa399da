"""The door: every scan gets a verdict, and every verdict is in the journal before anybody hears it."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from appliance.core.admission import CodeKind, Decision, Gate, Verdict, judge, normalise, refuse, ticket_id
from appliance.core.money import Currency
from appliance.core.ports import Books
from appliance.core.trade import Ticket

SHOWN_BYTES = 48  # of an unreadable scan, for the journal


def scan(books: Books, code: str | bytes, source: str) -> Verdict:
    """Decide about a scanned or typed code; `source` names the scanner or tablet. Never raises a Refusal."""
    text = normalise(code)
    if text is None:
        raw = code if isinstance(code, bytes) else code.encode("utf-8", "surrogatepass")
        verdict = refuse("unreadable", "Not readable", "This code cannot be read: scan it again.")
        return _noted(books, verdict, source, {"raw_base64": base64.b64encode(raw[:SHOWN_BYTES]).decode()})
    ticket = books.tickets.find(ticket_id(text))
    if ticket is not None:
        return _admit(books, ticket, source)
    return _told(books, text, source)


def undecided() -> Verdict:
    """Return what the door says while the store takes nothing: nobody is let in on a guess."""
    return refuse("undecided", "Not decided", "The box cannot decide right now: scan again in a moment.")


def _admit(books: Books, ticket: Ticket, source: str) -> Verdict:
    event = books.events.current()
    verdict = judge(ticket, Gate(event.admits, event.time_zone) if event else Gate())
    if verdict.verdict is Decision.ADMIT:
        books.tickets.mark_used(ticket.id, source, books.moment.text())
    return _noted(books, verdict, source, {"ticket": ticket.id[:16], "product": ticket.product})


def _told(books: Books, text: str, source: str) -> Verdict:
    """Answer for a code that is no ticket."""
    fingerprint = {"code_sha256": ticket_id(text)}
    if voucher := books.events.voucher(text.upper()):
        used_up = voucher.uses is not None and voucher.used >= voucher.uses
        event = books.events.current()
        worth = (
            f"{voucher.percent_off} % off"
            if voucher.percent_off or event is None
            else f"{Currency(event.currency).text(voucher.amount_off_minor)} off"
        )
        message = "This voucher is used up." if used_up else f"A voucher: {worth} at the till."
        return _noted(books, Verdict(Decision.INFO, CodeKind.VOUCHER, "Voucher", message), source, fingerprint)
    if member := books.tickets.member(text.upper()):
        message = f"A member, with {member.credits} credits."
        return _noted(books, Verdict(Decision.INFO, CodeKind.MEMBER, "Member", message), source, fingerprint)
    verdict = refuse("unknown", "Not known", "This code is on no list of this event.")
    return _noted(books, verdict, source, fingerprint)


_KINDS = {Decision.ADMIT: "ticket.admitted", Decision.REFUSE: "ticket.refused", Decision.INFO: "code.shown"}


def _noted(books: Books, verdict: Verdict, source: str, about: dict[str, Any]) -> Verdict:
    data = {
        "verdict": verdict.verdict.value,
        "reason": verdict.reason,
        "kind": verdict.kind.value,
        "title": verdict.title,
        "message": verdict.message,
        "first_used_at": verdict.first_used_at,
        "source": source,
        **about,
    }
    return replace(verdict, seq=books.journal.append(_KINDS[verdict.verdict], data).seq)
