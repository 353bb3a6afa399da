"""The till against a model of its own in plain dicts: any acts in any order, with restarts between them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from appliance.core.errors import Refusal
from appliance.core.pricing import Wanted
from appliance.core.trade import OrderStatus, PrintStatus
from appliance.services import door, refunds, till
from tests.books import Box

PRICES = {"cup": 2400, "print-a4": 1800, "cup-and-print": 3900, "postcard": 100, "workshop-seat": 1200}
PRICES |= {"circle": 1500, "credits-10": 9000}
LISTED = {"cup": 40, "print-a4": 60, "cup-and-print": 15, "postcard": 200, "workshop-seat": 24}
EXPIRE_AFTER_S = 900

BASKETS = st.lists(st.tuples(st.sampled_from(sorted(PRICES)), st.integers(1, 12)), min_size=1, max_size=4)
PICK = st.integers(0, 10**6)  # one of what there is, whatever that is by then


def totals_of(pieces: dict[str, int], voucher: str | None) -> dict[str, int]:
    """What each line costs: the voucher's worth goes over the lines by largest remainders."""
    full = {offer: PRICES[offer] * count for offer, count in pieces.items()}
    whole = sum(full.values())
    off = {None: 0, "PRESS-50": floor(Fraction(whole, 2) + Fraction(1, 2)), "WELCOME-3": min(300, whole)}[voucher]
    exact = {offer: Fraction(off * amount, whole) for offer, amount in full.items()}
    shares = {offer: floor(part) for offer, part in exact.items()}
    by_remainder = sorted(exact, key=lambda offer: shares[offer] - exact[offer])
    for offer in by_remainder[: off - sum(shares.values())]:
        shares[offer] += 1
    return {offer: full[offer] - shares[offer] for offer in full}


class Till(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.box = Box(Path(self.folder.name), synchronous="OFF").__enter__()
        self.stock = dict(LISTED)
        self.corrected = dict.fromkeys(LISTED, 0)
        self.lost = dict.fromkeys(LISTED, 0)  # given back, but not for the shelf
        self.orders: dict[str, dict[str, Any]] = {}
        self.sales: list[dict[str, Any]] = []
        self.press_used = 0
        self.credits: dict[str, int] = {}
        self.tickets: dict[str, bool] = {}  # code -> used
        self.tenders = {"cash": 0, "card": 0}
        self.admitted = self.refunds = 0

    def teardown(self) -> None:
        faults = self.box.verify()
        self.box.__exit__(None, None, None)
        self.folder.cleanup()
        assert faults == []

    def act(self, command: Callable[[Any], Any], code: str | None) -> Any:
        """Do it; where the model says it is refused, see that it is, with this code, and nothing of it stays."""
        head = self.box.desk.head_seq
        if code is None:
            return self.box.submit(command)
        with pytest.raises(Refusal) as refused:
            self.box.submit(command)
        assert (refused.value.code, self.box.desk.head_seq) == (code, head)
        return None

    @rule(basket=BASKETS, voucher=st.sampled_from([None, None, "PRESS-50", "WELCOME-3"]), member=st.none() | PICK)
    def order(self, basket: list[tuple[str, int]], voucher: str | None, member: int | None) -> None:
        card = sorted(self.credits)[member % len(self.credits)] if self.credits and member is not None else None
        pieces: dict[str, int] = {}
        for offer, count in basket:
            pieces[offer] = pieces.get(offer, 0) + count
        code = None
        if voucher == "PRESS-50" and self.press_used == 5:
            code = "voucher_used"
        elif "credits-10" in pieces and card is None:
            code = "member_needed"
        elif any(offer in self.stock and self.stock[offer] < count for offer, count in pieces.items()):
            code = "sold_out"
        wanted = [Wanted(*item) for item in basket]
        order = self.act(lambda books: till.open_order(books, wanted, voucher, card), code)
        if order:
            totals = totals_of(pieces, voucher)
            assert {line.offer: (line.quantity, line.total_minor) for line in order.lines} == {
                offer: (pieces[offer], totals[offer]) for offer in pieces
            }
            self._shelf(pieces, -1)
            self.press_used += voucher == "PRESS-50"
            kept = {"pieces": pieces, "totals": totals, "paid": {"cash": 0, "card": 0}, "age": 0, "status": "open"}
            self.orders[order.id] = {**kept, "voucher": voucher, "member": card}

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, tender=st.sampled_from(["cash", "card"]), share=st.sampled_from([0, 1, 30, 100, 100, 100, 250]))
    def pay(self, pick: int, tender: str, share: int) -> None:
        id, order = self._pick(pick)
        due = sum(order["totals"].values()) - sum(order["paid"].values())
        amount = due * share // 100
        code = None
        if order["status"] != "open":
            code = f"order_{order['status']}"
        elif amount <= 0 and due:
            code = "amount"
        elif tender == "card" and amount > due:
            code = "overpaid"
        paid = self.act(lambda books: till.take_payment(books, id, tender, amount), code)
        if paid:
            assert paid.change_minor == max(0, amount - due)
            order["paid"][tender] += min(amount, due)
            assert (paid.sale is not None) == (amount >= due)
            if paid.sale:
                self._sold(order, paid.sale)

    @precondition(lambda self: self.orders)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        id, order = self._pick(pick)
        code = f"order_{order['status']}" if order["status"] != "open" else None
        code = "part_paid" if code is None and sum(order["paid"].values()) else code
        if self.act(lambda books: till.cancel_order(books, id), code):
            self._given_up(order, "cancelled")

    @rule(elapsed_s=st.integers(0, 600))
    def grow_older(self, elapsed_s: int) -> None:
        old = []
        for order in self.orders.values():
            order["age"] += elapsed_s
            if order["status"] == "open" and order["age"] >= EXPIRE_AFTER_S and not sum(order["paid"].values()):
                old.append(order)
        assert self.act(lambda books: till.expire_orders(books, elapsed_s, EXPIRE_AFTER_S), None) == len(old)
        for order in old:
            self._given_up(order, "expired")

    @precondition(lambda self: self.sales)
    @rule(pick=PICK, line=st.none() | PICK, count=st.integers(1, 14), restock=st.booleans())
    def refund(self, pick: int, line: int | None, count: int, restock: bool) -> None:
        sale = self.sales[pick % len(self.sales)]
        left = {offer: sold - sale["back"].get(offer, 0) for offer, sold in sale["pieces"].items()}
        if line is None:
            back = {offer: quantity for offer, quantity in left.items() if quantity}
            code = None if back else "refunded"
        else:
            offer = sorted(left)[line % len(left)]
            back = {offer: count}
            code = "too_many" if count > left[offer] else None
        wanted = [] if line is None else [Wanted(*item) for item in back.items()]
        number = self.sales.index(sale) + 1
        refunded = self.act(lambda books: refunds.refund(books, number, wanted, "why", restock=restock), code)
        if refunded:
            amount = sum(self._worth(sale, *item) for item in back.items())
            assert (refunded.amount_minor, refunded.sale.refunded_minor) == (amount, sale["refunded"] + amount)
            for offer, quantity in back.items():
                sale["back"][offer] = sale["back"].get(offer, 0) + quantity
                if not restock and offer in self.lost:
                    self.lost[offer] += quantity
            sale["refunded"] += amount
            self.tenders["cash"] -= amount
            self.refunds += 1
            if restock:
                self._shelf(back, +1)

    @rule(offer=st.sampled_from(sorted(LISTED)), stock=st.integers(0, 50))
    def correct(self, offer: str, stock: int) -> None:
        self.act(lambda books: till.correct_stock(books, offer, stock, "counted"), None)
        self.corrected[offer] += stock - self.stock[offer]
        self.stock[offer] = stock

    @precondition(lambda self: self.tickets)
    @rule(pick=PICK)
    def scan(self, pick: int) -> None:
        code = sorted(self.tickets)[pick % len(self.tickets)]
        verdict = self.box.submit(lambda books: door.scan(books, code, "gate"))
        assert verdict.verdict == ("refuse" if self.tickets[code] else "admit")
        self.admitted += not self.tickets[code]
        self.tickets[code] = True

    @rule()
    def restart(self) -> None:
        self.box.restart()

    @invariant()
    def stock_adds_up(self) -> None:
        reserved = dict.fromkeys(LISTED, 0)
        for order in self.orders.values():
            for offer, count in order["pieces"].items():
                reserved[offer] = reserved.get(offer, 0) + count * (order["status"] == "open")
        sold = dict.fromkeys(LISTED, 0)
        for sale in self.sales:
            for offer, count in sale["pieces"].items():
                sold[offer] = sold.get(offer, 0) + count - sale["back"].get(offer, 0)
        with self.box.reading() as books:
            available = {offer.id: offer.stock for offer in books.events.offers()}
            assert {offer: count for offer, count in sold.items() if count} == {
                offer: count for offer, count in books.figures.offers_sold().items() if count
            }
        for offer, listed in LISTED.items():
            there = available[offer] + reserved[offer] + sold[offer] + self.lost[offer]
            assert there == listed + self.corrected[offer]

    @invariant()
    def takings_are_the_same_however_they_are_counted(self) -> None:
        takings = sum(sale["total"] - sale["refunded"] for sale in self.sales)
        with self.box.reading() as books:
            figures, tally, tenders = books.figures.sales(), books.figures.tally, books.figures.tenders()
            assert figures["takings_minor"] == tally("takings_minor") == sum(tenders.values()) == takings
            assert (figures["sales"], figures["refunds"]) == (tally("sale.completed"), tally("sale.refunded"))
            assert (figures["sales"], figures["refunds"]) == (len(self.sales), self.refunds)
            assert {tender: tenders.get(tender, 0) for tender in self.tenders} == self.tenders
            entries = list(books.journal.all())
            sold = [entry.data for entry in entries if entry.kind == "sale.completed"]
            back = sum(entry.data["amount_minor"] for entry in entries if entry.kind == "sale.refunded")
            assert sum(data["total_minor"] for data in sold) - back == takings
            assert [data["number"] for data in sold] == list(range(1, len(self.sales) + 1))
            assert [entry.seq for entry in entries] == list(range(1, self.box.desk.head_seq + 1))
            assert tally("ticket.admitted") == self.admitted

    @invariant()
    def each_sale_and_refund_has_one_paper(self) -> None:
        with self.box.reading() as books:
            jobs = books.prints.by_status([PrintStatus.QUEUED], 10_000)
        subjects = sorted(job.subject for job in jobs)
        expected = [f"sale {number + 1}" for number in range(len(self.sales))]
        assert subjects == sorted(expected + [f"refund {number + 1}" for number in range(self.refunds)])

    @invariant()
    def orders_and_cards_stand_as_in_the_model(self) -> None:
        with self.box.reading() as books:
            for id, order in self.orders.items():
                kept = books.orders.get(id)
                assert kept is not None
                assert (kept.status, kept.paid_minor) == (OrderStatus(order["status"]), sum(order["paid"].values()))
            assert len(books.orders.open()) == sum(order["status"] == "open" for order in self.orders.values())
            for card, credits in self.credits.items():
                member = books.tickets.member(card)
                assert member is not None
                assert member.credits == credits
            voucher = books.events.voucher("PRESS-50")
            assert voucher is not None
            assert voucher.used == self.press_used

    def _pick(self, pick: int) -> tuple[str, dict[str, Any]]:
        return list(self.orders.items())[pick % len(self.orders)]

    def _shelf(self, pieces: dict[str, int], sign: int) -> None:
        for offer, count in pieces.items():
            if offer in self.stock:
                self.stock[offer] += sign * count

    def _given_up(self, order: dict[str, Any], status: str) -> None:
        order["status"] = status
        self._shelf(order["pieces"], +1)
        self.press_used -= order["voucher"] == "PRESS-50"

    def _worth(self, sale: dict[str, Any], offer: str, quantity: int) -> int:
        total, sold, before = sale["totals"][offer], sale["pieces"][offer], sale["back"].get(offer, 0)
        return floor(Fraction(total * (before + quantity), sold)) - floor(Fraction(total * before, sold))

    def _sold(self, order: dict[str, Any], sale: Any) -> None:
        order["status"] = "paid"
        total = sum(order["totals"].values())
        assert (sale.number, sale.total_minor) == (len(self.sales) + 1, total)
        kept = {"pieces": order["pieces"], "totals": order["totals"], "total": total, "refunded": 0, "back": {}}
        self.sales.append(kept)
        for tender, amount in order["paid"].items():
            self.tenders[tender] += amount
        for what, code in sale.granted.items():
            if what.startswith("ticket-"):
                self.tickets[code] = False
            else:
                self.credits[code] = 0
        if order["member"]:
            self.credits[order["member"]] += 10 * order["pieces"].get("credits-10", 0)
        granted = order["pieces"].get("workshop-seat", 0) + order["pieces"].get("circle", 0)
        assert len(sale.granted) == granted


TestTill = Till.TestCase
TestTill.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
