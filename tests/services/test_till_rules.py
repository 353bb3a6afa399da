"""The till's rules one by one, also across a change of event, of shift and of rehearsal."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.core.errors import Refusal
from appliance.core.pricing import Wanted
from appliance.core.tomltext import TomlProblems
from appliance.core.trade import Order, OrderStatus
from appliance.services import refunds, shifts, till
from appliance.services.events import load_event
from tests.books import EVENT_TEXT, Box, all_at_once


def order(box: Box, *lines: tuple[str, int], voucher: str | None = None, member: str | None = None) -> Order:
    return box.submit(lambda books: till.open_order(books, [Wanted(*line) for line in lines], voucher, member))


def pay(box: Box, opened: Order, amount_minor: int, tender: str = "cash") -> till.Paid:
    return box.submit(lambda books: till.take_payment(books, opened.id, tender, amount_minor))


def load(box: Box, text: str) -> None:
    box.submit(lambda books: load_event(books, text))


def test_sixteen_who_want_the_last_one_are_one_order(box: Box) -> None:
    box.submit(lambda books: till.correct_stock(books, "cup", 1, "one left"))
    outcomes = all_at_once([lambda: order(box, ("cup", 1))] * 16)
    refusals = [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)]
    assert (len(outcomes) - len(refusals), refusals) == (1, ["sold_out"] * 15)
    assert (box.stock("cup"), len(box.entries("order.opened"))) == (0, 1)


def test_an_order_that_cannot_be_had_whole_takes_nothing(box: Box) -> None:
    with pytest.raises(Refusal, match="Cup & photograph"):
        order(box, ("cup", 1), ("cup-and-print", 16), voucher="PRESS-50")
    assert (box.stock("cup"), box.stock("cup-and-print")) == (40, 15)
    with box.reading() as books:
        voucher = books.events.voucher("PRESS-50")
    assert voucher is not None
    assert voucher.used == 0


@pytest.mark.parametrize(
    ("tender", "amount_minor", "code"),
    [
        ("cash", 0, "amount"),
        ("cash", -1, "amount"),
        ("cash", 10**12, "amount"),
        ("card", 2401, "overpaid"),
        ("iou", 1, "tender_unknown"),
    ],
)
def test_a_payment_that_makes_no_sense_is_refused(box: Box, tender: str, amount_minor: int, code: str) -> None:
    opened = order(box, ("cup", 1))
    with pytest.raises(Refusal) as refused:
        pay(box, opened, amount_minor, tender)
    assert refused.value.code == code
    assert box.entries("payment.taken") == []


def test_a_free_order_is_completed_by_a_payment_of_nothing(tmp_path: Path) -> None:
    with Box(tmp_path, event=EVENT_TEXT.replace("percent_off = 50", "percent_off = 100")) as box:
        paid = pay(box, order(box, ("cup", 1), voucher="press-50"), 0)
        assert paid.sale is not None
        assert (paid.sale.total_minor, paid.change_minor) == (0, 0)


def test_a_members_code_is_taken_in_any_case(box: Box) -> None:
    card = box.sell(("circle", 1)).granted["member-circle-1"]
    pay(box, order(box, ("credits-10", 2), member=f" {card.lower()} "), 18_000)
    with box.reading() as books:
        member = books.tickets.member(card)
    assert member is not None
    assert member.credits == 20


def test_an_empty_member_is_no_member(box: Box) -> None:
    with pytest.raises(Refusal) as refused:
        order(box, ("credits-10", 1), member="")
    assert refused.value.code == "member_needed"


def test_an_open_order_is_paid_though_its_offer_left_the_event(box: Box) -> None:
    card = box.sell(("circle", 1)).granted["member-circle-1"]
    opened = order(box, ("credits-10", 1), ("cup", 1), member=card)
    pay(box, opened, 100)
    load(box, EVENT_TEXT.replace('id = "credits-10"', 'id = "credits-20"').replace('id = "cup"', 'id = "mug"'))
    assert pay(box, opened, 11_300).sale is not None
    with box.reading() as books:
        member = books.tickets.member(card)
    assert member is not None
    assert member.credits == 10


def test_another_event_gives_up_what_nobody_paid_and_carries_through_what_was_begun(box: Box) -> None:
    box.sell(("cup", 3), voucher="PRESS-50")
    waiting, begun = order(box, ("cup", 2)), order(box, ("cup", 1))
    pay(box, begun, 100)
    load(box, EVENT_TEXT.replace('id = "street-series"', 'id = "winter-series"'))
    with box.reading() as books:
        status = {opened.id: books.orders.get(opened.id).status for opened in (waiting, begun)}  # type: ignore[union-attr]
        voucher = books.events.voucher("PRESS-50")
    assert status == {waiting.id: OrderStatus.CANCELLED, begun.id: OrderStatus.OPEN}
    assert box.stock("cup") == 40
    assert voucher is not None
    assert voucher.used == 0
    assert pay(box, begun, 2300).sale is not None  # money was taken: it is carried through


def test_a_broken_event_changes_nothing(box: Box) -> None:
    box.sell(("cup", 3))
    with pytest.raises(TomlProblems):
        load(box, EVENT_TEXT.replace("price_minor = 2400", 'price_minor = "24"'))
    assert box.stock("cup") == 37
    with box.reading() as books:
        assert books.events.source() == EVENT_TEXT


def test_a_guests_order_keeps_its_goods_for_less_than_one_that_staff_wrote(box: Box) -> None:
    def opened(hold_min: int | None) -> Order:
        return box.submit(lambda books: till.open_order(books, [Wanted("cup", 20)], hold_min=hold_min))

    guests, staffs = opened(10), opened(None)
    assert box.submit(lambda books: till.expire_orders(books, 599, 1800)) == 0
    assert box.submit(lambda books: till.expire_orders(books, 1, 1800)) == 1
    assert box.stock("cup") == 20
    box.restart()
    begun = opened(10)
    pay(box, begun, 100)
    assert box.submit(lambda books: till.expire_orders(books, 1200, 1800)) == 1  # what money is in waits for a person
    assert [data["order"] for data in box.entries("order.expired")] == [guests.id, staffs.id]
    with box.reading() as books:
        assert [order.id for order in books.orders.open()] == [begun.id]


def test_a_rehearsal_counts_in_no_total(tmp_path: Path) -> None:
    with Box(tmp_path, rehearsal=True) as box:
        sale = box.sell(("cup", 2))
        box.submit(lambda books: refunds.refund(books, sale.number, [Wanted("cup", 1)], "broken"))
        with box.reading() as books:
            assert all(entry.data["rehearsal"] is True for entry in books.journal.all())
            assert set(books.figures.sales().values()) == {0}
            figures = books.figures
            assert (figures.tenders(), figures.offers_sold(), books.takings.taxes(0, None)) == ({}, {}, {})
            for name in ("sale.completed", "sale.refunded", "takings_minor", "order.opened"):
                assert figures.tally(name) == 0


@pytest.mark.parametrize("rehearsed_first", [True, False])
def test_neither_a_rehearsal_nor_the_real_thing_goes_on_with_the_others_orders(
    tmp_path: Path, rehearsed_first: bool
) -> None:
    with Box(tmp_path, rehearsal=rehearsed_first) as box:
        sale, opened = box.sell(("cup", 1)), order(box, ("cup", 1))
        box.restart(rehearsal=not rehearsed_first)
        for act in (
            lambda: pay(box, opened, 2400),
            lambda: box.submit(lambda books: till.cancel_order(books, opened.id)),
            lambda: box.submit(lambda books: refunds.refund(books, sale.number, [], "why")),
        ):
            with pytest.raises(Refusal) as refused:
                act()
            assert refused.value.code == "rehearsal"
        with box.reading() as books:
            assert books.figures.tally("takings_minor") == books.figures.sales()["takings_minor"]
            assert books.figures.tally("sale.completed") == books.figures.sales()["sales"]


def test_a_shift_is_what_the_journal_says_between_its_ends(box: Box) -> None:
    box.sell(("cup", 1))  # before the shift: in none of its figures
    box.submit(lambda books: shifts.open_shift(books, 5000))
    first = box.sell(("cup", 2), ("print-a4", 1), voucher="PRESS-50")
    box.sell(("postcard", 3), tender="card")
    box.submit(lambda books: refunds.refund(books, first.number, [Wanted("cup", 1)], "cracked"))
    x = box.submit(shifts.report)
    assert (x.kind, x.counted_minor, x.difference_minor, x.journal_seq) == ("X", None, None, box.desk.head_seq)
    z = box.submit(lambda books: shifts.close_shift(books, 7000, box.key.sign))
    box.sell(("cup", 1))  # after it as well
    back = sum(data["amount_minor"] for data in box.entries("sale.refunded"))
    assert (first.total_minor, back) == (3300, 1200)
    assert z.sales == x.sales == {
        "sales": 2, "gross_minor": 3600, "refunds": 1, "refunds_minor": back, "takings_minor": 2400, "items": 6,
    }  # fmt: skip
    assert z.tenders == {"card": 300, "cash": 2100}
    assert z.offers == {"cup": 1, "postcard": 3, "print-a4": 1}
    assert {tax: total["gross_minor"] for tax, total in z.taxes.items()} == {"standard": 1200, "reduced": 1200}
    assert (z.kind, z.expected_minor, z.counted_minor, z.difference_minor) == ("Z", 7100, 7000, -100)
    with box.reading() as books:
        (closed,) = books.journal.newest(["shift.closed"], 10)
        assert (z.journal_seq, z.journal_hash) == (closed.seq, closed.hash)
        assert shifts.last_report(books) == z  # what comes later changes nothing of it
    assert box.verify() == []


def test_no_order_straddles_two_shifts(box: Box) -> None:
    opened = order(box, ("cup", 1))
    pay(box, opened, 1000)
    with pytest.raises(Refusal, match="paid in part"):
        box.submit(lambda books: shifts.open_shift(books, 0))
    pay(box, opened, 1400)
    box.submit(lambda books: shifts.open_shift(books, 0))
    opened = order(box, ("cup", 1))
    pay(box, opened, 1000)
    with pytest.raises(Refusal, match="paid in part"):
        box.submit(lambda books: shifts.close_shift(books, 1000, box.key.sign))
    pay(box, opened, 1400)
    assert box.submit(lambda books: shifts.close_shift(books, 2400, box.key.sign)).difference_minor == 0


def test_the_till_is_open_once_and_closed_once(box: Box) -> None:
    for act, code in (
        (lambda: box.submit(shifts.report), "no_shift"),
        (lambda: box.submit(lambda books: shifts.close_shift(books, 0, box.key.sign)), "no_shift"),
        (lambda: box.submit(lambda books: shifts.open_shift(books, 0)), None),
        (lambda: box.submit(lambda books: shifts.open_shift(books, 0)), "shift_open"),
    ):
        try:
            act()
            found = None
        except Refusal as refusal:
            found = refusal.code
        assert found == code


@pytest.mark.parametrize(
    ("payments", "count", "back_by"),
    [
        ((("card", 7200),), 3, "card"),
        ((("cash", 7200),), 1, "cash"),
        ((("card", 5000), ("cash", 2200)), 2, "card"),
        ((("card", 2000), ("cash", 5200)), 1, "cash"),
        ((("card", 5000), ("cash", 2200)), 3, "card"),  # neither paid so much: 50.00 by card, the rest in cash
    ],
)
def test_money_goes_back_as_it_came(box: Box, payments: tuple[tuple[str, int], ...], count: int, back_by: str) -> None:
    opened = order(box, ("cup", 3))
    for tender, amount_minor in payments:
        pay(box, opened, amount_minor, tender)
    refunded = box.submit(lambda books: refunds.refund(books, 1, [Wanted("cup", count)], "cracked"))
    assert (refunded.tender, refunded.amount_minor) == (back_by, 2400 * count)


def test_what_went_back_by_card_does_not_go_back_twice(box: Box) -> None:
    opened = order(box, ("cup", 3))
    pay(box, opened, 5000, "card")
    pay(box, opened, 2200, "cash")
    tenders = [
        box.submit(lambda books: refunds.refund(books, 1, [Wanted("cup", 1)], "cracked")).tender for _ in range(3)
    ]
    assert tenders == ["card", "card", "cash"]
