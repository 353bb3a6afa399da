"""Paying with credits and gift cards: never more than there is, and refunds go back to where they came from."""

from __future__ import annotations

import pytest

from appliance.core.codes import ticket_id
from appliance.core.errors import Refusal
from appliance.core.pricing import Wanted
from appliance.core.trade import Order, Sale
from appliance.services import door, refunds, till
from appliance.services.events import load_event
from tests.books import EVENT_TEXT, Box

GIFT = '\n[[vouchers]]\ncode = "GIFT-30"\nbalance_minor = 3000\n'
TEXT = EVENT_TEXT.replace('currency = "USD"', 'currency = "USD"\ncredit_value_minor = 100') + GIFT


@pytest.fixture
def stall(box: Box) -> Box:
    box.submit(lambda books: load_event(books, TEXT))
    return box


def member(box: Box, credits: int) -> str:
    code = box.sell(("circle", 1)).granted["member-circle-1"]
    box.submit(lambda books: books.tickets.add_credits(code, credits))
    return code


def gift(box: Box) -> str:
    """Issue one gift card, as issuing does."""

    def act(books: object) -> str:
        code = books.new_code()  # type: ignore[attr-defined]
        books.issued.add_vouchers([ticket_id(code)], "street-series", "GIFT-30", 1, 3000)  # type: ignore[attr-defined]
        return str(code)

    return box.submit(act)


def order(box: Box, *lines: tuple[str, int], card: str | None = None) -> Order:
    return box.submit(lambda books: till.open_order(books, [Wanted(*line) for line in lines], None, card))


def pay(box: Box, opened: Order, tender: str, amount: int | None, code: str | None = None) -> till.Paid:
    return box.submit(lambda books: till.take_payment(books, opened.id, tender, amount, code=code))


def refused(box: Box, opened: Order, tender: str, amount: int | None, code: str | None = None) -> str:
    head = box.desk.head_seq
    with pytest.raises(Refusal) as error:
        pay(box, opened, tender, amount, code)
    assert box.desk.head_seq == head
    return error.value.code


def back(box: Box, sale: Sale, quantity: int, tender: str) -> int:
    wanted = [Wanted(sale.lines[0].offer, quantity)]
    return box.submit(lambda books: refunds.refund(books, sale.number, wanted, "why", tender)).amount_minor


def credits(box: Box, code: str) -> int:
    with box.reading() as books:
        found = books.tickets.member(code)
    assert found is not None
    return found.credits


def left(box: Box, code: str) -> int | None:
    with box.reading() as books:
        found = books.events.voucher(code)
    assert found is not None
    return found.left_minor


def test_a_member_pays_with_whole_credits_and_sees_what_is_left(stall: Box) -> None:
    card = member(stall, 20)
    opened = order(stall, ("print-a4", 1), card=card)
    assert refused(stall, opened, "credit", 150) == "whole_credits"
    assert refused(stall, opened, "credit", 0) == "amount"
    assert refused(stall, opened, "credit", 1600) == "overpaid"
    paid = pay(stall, opened, "credit", None)
    assert paid.sale is not None
    assert (paid.balance_after, credits(stall, card)) == (5, 5)
    second = order(stall, ("cup", 1))
    assert refused(stall, second, "credit", 600, card) == "credits_short"
    assert refused(stall, second, "credit", 500) == "member_needed"
    assert refused(stall, second, "credit", 500, "NOBODY") == "member_unknown"
    assert pay(stall, second, "credit", 500, card.lower()).balance_after == 0
    spent = stall.entries("credits.spent")
    assert [(one["member_sha256"], one["credits"]) for one in spent] == [(ticket_id(card), 15), (ticket_id(card), 5)]
    with stall.reading() as books:
        job = books.prints.next_queued()
        papers = [books.prints.get(number) for number in range(1, 4) if books.prints.get(number)]
    assert job is not None
    assert any("Credits left" in str(paper.document) for paper in papers if paper)


def test_credits_need_a_worth(box: Box) -> None:
    card = member(box, 20)
    assert refused(box, order(box, ("cup", 1)), "credit", 100, card) == "no_credit_value"


def test_a_gift_card_pays_what_it_holds_and_keeps_the_rest(stall: Box) -> None:
    code = gift(stall)
    told = stall.submit(lambda books: door.scan(books, code, "till"))
    assert (told.kind, told.message) == ("voucher", "A voucher: a gift card with $30.00 on it at the till.")
    paid = pay(stall, order(stall, ("cup", 1)), "voucher", None, code)
    assert paid.sale is not None
    assert (paid.balance_after, left(stall, code)) == (600, 600)
    opened = order(stall, ("cup", 1))
    part = pay(stall, opened, "voucher", None, code)
    assert (part.sale, part.order.due_minor, part.balance_after) == (None, 1800, 0)
    assert refused(stall, opened, "voucher", None, code) == "voucher_empty"
    last = pay(stall, opened, "cash", 2000)
    assert last.sale is not None
    assert [(one.tender, one.amount_minor) for one in last.sale.payments] == [("voucher", 600), ("cash", 1800)]
    assert code not in str(stall.entries())
    with stall.reading() as books:
        assert dict(books.figures.tenders()) == {"cash": 1800, "voucher": 3000}
    assert stall.submit(lambda books: books.issued.withdraw_vouchers([ticket_id(code)])) == 0


def test_a_gift_card_is_no_discount_and_a_discount_no_gift_card(stall: Box) -> None:
    code = gift(stall)
    for typed in (code, "GIFT-30"):
        with pytest.raises(Refusal) as error:
            stall.submit(lambda books, typed=typed: till.open_order(books, [Wanted("cup", 1)], typed))
        assert error.value.code == "voucher_pays"
    opened = order(stall, ("cup", 1))
    assert refused(stall, opened, "voucher", None, "GIFT-30") == "no_balance"
    assert refused(stall, opened, "voucher", None, "WELCOME-3") == "no_balance"
    assert refused(stall, opened, "voucher", None, None) == "voucher_unknown"


def test_refunds_go_back_to_the_cards_in_the_order_in_which_they_paid(stall: Box) -> None:
    card, first, second = member(stall, 10), gift(stall), gift(stall)
    opened = order(stall, ("cup", 4))
    pay(stall, opened, "credit", 1000, card)
    pay(stall, opened, "voucher", None, first)
    pay(stall, opened, "voucher", None, second)
    sale = pay(stall, opened, "card", 2600).sale
    assert sale is not None
    assert back(stall, sale, 1, "voucher") == 2400
    assert (left(stall, first), left(stall, second)) == (2400, 0)
    assert back(stall, sale, 1, "voucher") == 2400
    assert (left(stall, first), left(stall, second)) == (3000, 1800)
    with pytest.raises(Refusal) as error:
        back(stall, sale, 1, "voucher")
    assert error.value.code == "not_paid_so"
    with pytest.raises(Refusal) as error:
        back(stall, sale, 1, "credit")
    assert error.value.code == "not_paid_so"
    assert (credits(stall, card), left(stall, second)) == (0, 1800)


def test_a_refund_gives_credits_back_to_the_member_who_paid(stall: Box) -> None:
    card = member(stall, 48)
    sale = pay(stall, order(stall, ("cup", 2)), "credit", None, card).sale
    assert sale is not None
    assert back(stall, sale, 1, "credit") == 2400
    assert credits(stall, card) == 24
    assert stall.entries("credits.returned") == [{"member_sha256": ticket_id(card), "credits": 24}]


def test_credits_buy_no_credits(stall: Box) -> None:
    """Ten for the price of nine: a guest alone at the kiosk could make any number of them."""
    code = member(stall, 100)
    assert refused(stall, order(stall, ("credits-10", 1), card=code), "credit", None, code) == "credits_for_credits"
