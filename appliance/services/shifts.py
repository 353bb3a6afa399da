"""Shifts of the till: opening, counting, closing, and the X and Z reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from appliance.core.document import Align, Block, Cut, Document, Feed, Row, Rule, Text
from appliance.core.errors import Refusal
from appliance.core.money import Currency
from appliance.core.ports import Books, Shift
from appliance.core.receipt import local_time
from appliance.core.trade import Event, Tender
from appliance.services.till import current_event

# Takes a message, returns its signature by the box's key and the public key.
Signer = Callable[[bytes], tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """The figures of a shift: X while it is open, Z once it is closed. Minor units throughout.

    `expected_minor` is what should be in the drawer; `difference_minor` what was counted less that.
    """

    kind: str
    shift: int
    currency: str
    opened_at: str
    closed_at: str | None
    float_minor: int
    sales: Mapping[str, int]
    tenders: Mapping[str, int]
    taxes: Mapping[str, Mapping[str, int]]
    offers: Mapping[str, int]
    expected_minor: int
    counted_minor: int | None
    difference_minor: int | None
    journal_seq: int
    journal_hash: str


def open_shift(books: Books, float_minor: int) -> Shift:
    """Open the till with some cash in its drawer. Raises Refusal if it is open already."""
    if books.shifts.current():
        raise Refusal("shift_open", "A shift is open already: close it first.", status=409)
    _check_part_paid(books)
    entry = books.journal.append("shift.opened", {"float_minor": float_minor})
    return books.shifts.open(books.moment.text(), entry.seq, float_minor)


def close_shift(books: Books, counted_minor: int, sign: Signer) -> ShiftReport:
    """Count and close the till, sign the journal's head, queue the Z report. Raises Refusal."""
    shift = _current(books)
    _check_part_paid(books)
    expected = _report(books, shift).expected_minor
    data = {"shift": shift.id, "counted_minor": counted_minor, "expected_minor": expected}
    entry = books.journal.append("shift.closed", data)
    books.journal.sign_head(entry, *sign(entry.hash.encode()))
    books.shifts.close(shift.id, books.moment.text(), entry.seq, counted_minor)
    report = last_report(books)
    books.prints.add("report", f"Z report {shift.id}", report_document(report, current_event(books)).to_json())
    return report


def report(books: Books) -> ShiftReport:
    """Return the X report of the open shift. Raises Refusal if none is open."""
    return _report(books, _current(books))


def last_report(books: Books) -> ShiftReport:
    """Return the Z report of the shift that was closed last. Raises Refusal if none was."""
    shift = books.shifts.last_closed()
    if shift is None:
        raise Refusal("no_shift", "No shift was closed yet.", status=409)
    return _report(books, shift)


def report_document(report: ShiftReport, event: Event) -> Document:
    """Lay out a report for the printer."""
    money = Currency(report.currency)
    blocks: list[Block] = [Text(f"{report.kind} REPORT", bold=True, scale=2, align=Align.CENTER)]
    blocks += [Text(event.name, align=Align.CENTER), Feed()]
    blocks.append(Row(f"Shift {report.shift}", f"opened {local_time(report.opened_at, event)}"))
    if report.closed_at:
        blocks.append(Row("", f"closed {local_time(report.closed_at, event)}"))
    blocks += [Rule(), Row("Sales", str(report.sales["sales"])), Row("Items", str(report.sales["items"]))]
    blocks.append(Row("Gross", money.text(report.sales["gross_minor"])))
    blocks.append(Row("Given back", money.text(-report.sales["refunds_minor"])))
    blocks.append(Row("Takings", money.text(report.sales["takings_minor"]), bold=True))
    blocks += [Row(f"  {tender}", money.text(amount)) for tender, amount in report.tenders.items()]
    blocks.append(Rule())
    blocks += [Row(f"Tax {tax}", money.text(figures["tax_minor"])) for tax, figures in report.taxes.items()]
    blocks += [Rule(), *(Row(offer, str(count)) for offer, count in report.offers.items()), Rule()]
    blocks.append(Row("Float", money.text(report.float_minor)))
    blocks.append(Row("Expected in drawer", money.text(report.expected_minor)))
    if report.counted_minor is not None and report.difference_minor is not None:
        blocks.append(Row("Counted", money.text(report.counted_minor)))
        blocks.append(Row("Difference", money.text(report.difference_minor), bold=True))
    blocks += [Rule(), Text(f"Journal {report.journal_seq} {report.journal_hash}"), Cut()]
    return Document(tuple(blocks))


def _check_part_paid(books: Books) -> None:
    """See that no order straddles two shifts: its money would be in one drawer and in the other's figures."""
    if any(order.paid_minor and order.rehearsal == books.rehearsal for order in books.orders.open()):
        raise Refusal("part_paid_open", "An order is paid in part: take the rest first.", status=409)


def _current(books: Books) -> Shift:
    shift = books.shifts.current()
    if shift is None:
        raise Refusal("no_shift", "No shift is open: open one first.", status=409)
    return shift


def _report(books: Books, shift: Shift) -> ShiftReport:
    span = (shift.opened_seq, shift.closed_seq)
    tenders = books.figures.tenders(*span)
    expected = shift.float_minor + tenders.get(Tender.CASH, 0)
    counted = shift.counted_minor
    seq = shift.closed_seq
    head = books.journal.head() if seq is None else next(iter(books.journal.after(seq - 1, 1)), None)
    return ShiftReport(
        kind="X" if seq is None else "Z",
        shift=shift.id,
        currency=current_event(books).currency,
        opened_at=shift.opened_at,
        closed_at=shift.closed_at,
        float_minor=shift.float_minor,
        sales=books.figures.sales(*span),
        tenders=tenders,
        taxes=books.figures.taxes(*span),
        offers=books.figures.offers_sold(*span),
        expected_minor=expected,
        counted_minor=counted,
        difference_minor=None if counted is None else counted - expected,
        journal_seq=head.seq if head else 0,
        journal_hash=head.hash if head else "",
    )
