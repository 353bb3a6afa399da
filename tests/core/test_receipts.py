"""Three instructive papers as they must be, block by block; the files are in `receipts/`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.core.document import Document, Drawer, Qr, Text
from appliance.core.event import read_event
from appliance.core.pricing import Wanted, price
from appliance.core.receipt import copy_of, receipt, refund_slip, wifi_code
from appliance.core.trade import Event, Payment, RefundLine, Sale, Tender, Voucher
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
    return refund_slip(sale, 4, [RefundLine("cup", 2, 4800)], Tender.CASH, EVENT, AT)


PAPERS = [with_a_voucher_paid_by_card_and_cash, in_yen_with_tax_on_top_and_a_ticket, of_a_refund_in_a_rehearsal]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.__name__)
def test_a_paper_is_as_it_was_agreed(paper: Any) -> None:
    golden = json.loads((GOLDEN / f"{paper.__name__}.json").read_text(encoding="utf-8"))
    document = paper()
    assert json.loads(json.dumps(document.to_json())) == golden
    assert Document.from_json(golden) == document  # and comes back from a print job's JSON unchanged


def test_only_cash_opens_the_drawer_and_never_a_copy() -> None:
    cash, card, refund = (paper() for paper in PAPERS)
    assert [isinstance(paper.blocks[0], Drawer) for paper in (cash, card, refund)] == [True, False, True]
    copied = copy_of(cash)
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
