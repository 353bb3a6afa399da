"""Payments that guests send from their own bank's app: the code to scan, on a screen or on paper."""

from __future__ import annotations

from appliance.core.errors import NotFound
from appliance.core.order_slip import transfer_slip
from appliance.core.payment_qr import payment_code
from appliance.core.ports import Books
from appliance.core.trade import PendingPayment, PendingStatus, Tender, order_code
from appliance.services.carts import current_event
from appliance.services.till import check_tender


def code_of(books: Books, asked: PendingPayment) -> str | None:
    """Write the code that pays a pending transfer; None for all else, and once the event takes none any more."""
    if asked.tender is not Tender.TRANSFER or asked.status is not PendingStatus.PENDING:
        return None
    to = current_event(books).transfer
    if to is None:
        return None
    return payment_code(to, asked.currency, asked.asked_minor, reference_of(asked))


def reference_of(asked: PendingPayment) -> str:
    """Return what the stall's bank will show beside the money: the order's code and the payment's number."""
    return f"{order_code(asked.order_id)}-{asked.id}"


def print_code(books: Books, payment_id: int) -> int:
    """Print the code of a pending transfer for the guest; return the print job's id. Raises Refusal."""
    check_tender(current_event(books), Tender.TRANSFER)
    asked = books.pending.get(payment_id)
    code = code_of(books, asked) if asked else None
    if asked is None or code is None:
        raise NotFound("payment_unknown", "There is no such pending transfer on this box.")
    slip = transfer_slip(asked, code, reference_of(asked), current_event(books), books.moment.text())
    return books.prints.add("transfer", f"transfer {reference_of(asked)}", slip.to_json())
