"""Three instructive papers as they must be, block by block; the files are in `receipts/`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.core.document import Document, Drawer, Qr, Row, Text
from appliance.core.event import read_event
from appliance.core.money import in_cash
from appliance.core.order_slip import order_slip, transfer_slip
from appliance.core.payment_qr import payment_code
from appliance.core.pricing import Terms, Wanted, price
from appliance.core.receipt import copy_of, receipt, refund_slip, signed_paper, wifi_code
from appliance.core.texts import own_texts
from appliance.core.trade import (
    Discount,
    Event,
    Order,
    OrderStatus,
    Payment,
    PendingPayment,
    RefundLine,
    RefundPart,
    Sale,
    Scheme,
    Tender,
    Transfer,
    Voucher,
)
from tests.books import EVENT_TEXT

GOLDEN = Path(__file__).parent / "receipts"
EVENT = read_event(EVENT_TEXT)
AT = "2026-12-05T21:31:07.000000Z"  # half past four at the stall in New York


def sale_of(
    event: Event, wanted: list[Wanted], paid: list[tuple[Tender, int, str]], voucher: Voucher | None = None, **more: Any
) -> Sale:
    """A sale as the till makes it: each payment goes to the order as far as that is still due."""
    lines = price(event, wanted, voucher)
    total = due = sum(line.total_minor for line in lines)
    payments = []
    for tender, tendered, reference in paid:
        payments.append(Payment("order", tender, min(tendered, due), tendered, AT, reference))
        due -= payments[-1].amount_minor
    assert due == 0
    return Sale(17, "order", event.currency, total, 0, lines, tuple(payments), AT, 99, **{"granted": {}, **more})


def with_a_voucher_paid_by_card_and_cash() -> Document:
    wanted = [Wanted("cup", 2), Wanted("print-a4", 1), Wanted("postcard", 3)]
    paid = [(Tender.CARD, 2000, "4711"), (Tender.CASH, 2000, "")]
    return receipt(sale_of(EVENT, wanted, paid, Voucher("PRESS-50", percent_off=50)), EVENT)


def in_yen_with_tax_on_top_and_a_ticket() -> Document:
    event = replace(EVENT, currency="JPY", prices_include_tax=False, seller=())
    granted = {"ticket-workshop-seat-1": "AF7T4FSWQU", "member-circle-1": "MAF7T4FSWQU"}
    wanted = [Wanted("workshop-seat", 1), Wanted("circle", 1)]
    return receipt(sale_of(event, wanted, [(Tender.CARD, 2940, "")], granted=granted), event)


def of_a_refund_in_a_rehearsal() -> Document:
    sale = sale_of(EVENT, [Wanted("cup", 3)], [(Tender.CASH, 7200, "")], rehearsal=True)
    return refund_slip(sale, 4, [RefundLine("cup", 2, 4800)], [RefundPart(Tender.CASH, 4800)], EVENT, AT)


def of_a_member_with_a_discount_in_rounded_francs() -> Document:
    event = replace(EVENT, currency="CHF", cash_step_minor=5)
    wanted = [Wanted("print-a4", 2), Wanted("apron-indigo-m", 1), Wanted("circle", 1)]
    terms = Terms(AT, discounts=(Discount("stained", percent_off=7, offer="apron-indigo-m"),))
    lines = price(event, wanted, Voucher("WELCOME-3", amount_off_minor=300), terms)
    total = sum(line.total_minor for line in lines)
    payment = Payment("order", Tender.CASH, total, 10_000, AT, rounding_minor=in_cash(total, 5) - total)
    return receipt(Sale(18, "order", "CHF", total, 0, lines, (payment,), AT, 120, {}), event)


def of_an_order_that_is_partly_paid() -> Document:
    lines = price(EVENT, [Wanted("cup", 2), Wanted("print-a4", 1)])
    total = sum(line.total_minor for line in lines)
    id = "0192f3a0-7b1c-7000-8000-5f3e7ac0ffee"
    return order_slip(Order(id, OrderStatus.OPEN, "USD", lines, total, 1000, None, None, AT), EVENT, AT)


def by_gift_card_and_signed_by_a_device() -> Document:
    lines = price(EVENT, [Wanted("cup", 1)])
    card = Payment("order", Tender.VOUCHER, 1000, 1000, AT, account="GIFT#1", balance_after=0)
    rest = Payment("order", Tender.CARD, 1400, 1400, AT, "4711")
    sale = Sale(19, "order", "USD", 2400, 0, lines, (card, rest), AT, 130, {})
    signature = {"lines": ["TSE 1a2b 3c4d, signature 130", "2026-12-05T21:31:07Z"], "qr": "V0;1a2b3c4d;130;2400"}
    return signed_paper(receipt(sale, EVENT), {"signature": signature}, EVENT.texts)


def in_german_with_a_tip() -> Document:
    event = replace(EVENT, currency="EUR", language="de", texts=own_texts("de"), thanks="Vielen Dank!")
    lines = price(event, [Wanted("cup", 2), Wanted("print-a4", 1)])
    payment = Payment("order", Tender.CASH, 6600, 10_000, AT, tip_minor=330)
    return receipt(Sale(20, "order", "EUR", 6600, 0, lines, (payment,), AT, 131, {}, page="UKSSH2VJRM4K"), event)


ARABIC = {
    "receipt": "إيصال {number}", "total": "المجموع", "cash": "نقدًا", "change": "الباقي",
    "included": "منها {tax} من {gross}", "each": "{price} للقطعة", "online": "هذا الإيصال على هاتفك",
}  # fmt: skip


def in_arabic_by_the_event_s_own_texts() -> Document:
    texts = {**own_texts("en"), **ARABIC}
    event = replace(EVENT, currency="AED", language="ar", texts=texts, thanks="شكرًا لزيارتكم!", seller=("متجر الخزف",))
    lines = price(event, [Wanted("cup", 2)])
    lines = (replace(lines[0], name="كوب مصنوع يدويًا"),)
    payment = Payment("order", Tender.CASH, 4800, 5000, AT)
    return receipt(Sale(21, "order", "AED", 4800, 0, lines, (payment,), AT, 132, {}, page="UKSSH2VJRM4K"), event)


def of_a_payment_by_the_guest_s_bank() -> Document:
    event = replace(EVENT, currency="EUR", language="fr", texts=own_texts("fr"))
    asked = PendingPayment(
        7, "0192f3a0-7b1c-7000-8000-5f3e7ac0ffee", Tender.TRANSFER, 2400, "EUR", "", AT, tip_minor=120
    )
    to = Transfer(Scheme.SEPA, "FR1420041010050500013M02606", "Mara Okafor")
    code = payment_code(to, "EUR", asked.asked_minor, "0FFEE-7")
    return transfer_slip(asked, code, "0FFEE-7", event, AT)


PAPERS = [with_a_voucher_paid_by_card_and_cash, in_yen_with_tax_on_top_and_a_ticket, of_a_refund_in_a_rehearsal]
EXPLAINED = of_a_member_with_a_discount_in_rounded_francs
OTHERS = [EXPLAINED, of_an_order_that_is_partly_paid, by_gift_card_and_signed_by_a_device]
OTHERS += [in_german_with_a_tip, in_arabic_by_the_event_s_own_texts, of_a_payment_by_the_guest_s_bank]


@pytest.mark.parametrize("paper", [*PAPERS, *OTHERS], ids=lambda paper: paper.__name__)
def test_a_paper_is_as_it_was_agreed(paper: Any) -> None:
    golden = json.loads((GOLDEN / f"{paper.__name__}.json").read_text(encoding="utf-8"))
    document = paper()
    assert json.loads(json.dumps(document.to_json())) == golden
    assert Document.from_json(golden) == document  # and comes back from a print job's JSON unchanged


def test_only_cash_opens_the_drawer_and_never_a_copy() -> None:
    cash, card, refund = (paper() for paper in PAPERS)
    assert [isinstance(paper.blocks[0], Drawer) for paper in (cash, card, refund)] == [True, False, True]
    copied = copy_of(cash, EVENT.texts)
    assert not any(isinstance(block, Drawer) for block in copied.blocks)
    assert isinstance(copied.blocks[0], Text)
    assert (copied.blocks[0].text, len(copied.blocks)) == ("COPY", len(cash.blocks))


def test_a_rehearsals_receipt_says_that_it_is_none() -> None:
    sale = sale_of(EVENT, [Wanted("cup", 1)], [(Tender.CARD, 2400, "")], rehearsal=True)
    texts = [block.text for block in receipt(sale, EVENT).blocks if isinstance(block, Text)]
    assert "REHEARSAL - not a receipt" in texts


def test_what_was_granted_is_on_the_paper_to_be_scanned() -> None:
    codes = [block.data for block in in_yen_with_tax_on_top_and_a_ticket().blocks if isinstance(block, Qr)]
    assert codes == ["AF7T4FSWQU", "MAF7T4FSWQU"]


def test_a_wifi_code_escapes_what_has_a_meaning_in_it() -> None:
    assert wifi_code('a;b,"c"', "p:\\w") == 'WIFI:T:WPA;S:a\\;b\\,\\"c\\";P:p\\:\\\\w;;'


@pytest.mark.parametrize(("language", "named"), [("en", "incl. 8.875 % on 24.00"), ("de", "inkl. 8,875 % auf 24,00")])
def test_a_rate_that_the_event_has_otherwise_by_now_is_named_by_what_was_charged(language: str, named: str) -> None:
    sale = sale_of(EVENT, [Wanted("cup", 1)], [(Tender.CASH, 2400, "")])
    rates = tuple(replace(rate, name="IVA 23 %", rate_ppm=230_000) for rate in EVENT.tax_rates)
    event = replace(EVENT, tax_rates=rates, language=language, texts=own_texts(language))
    back = refund_slip(sale, 1, [RefundLine("cup", 1, 2400)], [RefundPart(Tender.CASH, 2400)], event, AT)
    assert [row.left for row in receipt(sale, event).blocks if isinstance(row, Row)][-1] == named
    assert "IVA" not in str(receipt(sale, event))
    assert "IVA" not in str(back)
