"""Sixteen people want forty cups: they order, pay, change their minds or walk away, until the last one is sold."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.core.trade import Order
from appliance.services import till
from tests.books import Box, all_at_once

CLIENTS, CUPS, TRIES = 16, 40, 400
EXPIRE_AFTER_S, STEP_S = 900, 300  # an order that is left alone lives three looks of the housekeeping


class Client:
    """One person at a time; who finds the shelf empty lets time pass, so that forgotten orders expire."""

    def __init__(self, box: Box, seed: int) -> None:
        self._box, self._random = box, random.Random(seed)
        self.sold = 0
        self.ended: Counter[str] = Counter()

    def __call__(self) -> None:
        for _ in range(TRIES):
            if self._box.submit(lambda books: _sold_out_for_good(books)):
                return
            try:
                self._visit()
            except Refusal as refused:
                self.ended[refused.code] += 1
                self._box.submit(lambda books: till.expire_orders(books, STEP_S, EXPIRE_AFTER_S))
        raise AssertionError(f"after {TRIES} tries there are cups left: {self.ended}")

    def _visit(self) -> None:
        count = self._random.choice((1, 1, 2, 3))
        order = self._box.submit(lambda books: till.open_order(books, [Wanted("cup", count)]))
        act = self._random.choices(("pay", "pay in parts", "cancel", "walk away"), (4, 2, 2, 3))[0]
        if act == "cancel":
            self._box.submit(lambda books: till.cancel_order(books, order.id))
        elif act == "pay":
            self._pay(order, order.total_minor)
        elif act == "pay in parts":
            self._pay(order, 100)
            self._pay(order, order.total_minor - 100)
        self.ended[act] += 1

    def _pay(self, order: Order, amount_minor: int) -> None:
        paid = self._box.submit(lambda books: till.take_payment(books, order.id, "cash", amount_minor))
        if paid.sale:
            self.sold += sum(line.quantity for line in paid.sale.lines)


def _sold_out_for_good(books: Books) -> bool:
    cup = next(offer for offer in books.events.offers() if offer.id == "cup")
    return cup.stock == 0 and not books.orders.open()


@pytest.mark.parametrize("seed", range(3))
def test_forty_cups_are_sold_to_the_last_one_and_no_more(box: Box, seed: int) -> None:
    clients = [Client(box, 1000 * seed + number) for number in range(CLIENTS)]
    failures = [outcome for outcome in all_at_once(clients) if outcome is not None]
    assert failures == []
    assert sum(client.sold for client in clients) == CUPS
    assert box.stock("cup") == 0
    entries = box.entries("sale.completed")
    assert sum(line["quantity"] for entry in entries for line in entry["lines"]) == CUPS
    ended = sum((client.ended for client in clients), Counter())
    assert {"pay", "cancel", "walk away", "sold_out"} <= set(ended), f"too tame to prove anything: {ended}"
    assert len(box.entries("order.expired")) > 0
    assert box.verify() == []
