"""The books in francs, yen and dinars against the journal alone: what an auditor reckons from the entries is what the
X and Z reports say, whatever was sold, ordered for later, tipped, refunded, voided and restarted in between.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from appliance.core.errors import Refusal
from appliance.core.money import in_cash
from appliance.core.pricing import Wanted
from appliance.core.shift_report import ShiftReport
from appliance.core.trade import Discount, ParcelState, Sale, Way
from appliance.services import courier, refunds, restock, shifts, stock, till
from appliance.store.contacts import ContactKeys
from appliance.store.vault import Vault
from tests.books import Box

STALL = """
id = "stall"
name = "Stall"
currency = "{currency}"
time_zone = "Europe/Zurich"
prices_include_tax = {incl}
tips_pct = [10]
[[windows]]
id = "now"
name = "Now"
opens_at = "2026-12-05T22:00:00+01:00"
[windows.stock]
book = 9
[[tax_rates]]
id = "high"
name = "VAT 8.1 %"
rate_pct = 8.1
[[tax_rates]]
id = "low"
name = "VAT 2.6 %"
rate_pct = 2.6
[[tax_rates]]
id = "none"
name = "No VAT"
rate_pct = 0
[[offers]]
id = "tee"
name = "Tee"
price_minor = 2507
tax = "high"
stock = 2
restock = true
[[offers]]
id = "book"
name = "Book"
price_minor = 1999
tax = "low"
stock = 30
[[offers]]
id = "stamp"
name = "Stamp"
price_minor = 1
tax = "none"
[restock]
carry_pieces = 9
[[restock.shipping]]
id = "post"
name = "Post"
way = "post"
price_minor = 703
tax = "low"
[[restock.shipping]]
id = "fetch"
name = "Fetch"
way = "pickup"
price_minor = 0
tax = "high"
[[restock.shipping.windows]]
id = "monday"
name = "Monday"
opens_at = "2026-12-07T12:00:00+01:00"
capacity = {places}
[[vouchers]]
code = "THIRD"
percent_off = 33
unlimited = true
"""
PLACES, CARRIED = 3, 9
MONDAY = "fetch-monday"
CURRENCIES = st.sampled_from([("CHF", True), ("CHF", False), ("JPY", False), ("KWD", True), ("KWD", False)])
BASKETS = st.dictionaries(st.sampled_from(["tee", "book", "stamp"]), st.integers(1, 4), min_size=1)
DISCOUNTS = st.sampled_from([(), (), (Discount("stained", percent_off=7),), (Discount("kind", amount_off_minor=101),)])
VOUCHERS = st.sampled_from([None, None, "THIRD"])
PICK = st.integers(0, 10**6)
Entry = tuple[int, str, Mapping[str, Any]]


def tax_in(gross_minor: int, rate_ppm: int) -> int:
    """The tax in an amount, halves away from zero."""
    exact = Fraction(abs(gross_minor) * rate_ppm, 10**6 + rate_ppm)
    return (1 if gross_minor >= 0 else -1) * floor(exact + Fraction(1, 2))


class Audit:
    """Reckons a span from the journal's entries, and from nothing else."""

    def __init__(self, entries: Sequence[Entry], since: int, until: int) -> None:
        self.figures: Counter[str] = Counter()
        self.tenders: Counter[str] = Counter()
        self.tips: Counter[str] = Counter()
        self.offers: Counter[str] = Counter()
        self.taxes: dict[str, Counter[str]] = {}
        self.drawer = 0
        self._worth: dict[int, Counter[tuple[str, int]]] = {}  # of each sale, by tax
        for seq, kind, data in entries:
            self._counts = since < seq <= until
            if reckon := getattr(self, "_" + kind.replace(".", "_"), None):
                reckon(data)

    def _payment_taken(self, data: Mapping[str, Any]) -> None:
        rounding, tip = data.get("rounding_minor", 0), data.get("tip_minor", 0)
        if self._counts:
            self.tenders[data["tender"]] += data["amount_minor"] + rounding
            self.tips[data["tender"]] += tip
            if data["tender"] == "cash":
                self.drawer += data["amount_minor"] + rounding + tip

    def _sale_completed(self, data: Mapping[str, Any]) -> None:
        assert sum(line["total_minor"] for line in data["lines"]) == data["total_minor"]
        assert sum(part["amount_minor"] for part in data["tenders"]) == data["total_minor"]
        self._worth[data["number"]] = Counter()
        for line in data["lines"]:
            self._change(data["number"], line, line["total_minor"], line["quantity"])
        if self._counts:
            self.figures.update(sales=1, gross_minor=data["total_minor"])

    def _sale_refunded(self, data: Mapping[str, Any]) -> None:
        assert sum(line["amount_minor"] for line in data["lines"]) == data["amount_minor"]
        assert sum(part["amount_minor"] for part in data["tenders"]) == data["amount_minor"]
        by_tax: Counter[tuple[str, int]] = Counter()
        for line in data["lines"]:
            by_tax[line["tax"], line["tax_rate_ppm"]] += line["amount_minor"]
            self.offers[line["offer"]] -= line["quantity"] * self._counts
        for (tax, rate_ppm), amount in by_tax.items():
            self._change(data["sale"], {"tax": tax, "tax_rate_ppm": rate_ppm}, -amount)
        assert all(worth >= 0 for worth in self._worth[data["sale"]].values()), "more came back than was sold"
        if self._counts:
            self.figures.update(refunds=1, refunds_minor=data["amount_minor"])
            for part in data["tenders"]:
                back, tip = part["amount_minor"] + part.get("rounding_minor", 0), part.get("tip_minor", 0)
                self.tenders[part["tender"]] -= back
                self.tips[part["tender"]] -= tip
                if part["tender"] == "cash":
                    self.drawer -= back + tip

    def _cash_moved(self, data: Mapping[str, Any]) -> None:
        self.drawer += self._counts * data["amount_minor"] * (1 if data["direction"] == "in" else -1)

    def _change(self, sale: int, line: Mapping[str, Any], amount: int, pieces: int = 0) -> None:
        """Change what is left of a sale: its tax is that of what is left of it by rate."""
        key = (line["tax"], line["tax_rate_ppm"])
        before = self._worth[sale][key]
        self._worth[sale][key] = before + amount
        if self._counts:
            tax = tax_in(before + amount, key[1]) - tax_in(before, key[1])
            self.taxes.setdefault(key[0], Counter()).update(gross_minor=amount, tax_minor=tax)
            if pieces:
                self.offers[line["offer"]] += pieces


class Ledger(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.keys = ContactKeys(Path(self.folder.name), Vault(Path(self.folder.name)))
        self.sales: list[Sale] = []
        self.shift: tuple[int, int] | None = None  # the entry that opened it, and its float
        self.closed: list[ShiftReport] = []

    @initialize(stall=CURRENCIES)
    def begin(self, stall: tuple[str, bool]) -> None:
        currency, incl = stall
        text = STALL.format(currency=currency, incl=str(incl).lower(), places=PLACES)
        self.box = Box(Path(self.folder.name), synchronous="OFF", event=text).__enter__()
        self.step = {"CHF": 5}.get(currency, 1)
        self.open_shift(10_000)

    def teardown(self) -> None:
        faults = self.box.verify()
        self.box.__exit__(None, None, None)
        self.folder.cleanup()
        assert faults == []

    def attempt(self, command: Callable[[Any], Any]) -> tuple[Any, str]:
        """Do it; return what came of it, or the code of its refusal."""
        try:
            return self.box.submit(command), ""
        except Refusal as refused:
            return None, refused.code

    @rule(
        basket=BASKETS,
        voucher=VOUCHERS,
        discounts=DISCOUNTS,
        by_card_pct=st.sampled_from([0, 0, 40, 100]),
        tip=st.sampled_from([0, 0, 5, 110]),
    )
    def sell(
        self, basket: dict[str, int], voucher: str | None, discounts: tuple[Discount, ...], by_card_pct: int, tip: int
    ) -> None:
        wanted = [Wanted(*item) for item in basket.items()]
        order, code = self.attempt(lambda books: till.open_order(books, wanted, voucher, None, discounts))
        assert code in ("", "sold_out")
        if order:
            self._pay(order.id, order.total_minor, by_card_pct, tip)

    @rule(
        pieces=st.integers(1, 6),
        tier=st.sampled_from(["post", MONDAY]),
        book=st.integers(0, 1),
        is_bare=st.sampled_from([True, True, True, False]),
    )
    def order_for_later(self, pieces: int, tier: str, book: int, is_bare: bool) -> None:
        if is_bare:
            self.box.submit(lambda books: till.correct_stock(books, "tee", 0, "counted"))
        wanted = [Wanted("tee-restock", pieces), *([Wanted("book", 1)] if book else [])]
        shelf, places = self.box.stock("tee"), self.box.stock(MONDAY)

        def command(books: Any) -> Any:
            sent = restock.delivery(books, self.keys, tier, "Ada", "+41 44 555 01 47", "Gasse 1\n8000 Zürich")
            return till.open_order(books, wanted, delivery=sent)

        order, code = self.attempt(command)
        assert code in ("", "sold_out", "on_shelf")
        if shelf:
            assert code
        if tier == MONDAY and not places:
            assert code == "sold_out"
        if order:
            self._pay(order.id, order.total_minor, 0, 0)

    def _pay(self, order_id: str, total: int, by_card_pct: int, tip: int) -> None:
        """Pay a share by card, and the rest with the tip: in cash with change, or all of it by card."""
        card = total * by_card_pct // 100
        if not total:
            sale = self.box.submit(lambda books: till.complete_free(books, order_id)).sale
        elif card == total:
            sale = self._take(order_id, "card", total + tip, tip, change=0)
        else:
            if card:
                self._take(order_id, "card", card, 0, change=0)
            sale = self._take(order_id, "cash", in_cash(total - card, self.step) + tip + 1000, tip, change=1000)
        assert sale is not None
        assert sum(one.amount_minor for one in sale.payments) == sale.total_minor == total
        self.sales.append(sale)

    def _take(self, order_id: str, tender: str, handed: int, tip: int, change: int) -> Sale | None:
        paid = self.box.submit(lambda books: till.take_payment(books, order_id, tender, handed, tip_minor=tip))
        assert paid.change_minor == change
        return paid.sale

    @precondition(lambda self: self.sales)
    @rule(pick=PICK, line=st.none() | PICK, count=st.integers(1, 4), tender=st.sampled_from([None, "cash", "card"]))
    def give_back(self, pick: int, line: int | None, count: int, tender: str | None) -> None:
        sale = self.sales[pick % len(self.sales)]
        wanted = [] if line is None else [Wanted(sale.lines[line % len(sale.lines)].offer, count)]
        _, code = self.attempt(lambda books: refunds.refund(books, sale.number, wanted, "why", tender))
        assert code in ("", "refunded", "too_many")

    @precondition(lambda self: self.sales)
    @rule(pick=PICK)
    def void(self, pick: int) -> None:
        sale = self.sales[pick % len(self.sales)]
        _, code = self.attempt(lambda books: refunds.void(books, sale.number, "typed wrong"))
        assert code in ("", "not_voidable")

    @rule(offer=st.sampled_from(["tee", "book"]), count=st.integers(1, 2), broke=st.booleans())
    def goods_come_and_break(self, offer: str, count: int, broke: bool) -> None:
        before = self.box.stock(offer) or 0
        if broke:
            _, code = self.attempt(lambda books: stock.waste(books, offer, count, "fell"))
            assert code == ("stock_short" if before < count else "")
        else:
            self.box.submit(lambda books: stock.deliver(books, offer, count))

    @rule()
    def a_courier_comes_if_due(self) -> None:
        with self.box.reading() as books:
            waiting, why = sum(parcel.pieces for parcel in books.restock.waiting()), courier.due(books)
        assert (why == "volume") == (waiting > CARRIED)
        self.box.submit(lambda books: courier.hand_over_due(books, self.keys))
        with self.box.reading() as books:
            assert sum(parcel.pieces for parcel in books.restock.waiting()) == (0 if why else waiting)

    @precondition(lambda self: self.shift is None)
    @rule(float_minor=st.integers(0, 50_000))
    def open_shift(self, float_minor: int) -> None:
        opened = self.box.submit(lambda books: shifts.open_shift(books, float_minor))
        self.shift = (opened.opened_seq, float_minor)

    @precondition(lambda self: self.shift is not None)
    @rule(way=st.sampled_from(["in", "out"]), amount=st.integers(1, 10_000))
    def move_cash(self, way: str, amount: int) -> None:
        self.box.submit(lambda books: shifts.move_cash(books, way, amount, "why"))

    @precondition(lambda self: self.shift is not None)
    @rule(counted=st.integers(0, 10**6))
    def close_shift(self, counted: int) -> None:
        z = self.box.submit(lambda books: shifts.close_shift(books, counted, self.box.key.sign))
        self._is_what_the_journal_says(z)
        assert z.difference_minor == counted - z.expected_minor
        self.closed.append(z)
        self.shift = None

    @rule()
    def restart(self) -> None:
        self.box.restart()

    @invariant()
    def the_x_report_is_what_the_journal_says(self) -> None:
        if self.shift:
            self._is_what_the_journal_says(self.box.submit(shifts.report))

    @invariant()
    def old_z_reports_stay(self) -> None:
        with self.box.reading() as books:
            assert [shifts.z_report(books, z.shift) for z in self.closed] == self.closed

    @invariant()
    def nothing_is_below_nothing_and_places_follow_their_parcels(self) -> None:
        with self.box.reading() as books:
            assert all(offer.stock is None or offer.stock >= 0 for offer in books.events.offers("now"))
            held = [one for one in books.restock.parcels() if one.way is Way.PICKUP]
            ordered = sum(one.state is ParcelState.ORDERED for one in held)
            for sale in self.sales:
                kept = books.orders.sale(sale.number)
                assert kept is not None
                assert 0 <= kept.refunded_minor <= kept.total_minor
                if parcel := books.restock.get(sale.order_id):
                    is_there = books.restock.sealed(sale.order_id) is not None
                    assert is_there == (parcel.state is not ParcelState.CANCELLED)
                    assert parcel.pieces > 0 or parcel.state is not ParcelState.ORDERED
        assert self.box.stock(MONDAY) == PLACES - ordered

    def _is_what_the_journal_says(self, report: ShiftReport) -> None:
        assert self.shift is not None
        opened, float_minor = self.shift
        with self.box.reading() as books:
            entries = [(entry.seq, entry.kind, entry.data) for entry in books.journal.all()]
        audit = Audit(entries, opened, report.journal_seq if report.kind == "Z" else 2**62)
        told = {name: report.sales[name] for name in ("sales", "gross_minor", "refunds", "refunds_minor")}
        assert told == {name: audit.figures[name] for name in told}
        assert report.sales["takings_minor"] == audit.figures["gross_minor"] - audit.figures["refunds_minor"]
        assert _not_nil(report.tenders) == _not_nil(audit.tenders)
        assert report.rounding_minor == sum(audit.tenders.values()) - report.sales["takings_minor"]
        assert _not_nil(report.tips) == _not_nil(audit.tips)
        assert _not_nil(report.offers) == _not_nil(audit.offers)
        assert report.expected_minor == float_minor + audit.drawer
        for tax in {*report.taxes, *audit.taxes}:
            figures, reckoned = report.taxes.get(tax, {}), audit.taxes.get(tax, Counter())
            assert {name: figures.get(name, 0) for name in ("gross_minor", "tax_minor")} == {
                name: reckoned[name] for name in ("gross_minor", "tax_minor")
            }
            assert figures.get("net_minor", 0) == reckoned["gross_minor"] - reckoned["tax_minor"]
        assert sum(figures["gross_minor"] for figures in report.taxes.values()) == report.sales["takings_minor"]


def _not_nil(figures: Mapping[str, int]) -> dict[str, int]:
    return {name: figure for name, figure in figures.items() if figure}


TestLedger = Ledger.TestCase
TestLedger.settings = settings(
    max_examples=25, stateful_step_count=35, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
