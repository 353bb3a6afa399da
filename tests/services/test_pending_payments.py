"""Card payments whose answer is not known yet: never charged twice, never forgotten, settled by a person."""

from __future__ import annotations

import pytest

from appliance.core.errors import Refusal
from appliance.core.pricing import Wanted
from appliance.core.trade import Order, PendingPayment
from appliance.services import pending, shifts, till
from appliance.services.events import load_event
from tests.books import EVENT_TEXT, Box


def order(box: Box, *lines: tuple[str, int]) -> Order:
    return box.submit(lambda books: till.open_order(books, [Wanted(*line) for line in lines]))


def ask(box: Box, opened: Order, amount_minor: int, tender: str = "card") -> PendingPayment:
    return box.submit(lambda books: pending.ask(books, opened.id, tender, amount_minor, "slip 7"))[0]


def pay(box: Box, opened: Order, amount_minor: int, tender: str = "cash") -> till.Paid:
    return box.submit(lambda books: till.take_payment(books, opened.id, tender, amount_minor))


def settle(box: Box, asked: PendingPayment, outcome: str, reference: str = "") -> till.Paid:
    return box.submit(lambda books: pending.settle(books, asked.id, outcome, reference))[1]


def kept(box: Box, opened: Order) -> Order:
    with box.reading() as books:
        found = books.orders.get(opened.id)
    assert found is not None
    return found


def refused(act: object, *args: object) -> str:
    with pytest.raises(Refusal) as error:
        act(*args)  # type: ignore[operator]
    return error.value.code


def test_what_is_pending_is_due_and_cannot_be_charged_again(box: Box) -> None:
    opened = order(box, ("cup", 2))
    ask(box, opened, 3000)
    now = kept(box, opened)
    assert (now.due_minor, now.pending_minor, now.open_minor, now.paid_minor) == (4800, 3000, 1800, 0)
    assert refused(pay, box, opened, 1801, "card") == "overpaid"
    assert refused(ask, box, opened, 1801) == "overpaid"
    paid = pay(box, opened, 5000)
    assert (paid.sale, paid.change_minor) == (None, 3200)
    assert [refused(pay, box, opened, amount) for amount in (0, 100)] == ["pending", "pending"]
    assert refused(ask, box, opened, 1) == "pending"


def test_paid_completes_the_sale_once_with_the_terminal_s_reference(box: Box) -> None:
    opened = order(box, ("cup", 1))
    asked = ask(box, opened, 2400)
    paid = settle(box, asked, "paid", "auth 991")
    assert paid.sale is not None
    assert [(one.tender, one.amount_minor, one.reference) for one in paid.sale.payments] == [("card", 2400, "auth 991")]
    assert refused(settle, box, asked, "failed") == "payment_settled"
    assert refused(settle, box, PendingPayment(99, "", asked.tender, 1, "USD", "", ""), "paid") == "payment_unknown"
    assert box.entries("payment.asked", "payment.settled")[1]["outcome"] == "paid"
    with box.reading() as books:
        assert (books.pending.count(), dict(books.figures.tenders())) == (0, {"card": 2400})


def test_failed_frees_the_amount_for_another_way(box: Box) -> None:
    opened = order(box, ("cup", 1))
    assert settle(box, ask(box, opened, 2400), "failed").sale is None
    assert kept(box, opened).open_minor == 2400
    paid = pay(box, opened, 2400)
    assert paid.sale is not None
    assert [one.tender for one in paid.sale.payments] == ["cash"]


def test_an_order_with_a_pending_payment_waits_for_a_person(box: Box) -> None:
    opened = order(box, ("cup", 1))
    asked = ask(box, opened, 1000)
    assert box.submit(lambda books: till.expire_orders(books, 5000, 900)) == 0
    assert refused(box.submit, lambda books: till.cancel_order(books, opened.id)) == "pending"
    with box.reading() as books:
        assert [(one.id, one.age_s, one.reference) for one in books.pending.waiting()] == [(asked.id, 5000, "slip 7")]
    settle(box, asked, "failed")
    assert box.submit(lambda books: till.expire_orders(books, 0, 900)) == 1


def test_the_list_is_there_after_a_restart_oldest_first(box: Box) -> None:
    first, second = order(box, ("cup", 1)), order(box, ("print-a4", 1))
    ids = [ask(box, second, 1800).id, ask(box, first, 2400).id]
    box.restart()
    with box.reading() as books:
        assert [one.id for one in books.pending.waiting()] == ids
    box.restart(rehearsal=True)
    with box.reading() as books:
        assert books.pending.count() == 0


@pytest.mark.parametrize("tender", ["cash"])
def test_what_is_in_the_hand_is_not_pending(box: Box, tender: str) -> None:
    assert refused(ask, box, order(box, ("cup", 1)), 100, tender) == "not_pending"
    assert refused(ask, box, order(box, ("cup", 1)), 0) == "overpaid"


def test_caps_hold_one_card_payment_and_the_sum_of_all_that_wait(box: Box) -> None:
    capped = 'currency = "USD"\ncard_max_minor = 4000\ncard_pending_max_minor = 5000'
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace('currency = "USD"', capped)))
    first, second = order(box, ("cup", 2)), order(box, ("cup", 2))
    assert [refused(act, box, first, 4001, "card") for act in (ask, pay)] == ["card_cap", "card_cap"]
    asked = ask(box, first, 4000)
    assert refused(ask, box, second, 1001) == "card_pending_cap"
    ask(box, second, 1000)
    pay(box, second, 3800, "card")
    settle(box, asked, "paid")
    ask(box, first, 800)


def test_a_cap_counts_the_tip_that_is_on_the_same_card(box: Box) -> None:
    capped = 'currency = "USD"\ncard_max_minor = 5000\ntips_pct = [5]'
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace('currency = "USD"', capped)))
    id = order(box, ("cup", 2)).id
    take = till.take_payment
    assert refused(box.submit, lambda books: take(books, id, "card", 5040, tip_minor=240)) == "card_cap"
    assert box.submit(lambda books: take(books, id, "card", 5000, tip_minor=200)).sale


def test_a_shift_closes_over_a_pending_payment_and_counts_it_where_it_is_settled(box: Box) -> None:
    box.submit(lambda books: shifts.open_shift(books, 0))
    asked = ask(box, order(box, ("cup", 1)), 2400)
    first = box.submit(lambda books: shifts.close_shift(books, 0, box.key.sign))
    box.submit(lambda books: shifts.open_shift(books, 0))
    settle(box, asked, "paid")
    second = box.submit(shifts.report)
    assert (first.tenders, second.tenders, second.expected_minor) == ({}, {"card": 2400}, 0)


def test_another_event_waits_for_a_payment_whose_answer_is_not_known(box: Box) -> None:
    opened = order(box, ("cup", 1))
    asked = ask(box, opened, 2400)
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace('id = "street-series"', 'id = "next-series"')))
    assert settle(box, asked, "paid").sale is not None
    with box.reading() as books:
        assert books.pending.count() == 0
