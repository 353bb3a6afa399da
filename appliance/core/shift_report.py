"""X and Z reports, and the slips of the drawer: what they say, and how they stand on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from appliance.core.clock import parse_timestamp
from appliance.core.document import Align, Block, Cut, Document, Drawer, Feed, Row, Rule, Text
from appliance.core.money import PPM, Currency
from appliance.core.receipt import local_time
from appliance.core.texts import counted
from appliance.core.trade import OWNER, Event


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """The figures of a shift: X while it is open, Z once it is closed. Minor units throughout.

    `expected_minor` is what should be in the drawer; `difference_minor` what was counted less that. `cash` says how
    `expected_minor` came about. `names` gives the cashiers' names by the ids that stand everywhere else.
    """

    kind: str
    shift: int
    currency: str
    opened_at: str
    closed_at: str | None
    float_minor: int
    sales: Mapping[str, int]
    tenders: Mapping[str, int]
    taxes: Mapping[str, Mapping[str, int]]
    offers: Mapping[str, int]
    expected_minor: int
    counted_minor: int | None
    difference_minor: int | None
    journal_seq: int
    journal_hash: str
    event: str
    time_zone: str
    opened_by: str | None
    closed_by: str | None
    offers_sold: Sequence[Mapping[str, str | int]]  # {"offer", "name", "quantity", "takings_minor"}
    cashiers: Mapping[str, Mapping[str, int]]
    windows: Mapping[str, Mapping[str, int]]
    discounts: Mapping[str, int]
    voids: Mapping[str, int]  # orders that were given up, sales that were undone
    tips: Mapping[str, int]  # by tender; in no other sum but the drawer's
    cash: Mapping[str, int]
    movements: Sequence[Mapping[str, str | int | None]]
    drawer_openings: int
    first_sale: int | None
    last_sale: int | None
    count: Sequence[Mapping[str, int]] | None  # {"denomination_minor", "quantity"}
    counts: int  # how often the drawer was counted
    names: Mapping[str, str]

    @property
    def rounding_minor(self) -> int:
        """How much more (below 0: less) was taken than sold for, since cash was rounded; `tenders` have it in them."""
        return sum(self.tenders.values()) - self.sales["takings_minor"]

    def as_dict(self) -> dict[str, Any]:
        """Return all figures as plain JSON values."""
        return {**asdict(self), "rounding_minor": self.rounding_minor}

    def name_of(self, id: str | None) -> str:
        """Return how a person reads a cashier's id."""
        return "the owner" if id == OWNER else self.names.get(id or "", id or "nobody named")


def report_document(report: ShiftReport) -> Document:
    """Lay out a report for the printer."""
    money = Currency(report.currency)
    blocks: list[Block] = [Text(f"{report.kind} REPORT {report.shift}", bold=True, scale=2, align=Align.CENTER)]
    blocks += [Text(report.event, align=Align.CENTER), Feed(), *_times(report), Rule()]
    blocks += [*_sales(report, money), Rule(), *_taxes(report, money), *_offers(report, money)]
    blocks += [*_groups("By cashier", report.cashiers, money, report.name_of)]
    blocks += [*_groups("By window", report.windows, money, str), *_drawer(report, money), *_counted(report, money)]
    blocks += [Rule(), Text(f"Journal {report.journal_seq}"), Text(report.journal_hash)]
    if report.kind == "Z":
        blocks.append(Text("Signed with this box's key"))
    return Document((*blocks, Cut()))


def movement_slip(title: str, amount: str, reason: str, at: str, event: Event) -> Document:
    """Lay out the slip of cash put in or taken out, or of a drawer opened without a sale; it opens the drawer."""
    blocks: list[Block] = [Drawer(), Text(title, bold=True, scale=2, align=Align.CENTER)]
    blocks += [Text(event.name, align=Align.CENTER), Feed(), Row("At", local_time(at, event))]
    if amount:
        blocks.append(Row("Amount", amount, bold=True))
    blocks += [Text(f"Reason: {reason}"), Feed(2), Text("Signature: ____________________"), Cut()]
    return Document(tuple(blocks))


def _times(report: ShiftReport) -> Iterator[Block]:
    yield Row("Opened", _local(report.opened_at, report))
    if report.opened_by:
        yield Row("  by", report.name_of(report.opened_by))
    if report.closed_at:
        yield Row("Closed", _local(report.closed_at, report))
    if report.closed_by:
        yield Row("  by", report.name_of(report.closed_by))


def _sales(report: ShiftReport, money: Currency) -> Iterator[Block]:
    sales = report.sales
    yield Row("Sales", str(sales["sales"]))
    yield Row("Items", str(sales["items"]))
    if report.first_sale is not None:
        yield Row("Receipts", f"{report.first_sale} to {report.last_sale}")
    yield Row("Gross", money.text(sales["gross_minor"]))
    yield Row(f"Refunds ({sales['refunds']})", money.text(-sales["refunds_minor"]))
    if report.voids["sales"]:
        yield Row(f"  of which voids ({report.voids['sales']})", money.text(-report.voids["sales_minor"]))
    yield Row("Takings", money.text(sales["takings_minor"]), bold=True)
    for tender, amount in report.tenders.items():
        yield Row(f"  {tender}", money.text(amount))
    if report.rounding_minor:
        yield Row("  of which rounding", money.text(report.rounding_minor))
    yield Row(f"Discounts ({report.discounts['sales']})", money.text(-report.discounts["amount_minor"]))
    yield Row(f"Orders given up ({report.voids['orders']})", money.text(report.voids["amount_minor"]))
    for tender, amount in report.tips.items():
        yield Row(f"Tips, {tender}", money.text(amount))


def _taxes(report: ShiftReport, money: Currency) -> Iterator[Block]:
    for tax, figures in report.taxes.items():
        yield Text(f"Tax {tax}, {percent(figures['rate_ppm'])}", bold=True)
        for name in ("gross", "net", "tax"):
            yield Row(f"  {name}", money.text(figures[f"{name}_minor"]))
    if report.taxes:
        yield Rule()


def _offers(report: ShiftReport, money: Currency) -> Iterator[Block]:
    for offer in report.offers_sold:
        yield Row(f"{offer['quantity']} x {offer['name']}", money.text(int(offer["takings_minor"])))
    if report.offers_sold:
        yield Rule()


def _groups(
    title: str, groups: Mapping[str, Mapping[str, int]], money: Currency, named: Callable[[str], str]
) -> Iterator[Block]:
    if not groups or list(groups) == [""]:
        return
    yield Text(title, bold=True)
    for id, figures in groups.items():
        yield Row(f"  {named(id)}, {counted(figures['sales'], 'sale')}", money.text(figures["gross_minor"]))
        if figures.get("refunds"):
            yield Row(f"    {counted(figures['refunds'], 'refund')}", money.text(-figures["refunds_minor"]))
    yield Rule()


def _drawer(report: ShiftReport, money: Currency) -> Iterator[Block]:
    cash = report.cash
    yield Row("Float", money.text(report.float_minor))
    yield Row("Cash sales", money.text(cash["sales_minor"]))
    yield Row("Cash refunds", money.text(-cash["refunds_minor"]))
    if cash["tips_minor"]:
        yield Row("Cash tips", money.text(cash["tips_minor"]))
    if cash["part_paid_minor"]:
        yield Row("On open orders", money.text(cash["part_paid_minor"]))
    for movement in report.movements:
        sign = 1 if movement["direction"] == "in" else -1
        amount = money.text(sign * int(movement["amount_minor"] or 0))
        yield Row(f"{'In' if sign == 1 else 'Out'}: {movement['reason']}", amount)
    yield Row("Drawer opened without sale", str(report.drawer_openings))
    yield Row("Expected in drawer", money.text(report.expected_minor), bold=True)


def _counted(report: ShiftReport, money: Currency) -> Iterator[Block]:
    if report.counted_minor is None or report.difference_minor is None:
        return
    for line in report.count or ():
        value, quantity = line["denomination_minor"], line["quantity"]
        yield Row(f"  {quantity} x {money.text(value)}", money.text(value * quantity))
    again = f", count {report.counts}" if report.counts > 1 else ""
    yield Row(f"Counted{again}", money.text(report.counted_minor))
    yield Row("Difference", money.text(report.difference_minor), bold=True)


def percent(rate_ppm: int) -> str:
    """Write a tax rate as people do, `19 %` or `2.5 %`."""
    whole, rest = divmod(rate_ppm, PPM // 100)
    decimals = f"{rest:04d}".rstrip("0")
    return f"{whole}.{decimals} %" if decimals else f"{whole} %"


def _local(at: str, report: ShiftReport) -> str:
    return parse_timestamp(at).astimezone(ZoneInfo(report.time_zone)).strftime("%Y-%m-%d %H:%M")
