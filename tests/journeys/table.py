"""Every journey's critical step: where it is taken, what is pressed, what the page shows then, what the books hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.journeys.steps import (
    Before,
    Does,
    basket,
    cash_put_in,
    coded,
    counted,
    counting,
    discounted,
    for_nothing,
    gift_card,
    given,
    goods_came,
    is_empty,
    is_gone,
    is_hidden,
    let_out,
    looks_at_sale,
    member_card,
    name_typed,
    new_tablet,
    nothing_before,
    one_of_two,
    ordered,
    paid_here,
    paired,
    parcel,
    paying,
    pending,
    pin,
    refused_once,
    sent_later,
    shift,
    shows,
    splitting,
    taps,
    tipped,
    types_ticket,
    with_card,
    with_offer,
)


@dataclass(frozen=True)
class Journey:
    """`path` is where the act that counts is sent, `leaves` what it adds to the journal and to what is printed."""

    at: str
    who: str  # whose PIN was typed before, "" for nobody's
    path: str
    before: Before
    press: Does
    after: Does
    leaves: dict[str, int] = field(default_factory=dict)
    is_form: bool = False  # a plain form: sent once only, and never by itself again
    outlives_cut: bool = True  # what it is about; a waiting tablet's code does not


PAID = {"payment.taken": 1, "sale.completed": 1}
AT_TILL = PAID | {"paper receipt": 1}
BACK = {"sale.refunded": 1, "paper refund": 1}

JOURNEYS = {
    # kiosk
    "order": Journey(
        "/", "kiosk", "/orders", with_offer("cup"),
        taps("#order"), shows("#slip-total", "$24.00"), {"order.opened": 1},
    ),
    "order for nothing": Journey(
        "/", "kiosk", "/orders", for_nothing,
        taps("#order"), shows("#slip-state", "Paid"), {"order.opened": 1, "sale.completed": 1},
    ),
    "order to be sent": Journey(
        "/", "kiosk", "/orders", sent_later,
        taps("#shipping-send"), shows("#slip-state", "Pay at the till"), {"order.opened": 1},
    ),
    "pay by gift card": Journey(
        "/", "kiosk", "/payments", with_card(gift_card),
        taps("[data-tender=voucher]"), shows("#slip-state", "Paid"), PAID | {"voucher.spent": 1},
    ),
    "pay by credits": Journey(
        "/", "kiosk", "/payments", with_card(member_card),
        taps("[data-tender=credit]"), shows("#slip-state", "Paid"), PAID | {"credits.spent": 1},
    ),
    "change the order": Journey(
        "/", "kiosk", "/cancel", ordered,
        taps("#change"), shows("#lines output", "1"), {"order.cancelled": 1},
    ),
    "print the slip": Journey(
        "/", "kiosk", "/slip", ordered,
        taps("#slip-print"), shows("#slip-text", "Take your slip"), {"paper order": 1},
    ),
    "receipt by text": Journey(
        "/", "kiosk", "/sms", paid_here,
        taps("#receipt-form button"), shows("#thanks-text", "on its way"), {"sms.queued": 1},
    ),
    # staff
    "admit": Journey(
        "/staff#door", "staff", "/scan", types_ticket,
        taps("#scan .primary"), shows("#verdict", "Admit: Welcome"), {"ticket.admitted": 1},
    ),
    "let out": Journey(
        "/staff#door", "staff", "/scan", let_out,
        taps("#scan [value=exit]"), shows("#verdict", "Goodbye"), {"ticket.exited": 1},
    ),
    "let in all the same": Journey(
        "/staff#door", "staff", "/scan", refused_once,
        taps("#override button"), shows("#verdict", "Let in by staff"), {"ticket.overridden": 1},
    ),
    "charge": Journey(
        "/staff#till", "staff", "/orders", basket,
        taps("#charge"), shows("#pay-due", "$24.00"), {"order.opened": 1},
    ),
    "charge with a supervisor": Journey(
        "/staff#till", "cashier", "/orders", discounted,
        taps("#supervisor .primary"), shows("#pay-due", "$21.60"), {"order.opened": 1, "paper slip": 1},
    ),
    "cash": Journey(
        "/staff#orders", "staff", "/payments", given("30"),
        taps("#cash"), shows("#change", "$6.00"), AT_TILL,
    ),
    "card": Journey(
        "/staff#orders", "staff", "/payments", paying,
        taps("#card"), shows("#paid-sale", "$24.00 paid"), AT_TILL,
    ),
    "cash with a tip": Journey(
        "/staff#orders", "staff", "/payments", tipped,
        taps("#cash"), shows("#change", "$3.60"), AT_TILL,
    ),
    "split": Journey(
        "/staff#orders", "staff", "/payments", splitting,
        taps("#stored [value=voucher]"), shows("#pay-due", "$14.00"), {"payment.taken": 1, "voucher.spent": 1},
    ),
    "card without an answer": Journey(
        "/staff#orders", "staff", "/payments", paying,
        taps("#card-pending"), shows("#pending-badge", "pending"), {"payment.asked": 1},
    ),
    "it was paid": Journey(
        "/staff#till", "staff", "/settle", pending,
        taps("#this-one"), is_gone("#this-one"), AT_TILL | {"payment.settled": 1},
    ),
    "payment code": Journey(
        "/staff#orders", "staff", "/payments", paying,
        taps("#transfer"), shows("#code-amount", "$24.00"), {"payment.asked": 1},
    ),
    "the money came": Journey(
        "/staff#orders", "staff", "/settle", coded,
        taps("#code-came"), is_hidden("#code-dialog"), AT_TILL | {"payment.settled": 1},
    ),
    "give the order up": Journey(
        "/staff#orders", "staff", "/cancel", paying,
        taps("#cancel"), is_hidden("#pay"), {"order.cancelled": 1},
    ),
    "refund": Journey(
        "/staff#orders", "staff", "/refund", one_of_two,
        taps("#give-back"), shows("#gone-back", "$24.00 in cash"), BACK,
    ),
    "stock": Journey(
        "/staff#stock", "staff", "/deliveries", goods_came,
        taps("#stock-form .primary"), shows("#moves", "came in: 3"), {"stock.delivered": 1},
    ),
    "open the shift": Journey(
        "/staff#shift", "staff", "/shifts", shift(is_open=False),
        taps("#shift-button"), shows("#shift-state", "is open since"), {"shift.opened": 1},
    ),
    "void": Journey(
        "/staff#orders", "staff", "/void", looks_at_sale,
        taps("#void"), shows("#gone-back", "$48.00 in cash"), BACK,
    ),
    "cash put in": Journey(
        "/staff#shift", "staff", "/cash", cash_put_in,
        taps("#cash-form [value=in]"), is_empty("#cash-reason"), {"cash.moved": 1, "paper slip": 1},
    ),
    "count": Journey(
        "/staff#shift", "staff", "/count", counting,
        taps("#count-done"), shows("#preview", "Counted"), {"shift.counted": 1},
    ),
    "close the shift": Journey(
        "/staff#shift", "staff", "/close", counted,
        taps("#close-shift"), shows("#report", "Z report"), {"shift.closed": 1, "paper report": 1},
    ),
    "picked up": Journey(
        "/staff#orders", "staff", "/hand-over", parcel,
        taps("#parcels button"), is_gone("#parcels li"), {"restock.picked_up": 1},
    ),
    "pair a tablet": Journey(
        "/staff#devices", "staff", "/tablets", new_tablet,
        taps("#pair button"), shows("#tablets", "Tablet"), {"tablet.paired": 1}, outlives_cut=False,
    ),
    "send a tablet away": Journey(
        "/staff#devices", "staff", "/revoke", paired,
        taps("#this-one"), is_gone("#this-one"), {"tablet.revoked": 1},
    ),
    # forms
    "PIN": Journey(
        "/staff", "", "/staff", pin,
        taps("button.primary"), shows("#tab-till"), is_form=True,
    ),
    "name of the box": Journey(
        "/setup/name", "owner", "/setup/name", name_typed,
        taps("form.stack .primary"), shows("h1", "Corner stall"), is_form=True,
    ),
    "event": Journey(
        "/setup/event", "owner", "/setup/event", nothing_before,
        taps("form.stack .primary"), shows("main", "is loaded"), is_form=True,
    ),
    "test page": Journey(
        "/setup/printer", "owner", "/setup/printer", nothing_before,
        taps("#live .primary"), shows("#live", "Test page"), {"paper slip": 1}, is_form=True,
    ),
    "code for a new tablet": Journey(
        "/pair", "", "/pair", nothing_before,
        taps("form[action='/pair'] button"), shows("#code"), is_form=True,
    ),
}  # fmt: skip
