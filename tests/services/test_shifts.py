"""Shifts: counted blind by coin and note, cash in and out, reports that say the same for ever."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from appliance.core.document import Document, plain_text
from appliance.core.errors import Refusal
from appliance.core.pricing import Wanted
from appliance.core.shift_report import ShiftReport, report_document
from appliance.core.trade import Actor, PrintStatus, Right
from appliance.services import cashiers, refunds, shifts, till
from appliance.services.events import load_event
from tests.books import EVENT_TEXT, Box

IN_EUROS = EVENT_TEXT.replace('currency = "USD"', 'currency = "EUR"')


def pieces(*lines: tuple[int, int]) -> list[dict[str, int]]:
    return [{"denomination_minor": value, "quantity": quantity} for value, quantity in lines]


def refused(box: Box, act: Any) -> str:
    head = box.desk.head_seq
    with pytest.raises(Refusal) as caught:
        box.submit(act)
    assert box.desk.head_seq == head
    return caught.value.code


def close(box: Box, counted_minor: int | None = None) -> ShiftReport:
    return box.submit(lambda books: shifts.close_shift(books, counted_minor, box.key.sign))


def paper(box: Box, subject: str) -> str:
    with box.reading() as books:
        job = next(job for job in books.prints.by_status([PrintStatus.QUEUED], 100) if job.subject == subject)
    return plain_text(Document.from_json(job.document))


def test_a_drawer_is_counted_before_it_is_known_what_should_be_in_it(box: Box) -> None:
    box.submit(lambda books: shifts.open_shift(books, 5000))
    assert refused(box, lambda books: shifts.close_shift(books, None, box.key.sign)) == "not_counted"
    box.sell(("cup", 1))
    box.submit(lambda books: shifts.move_cash(books, "in", 1000, "change from the bank"))
    box.submit(lambda books: shifts.move_cash(books, "out", 300, "parking"))
    first = box.submit(lambda books: shifts.count_drawer(books, pieces((2000, 4), (25, 3), (100, 0))))
    assert (first.kind, first.expected_minor, first.counted_minor, first.difference_minor) == ("X", 8100, 8075, -25)
    again = box.submit(lambda books: shifts.count_drawer(books, pieces((2000, 4), (100, 1))))
    assert (again.difference_minor, again.counts) == (0, 2)
    z = close(box)
    assert (z.kind, z.counted_minor, z.difference_minor, z.counts) == ("Z", 8100, 0, 2)
    assert z.count == pieces((2000, 4), (100, 1))
    assert [entry["counted_minor"] for entry in box.entries("shift.counted")] == [8075, 8100]
    assert box.verify() == []


def test_cash_that_moves_after_the_count_asks_for_another(box: Box) -> None:
    box.submit(lambda books: shifts.open_shift(books, 0))
    box.submit(lambda books: shifts.count_drawer(books, []))
    box.sell(("postcard", 1))
    assert refused(box, lambda books: shifts.close_shift(books, None, box.key.sign)) == "count_stale"
    assert box.submit(shifts.report).counted_minor is None
    box.submit(lambda books: shifts.count_drawer(books, pieces((100, 1))))
    assert close(box).difference_minor == 0


@pytest.mark.parametrize(
    ("count", "code"),
    [(pieces((300, 1)), "denomination_unknown"), (pieces((100, 1), (100, 2)), "denomination_twice")],
)
def test_money_that_does_not_exist_is_not_counted(box: Box, count: list[dict[str, int]], code: str) -> None:
    box.submit(lambda books: shifts.open_shift(books, 0))
    assert refused(box, lambda books: shifts.count_drawer(books, count)) == code


def test_without_a_shift_no_cash_moves_but_the_drawer_opens(box: Box) -> None:
    assert refused(box, lambda books: shifts.move_cash(books, "in", 1, "why")) == "no_shift"
    assert refused(box, lambda books: shifts.count_drawer(books, [])) == "no_shift"
    box.submit(lambda books: shifts.open_drawer(books, "a coin was stuck"))
    with box.reading() as books:
        assert '"drawer"' in json.dumps(books.prints.by_status([PrintStatus.QUEUED], 1)[0].document)
    assert box.entries("drawer.opened") == [{"reason": "a coin was stuck"}]


def test_part_of_an_order_in_cash_is_in_the_drawer_already(box: Box) -> None:
    box.submit(lambda books: shifts.open_shift(books, 1000))
    order = box.submit(lambda books: till.open_order(books, [Wanted("cup", 1)]))
    box.submit(lambda books: till.take_payment(books, order.id, "cash", 500))
    x = box.submit(shifts.report)
    assert (x.expected_minor, x.cash["part_paid_minor"], x.tenders) == (1500, 500, {})
    assert refused(box, lambda books: shifts.count_drawer(books, [])) == "part_paid_open"
    box.submit(lambda books: till.take_payment(books, order.id, "card", 1900))
    x = box.submit(shifts.report)
    assert (x.expected_minor, x.cash["part_paid_minor"]) == (1500, 0)


def test_taxes_come_back_with_what_is_given_back_and_not_a_unit_is_left(box: Box) -> None:
    sale = box.sell(("print-a4", 3), ("postcard", 7))
    sold = box.submit(lambda books: dict(books.takings.taxes(0, None)))
    assert all(total["net_minor"] + total["tax_minor"] == total["gross_minor"] for total in sold.values())
    begun = box.desk.head_seq
    for offer, times in (("postcard", 7), ("print-a4", 3)):
        for _ in range(times):
            box.submit(lambda books, offer=offer: refunds.refund(books, sale.number, [Wanted(offer, 1)], "back"))
    after = box.submit(lambda books: books.takings.taxes(begun, None))
    parts = ("gross_minor", "net_minor", "tax_minor")
    assert {tax: [total[part] for part in parts] for tax, total in after.items()} == {
        tax: [-total[part] for part in parts] for tax, total in sold.items()
    }
    whole = box.submit(lambda books: books.takings.taxes(0, None))
    assert all(total[part] == 0 for total in whole.values() for part in parts)


def test_a_z_report_says_the_same_whatever_comes_later(box: Box) -> None:
    first = {}
    for number in (1, 2):
        box.submit(lambda books: shifts.open_shift(books, 100))
        box.sell(("cup", number), voucher="WELCOME-3")
        box.submit(lambda books: shifts.open_drawer(books, "look"))
        given_up = box.submit(lambda books: till.open_order(books, [Wanted("cup", 1)]))
        box.submit(lambda books, order=given_up.id: till.cancel_order(books, order))
        first[number] = close(box, 100)
    box.submit(lambda books: refunds.refund(books, 1, [], "all of it"))
    box.submit(lambda books: load_event(books, IN_EUROS.replace('id = "street-series"', 'id = "winter"')))
    box.restart()
    for number, z in first.items():
        assert box.submit(lambda books, number=number: shifts.z_report(books, number)) == z
    z = first[2]
    assert (z.shift, z.currency, z.first_sale, z.last_sale, z.drawer_openings) == (2, "USD", 2, 2, 1)
    assert (z.discounts, z.voids) == (
        {"sales": 1, "amount_minor": 300},
        {"orders": 1, "amount_minor": 2400, "sales": 0, "sales_minor": 0},
    )
    assert sum(window["sales"] for window in z.windows.values()) == 1
    assert refused(box, lambda books: shifts.z_report(books, 3)) == "report_unknown"


def test_an_event_of_another_currency_waits_for_the_end_of_the_shift(box: Box) -> None:
    box.submit(lambda books: shifts.open_shift(books, 0))
    assert IN_EUROS != EVENT_TEXT
    assert refused(box, lambda books: load_event(books, IN_EUROS)) == "shift_open"
    close(box, 0)
    box.submit(lambda books: load_event(books, IN_EUROS))


def test_each_act_is_journalled_by_id_and_printed_by_name(box: Box) -> None:
    ana, _ = box.submit(lambda books: cashiers.add(books, "Ana Sample", [Right.DRAWER]))
    ben, _ = box.submit(lambda books: cashiers.add(books, "Ben Sample", []))

    def by(actor: Actor, act: Any) -> Any:
        def command(books: Any) -> Any:
            with books.acting(actor):
                return act(books)

        return box.submit(command)

    def sell(books: Any) -> Any:
        return till.take_payment(books, till.open_order(books, [Wanted("cup", 1)]).id, "cash", 2400)

    by(Actor(ana.id), lambda books: shifts.open_shift(books, 0))
    by(Actor(ana.id), sell)
    by(Actor(ben.id), sell)
    by(Actor(ben.id, ana.id), lambda books: refunds.refund(books, 2, [], "cracked"))
    by(Actor(ben.id, "owner"), lambda books: shifts.move_cash(books, "out", 100, "tape"))
    box.sell(("postcard", 1))  # by nobody in particular
    z = by(Actor(ana.id), lambda books: shifts.close_shift(books, 2400, box.key.sign))
    assert z.cashiers == {
        "": {"sales": 1, "gross_minor": 100, "refunds": 0, "refunds_minor": 0},
        "c1": {"sales": 1, "gross_minor": 2400, "refunds": 0, "refunds_minor": 0},
        "c2": {"sales": 1, "gross_minor": 2400, "refunds": 1, "refunds_minor": 2400},
    }
    assert (z.opened_by, z.closed_by) == ("c1", "c1")
    approved = box.entries("sale.refunded", "cash.moved")
    assert [(entry["cashier"], entry["approved_by"]) for entry in approved] == [("c2", "c1"), ("c2", "owner")]
    with box.reading() as books:
        assert "Sample" not in "".join(json.dumps(entry.as_dict()) for entry in books.journal.all())
    assert "Cashier: Ana Sample" in paper(box, "sale 1")
    assert "Approved by: Ana Sample" in paper(box, "refund 1")
    assert "Approved by: the owner" in paper(box, "cash out")
    assert "Cashier:" not in paper(box, "sale 3")
    text = plain_text(report_document(z))
    assert "Ben Sample, 1 sale" in text
    assert "Out: tape" in text


@pytest.mark.parametrize("columns", [32, 48])
def test_a_report_fits_the_paper(box: Box, columns: int) -> None:
    box.submit(lambda books: shifts.open_shift(books, 12_345))
    box.sell(("cup", 2), ("postcard", 3), tender="card")
    box.submit(lambda books: shifts.move_cash(books, "out", 9_000, "to the bank, in two bags with the seal of today"))
    box.submit(lambda books: shifts.count_drawer(books, pieces((2000, 1))))
    report = close(box)
    lines = plain_text(report_document(report), columns).splitlines()
    assert max(map(len, lines)) <= columns
    assert json.loads(json.dumps(dataclasses.asdict(report)))["expected_minor"] == 3345
