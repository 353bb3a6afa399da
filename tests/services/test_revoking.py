"""A refund takes memberships and credits back, and no more than that."""

from __future__ import annotations

import pytest

from appliance.core.errors import Refusal
from appliance.core.pricing import Wanted
from appliance.core.trade import Member, Sale
from appliance.services import refunds, till
from appliance.services.events import load_event
from tests.books import EVENT_TEXT, Box


def sell(box: Box, *lines: tuple[str, int], member: str | None = None) -> Sale:
    order = box.submit(lambda books: till.open_order(books, [Wanted(*line) for line in lines], None, member))
    sale = box.submit(lambda books: till.take_payment(books, order.id, "card", order.total_minor)).sale
    assert sale is not None
    return sale


def card(box: Box, code: str) -> Member:
    with box.reading() as books:
        member = books.tickets.member(code)
    assert member is not None
    return member


def refund(box: Box, sale: Sale, *lines: tuple[str, int]) -> None:
    box.submit(lambda books: refunds.refund(books, sale.number, [Wanted(*line) for line in lines], "changed mind"))


def pays_as_member(box: Box, code: str) -> bool:
    sale = sell(box, ("print-a4", 1), member=code)
    return sale.total_minor == 1500


def test_a_membership_that_is_given_back_ends(box: Box) -> None:
    sale = sell(box, ("circle", 1))
    code = sale.granted["member-circle-1"]
    assert pays_as_member(box, code)
    refund(box, sale)
    assert not pays_as_member(box, code)
    (entry,) = box.entries("member.shortened")
    assert code not in str(entry)


def test_a_renewal_that_is_given_back_leaves_the_term_before(box: Box) -> None:
    code = sell(box, ("circle", 1)).granted["member-circle-1"]
    until = card(box, code).valid_until
    renewal = sell(box, ("circle", 1), member=code)
    refund(box, renewal)
    assert card(box, code).valid_until == until
    assert pays_as_member(box, code)


def test_of_three_cards_as_many_end_as_are_given_back(box: Box) -> None:
    sale = sell(box, ("circle", 3))
    refund(box, sale, ("circle", 1))
    refund(box, sale, ("circle", 1))
    assert [pays_as_member(box, code) for code in sale.granted.values()] == [False, False, True]


def test_credits_are_taken_off_again(box: Box) -> None:
    sale = sell(box, ("circle", 1), ("credits-10", 3))
    refund(box, sale, ("credits-10", 2))
    assert card(box, sale.granted["member-circle-1"]).credits == 10


def test_what_was_spent_is_not_given_back(box: Box) -> None:
    sale = sell(box, ("circle", 1), ("credits-10", 1))
    code = sale.granted["member-circle-1"]
    box.submit(lambda books: books.tickets.add_credits(code, -1))
    with pytest.raises(Refusal, match="only 9 are left") as refused:
        refund(box, sale)
    assert refused.value.code == "credits_spent"
    assert (card(box, code).credits, pays_as_member(box, code)) == (9, True), "nothing of it stays behind"
    refund(box, sale, ("circle", 1))
    assert not pays_as_member(box, code)


def issued_for_ever(box: Box) -> str:
    code = "FOREVER-MEMBER"
    box.submit(lambda books: books.issued.add_members([code]))
    return code


def test_a_card_that_holds_for_ever_outlives_a_term_that_is_given_back(box: Box) -> None:
    code = issued_for_ever(box)
    assert card(box, code).valid_until is None
    renewal = sell(box, ("circle", 1), member=code)
    box.submit(lambda books: refunds.void(books, renewal.number, "typed wrong"))
    assert card(box, code).valid_until is None
    assert pays_as_member(box, code)


def test_a_renewal_for_ever_that_is_given_back_leaves_the_date_before(box: Box) -> None:
    code = sell(box, ("circle", 1)).granted["member-circle-1"]
    until = card(box, code).valid_until
    assert until is not None
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace("validity_days = 365\n", "")))
    renewal = sell(box, ("circle", 1), member=code)
    assert card(box, code).valid_until is None
    refund(box, renewal)
    assert card(box, code).valid_until == until


def test_of_two_renewals_the_first_given_back_takes_one_term(box: Box) -> None:
    code = sell(box, ("circle", 1)).granted["member-circle-1"]
    first = sell(box, ("circle", 1), member=code)
    after_one = card(box, code).valid_until
    sell(box, ("circle", 1), member=code)
    refund(box, first)
    assert card(box, code).valid_until == after_one
