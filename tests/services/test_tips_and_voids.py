"""Tips, transfers, and sales that are undone: what goes on top, what goes back, and what the drawer holds."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from appliance.core.errors import Refusal
from appliance.core.pricing import Wanted
from appliance.core.trade import Discount, Order, PrintStatus, RefundPart, Tender
from appliance.services import door, pending, refunds, shifts, till, transfers
from appliance.services.events import load_event
from appliance.store import schema
from tests.books import EVENT_TEXT, Box

WAYS = 'currency = "USD"\ntips_pct = [5, 10]\ncredit_value_minor = 700'
TRANSFER = '\n[transfer]\nscheme = "link"\naccount = "https://pay.example/{amount}?r={reference}"\n'


@pytest.fixture
def stall(box: Box) -> Box:
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace('currency = "USD"', WAYS) + TRANSFER))
    return box


def order(box: Box, *lines: tuple[str, int]) -> Order:
    return box.submit(lambda books: till.open_order(books, [Wanted(*line) for line in lines]))


def pay(box: Box, opened: Order, tender: str, amount: int, tip: int = 0, code: str | None = None) -> till.Paid:
    return box.submit(lambda books: till.take_payment(books, opened.id, tender, amount, code=code, tip_minor=tip))


def refused(box: Box, opened: Order, tender: str, amount: int, tip: int) -> str:
    head = box.desk.head_seq
    with pytest.raises(Refusal) as error:
        pay(box, opened, tender, amount, tip)
    assert box.desk.head_seq == head
    return error.value.code


def void(box: Box, number: int) -> refunds.Refunded:
    return box.submit(lambda books: refunds.void(books, number, "typed wrong"))


def report(box: Box) -> shifts.ShiftReport:
    return box.submit(shifts.report)


def test_a_tip_is_on_top_in_the_drawer_and_in_no_takings(stall: Box) -> None:
    stall.submit(lambda books: shifts.open_shift(books, 1000))
    paid = pay(stall, order(stall, ("cup", 1)), "cash", 3000, tip=200)
    assert paid.sale is not None
    assert (paid.change_minor, paid.sale.total_minor, paid.sale.payments[0].tip_minor) == (400, 2400, 200)
    pay(stall, order(stall, ("cup", 1)), "card", 2640, tip=240)
    x = report(stall)
    assert (x.sales["takings_minor"], x.tenders) == (4800, {"card": 2400, "cash": 2400})
    assert (x.tips, x.expected_minor) == ({"card": 240, "cash": 200}, 1000 + 2400 + 200)
    assert stall.entries("sale.completed")[0]["tips_minor"] == 200


def test_a_tip_comes_with_the_rest_and_only_where_tips_are_taken(stall: Box, box: Box) -> None:
    opened = order(stall, ("cup", 1))
    assert refused(stall, opened, "cash", 1200, 200) == "tip_early"
    assert refused(stall, opened, "card", 2700, 200) == "overpaid"
    assert refused(stall, opened, "cash", 200, 200) == "amount"
    box.submit(lambda books: load_event(books, EVENT_TEXT))
    assert refused(stall, opened, "cash", 2600, 200) == "no_tips"


def test_a_pending_payment_keeps_its_tip(stall: Box) -> None:
    opened = order(stall, ("cup", 1))
    asked, _ = stall.submit(lambda books: pending.ask(books, opened.id, "card", 2640, "", 240))
    assert (asked.amount_minor, asked.tip_minor) == (2400, 240)
    stall.restart()
    _, paid = stall.submit(lambda books: pending.settle(books, asked.id, "paid"))
    assert paid.sale is not None
    assert (paid.sale.payments[0].tip_minor, paid.sale.payments[0].tendered_minor) == (240, 2640)
    assert paid.change_minor == 0


def test_a_transfer_is_a_code_until_staff_says_that_it_came(stall: Box) -> None:
    opened = order(stall, ("cup", 1))
    asked, _ = stall.submit(lambda books: pending.ask(books, opened.id, "transfer", 2520, "", 120))
    reference = f"{opened.id[-5:].upper()}-{asked.id}"
    with stall.reading() as books:
        assert transfers.code_of(books, asked) == f"https://pay.example/25.20?r={reference}"
    stall.submit(lambda books: transfers.print_code(books, asked.id))
    with stall.reading() as books:
        (slip,) = [job for job in books.prints.by_status([PrintStatus.QUEUED], 10) if job.kind == "transfer"]
    assert reference in str(slip.document)
    _, paid = stall.submit(lambda books: pending.settle(books, asked.id, "paid"))
    assert paid.sale is not None
    with pytest.raises(Refusal, match="no such pending transfer"):
        stall.submit(lambda books: transfers.print_code(books, asked.id))


def test_an_event_without_an_account_takes_no_transfer(box: Box) -> None:
    opened = order(box, ("cup", 1))
    for act in (pending.ask, till.take_payment):
        with pytest.raises(Refusal, match="takes no transfers"):
            box.submit(lambda books, act=act: act(books, opened.id, "transfer", 2400))


def test_a_void_gives_everything_back_as_it_came_tips_too(stall: Box) -> None:
    stall.submit(lambda books: shifts.open_shift(books, 0))
    opened = order(stall, ("cup", 2))
    pay(stall, opened, "card", 3000)
    paid = pay(stall, opened, "cash", 5000, tip=200)
    assert (paid.sale is not None, paid.change_minor) == (True, 3000)
    done = void(stall, 1)
    assert done.parts == (RefundPart(Tender.CARD, 3000), RefundPart(Tender.CASH, 1800, 0, 200))
    assert done.paid_out_minor == 5000
    x = report(stall)
    assert (x.expected_minor, x.tips, x.tenders) == (0, {"cash": 0}, {"card": 0, "cash": 0})
    assert (x.voids["sales"], x.voids["sales_minor"], x.sales["takings_minor"]) == (1, 4800, 0)
    assert stall.stock("cup") == 40
    assert stall.entries("sale.refunded")[0]["void"] is True
    with stall.reading() as books:
        (slip,) = [job for job in books.prints.by_status([PrintStatus.QUEUED], 10) if job.kind == "refund"]
    assert "VOID" in str(slip.document)


def test_only_a_whole_sale_of_this_shift_is_voided(stall: Box) -> None:
    stall.submit(lambda books: shifts.open_shift(books, 0))
    for _ in range(2):
        stall.sell(("cup", 2))
    stall.submit(lambda books: refunds.refund(books, 1, [Wanted("cup", 1)], "cracked"))
    stall.submit(lambda books: shifts.close_shift(books, 0, stall.key.sign))
    for number, why in ((1, "given back already"), (2, "shift of this sale is closed")):
        with pytest.raises(Refusal, match=why):
            void(stall, number)
    stall.sell(("cup", 1))
    void(stall, 3)  # a box without shifts voids as well
    with pytest.raises(Refusal, match="given back already"):
        void(stall, 3)


def test_a_sale_whose_ticket_let_somebody_in_is_not_voided(stall: Box) -> None:
    sale = stall.sell(("workshop-seat", 2))
    code = next(iter(sale.granted.values()))
    assert stall.submit(lambda books: door.scan(books, code, "door")).verdict == "admit"
    head = stall.desk.head_seq
    with pytest.raises(Refusal, match="in use"):
        void(stall, sale.number)
    assert stall.desk.head_seq == head
    left = stall.submit(lambda books: refunds.refund(books, sale.number, [Wanted("workshop-seat", 1)], "ill"))
    assert [ticket.was_used for ticket in left.tickets] == [False]


def test_a_refund_without_tender_goes_back_by_several_if_no_one_paid_as_much(stall: Box) -> None:
    card = stall.sell(("circle", 1)).granted["member-circle-1"]
    stall.submit(lambda books: books.tickets.add_credits(card, 3))
    opened = order(stall, ("cup", 2))  # 48.00: 21.00 of it in credits of 7.00 each
    pay(stall, opened, "credit", 2100, code=card)
    pay(stall, opened, "card", 1500)
    pay(stall, opened, "cash", 1200)
    one = stall.submit(lambda books: refunds.refund(books, 2, [Wanted("cup", 1)], "cracked"))
    assert one.parts == (RefundPart(Tender.CREDIT, 2100), RefundPart(Tender.CARD, 300))
    rest = stall.submit(lambda books: refunds.refund(books, 2, [], "the other too"))
    assert set(rest.parts) == {RefundPart(Tender.CARD, 1200), RefundPart(Tender.CASH, 1200)}
    with stall.reading() as books:
        member = books.tickets.member(card)
    assert member is not None
    assert member.credits == 3


@pytest.mark.parametrize(
    ("credits", "backs"),
    [  # of 42.00, the rest of it in cash; first the cup of 24.00 goes back, then all else
        (5, [{"credit": 2100, "cash": 300}, {"credit": 1400, "cash": 400}]),
        (3, [{"credit": 2100, "cash": 300}, {"cash": 1800}]),
        (2, [{"cash": 2400}, {"credit": 1400, "cash": 400}]),
    ],
)
def test_credits_go_back_whole_and_the_odd_rest_in_another_way(
    stall: Box, credits: int, backs: list[dict[str, int]]
) -> None:
    card = stall.sell(("circle", 1)).granted["member-circle-1"]
    stall.submit(lambda books: books.tickets.add_credits(card, credits))
    opened = order(stall, ("cup", 1), ("print-a4", 1))
    worth = opened.total_minor - 700 * credits
    pay(stall, opened, "credit", 700 * credits, code=card)
    pay(stall, opened, "cash", worth)
    for wanted, parts in zip(([Wanted("cup", 1)], []), backs, strict=True):
        done = stall.submit(lambda books, wanted=wanted: refunds.refund(books, 2, wanted, "cracked"))
        assert {str(part.tender): part.amount_minor for part in done.parts} == parts
    with stall.reading() as books:
        member = books.tickets.member(card)
    assert member is not None
    assert member.credits == credits


def test_credits_that_nothing_else_rounds_out_leave_a_rest_in_cash(stall: Box) -> None:
    card = stall.sell(("circle", 1)).granted["member-circle-1"]
    stall.submit(lambda books: books.tickets.add_credits(card, 6))
    opened = order(stall, ("cup", 1), ("print-a4", 1))
    pay(stall, opened, "credit", None, code=card)
    done = [stall.submit(lambda books: refunds.refund(books, 2, [Wanted("print-a4", 1)], "torn"))]
    done += [stall.submit(lambda books: refunds.refund(books, 2, [], "all of it"))]
    assert [one.parts for one in done] == [
        (RefundPart(Tender.CREDIT, 1400), RefundPart(Tender.CASH, 400)),
        (RefundPart(Tender.CREDIT, 2100), RefundPart(Tender.CASH, 300)),
    ]


def test_refunds_of_the_release_before_keep_their_tender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[: _named("0005_money")])
        with sqlite3.connect(tmp_path / "stallbox.db", isolation_level=None) as store:
            schema.migrate(store)
    store.execute(
        "INSERT INTO orders (id, status, currency, total_minor, paid_minor, opened_at, rehearsal)"
        " VALUES ('o', 'paid', 'USD', 900, 900, '', 0)"
    )
    store.execute(
        "INSERT INTO sales (number, order_id, currency, total_minor, refunded_minor, granted, at, seq, rehearsal)"
        " VALUES (1, 'o', 'USD', 900, 900, '{}', '', 1, 0)"
    )
    store.execute(
        "INSERT INTO refunds (sale, tender, amount_minor, reason, at, seq, rehearsal, rounding_minor)"
        " VALUES (1, 'cash', 898, '', '', 2, 0, 2)"
    )
    store.close()
    with Box(tmp_path) as box, box.reading() as books:
        assert books.orders.refunded_by(1, "cash") == 898
        assert books.takings.given_back("cash", 0, None) == 900
        assert books.takings.voided_sales(0, None) == (0, 0)


def _named(name: str) -> int:
    return [known for known, _ in schema.MIGRATIONS].index(name)


def test_a_void_gives_back_the_use_of_a_voucher(box: Box) -> None:
    once = EVENT_TEXT.replace("amount_off_minor = 300\nunlimited = true", "amount_off_minor = 300")
    box.submit(lambda books: load_event(books, once))
    sale = box.sell(("cup", 1), voucher="WELCOME-3")
    with pytest.raises(Refusal, match="used up"):
        box.sell(("cup", 1), voucher="WELCOME-3")
    box.submit(lambda books: refunds.void(books, sale.number, "typed wrong"))
    assert box.sell(("cup", 1), voucher="WELCOME-3").total_minor == sale.total_minor


def test_a_transfer_that_an_event_takes_no_more_has_no_code_and_can_be_settled(stall: Box) -> None:
    opened = order(stall, ("cup", 1))
    asked, _ = stall.submit(lambda books: pending.ask(books, opened.id, "transfer", 2400))
    stall.submit(lambda books: load_event(books, EVENT_TEXT))
    with stall.reading() as books:
        assert transfers.code_of(books, asked) is None
    with pytest.raises(Refusal, match="takes no transfers"):
        stall.submit(lambda books: transfers.print_code(books, asked.id))
    assert stall.submit(lambda books: pending.settle(books, asked.id, "paid"))[1].sale is not None


@pytest.mark.parametrize(("given", "rounding", "change"), [(2160, 0, 0), (2180, 20, 0), (2200, 40, 0), (2300, 40, 100)])
def test_cash_between_what_is_due_and_what_coins_can_pay_is_all_of_it(
    box: Box, given: int, rounding: int, change: int
) -> None:
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace('currency = "USD"', 'currency = "NOK"')))
    tenth_off = [Discount("stained", percent_off=10)]
    opened = box.submit(lambda books: till.open_order(books, [Wanted("cup", 1)], discounts=tenth_off))
    assert opened.total_minor == 2160
    paid = box.submit(lambda books: till.take_payment(books, opened.id, "cash", given))
    assert paid.sale is not None
    assert (paid.sale.payments[0].rounding_minor, paid.change_minor) == (rounding, change)


@pytest.mark.parametrize(("price", "given"), [(2403, [2404]), (1000, [334, 333, 335])])
def test_a_void_gives_back_what_the_drawer_took_to_the_last_coin(box: Box, price: int, given: list[int]) -> None:
    swiss = EVENT_TEXT.replace('currency = "USD"', 'currency = "CHF"')
    box.submit(lambda books: load_event(books, swiss.replace("price_minor = 2400", f"price_minor = {price}")))
    box.submit(lambda books: shifts.open_shift(books, 0))
    opened = order(box, ("cup", 1))
    for amount in given:
        pay(box, opened, "cash", amount)
    assert void(box, 1).paid_out_minor == sum(given)
    assert report(box).expected_minor == 0
