"""The figures of a shift, reckoned from the books: the same ones whenever they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from appliance.core.journal import Entry
from appliance.core.ports import Books, Shift
from appliance.core.shift_report import ShiftReport
from appliance.core.trade import Event, Tender
from appliance.services.carts import current_event
from appliance.services.cashiers import names

Span = tuple[int, int | None]


def shift_report(books: Books, shift: Shift) -> ShiftReport:
    """Return the X report of an open shift, the Z report of a closed one."""
    span = (shift.opened_seq, shift.closed_seq)
    opened, facts = _entry(books, shift.opened_seq), about(books, shift)
    head = books.journal.head() if shift.closed_seq is None else _entry(books, shift.closed_seq)
    moved = _real(books, "cash.moved", span)
    cash = _cash(books, shift, moved)
    first, last = books.takings.numbers(*span) or (None, None)
    return ShiftReport(
        kind="X" if shift.closed_seq is None else "Z",
        shift=shift.id,
        event=facts["event"],
        currency=facts["currency"],
        time_zone=facts["time_zone"],
        opened_at=shift.opened_at,
        opened_by=opened.data.get("cashier"),
        closed_at=shift.closed_at,
        closed_by=head.data.get("cashier") if head and shift.closed_seq else None,
        **_sums(books, span),
        first_sale=first,
        last_sale=last,
        float_minor=shift.float_minor,
        cash=cash,
        movements=[_movement(entry) for entry in moved],
        drawer_openings=len(_real(books, "drawer.opened", span)),
        **_counted(books, shift, head, _expected(shift, cash)),
        journal_seq=head.seq if head else 0,
        journal_hash=head.hash if head else "",
        names=names(books),
    )


def event_facts(event: Event) -> dict[str, str]:
    """Return what a report says of an event."""
    return {"event": event.name, "currency": event.currency, "time_zone": event.time_zone}


def about(books: Books, shift: Shift) -> dict[str, str]:
    """Return what the report says of the event, as it was when the shift was opened."""
    kept = _entry(books, shift.opened_seq).data
    facts = ("event", "currency", "time_zone")
    if all(name in kept for name in facts):
        return {name: kept[name] for name in facts}
    return event_facts(current_event(books))  # opened by a release that did not keep them


def last_count(books: Books, shift: Shift) -> Mapping[str, Any] | None:
    """Return the newest count of a shift's drawer, as the journal has it."""
    found = books.journal.between(["shift.counted"], shift.opened_seq, shift.closed_seq)
    return found[-1].data if found else None


def _sums(books: Books, span: Span) -> dict[str, Any]:
    takings = books.takings
    sold = takings.offers(*span).items()
    return {
        "sales": books.figures.sales(*span),
        "tenders": books.figures.tenders(*span),
        "taxes": takings.taxes(*span),
        "offers": {offer: quantity for offer, (_, quantity, _) in sold},
        "offers_sold": [
            {"offer": offer, "name": name, "quantity": quantity, "takings_minor": amount}
            for offer, (name, quantity, amount) in sold
        ],
        "cashiers": takings.cashiers(*span),
        "windows": takings.windows(*span),
        "discounts": dict(zip(("sales", "amount_minor"), takings.discounts(*span), strict=True)),
        "voids": dict(zip(("orders", "amount_minor"), takings.voids(*span), strict=True))
        | dict(zip(("sales", "sales_minor"), takings.voided_sales(*span), strict=True)),
        "tips": takings.tips(*span),
    }


def _cash(books: Books, shift: Shift, moved: Sequence[Entry]) -> dict[str, int]:
    """Return where the cash beyond the float came from and where it went."""
    span = (shift.opened_seq, shift.closed_seq)
    back = books.takings.given_back(Tender.CASH, *span)
    ways = {
        way: sum(entry.data["amount_minor"] for entry in moved if entry.data["direction"] == way)
        for way in ("in", "out")
    }
    return {
        "sales_minor": books.figures.tenders(*span).get(Tender.CASH, 0) + back,
        "refunds_minor": back,
        "tips_minor": books.takings.tips(*span).get(Tender.CASH, 0),
        "part_paid_minor": 0 if shift.closed_seq else books.takings.part_paid(Tender.CASH),
        "in_minor": ways["in"],
        "out_minor": ways["out"],
    }


def expected_minor(books: Books, shift: Shift) -> int:
    """Return the cash that should be in the drawer."""
    moved = _real(books, "cash.moved", (shift.opened_seq, shift.closed_seq))
    return _expected(shift, _cash(books, shift, moved))


def _expected(shift: Shift, cash: Mapping[str, int]) -> int:
    came = cash["sales_minor"] + cash["part_paid_minor"] + cash["tips_minor"] + cash["in_minor"]
    return shift.float_minor + came - cash["refunds_minor"] - cash["out_minor"]


def _counted(books: Books, shift: Shift, head: Entry | None, expected_minor: int) -> dict[str, Any]:
    """Return what should be in the drawer and what was found: in an open shift only while the count still holds."""
    last = last_count(books, shift)
    if shift.closed_seq is not None:
        counted_minor, count = shift.counted_minor, head.data.get("count") if head else None
    elif last is not None and last["expected_minor"] == expected_minor:
        counted_minor, count = last["counted_minor"], last["count"]
    else:
        counted_minor, count = None, None
    return {
        "expected_minor": expected_minor,
        "counted_minor": counted_minor,
        "difference_minor": None if counted_minor is None else counted_minor - expected_minor,
        "count": count,
        "counts": len(books.journal.between(["shift.counted"], shift.opened_seq, shift.closed_seq)),
    }


def _movement(entry: Entry) -> dict[str, Any]:
    said = {name: entry.data[name] for name in ("direction", "amount_minor", "reason")}
    who = {name: entry.data.get(name) for name in ("cashier", "approved_by")}
    return {**said, **who, "at": entry.at, "seq": entry.seq}


def _real(books: Books, kind: str, span: Span) -> list[Entry]:
    """Return the entries of a kind that are no rehearsal."""
    return [entry for entry in books.journal.between([kind], *span) if not entry.data.get("rehearsal")]


def _entry(books: Books, seq: int) -> Entry:
    return books.journal.after(seq - 1, 1)[0]
