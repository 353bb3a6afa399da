"""Sixteen clients at the same instant, over HTTP, against the real daemon: one effect, whoever comes first."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from tests.system.daemon import Daemon
from tests.system.httpclient import Answer, Http
from tests.system.load import codes, load_stall

pytestmark = pytest.mark.system
CLIENTS = 16
ROUNDS = 10
T = TypeVar("T")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("races")
    with Daemon(folder) as daemon:
        load_stall(daemon, folder, ROUNDS)
        yield daemon.start()
        assert daemon.stop() == 0, daemon.errors()


@pytest.fixture(scope="module")
def at_once(daemon: Daemon) -> Iterator[Callable[[Callable[[Http], Answer]], list[Answer]]]:
    """Run an act in sixteen clients that all wait for one another first."""
    barrier = threading.Barrier(CLIENTS, timeout=10)
    clients = [daemon.staff() for _ in range(CLIENTS)]

    def one(act: Callable[[Http], Answer], client: Http) -> Answer:
        client.get("/healthz")  # the connection stands before the race begins
        barrier.wait()
        return act(client)

    with ThreadPoolExecutor(CLIENTS) as pool:
        yield lambda act: list(pool.map(lambda client: one(act, client), clients))
    for client in clients:
        client.close()


def kinds(daemon: Daemon) -> Counter[str]:
    return Counter(entry["kind"] for entry in daemon.journal())


def test_one_ticket_at_sixteen_doors_is_admitted_once(daemon, at_once):
    before = kinds(daemon)
    for code in codes(ROUNDS):
        answers = at_once(lambda http, code=code: http.post("/api/v1/scan", {"code": code, "source": "door"}))
        assert {answer.status for answer in answers} == {200}
        verdicts = Counter((answer.body["verdict"], answer.body["reason"]) for answer in answers)
        assert verdicts == {("admit", ""): 1, ("refuse", "already_used"): CLIENTS - 1}
        assert len({answer.body["seq"] for answer in answers}) == CLIENTS, "each verdict has an entry of its own"
    new = kinds(daemon) - before
    assert new == {"ticket.admitted": ROUNDS, "ticket.refused": ROUNDS * (CLIENTS - 1)}


def test_the_last_item_is_sold_once(daemon, at_once):
    body = {
        "lines": [{"offer": "postcard", "quantity": 1}],
        "payment": {"tender": "cash", "amount_minor": 100},
    }
    before = kinds(daemon)
    with daemon.staff() as staff:
        for _ in range(ROUNDS):
            corrected = staff.post("/api/v1/offers/postcard/stock", {"stock": 1, "reason": "counted"})
            assert (corrected.status, corrected.body["stock"]) == (200, 1)
            answers = at_once(lambda http: http.post("/api/v1/orders", body))
            assert Counter((answer.status, answer.error) for answer in answers) == {
                (201, ""): 1,
                (409, "sold_out"): CLIENTS - 1,
            }
            offers = staff.get("/api/v1/offers").body["offers"]
            assert next(offer["stock"] for offer in offers if offer["id"] == "postcard") == 0
    once_each = dict.fromkeys(("stock.corrected", "order.opened", "payment.taken", "sale.completed"), ROUNDS)
    assert kinds(daemon) - before == once_each


def test_one_key_from_sixteen_clients_is_one_sale_and_one_answer(daemon, at_once):
    body = {"lines": [{"offer": "cup", "quantity": 2}], "payment": {"tender": "card", "amount_minor": 4800}}
    before = kinds(daemon)
    for number in range(ROUNDS):
        answers = at_once(lambda http, key=f"key-{number}": http.post("/api/v1/orders", body, key))
        assert answers == [answers[0]] * CLIENTS
        assert answers[0].status == 201
        assert answers[0].body["sale"]["total_minor"] == 4800
    assert kinds(daemon) - before == dict.fromkeys(("order.opened", "payment.taken", "sale.completed"), ROUNDS)


def test_one_order_paid_from_sixteen_tills_is_paid_once(daemon, at_once):
    with daemon.staff() as staff:
        for _ in range(ROUNDS):
            order = staff.post("/api/v1/orders", {"lines": [{"offer": "print", "quantity": 1}]}).body
            pay = f"/api/v1/orders/{order['id']}/payments"
            answers = at_once(lambda http, pay=pay: http.post(pay, {"tender": "card", "amount_minor": 1801}))
            assert Counter((answer.status, answer.error) for answer in answers) == {
                (201, ""): 1,
                (409, "order_paid"): CLIENTS - 1,
            }


def test_one_sale_given_back_at_sixteen_tills_is_given_back_once(daemon, at_once):
    with daemon.staff() as staff:
        order = {"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "cash", "amount_minor": 2400}}
        number = staff.post("/api/v1/orders", order).body["sale"]["number"]
        before = staff.get("/api/v1/state").body["counts"]["takings_minor"]
        refund = f"/api/v1/sales/{number}/refund"
        answers = at_once(lambda http: http.post(refund, {"reason": "broken"}))
        assert Counter((answer.status, answer.error) for answer in answers) == {
            (201, ""): 1,
            (409, "refunded"): CLIENTS - 1,
        }
        assert staff.get("/api/v1/state").body["counts"]["takings_minor"] == before - 2400
    assert "the journal is whole" in daemon.done("journal", "verify")
