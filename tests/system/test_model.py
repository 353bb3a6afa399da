"""The model that the kills are held against bites: what is lost, doubled or invented is named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.system.clients import Done
from tests.system.httpclient import Answer
from tests.system.load import EVENT
from tests.system.model import differences, losses, model_of

SALE = {"number": 1, "order_id": "o1", "total_minor": 2400}
HISTORY = [
    Done("k1", "/api/v1/orders", {"lines": [{"offer": "cup", "quantity": 1}], "payment": {}},
         Answer(201, {"order": {"id": "o1", "total_minor": 2400}, "sale": SALE}), 1),
    Done("k2", "/api/v1/scan", {"code": "T1"}, Answer(200, {"verdict": "admit", "reason": "", "seq": 4}), 2),
]  # fmt: skip
JOURNAL = [
    {"seq": 1, "kind": "order.opened", "data": {"order": "o1"}},
    {"seq": 2, "kind": "payment.taken", "data": {"order": "o1"}},
    {"seq": 3, "kind": "sale.completed", "data": {"number": 1, "order": "o1", "total_minor": 2400}},
    {"seq": 4, "kind": "ticket.admitted", "data": {}},
]
OFFERS = [{"id": "cup", "stock": 99_999}, {"id": "print", "stock": None}, {"id": "postcard", "stock": 60}]
COUNTS = {"sales": 1, "takings_minor": 2400, "admitted": 1}


def found(journal: list[dict[str, Any]], **counts: int) -> str:
    return "\n".join(differences(model_of(EVENT, ["T1"], HISTORY), journal, OFFERS, {**COUNTS, **counts}))


def test_a_store_that_is_as_it_should_be_has_no_differences():
    assert found(JOURNAL) == ""


@pytest.mark.parametrize("place", range(len(JOURNAL)))
def test_a_lost_entry_is_named(place):
    journal = JOURNAL[:place] + JOURNAL[place + 1 :]
    assert "1 lost" in found(journal)
    assert len(losses(model_of(EVENT, ["T1"], HISTORY), journal)) == 1


@pytest.mark.parametrize("place", range(len(JOURNAL)))
def test_a_doubled_entry_is_named(place):
    assert "1 invented or twice" in found([*JOURNAL, JOURNAL[place]])


def test_wrong_sums_and_wrong_stock_are_named():
    assert "counts" in found(JOURNAL, takings_minor=0)
    model = model_of(EVENT, ["T1"], HISTORY)
    assert "stock" in differences(model, JOURNAL, [*OFFERS[:2], {"id": "postcard", "stock": 61}], COUNTS)[0]


def test_a_wrong_price_and_a_second_admission_are_complaints():
    dear = Done("k3", "/api/v1/orders", {"lines": [{"offer": "cup", "quantity": 1}]},
                Answer(201, {"id": "o2", "total_minor": 2401}), 1)  # fmt: skip
    again = Done("k4", "/api/v1/scan", {"code": "T1"}, Answer(200, {"verdict": "admit", "reason": "", "seq": 5}), 1)
    model = model_of(EVENT, ["T1"], [*HISTORY, dear, again])
    assert "costs 2401, not 2400" in model.complaints[0]
    assert any(line.startswith("admitted tickets") for line in differences(model, JOURNAL, OFFERS, COUNTS))
