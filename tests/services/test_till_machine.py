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
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from appliance.core.codes import ticket_id
from appliance.core.errors import Refusal
from appliance.core.pricing import Wanted
from appliance.core.trade import OrderStatus, PrintStatus
from appliance.services import door, pending, refunds, till
from appliance.services.events import load_event
from tests.books import EVENT_TEXT, Box

PRICES = {"cup": 2400, "print-a4": 1800, "cup-and-print": 3900, "postcard": 100, "workshop-seat": 1200}
PRICES |= {"circle": 1500, "credits-10": 9000, "apron-s": 3200, "apron-indigo-m": 3600}
MEMBER_PRICES = PRICES | {"print-a4": 1500}
LISTED = {"cup": 40, "print-a4": 60, "cup-and-print": 15, "postcard": 200, "workshop-seat": 24}
LISTED |= {"apron-s": 6, "apron-indigo-m": 4}
IN_THE_FILE = ["cup", "print-a4", "cup-and-print", "apron-s", "apron-indigo-m", "postcard", "workshop-seat"]
IN_THE_FILE += ["circle", "credits-10"]
EXPIRE_AFTER_S = 900
CREDIT_MINOR, GIFT_MINOR = 50, 3000
GIFTS = '[[vouchers]]\ncode = "GIFT"\nbalance_minor = 3000\n'
EVENT = (
    EVENT_TEXT.replace('currency = "USD"', f'currency = "USD"\ntips_pct = [5]\ncredit_value_minor = {CREDIT_MINOR}')
    + GIFTS
)
PAID = dict.fromkeys(("cash", "card", "credit", "voucher"), 0)

BASKETS = st.lists(st.tuples(st.sampled_from(sorted(PRICES)), st.integers(1, 12)), min_size=1, max_size=4)
PICK = st.integers(0, 10**6)  # one of what there is, whatever that is by then


def totals_of(pieces: dict[str, int], voucher: str | None, is_member: bool) -> dict[str, int]:
    """What each line costs: the voucher's worth goes over the lines by largest remainders, ties in the file's order."""
    prices = MEMBER_PRICES if is_member or "circle" in pieces else PRICES
    full = {offer: prices[offer] * pieces[offer] for offer in IN_THE_FILE if offer in pieces}
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
        self.terms: dict[str, int] = {}  # of a card's membership, still to come
        self.tickets: dict[str, bool] = {}  # code -> used
        self.ended: set[str] = set()  # tickets that were given back
        self.tenders = dict(PAID)
        self.asked: dict[int, tuple[str, int]] = {}  # pending payments: order and amount
        self.gifts: dict[str, int] = {}
        self.box.submit(lambda books: load_event(books, EVENT))
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

    @initialize()
    def begin_with_a_member_and_a_gift_card(self) -> None:
        """Without them few runs would ever come to pay with credits."""
        self.order([("circle", 1), ("credits-10", 4)], None, None)
        self.pay(0, "cash", 100)
        self.issue_gift_card()

    @rule(
        basket=BASKETS,
        voucher=st.sampled_from([None, None, "PRESS-50", "WELCOME-3"]),
        member=st.none() | PICK,
        hold_min=st.sampled_from([None, 5, 60]),
    )
    def order(
        self, basket: list[tuple[str, int]], voucher: str | None, member: int | None, hold_min: int | None = None
    ) -> None:
        card = sorted(self.credits)[member % len(self.credits)] if self.credits and member is not None else None
        pieces: dict[str, int] = {}
        for offer, count in basket:
            pieces[offer] = pieces.get(offer, 0) + count
        code = None
        if pieces.get("apron-s", 0) + pieces.get("apron-indigo-m", 0) > 2:
            code = "order_limit"
        elif voucher == "PRESS-50" and self.press_used == 5:
            code = "voucher_used"
        elif "credits-10" in pieces and card is None and "circle" not in pieces:
            code = "member_needed"
        elif any(offer in self.stock and self.stock[offer] < count for offer, count in pieces.items()):
            code = "sold_out"
        wanted = [Wanted(*item) for item in basket]
        order = self.act(lambda books: till.open_order(books, wanted, voucher, card, hold_min=hold_min), code)
        if order:
            totals = totals_of(pieces, voucher, card is not None and self.terms[card] > 0)
            assert {line.offer: (line.quantity, line.total_minor) for line in order.lines} == {
                offer: (pieces[offer], totals[offer]) for offer in pieces
            }
            self._shelf(pieces, -1)
            self.press_used += voucher == "PRESS-50"
            kept = {
                "pieces": pieces,
                "totals": totals,
                "paid": dict(PAID),
                "pays": [],
                "pending": 0,
                "tip": 0,
                "age": 0,
                "held_s": min(EXPIRE_AFTER_S, EXPIRE_AFTER_S if hold_min is None else 60 * hold_min),
                "status": "open",
            }
            self.orders[order.id] = {**kept, "voucher": voucher, "member": card}

    @precondition(lambda self: self.orders)
    @rule(
        pick=PICK,
        tender=st.sampled_from(["cash", "card"]),
        share=st.sampled_from([0, 1, 30, 100, 100, 100, 250]),
        tip=st.sampled_from([0, 0, 120]),
    )
    def pay(self, pick: int, tender: str, share: int, tip: int = 0) -> None:
        id, order = self._pick(pick)
        due = self._open_minor(order)
        amount = due * share // 100
        code = self._closed(order)
        if code:
            pass
        elif amount <= 0 and due:
            code = "amount"
        elif tender == "card" and amount > due:
            code = "overpaid"
        elif tip and amount < due:
            code = "tip_early"
        paid = self.act(lambda books: till.take_payment(books, id, tender, amount + tip, tip_minor=tip), code)
        if paid:
            assert paid.change_minor == max(0, amount - due)
            order["tip"] += tip
            order["paid"][tender] += min(amount, due)
            self._paid(order, paid.sale)

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, share=st.sampled_from([0, 30, 100, 250]))
    def ask(self, pick: int, share: int) -> None:
        id, order = self._pick(pick)
        amount = self._open_minor(order) * share // 100
        code = self._closed(order) or ("overpaid" if not 0 < amount <= self._open_minor(order) else None)
        asked = self.act(lambda books: pending.ask(books, id, "card", amount), code)
        if asked:
            order["pending"] += amount
            self.asked[asked[0].id] = (id, amount)

    @precondition(lambda self: self.asked)
    @rule(pick=PICK, outcome=st.sampled_from(["paid", "failed"]))
    def settle(self, pick: int, outcome: str) -> None:
        number = sorted(self.asked)[pick % len(self.asked)]
        id, amount = self.asked.pop(number)
        _, paid = self.act(lambda books: pending.settle(books, number, outcome), None)
        self.orders[id]["pending"] -= amount
        if outcome == "paid":
            self.orders[id]["paid"]["card"] += amount
            self._paid(self.orders[id], paid.sale)
        self.act(lambda books: pending.settle(books, number, outcome), "payment_settled")

    @rule()
    def issue_gift_card(self) -> None:
        with self.box.reading() as books:
            code = books.new_code()
            event = books.events.current()
        assert event is not None
        hashed = [ticket_id(code)]
        self.box.submit(lambda books: books.issued.add_vouchers(hashed, event.id, "GIFT", 1, GIFT_MINOR))
        self.gifts[code] = GIFT_MINOR

    @precondition(lambda self: self.orders and self.gifts)
    @rule(pick=PICK, gift=PICK)
    def pay_by_gift_card(self, pick: int, gift: int) -> None:
        id, order = self._pick(pick)
        card = sorted(self.gifts)[gift % len(self.gifts)]
        amount = min(self._open_minor(order), self.gifts[card])
        code = self._closed(order) or ("amount" if not self._open_minor(order) else None)
        code = code or ("voucher_empty" if not self.gifts[card] else None)
        paid = self.act(lambda books: till.take_payment(books, id, "voucher", None, code=card), code)
        if paid:
            self.gifts[card] -= amount
            assert paid.balance_after == self.gifts[card]
            self._stored(order, "voucher", card, amount, paid.sale)

    @precondition(lambda self: self.orders and self.credits)
    @rule(pick=PICK, member=PICK, share=st.sampled_from([0, 30, 100, 100, 120]))
    def pay_by_credits(self, pick: int, member: int, share: int) -> None:
        id, order = self._pick(pick)
        card = sorted(self.credits)[member % len(self.credits)]
        count = min(self.credits[card], self._open_minor(order) // CREDIT_MINOR) * share // 100
        amount = count * CREDIT_MINOR
        code = self._closed(order) or ("amount" if not amount else None)
        code = code or ("overpaid" if amount > self._open_minor(order) else None)
        code = code or ("credits_for_credits" if "credits-10" in order["pieces"] else None)
        code = code or ("credits_short" if count > self.credits[card] else None)
        paid = self.act(lambda books: till.take_payment(books, id, "credit", amount, code=card), code)
        if paid:
            self.credits[card] -= count
            assert paid.balance_after == self.credits[card]
            self._stored(order, "credit", card, amount, paid.sale)

    def _stored(self, order: dict[str, Any], tender: str, card: str, amount: int, sale: Any) -> None:
        order["paid"][tender] += amount
        order["pays"].append((tender, card, amount))
        self._paid(order, sale)

    def _paid(self, order: dict[str, Any], sale: Any) -> None:
        is_paid = sum(order["paid"].values()) == sum(order["totals"].values())
        assert (sale is not None) == is_paid
        if sale:
            self._sold(order, sale)

    def _open_minor(self, order: dict[str, Any]) -> int:
        return int(sum(order["totals"].values()) - sum(order["paid"].values()) - order["pending"])

    def _closed(self, order: dict[str, Any]) -> str | None:
        if order["status"] != "open":
            return f"order_{order['status']}"
        return "pending" if order["pending"] and not self._open_minor(order) else None

    @precondition(lambda self: self.orders)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        id, order = self._pick(pick)
        code = f"order_{order['status']}" if order["status"] != "open" else None
        code = "part_paid" if code is None and sum(order["paid"].values()) else code
        code = "pending" if code is None and order["pending"] else code
        if self.act(lambda books: till.cancel_order(books, id), code):
            self._given_up(order, "cancelled")

    @rule(elapsed_s=st.integers(0, 600))
    def grow_older(self, elapsed_s: int) -> None:
        old = []
        for order in self.orders.values():
            order["age"] += elapsed_s
            if (
                order["status"] == "open"
                and order["age"] >= order["held_s"]
                and not (sum(order["paid"].values()) or order["pending"])
            ):
                old.append(order)
        assert self.act(lambda books: till.expire_orders(books, elapsed_s, EXPIRE_AFTER_S), None) == len(old)
        for order in old:
            self._given_up(order, "expired")

    @precondition(lambda self: self.sales)
    @rule(
        pick=PICK,
        line=st.none() | PICK,
        count=st.integers(1, 14),
        restock=st.booleans(),
        tender=st.sampled_from([*PAID, None, None]),
    )
    def refund(self, pick: int, line: int | None, count: int, restock: bool, tender: str | None) -> None:
        sale = self.sales[pick % len(self.sales)]
        left = {offer: sold - sale["back"].get(offer, 0) for offer, sold in sale["pieces"].items()}
        if line is None:
            back = {offer: quantity for offer, quantity in left.items() if quantity}
            code = None if back else "refunded"
        else:
            offer = sorted(left)[line % len(left)]
            back = {offer: count}
            code = "too_many" if count > left[offer] else None
        packs = back.get("credits-10", 0)
        if code is None and packs and self.credits[sale["onto"]] < 10 * packs:
            code = "credits_spent"
        amount = sum(self._worth(sale, *item) for item in back.items()) if code is None else 0
        one = tender or self._one_tender(sale, amount)
        if code is None and one in ("credit", "voucher"):
            code = self._refusal_of_stored(sale, one, amount)
        wanted = [] if line is None else [Wanted(*item) for item in back.items()]
        number = self.sales.index(sale) + 1
        refunded = self.act(lambda books: refunds.refund(books, number, wanted, "why", tender, restock), code)
        if refunded:
            self._gone_back(sale, back, refunded, restock)
            parts = {str(part.tender): part.amount_minor for part in refunded.parts}
            assert one is None or parts == {one: amount}
            for by, part in parts.items() if one is None else ():
                left = sale["paid_by"].get(by, 0) - sale["back_by"].get(by, 0)
                assert (
                    0 < part <= max(0, left) + (CREDIT_MINOR - 1 if by == "cash" and sale["paid_by"]["credit"] else 0)
                )
            self._gone_by(sale, parts)

    @precondition(lambda self: self.sales)
    @rule(pick=PICK)
    def void(self, pick: int) -> None:
        sale = self.sales[pick % len(self.sales)]
        used = any(self.tickets[code] for code in sale["seats"])
        packs = sale["pieces"].get("credits-10", 0)
        code = "not_voidable" if sale["back"] else None
        if code is None and packs and self.credits[sale["onto"]] < 10 * packs:
            code = "credits_spent"
        code = "ticket_used" if code is None and used else code
        number = self.sales.index(sale) + 1
        done = self.act(lambda books: refunds.void(books, number, "typed wrong"), code)
        if done:
            self._gone_back(sale, dict(sale["pieces"]), done, restock=True)
            parts = {str(part.tender): part.amount_minor for part in done.parts if part.amount_minor}
            assert parts == {by: amount for by, amount in sale["paid_by"].items() if amount}
            assert sum(part.tip_minor for part in done.parts) == sale["tip"]
            sale["voided"] = True
            self.press_used -= sale["voucher"] == "PRESS-50"
            self._gone_by(sale, parts)

    def _one_tender(self, sale: dict[str, Any], amount: int) -> str | None:
        """What all of an amount goes back by; None if no tender brought as much."""
        able = [by for by, paid in sale["paid_by"].items() if paid - sale["back_by"].get(by, 0) >= amount and paid]
        able = [by for by in able if by != "credit" or amount % CREDIT_MINOR == 0]
        return max(able, key=lambda by: sale["paid_by"][by]) if able else None if sale["total"] else "cash"

    def _gone_back(self, sale: dict[str, Any], back: dict[str, int], refunded: Any, restock: bool) -> None:
        amount = sum(self._worth(sale, *item) for item in back.items())
        assert (refunded.amount_minor, refunded.sale.refunded_minor) == (amount, sale["refunded"] + amount)
        for offer, quantity in back.items():
            sale["back"][offer] = sale["back"].get(offer, 0) + quantity
            if not restock and offer in self.lost:
                self.lost[offer] += quantity
        sale["refunded"] += amount
        if packs := back.get("credits-10", 0):
            self.credits[sale["onto"]] -= 10 * packs
        for _ in range(back.get("circle", 0)):
            self.terms[sale["cards"].pop(0)] -= 1
        self.refunds += 1
        if restock:
            self._shelf(back, +1)
        self._end(sale, back.get("workshop-seat", 0), refunded.tickets)

    def _gone_by(self, sale: dict[str, Any], parts: dict[str, int]) -> None:
        for tender, amount in parts.items():
            self.tenders[tender] -= amount
            self._back_onto_cards(sale, tender, amount)

    def _refusal_of_stored(self, sale: dict[str, Any], tender: str, amount: int) -> str | None:
        paid = sum(one[2] for one in sale["pays"] if one[0] == tender)
        if sale["back_by"].get(tender, 0) + amount > paid:
            return "not_paid_so"
        return "whole_credits" if tender == "credit" and amount % CREDIT_MINOR else None

    def _back_onto_cards(self, sale: dict[str, Any], tender: str, amount: int) -> None:
        """Unit by unit from the first payment on: slow, and plainly right."""
        units = [card for what, card, paid in sale["pays"] if what == tender for _ in range(paid)]
        begin = sale["back_by"].get(tender, 0)
        sale["back_by"][tender] = begin + amount
        for card in units[begin : begin + amount]:
            if tender == "voucher":
                self.gifts[card] += 1
        if tender == "credit":
            for card in set(units):
                self.credits[card] += units[begin : begin + amount].count(card) // CREDIT_MINOR

    def _end(self, sale: dict[str, Any], count: int, told: Any) -> None:
        """Of a sale's tickets those go first that nobody used."""
        good = sorted((code for code in sale["seats"] if code not in self.ended), key=self.tickets.__getitem__)
        assert [one.was_used for one in told] == [self.tickets[code] for code in good[:count]]
        with self.box.reading() as books:
            standing = {code: books.tickets.find(ticket_id(code)).status for code in sale["seats"]}  # type: ignore[union-attr]
        ended = {code for code, status in standing.items() if status == "cancelled"}
        assert len(ended - self.ended) == count
        assert sorted(self.tickets[code] for code in ended - self.ended) == [one.was_used for one in told]
        self.ended |= ended

    @rule(offer=st.sampled_from(sorted(LISTED)), stock=st.integers(0, 50))
    def correct(self, offer: str, stock: int) -> None:
        held = sum(order["pieces"].get(offer, 0) for order in self.orders.values() if order["status"] == "open")
        code = "stock_held" if stock < held else None
        self.act(lambda books: till.correct_stock(books, offer, stock, "counted"), code)
        if code is None:
            self.corrected[offer] += stock - held - self.stock[offer]
            self.stock[offer] = stock - held

    @precondition(lambda self: self.tickets)
    @rule(pick=PICK)
    def scan(self, pick: int) -> None:
        code = sorted(self.tickets)[pick % len(self.tickets)]
        verdict = self.box.submit(lambda books: door.scan(books, code, "gate"))
        reason = "cancelled" if code in self.ended else "already_used" if self.tickets[code] else ""
        assert verdict.reason == reason
        self.admitted += not reason
        self.tickets[code] |= not reason

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
            tips = sum(books.takings.tips(0, None).values())
            assert tips == sum(0 if sale["voided"] else sale["tip"] for sale in self.sales)
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
                assert kept.pending_minor == order["pending"]
            assert len(books.orders.open()) == sum(order["status"] == "open" for order in self.orders.values())
            for card, credits in self.credits.items():
                member = books.tickets.member(card)
                assert member is not None
                assert member.credits == credits >= 0
                assert member.valid_until is not None
                assert (member.valid_until > books.moment.text()) == (self.terms[card] > 0)
            for code, left in self.gifts.items():
                gift = books.events.voucher(code)
                assert gift is not None
                assert gift.left_minor == left >= 0
            assert {one.id: (one.order_id, one.amount_minor) for one in books.pending.waiting()} == self.asked
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
        kept = {
            "pieces": order["pieces"],
            "totals": order["totals"],
            "total": total,
            "refunded": 0,
            "back": {},
            "back_by": {},
            "pays": order["pays"],
            "paid_by": order["paid"],
            "tip": order["tip"],
            "voided": False,
            "voucher": order["voucher"],
            "cards": [],  # of its memberships, in the order in which they are given back
        }
        kept["seats"] = [code for what, code in sale.granted.items() if what.startswith("ticket-")]
        self.sales.append(kept)
        for tender, amount in order["paid"].items():
            self.tenders[tender] += amount
        for what, code in sale.granted.items():
            if what.startswith("ticket-"):
                self.tickets[code] = False
            else:
                self.credits[code], self.terms[code] = 0, 1
                kept["cards"].append(code)
        onto = order["member"] or next(
            (code for what, code in sale.granted.items() if what.startswith("member-")), None
        )
        kept["onto"] = onto
        if onto:
            self.credits[onto] += 10 * order["pieces"].get("credits-10", 0)
        joined = order["pieces"].get("circle", 0)
        if joined and order["member"]:  # the first renews the card
            joined -= 1
            self.terms[order["member"]] += 1
            kept["cards"].append(order["member"])
        granted = order["pieces"].get("workshop-seat", 0) + joined
        assert len(sale.granted) == granted


TestTill = Till.TestCase
TestTill.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
