"""One key, one effect: the same answer again, another request refused."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from appliance.web.server import WebServer
from tests.web.webbox import Box

ORDER = {"lines": [{"offer": "cup", "quantity": 1}]}


def test_the_same_request_gets_the_same_answer_and_one_effect(box: Box) -> None:
    kiosk = box.client("kiosk")
    first, again = kiosk.post("/orders", ORDER, key="a"), kiosk.post("/orders", ORDER, key="a")
    assert (first.status_code, first.data) == (again.status_code, again.data) == (201, first.data)
    assert len(box.client("staff").get("/orders").json["orders"]) == 1
    assert kiosk.post("/orders", ORDER, key="b").json["id"] != first.json["id"]


def test_a_refusal_is_kept_too(box: Box) -> None:
    staff = box.client("staff")
    body = {"lines": [{"offer": "cup", "quantity": 41}]}
    first = staff.post("/orders", body, key="a")
    staff.post("/offers/cup/stock", {"stock": 100, "reason": "a new box"})
    again = staff.post("/orders", body, key="a")
    assert (first.status_code, first.json["error"]["code"]) == (409, "sold_out")
    assert (again.status_code, again.data) == (first.status_code, first.data)


def test_a_key_belongs_to_method_path_body_and_role(box: Box) -> None:
    kiosk, staff = box.client("kiosk"), box.client("staff")
    order = kiosk.post("/orders", ORDER, key="a").json
    others = [
        kiosk.post("/orders", {"lines": [{"offer": "cup", "quantity": 2}]}, key="a"),
        kiosk.post(f"/orders/{order['id']}/cancel", key="a"),
        staff.post("/orders", ORDER, key="a"),
    ]
    for other in others:
        assert (other.status_code, other.json["error"]["code"]) == (409, "idempotency_conflict")
    assert kiosk.get(f"/orders/{order['id']}").json["status"] == "open"


def test_a_body_that_was_never_taken_does_not_use_up_its_key(box: Box) -> None:
    kiosk = box.client("kiosk")
    assert kiosk.post("/orders", {"lines": "cup"}, key="a").status_code == 422
    assert kiosk.post("/orders", ORDER, key="a").status_code == 201


def test_a_scan_is_shown_once_however_often_it_is_sent(box: Box) -> None:
    kiosk = box.client("kiosk")
    answers = [kiosk.post("/scan", {"code": "STREET-GOOD-1", "source": "door 2"}, key="a").json for _ in range(3)]
    assert [answer["verdict"] for answer in answers] == ["admit"] * 3
    assert [(verdict.seq, source) for verdict, source in box.scanned] == [(answers[0]["seq"], "door 2")]


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel", "a\tb"])
def test_a_key_must_be_printable_and_short(box: Box, key: str) -> None:
    answer = box.client("kiosk").post("/orders", ORDER, key=key)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_idempotency_key")
    assert box.client("kiosk").post("/orders", ORDER, key="x" * 200).status_code == 201


def post(server: WebServer, token: str, path: str, body: object, key: str | None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    connection.request("POST", f"/api/v1{path}", json.dumps(body), headers)
    answer = connection.getresponse()
    result = answer.status, answer.read()
    connection.close()
    return result


def test_sixteen_at_the_same_instant_with_one_key_are_one_sale(box: Box, serve: Callable[..., WebServer]) -> None:
    server = serve(threads=16)
    body = {**ORDER, "payment": {"tender": "cash", "amount_minor": 2400}}
    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(lambda _: post(server, box.tokens.staff, "/orders", body, "same"), range(16)))
    assert len(answers) == 1
    assert len(box.client("staff").get("/sales").json["sales"]) == 1


def test_sixteen_scans_of_one_ticket_admit_once(box: Box, serve: Callable[..., WebServer]) -> None:
    server = serve(threads=16)
    scan = {"code": "STREET-GOOD-2", "source": "door"}
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: post(server, box.tokens.kiosk, "/scan", scan, f"k{n}"), range(16)))
    verdicts = [json.loads(body)["verdict"] for _, body in answers]
    assert (verdicts.count("admit"), verdicts.count("refuse")) == (1, 15)
    assert sum(verdict.verdict == "admit" for verdict, _ in box.scanned) == 1


def test_sixteen_buyers_of_the_last_item_make_one_sale(box: Box, serve: Callable[..., WebServer]) -> None:
    server = serve(threads=16)
    box.client("staff").post("/offers/cup/stock", {"stock": 1, "reason": "last one"})
    body = {**ORDER, "payment": {"tender": "card", "amount_minor": 2400}}
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: post(server, box.tokens.staff, "/orders", body, None), range(16)))
    assert sorted(status for status, _ in answers) == [201] + [409] * 15
