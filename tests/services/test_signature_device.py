"""A signature device, where somebody adds one: it signs within the transaction, and its words are on the paper."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from appliance.core.errors import DeviceLost, Refusal
from appliance.core.journal import canonical_json
from appliance.core.ports import Books, LedgerPort, Signature
from appliance.core.pricing import Wanted
from appliance.core.trade import PrintStatus
from appliance.services import refunds, till
from appliance.store.books import Ledger
from tests.books import Box


class Device:
    """Signs with a counter and a hash of what it was given; fails when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.fails = False

    def sign(self, kind: str, at: str, data: Mapping[str, Any]) -> Signature:
        if self.fails:
            raise DeviceLost("silent", "It does not answer.")
        self.asked.append((kind, at))
        proof = hashlib.sha256(canonical_json(dict(data))).hexdigest()[:16]
        return Signature((f"Device 7, signature {len(self.asked)}", proof), f"V0;{len(self.asked)};{proof}")


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def signing_box(tmp_path: Path, device: Device) -> Iterator[Box]:
    def with_device(ledger: LedgerPort) -> LedgerPort:
        ledger.close()
        return Ledger(tmp_path / "stallbox.db", signer=device)

    with Box(tmp_path, wrap=with_device) as box:
        yield box


def paper(box: Box, kind: str) -> str:
    """The newest paper of a kind, as its blocks say it."""
    with box.reading() as books:
        jobs = [job for job in books.prints.by_status(tuple(PrintStatus), 100) if job.kind == kind]
    return str(jobs[0].document)


def test_a_sale_is_signed_in_its_entry_and_on_its_receipt(signing_box: Box, device: Device) -> None:
    signing_box.sell(("cup", 1))
    (entry,) = signing_box.entries("sale.completed")
    assert [kind for kind, _ in device.asked] == ["sale.completed"], "an order and a payment are not yet a sale"
    assert entry["signature"]["lines"][0] == "Device 7, signature 1"
    shown = paper(signing_box, "receipt")
    assert entry["signature"]["lines"][1] in shown
    assert entry["signature"]["qr"] in shown
    assert signing_box.verify() == []


def test_a_refund_is_signed_as_well(signing_box: Box, device: Device) -> None:
    sale = signing_box.sell(("cup", 2))
    signing_box.submit(lambda books: refunds.refund(books, sale.number, [Wanted("cup", 1)], "a crack"))
    assert [kind for kind, _ in device.asked] == ["sale.completed", "sale.refunded"]
    assert "Device 7, signature 2" in paper(signing_box, "refund")


def test_a_device_that_fails_stops_no_sale_and_the_receipt_says_so(signing_box: Box, device: Device) -> None:
    device.fails = True
    sale = signing_box.sell(("cup", 1))
    (entry,) = signing_box.entries("sale.completed")
    assert (sale.number, entry["signature"]) == (1, {"failed": "It does not answer."})
    assert "Signature device failed: It does not answer." in paper(signing_box, "receipt")
    device.fails = False
    signing_box.sell(("cup", 1))
    assert "signature 1" in paper(signing_box, "receipt")


def test_what_is_refused_is_never_shown_to_the_device(signing_box: Box, device: Device) -> None:
    def overpay(books: Books) -> None:
        order = till.open_order(books, [Wanted("cup", 1)])
        till.take_payment(books, order.id, "card", order.total_minor + 1)

    with pytest.raises(Refusal, match="more than is due"):
        signing_box.submit(overpay)
    assert device.asked == []


def test_a_box_has_no_such_device_and_claims_none(box: Box) -> None:
    box.sell(("cup", 1))
    (entry,) = box.entries("sale.completed")
    assert "signature" not in entry
    assert "ignature" not in paper(box, "receipt")
