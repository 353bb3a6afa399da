"""Unpaid tickets paid at the till: one at a time, once, and no list undoes it; a refund does."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from appliance.core.codes import ticket_id
from appliance.core.errors import Refusal
from appliance.core.holders import slow_secret
from appliance.core.pricing import Wanted
from appliance.core.trade import Order, Sale
from appliance.services import door, refunds, till
from appliance.services.tickets import import_tickets, read_tickets, remove
from tests.books import Box
from tests.people import take_list

CODE = "STREET-UNPAID"
SEAT = "workshop-seat"


def order(box: Box, code: str = CODE, offer: str = SEAT, quantity: int = 1) -> Order:
    return box.submit(lambda books: till.open_order(books, [Wanted(offer, quantity, ticket=code)]))


def pay(box: Box, opened: Order) -> Sale:
    sale = box.submit(lambda books: till.take_payment(books, opened.id, "cash", opened.total_minor)).sale
    assert sale is not None
    return sale


def give_back(box: Box, sale: Sale) -> refunds.Refunded:
    return box.submit(lambda books: refunds.refund(books, sale.number, [], "changed their mind"))


def listed(box: Box, status: str, *, price: str = "", source: str = "later.csv") -> None:
    text = f"code,product,status,price\n{CODE},workshop,{status},{price}\n"
    box.submit(lambda books: import_tickets(books, read_tickets(text), source))


def reason(box: Box, code: str = CODE) -> str:
    """What the door would say, leaving no trace."""

    def ask(books):  # type: ignore[no-untyped-def]
        raise Said(door.scan(books, code, "gate").reason)

    with pytest.raises(Said) as said:
        box.submit(ask)
    return str(said.value)


class Said(Exception):
    """Carries an answer out of a command that is undone."""


def test_it_costs_what_is_due_takes_no_stock_and_brings_no_new_ticket(box: Box) -> None:
    before = box.stock(SEAT)
    sale = pay(box, order(box, f"  {CODE.lower()}\r\n"))
    assert (sale.total_minor, dict(sale.granted), box.stock(SEAT)) == (1200, {}, before)
    assert reason(box) == ""
    assert box.entries("ticket.paid") == [{"ticket": ticket_id(CODE)[:16], "offer": SEAT}]
    assert box.entries("ticket.issued") == []


def test_a_short_code_with_a_holder_is_paid_by_code_and_by_what_a_search_found(box: Box) -> None:
    take_list(box.desk, box.path, "code,product,status,name\na7Kd2P,workshop,unpaid,Ada\nb8Le3Q,workshop,unpaid,Bo\n")
    pay(box, order(box, "a7Kd2P"))
    with box.reading() as books:
        other = slow_secret("b8Le3Q", books.holders.slow_salt() or b"").id
    pay(box, order(box, other))
    assert (reason(box, "a7Kd2P"), reason(box, "b8Le3Q")) == ("", "")


def test_the_price_of_the_list_comes_before_the_offers(box: Box) -> None:
    listed(box, "unpaid", price="7.50")
    assert order(box).total_minor == 750


def test_it_stands_in_the_store_as_a_hash_only(box: Box) -> None:
    pay(box, order(box))
    raw = b"".join(part.read_bytes() for part in box.path.parent.glob("stallbox.db*"))
    assert CODE.encode() not in raw
    assert ticket_id(CODE).encode() in raw


def test_it_is_paid_once(box: Box) -> None:
    opened = order(box)
    for code, said in ((CODE, "ticket_in_order"), ("STREET-GOOD-1", "ticket_not_unpaid"), ("WHO", "ticket_unknown")):
        with pytest.raises(Refusal) as refused:
            order(box, code)
        assert refused.value.code == said
    pay(box, opened)
    with pytest.raises(Refusal, match="valid: there is nothing to pay"):
        order(box)


def test_an_order_that_is_given_up_lets_it_go_and_keeps_the_shelf(box: Box) -> None:
    before = box.stock(SEAT)
    opened = order(box)
    box.submit(lambda books: till.cancel_order(books, opened.id))
    assert (box.stock(SEAT), reason(box)) == (before, "unpaid")
    assert order(box).total_minor == 1200


@pytest.mark.parametrize(("offer", "code"), [("cup", "wrong_offer"), ("teacup", "offer_unknown")])
def test_it_is_paid_as_the_offer_of_its_type(box: Box, offer: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        order(box, offer=offer)
    assert refused.value.code == code


def test_it_is_alone_on_its_line(box: Box) -> None:
    for wanted in ([Wanted(SEAT, 2, CODE)], [Wanted(SEAT, 1, CODE), Wanted(SEAT, 1)]):
        with pytest.raises(Refusal, match="order of its own"):
            box.submit(lambda books, wanted=wanted: till.open_order(books, wanted))


def test_no_money_is_taken_for_what_a_list_settled_meanwhile(box: Box) -> None:
    opened = order(box)
    listed(box, "valid")
    with pytest.raises(Refusal, match="nothing to pay"):
        pay(box, opened)
    assert box.entries("payment.taken") == []


def test_what_was_paid_here_stays_when_its_list_is_taken_away(box: Box) -> None:
    pay(box, order(box))
    remove(box.desk, "street-series-tickets.csv")
    assert (reason(box), reason(box, "STREET-GOOD-1")) == ("", "unknown")


def test_a_refund_makes_it_unpaid_again_and_says_that_it_was_used(box: Box) -> None:
    sale = pay(box, order(box))
    before = box.stock(SEAT)
    assert box.submit(lambda books: door.scan(books, CODE, "gate")).verdict == "admit"
    (back,) = give_back(box, sale).tickets
    assert (back.offer, back.was_used, reason(box), box.stock(SEAT)) == (SEAT, True, "unpaid", before)


def test_a_refund_ends_a_ticket_that_was_sold_here(box: Box) -> None:
    sale = box.sell((SEAT, 2))
    first, second = sale.granted.values()
    assert box.submit(lambda books: door.scan(books, first, "gate")).verdict == "admit"
    one = box.submit(lambda books: refunds.refund(books, sale.number, [Wanted(SEAT, 1)], "ill"))
    assert ([back.was_used for back in one.tickets], reason(box, second)) == ([False], "cancelled")
    assert [back.was_used for back in give_back(box, sale).tickets] == [True]
    assert reason(box, first) == "cancelled"


class Unpaid(RuleBasedStateMachine):
    """One ticket against a model of three facts: what the list says, whether it was paid here, the open order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.box = Box(Path(self.folder.name), synchronous="OFF").__enter__()
        self.listed, self.paid = "unpaid", False
        self.order: Order | None = None
        self.sale: Sale | None = None

    def teardown(self) -> None:
        assert self.box.verify() == []
        self.box.__exit__(None, None, None)
        self.folder.cleanup()

    @property
    def standing(self) -> str:
        return "valid" if self.listed == "unpaid" and self.paid else self.listed

    @rule(status=st.sampled_from(["unpaid", "unpaid", "valid", "cancelled", "blocked", "revoked"]))
    def a_list_comes(self, status: str) -> None:
        listed(self.box, status)
        self.listed = status

    @rule()
    def somebody_wants_to_pay(self) -> None:
        if self.standing == "unpaid" and self.order is None:
            self.order = order(self.box)
            return
        with pytest.raises(Refusal):
            order(self.box)

    @precondition(lambda self: self.order)
    @rule()
    def they_pay(self) -> None:
        assert self.order
        if self.standing == "unpaid":
            self.sale, self.order, self.paid = pay(self.box, self.order), None, True
            return
        with pytest.raises(Refusal, match="nothing to pay"):
            pay(self.box, self.order)

    @precondition(lambda self: self.order)
    @rule()
    def they_give_up(self) -> None:
        opened = self.order
        assert opened
        self.box.submit(lambda books: till.cancel_order(books, opened.id))
        self.order = None

    @precondition(lambda self: self.sale)
    @rule()
    def the_money_goes_back(self) -> None:
        assert self.sale
        if self.standing == "valid":
            self.listed = "unpaid"  # whatever the list said: nobody has the money now
        give_back(self.box, self.sale)
        self.sale, self.paid = None, False

    @rule()
    def restart(self) -> None:
        self.box.restart()

    @invariant()
    def the_door_knows(self) -> None:
        assert reason(self.box) == ("" if self.standing == "valid" else self.standing)


TestUnpaid = Unpaid.TestCase
TestUnpaid.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


SHORT_LIST = "code,product,status,name\nWS-0001,workshop,valid,Ann\nWS-0002,workshop,unpaid,\n"


@pytest.mark.parametrize("paid_minor", [0, 500])
def test_its_list_taken_in_again_keeps_an_order_and_a_payment_with_it(box: Box, paid_minor: int) -> None:
    take_list(box.desk, box.path, SHORT_LIST)
    opened = order(box, "WS-0002")
    if paid_minor:
        box.submit(lambda books: till.take_payment(books, opened.id, "cash", paid_minor))
    take_list(box.desk, box.path, SHORT_LIST)  # which knows by now that there are names: short codes get slow ids
    due = opened.total_minor - paid_minor
    sale = box.submit(lambda books: till.take_payment(books, opened.id, "cash", due)).sale
    assert sale is not None
    assert box.submit(lambda books: door.scan(books, "WS-0002", "door")).verdict == "admit"
    with pytest.raises(Refusal, match="nothing to pay"):
        order(box, "WS-0002")
    take_list(box.desk, box.path, SHORT_LIST)
    give_back(box, sale)
    assert box.submit(lambda books: door.scan(books, "WS-0002", "gate")).reason == "unpaid"
