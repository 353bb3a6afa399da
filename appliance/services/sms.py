"""Text messages: who may have one sent, how it goes through the queue, and when it is forgotten."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from appliance.core.clock import timestamp
from appliance.core.errors import NotFound, Refusal
from appliance.core.ports import Books
from appliance.core.sms.message import MAX_TRIES, SmsMessage, SmsRules, SmsStatus, receipt_text, wait_s
from appliance.core.sms.numbers import e164
from appliance.core.sms.parts import MAX_REFERENCE, parts_of
from appliance.core.sms.pdu import Outcome, Report
from appliance.services.spans import event_of

HOUR = dt.timedelta(hours=1)


def text_receipt(
    books: Books, rules: SmsRules, sale_number: int, number: str, order_id: str | None = None
) -> SmsMessage:
    """Queue the short receipt of a sale. With `order_id` a guest asks, who has to name the sale's own order.

    Raises Refusal: `no_modem`, `not_your_sale`, `sms_sent_already`, `too_many_sms`, those of the number.
    """
    by_guest = order_id is not None
    if not rules.is_on:
        raise Refusal("no_modem", "This box sends no text messages: it has no modem.", 409)
    sale = books.orders.sale(sale_number)
    if by_guest and (sale is None or sale.order_id != order_id):
        raise Refusal("not_your_sale", "Only the order that became this sale may ask for its receipt.", 403)
    if sale is None:
        raise NotFound("sale_unknown", f"There is no sale {sale_number} on this box.")
    to = e164(number, rules.country)
    if by_guest:
        _check_guest(books, rules, sale_number)
    return queue(books, to, receipt_text(sale, event_of(books, sale)), sale_number, by_guest)


def _check_guest(books: Books, rules: SmsRules, sale_number: int) -> None:
    if any(message.status is not SmsStatus.FAILED for message in books.sms.of_sale(sale_number)):
        raise Refusal("sms_sent_already", "The receipt of this sale was sent already: ask staff for another.", 409)
    if books.sms.guests_since(timestamp(books.moment.at - HOUR)) >= rules.guest_per_hour:
        raise Refusal("too_many_sms", "Too many text messages in this hour: ask staff, or try later.", 429)


def queue(books: Books, number: str, text: str, sale: int | None = None, by_guest: bool = False) -> SmsMessage:
    """Queue a message to a number (E.164). Raises Refusal where the text is too long."""
    message = books.sms.add(sale, number, text, len(parts_of(text, 0)), by_guest)
    _note(books, "sms.queued", message, parts=message.parts)
    return message


def claim_next(books: Books) -> SmsMessage | None:
    """Take the oldest message that is due; on the disk it is `sending` before the modem sees a byte of it."""
    message = books.sms.next_due(books.moment.text())
    if message is None:
        return None
    books.sms.set_status(message.id, SmsStatus.SENDING)
    return replace(message, status=SmsStatus.SENDING)


def reference_of(message: SmsMessage) -> int:
    """Return what ties the parts of a message together at the telephone."""
    return message.id % (MAX_REFERENCE + 1)


def note_part(books: Books, id: int, part: int, reference: int) -> None:
    """Note that the network has a part; with the last the message is sent. Told twice, it changes nothing."""
    message = _sending(books, id)
    if message is None or message.sent_parts >= part:
        return
    books.sms.add_part(id, part, reference)
    if part == message.parts:
        books.sms.set_status(id, SmsStatus.SENT)
        _note(books, "sms.sent", message)


def put_back(books: Books, id: int, reason: str, counts: bool = True) -> None:
    """Queue a message again of which the last part was not sent; give it up after too many tries that count."""
    message = _sending(books, id)
    if message is None:
        return
    tries = message.tries + counts
    if tries >= MAX_TRIES:
        fail(books, id, reason)
        return
    wait = dt.timedelta(seconds=wait_s(tries) if counts else 0)
    books.sms.try_again(id, tries, timestamp(books.moment.at + wait), reason)


def put_back_claimed(books: Books) -> None:
    """Queue again, for the parts that are left, what is claimed. Only for when nothing is at the modem."""
    for message in books.sms.by_status(SmsStatus.SENDING):
        put_back(books, message.id, message.reason, counts=False)


def fail(books: Books, id: int, reason: str) -> None:
    """Give a message up."""
    message = books.sms.get(id)
    if message is not None and message.status not in (SmsStatus.FAILED, SmsStatus.DELIVERED):
        books.sms.set_status(id, SmsStatus.FAILED, reason)
        _note(books, "sms.failed", message, reason=reason)


def doubt(books: Books, id: int, reason: str) -> None:
    """Note that a message may have been sent: nobody sends it again by itself."""
    message = _sending(books, id)
    if message is not None:
        books.sms.set_status(id, SmsStatus.UNSURE, reason)
        _note(books, "sms.unsure", message, reason=reason)


def doubt_interrupted(books: Books) -> int:
    """At the start: what was being sent when the power went is unsure. Return how many."""
    interrupted = books.sms.by_status(SmsStatus.SENDING)
    for message in interrupted:
        doubt(books, message.id, "The power went while it was being sent.")
    return len(interrupted)


def doubt_restored(books: Books) -> int:
    """After a restore: what waited then may have been sent since, so it is unsure. Return how many."""
    waiting = [*books.sms.by_status(SmsStatus.QUEUED), *books.sms.by_status(SmsStatus.SENDING)]
    for message in waiting:
        books.sms.set_status(message.id, SmsStatus.SENDING)  # as if it were under way, which it may have been
        doubt(books, message.id, "Restored from a backup: it may have been sent since.")
    return len(waiting)


def take_report(books: Books, report: Report) -> None:
    """Note what a status report says; one that fits no message is left alone."""
    found = books.sms.part_of(report.reference, report.number)
    if found is None or report.outcome is Outcome.PENDING:
        return
    id, part = found
    books.sms.settle_part(id, part, report.outcome)
    message = books.sms.get(id)
    if report.outcome is Outcome.FAILED:
        fail(books, id, "The network could not deliver it.")
    elif message and message.status is SmsStatus.SENT and books.sms.delivered_parts(id) == message.parts:
        books.sms.set_status(id, SmsStatus.DELIVERED)
        _note(books, "sms.delivered", message)


def is_untidy(books: Books) -> bool:
    """Tell, without writing, whether `tidy` may have something to do."""
    return books.sms.personal() > 0


def tidy(books: Books, rules: SmsRules) -> int:
    """Give up what nobody could send for too long, and wipe what ended long enough ago; return of how many."""
    too_old = timestamp(books.moment.at - rules.give_up_h * HOUR)
    for message in books.sms.by_status(SmsStatus.QUEUED):
        if message.queued_at < too_old:
            fail(books, message.id, message.reason or "There was no modem to send it.")
    return books.sms.wipe(timestamp(books.moment.at - dt.timedelta(days=rules.keep_days)))


def purge(books: Books) -> int:
    """Give up what was not sent, and wipe all that ended; return of how many."""
    for message in (*books.sms.by_status(SmsStatus.QUEUED), *books.sms.by_status(SmsStatus.SENDING)):
        fail(books, message.id, "All that is personal was taken away.")
    return books.sms.wipe(None)


def _sending(books: Books, id: int) -> SmsMessage | None:
    message = books.sms.get(id)
    return message if message is not None and message.status is SmsStatus.SENDING else None


def _note(books: Books, kind: str, message: SmsMessage, **more: object) -> None:
    """Write an entry: ids only, never whom it went to or what it said."""
    books.journal.append(kind, {"sms": message.id, "sale": message.sale, **more})
