"""A shift against a model of its own: whatever is sold, given back, moved and counted, the sums hold."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from appliance.core.pricing import Wanted
from appliance.core.shift_report import ShiftReport
from appliance.core.trade import Actor
from appliance.services import cashiers, refunds, shifts, till
from tests.books import Box

PRICES = {"print-a4": 1800, "postcard": 100}
TAXES = {"print-a4": "reduced", "postcard": "reduced"}
WHO = st.sampled_from([None, "c1", "c2"])
PICK = st.integers(0, 10**6)


def _not_nil(figures: Mapping[str, int]) -> dict[str, int]:
    return {name: figure for name, figure in figures.items() if figure}


class Shifts(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.box = Box(Path(self.folder.name), synchronous="OFF").__enter__()
        for name in ("Ana", "Ben"):
            self.box.submit(lambda books, name=name: cashiers.add(books, name, []))
        for offer in PRICES:
            self.box.submit(lambda books, offer=offer: till.correct_stock(books, offer, None, "endless"))
        self.open: dict[str, Any] | None = None
        self.closed: list[ShiftReport] = []
        self.sold: list[dict[str, Any]] = []

    def teardown(self) -> None:
        faults = self.box.verify()
        self.box.__exit__(None, None, None)
        self.folder.cleanup()
        assert faults == []

    def act(self, who: str | None, command: Any) -> Any:
        def by_somebody(books: Any) -> Any:
            with books.acting(Actor(who)):
                return command(books)

        return self.box.submit(by_somebody)

    @precondition(lambda self: self.open is None)
    @rule(float_minor=st.integers(0, 50_000), who=WHO)
    def open_it(self, float_minor: int, who: str | None) -> None:
        self.act(who, lambda books: shifts.open_shift(books, float_minor))
        kept: dict[str, Any] = {name: Counter() for name in ("tenders", "sales", "refunds", "gross", "back", "offers")}
        self.open = {**kept, "drawer": float_minor, "openings": 0, "numbers": [], "opener": who}

    @rule(
        offer=st.sampled_from(sorted(PRICES)),
        count=st.integers(1, 5),
        tender=st.sampled_from(["cash", "card"]),
        who=WHO,
    )
    def sell(self, offer: str, count: int, tender: str, who: str | None) -> None:
        total = PRICES[offer] * count

        def command(books: Any) -> Any:
            order = till.open_order(books, [Wanted(offer, count)])
            return till.take_payment(books, order.id, tender, total).sale

        sale = self.act(who, command)
        self.sold.append({"number": sale.number, "offer": offer, "left": count})
        if self.open:
            self.open["tenders"][tender] += total
            self.open["drawer"] += total * (tender == "cash")
            self.open["sales"][who or ""] += 1
            self.open["gross"][who or ""] += total
            self.open["offers"][offer] += count
            self.open["numbers"].append(sale.number)

    @precondition(lambda self: any(sale["left"] for sale in self.sold))
    @rule(pick=PICK, tender=st.sampled_from(["cash", "card"]), who=WHO)
    def give_one_back(self, pick: int, tender: str, who: str | None) -> None:
        left = [sale for sale in self.sold if sale["left"]]
        sale = left[pick % len(left)]
        wanted = [Wanted(sale["offer"], 1)]
        self.act(who, lambda books: refunds.refund(books, sale["number"], wanted, "why", tender))
        sale["left"] -= 1
        if self.open:
            price = PRICES[sale["offer"]]
            self.open["tenders"][tender] -= price
            self.open["drawer"] -= price * (tender == "cash")
            self.open["refunds"][who or ""] += 1
            self.open["back"][who or ""] += price
            self.open["offers"][sale["offer"]] -= 1

    @precondition(lambda self: self.open is not None)
    @rule(way=st.sampled_from(["in", "out"]), amount=st.integers(1, 10_000), who=WHO)
    def move(self, way: str, amount: int, who: str | None) -> None:
        assert self.open is not None
        self.act(who, lambda books: shifts.move_cash(books, way, amount, "why"))
        self.open["drawer"] += amount if way == "in" else -amount

    @precondition(lambda self: self.open is not None)
    @rule(who=WHO)
    def look_into_the_drawer(self, who: str | None) -> None:
        assert self.open is not None
        self.act(who, lambda books: shifts.open_drawer(books, "look"))
        self.open["openings"] += 1

    @precondition(lambda self: self.open is not None)
    @rule(coins=st.integers(0, 500), notes=st.integers(0, 50), who=WHO)
    def count_and_close(self, coins: int, notes: int, who: str | None) -> None:
        assert self.open is not None
        count = [{"denomination_minor": 25, "quantity": coins}, {"denomination_minor": 2000, "quantity": notes}]
        self.act(who, lambda books: shifts.count_drawer(books, count))
        z = self.act(who, lambda books: shifts.close_shift(books, None, self.box.key.sign))
        self._agrees(z)
        counted = 25 * coins + 2000 * notes
        assert (z.counted_minor, z.difference_minor) == (counted, counted - self.open["drawer"])
        assert (z.shift, z.opened_by, z.closed_by) == (len(self.closed) + 1, self.open["opener"], who)
        self.closed.append(z)
        self.open = None

    @rule()
    def restart(self) -> None:
        self.box.restart()

    @invariant()
    def the_x_report_agrees(self) -> None:
        if self.open is not None:
            self._agrees(self.box.submit(shifts.report))

    @invariant()
    def old_z_reports_stay(self) -> None:
        with self.box.reading() as books:
            assert [shifts.z_report(books, z.shift) for z in self.closed] == self.closed

    def _agrees(self, report: ShiftReport) -> None:
        model = self.open
        assert model is not None
        assert report.expected_minor == model["drawer"]
        assert _not_nil(report.tenders) == _not_nil(model["tenders"])
        assert sum(report.tenders.values()) == report.sales["takings_minor"] == sum(model["tenders"].values())
        assert _not_nil(report.offers) == _not_nil(model["offers"])
        assert sum(int(offer["takings_minor"]) for offer in report.offers_sold) == report.sales["takings_minor"]
        assert {who: (f["sales"], f["gross_minor"], f["refunds"], f["refunds_minor"])
                for who, f in report.cashiers.items()} == {
            who: (model["sales"][who], model["gross"][who], model["refunds"][who], model["back"][who])
            for who in {*model["sales"], *model["refunds"]}
        }  # fmt: skip
        numbers = model["numbers"]
        assert (report.first_sale, report.last_sale) == ((numbers[0], numbers[-1]) if numbers else (None, None))
        assert report.drawer_openings == model["openings"]
        self._taxes_are_those_of_the_journal(report)

    def _taxes_are_those_of_the_journal(self, report: ShiftReport) -> None:
        gross: Counter[str] = Counter()
        with self.box.reading() as books:
            shift = books.shifts.get(report.shift)
            assert shift is not None
            for entry in books.journal.between(["sale.completed", "sale.refunded"], shift.opened_seq, shift.closed_seq):
                for line in entry.data["lines"]:
                    sign = 1 if entry.kind == "sale.completed" else -1
                    gross[TAXES[line["offer"]]] += sign * PRICES[line["offer"]] * line["quantity"]
        assert _not_nil({tax: total["gross_minor"] for tax, total in report.taxes.items()}) == _not_nil(gross)
        for total in report.taxes.values():
            assert total["net_minor"] + total["tax_minor"] == total["gross_minor"]


TestShifts = Shifts.TestCase
TestShifts.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
