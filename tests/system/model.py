"""What must be in a box's store, computed from nothing but the event file and what its clients were answered.

No code of the product is used here: prices come from the event's TOML, everything else from the answers.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.system.clients import Done

Entry = dict[str, Any]
EXPECTED_REFUSALS = {"sold_out", "refunded", "too_many"}


@dataclass
class Model:
    """The state that the answers add up to. `complaints` names answers that no rule allows."""

    prices: dict[str, int]
    stock: dict[str, int | None]
    orders: dict[str, int] = field(default_factory=dict)  # id -> total_minor
    payments: list[str] = field(default_factory=list)  # order ids
    cancelled: set[str] = field(default_factory=set)
    sales: dict[int, tuple[str, int]] = field(default_factory=dict)  # number -> (order id, total_minor)
    refunds: dict[int, tuple[int, int]] = field(default_factory=dict)  # seq -> (sale number, amount_minor)
    admitted: dict[int, str] = field(default_factory=dict)  # seq -> code
    refused: set[int] = field(default_factory=set)  # seq
    scanned: set[str] = field(default_factory=set)  # codes of the list that were scanned at all
    lines: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # order id -> lines as asked
    complaints: list[str] = field(default_factory=list)

    @property
    def takings_minor(self) -> int:
        """Answered sales less answered refunds."""
        return sum(total for _, total in self.sales.values()) - sum(amount for _, amount in self.refunds.values())


def model_of(event_file: Path, codes: Sequence[str], history: Sequence[Done]) -> Model:
    """Add up a history. The order of the answers does not matter."""
    event = tomllib.loads(event_file.read_text())
    offers = event["offers"]
    model = Model(
        prices={offer["id"]: offer["price_minor"] for offer in offers},
        stock={offer["id"]: offer.get("stock") for offer in offers},
    )
    known = set(codes)
    for done in history:
        if done.answer.status in (200, 201):
            _apply(model, done, known)
        elif done.answer.error not in EXPECTED_REFUSALS:
            model.complaints.append(f"{done.key} {done.path} was refused: {done.answer}")
    return model


def _apply(model: Model, done: Done, known: set[str]) -> None:
    place, body = done.path.removeprefix("/api/v1/"), done.answer.body
    if place == "orders":
        _ordered(model, done, body["order"] if "payment" in done.sent else body)
        if "payment" in done.sent:
            _paid(model, body)
    elif place.endswith("/payments"):
        _paid(model, body)
    elif place.endswith("/cancel"):
        model.cancelled.add(body["id"])
        _move_stock(model, model.lines[body["id"]], +1)
    elif place.endswith("/refund"):
        _refunded(model, done, body)
    else:
        _scanned(model, done, known)


def _ordered(model: Model, done: Done, order: dict[str, Any]) -> None:
    total = sum(model.prices[line["offer"]] * line["quantity"] for line in done.sent["lines"])
    if order["total_minor"] != total:
        model.complaints.append(f"order {order['id']} costs {order['total_minor']}, not {total}")
    if order["id"] in model.orders:
        model.complaints.append(f"order {order['id']} was given to two requests")
    model.orders[order["id"]] = total
    model.lines[order["id"]] = done.sent["lines"]
    _move_stock(model, done.sent["lines"], -1)


def _paid(model: Model, body: dict[str, Any]) -> None:
    model.payments.append(body["order"]["id"])
    sale = body["sale"]
    if sale is None:
        return
    if sale["number"] in model.sales:
        model.complaints.append(f"sale number {sale['number']} was answered twice")
    model.sales[sale["number"]] = (sale["order_id"], sale["total_minor"])


def _refunded(model: Model, done: Done, body: dict[str, Any]) -> None:
    refund = body["refund"]
    model.refunds[refund["seq"]] = (body["sale"]["number"], refund["amount_minor"])
    worth = sum(model.prices[line["offer"]] * line["quantity"] for line in refund["lines"])
    if refund["amount_minor"] != worth:
        model.complaints.append(f"refund {refund['number']} gave {refund['amount_minor']}, not {worth}")
    if done.sent["restock"]:
        _move_stock(model, refund["lines"], +1)


def _scanned(model: Model, done: Done, known: set[str]) -> None:
    verdict, code = done.answer.body, done.sent["code"]
    if code in known:
        model.scanned.add(code)
    if verdict["verdict"] == "admit":
        model.admitted[verdict["seq"]] = code
        return
    model.refused.add(verdict["seq"])
    if verdict["reason"] != ("already_used" if code in known else "unknown"):
        model.complaints.append(f"{code} was refused for {verdict['reason']}")


def _move_stock(model: Model, lines: Sequence[dict[str, Any]], sign: int) -> None:
    for line in lines:
        left = model.stock[line["offer"]]
        if left is not None:
            model.stock[line["offer"]] = left + sign * line["quantity"]


def differences(model: Model, journal: Sequence[Entry], offers: Sequence[dict[str, Any]], counts: Entry) -> list[str]:
    """Compare the model with a journal, the offers of /api/v1/offers and the counts of /api/v1/state."""
    found = list(model.complaints)
    for what, expected, there in _pairs(model, journal):
        lost, invented = expected - there, there - expected
        found += [
            f"{what}: {len(items)} {how}, first {next(iter(items))}"
            for how, items in (("lost", lost), ("invented or twice", invented))
            if items
        ]
    found += _compare("admitted tickets", model.scanned, list(model.admitted.values()))
    numbers = [entry["data"]["number"] for entry in journal if entry["kind"] == "sale.completed"]
    found += _compare("sale numbers in order", list(range(1, len(numbers) + 1)), numbers)
    found += _compare("stock", model.stock, {offer["id"]: offer["stock"] for offer in offers})
    expected_counts = {
        "sales": len(model.sales),
        "takings_minor": model.takings_minor,
        "admitted": len(model.admitted),
    }
    return found + _compare("counts", expected_counts, {name: counts[name] for name in expected_counts})


def losses(model: Model, journal: Sequence[Entry]) -> list[str]:
    """Name everything that was answered and is not in the journal; more than that may well be there."""
    return [f"{what} {item} is lost" for what, expected, there in _pairs(model, journal) for item in expected - there]


def surplus(model: Model, journal: Sequence[Entry]) -> dict[str, int]:
    """Count what is in the journal beyond what was answered, by kind."""
    return {what: (there - expected).total() for what, expected, there in _pairs(model, journal)}


def _pairs(model: Model, journal: Sequence[Entry]) -> Iterator[tuple[str, Counter[Any], Counter[Any]]]:
    """Give each kind of thing as the answers have it and as the journal has it."""
    by_kind: dict[str, list[Entry]] = defaultdict(list)
    for entry in journal:
        by_kind[entry["kind"]].append(entry)

    def noted(kind: str, *fields: str) -> Counter[Any]:
        return Counter(tuple(entry["data"][name] for name in fields) for entry in by_kind[kind])

    def numbered(kind: str, *fields: str) -> Counter[Any]:
        return Counter((entry["seq"], *(entry["data"][name] for name in fields)) for entry in by_kind[kind])

    sales = Counter((number, *sale) for number, sale in model.sales.items())
    yield "sale (number, order, total)", sales, noted("sale.completed", "number", "order", "total_minor")
    refunds = Counter((seq, *refund) for seq, refund in model.refunds.items())
    yield "refund (seq, sale, amount)", refunds, numbered("sale.refunded", "sale", "amount_minor")
    yield "order", Counter((order,) for order in model.orders), noted("order.opened", "order")
    yield "cancelled order", Counter((order,) for order in model.cancelled), noted("order.cancelled", "order")
    yield "payment of order", Counter((order,) for order in model.payments), noted("payment.taken", "order")
    yield "admission (seq)", Counter((seq,) for seq in model.admitted), numbered("ticket.admitted")
    yield "refused scan (seq)", Counter((seq,) for seq in model.refused), numbered("ticket.refused")


def _compare(what: str, expected: Any, found: Any) -> list[str]:
    if isinstance(expected, set):
        expected, found = sorted(expected), sorted(found)
    return [] if expected == found else [f"{what}: expected {expected}, found {found}"]
