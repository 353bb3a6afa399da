"""The slips on the way to a sale: of an order that is paid at the till, and of a payment by the guest's own bank."""

from __future__ import annotations

from appliance.core.document import Align, Block, Cut, Document, Feed, Qr, Row, Rule, Text
from appliance.core.receipt import head, local_time, name_of
from appliance.core.texts import paper_money
from appliance.core.trade import Event, Order, PendingPayment, order_code


def order_slip(order: Order, event: Event, at: str) -> Document:
    """Lay out the slip. The QR code is the order's id, which the till's scanner knows."""
    say, money = event.texts, paper_money(order.currency, event.texts)
    blocks: list[Block] = head(event, order.rehearsal)
    blocks += [Text(say["order"], bold=True, align=Align.CENTER)]
    blocks += [Text(order_code(order.id), bold=True, scale=4, align=Align.CENTER)]
    blocks += [Text(local_time(at, event), align=Align.CENTER), Rule()]
    blocks += [Row(f"{line.quantity} x {name_of(line, event)}", money.number(line.total_minor)) for line in order.lines]
    blocks += [Rule()]
    if order.paid_minor:
        blocks += [
            Row(say["total"], money.text(order.total_minor)),
            Row(say["paid_already"], money.text(-order.paid_minor)),
        ]
    blocks += [Row(say["to_pay"], money.text(order.due_minor), bold=True), Feed()]
    blocks += [Qr(order.id, say["pay_at_till"])]
    if order.hold_min is not None and not order.paid_minor:
        blocks += [Text(say["held"].format(minutes=order.hold_min), align=Align.CENTER)]
    blocks += [Text(say["no_receipt"], align=Align.CENTER), Cut()]
    return Document(tuple(blocks))


def transfer_slip(asked: PendingPayment, code: str, reference: str, event: Event, at: str) -> Document:
    """Lay out the code that a guest scans with their bank's app; staff waits for the money."""
    say, money = event.texts, paper_money(asked.currency, event.texts)
    blocks: list[Block] = head(event, rehearsal=False)
    blocks += [Text(say["transfer_title"], bold=True, scale=2, align=Align.CENTER)]
    blocks += [Text(local_time(at, event), align=Align.CENTER), Rule()]
    if asked.tip_minor:
        blocks += [
            Row(say["amount"], money.text(asked.amount_minor)),
            Row(say["tip_back"], money.text(asked.tip_minor)),
        ]
    blocks += [Row(say["to_pay"], money.text(asked.asked_minor), bold=True)]
    blocks += [Row(say["reference"], reference), Feed(), Qr(code, say["scan_with_bank"])]
    blocks += [Text(say["no_receipt"], align=Align.CENTER), Cut()]
    return Document(tuple(blocks))
