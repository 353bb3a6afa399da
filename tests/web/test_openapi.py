"""openapi.json describes exactly what is served, and real answers fit it."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from appliance.core.devices import DeviceState, Health
from appliance.core.trade import PrintStatus
from appliance.services import printing
from appliance.web.app import ROUTES
from tests.web.webbox import Box

LINES = {"lines": [{"offer": "cup", "quantity": 2}]}


@pytest.fixture
def document(box: Box) -> dict[str, Any]:
    """The document as everybody gets it, without a token."""
    answer = box.browser().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json)


def test_the_paths_are_the_routes(box: Box, document: dict[str, Any]) -> None:
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    served = {
        (method, re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in box.app.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/healthz"))
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == served


def test_every_schema_is_one_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    names = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert names == set(schemas)


def test_each_operation_has_its_own_id_and_says_its_role(document: dict[str, Any]) -> None:
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    assert sum("x-role" in operation for operation in operations) == len(ROUTES) + 1


def test_every_change_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names = [parameter["name"] for parameter in operation.get("parameters", [])]
            assert ("Idempotency-Key" in names) == (method == "post"), path


class Checked:
    """Calls a box and holds every answer against the document; notes which operations were tried."""

    def __init__(self, box: Box, document: dict[str, Any]) -> None:
        self.box = box
        self.document = document
        self.tried: set[tuple[str, str]] = set()

    def get(self, template: str, **parts: object) -> Any:
        path = template.format(**parts)
        return self._check("GET", template, self.box.client("staff").get(path))

    def post(self, template: str, body: object = None, **parts: object) -> Any:
        operation = self.document["paths"]["/api/v1" + template.split("?")[0]]["post"]
        if body is not None:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            jsonschema.validate(body, {**self.document, **schema}, Draft202012Validator)
        return self._check("POST", template, self.box.client("staff").post(template.format(**parts), body))

    def _check(self, method: str, template: str, answer: Any) -> Any:
        path = "/api/v1" + template.split("?")[0]
        self.tried.add((method, path))
        described = self.document["paths"][path][method.lower()]["responses"]
        assert str(answer.status_code) in described, f"{method} {path} {answer.status_code}"
        schema = described[str(answer.status_code)]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json, {**self.document, **schema}, Draft202012Validator)
        return answer.json


def test_real_answers_fit_their_schemas(box: Box, document: dict[str, Any]) -> None:
    api = Checked(box, document)
    api.get("/offers")
    api.post("/offers/{offer_id}/stock", {"stock": None, "reason": "made to order"}, offer_id="circle")
    api.post("/shifts", {"float_minor": 5000})
    order = api.post("/orders", {**LINES, "voucher": "PRESS-50", "member": None})
    api.get("/orders?status=open")
    api.post("/orders/{order_id}/payments", {"tender": "card", "amount_minor": 100}, order_id=order["id"])
    sale = api.post("/orders/{order_id}/payments", {"tender": "cash", "amount_minor": 5000}, order_id=order["id"])[
        "sale"
    ]
    ticket = {"lines": [{"offer": "workshop-seat", "quantity": 1}, {"offer": "circle", "quantity": 1}]}
    granted = api.post("/orders", {**ticket, "payment": {"tender": "cash", "amount_minor": 2700}})["sale"]["granted"]
    assert granted
    given_up = api.post("/orders", {**LINES, "payment": None})
    api.post("/orders/{order_id}/cancel", order_id=given_up["id"])
    api.post("/orders/{order_id}/cancel", order_id=given_up["id"])
    api.get("/orders/{order_id}", order_id=given_up["id"])
    api.post("/sales/{number}/refund", {"reason": "cracked", "lines": LINES["lines"]}, number=sale["number"])
    api.get("/sales/{number}", number=sale["number"])
    api.get("/sales/{number}", number=999)
    api.get("/sales")
    for code in ("STREET-GOOD-1", "STREET-GOOD-1", "nothing", "PRESS-50"):
        api.post("/scan", {"code": code, "source": "door"})
    api.post("/scan", {"code": "STREET-GOOD-1", "direction": "exit"})
    api.post("/scan", {"code": "STREET-GOOD-1", "override": {"reason": "lost the wristband"}})
    api.get("/verdicts")
    api.get("/door")
    api.post("/door/calibration", {"scanner": "till"})
    api.post("/signals", {"what": "bought", "persona": None})
    job = box.desk.submit(printing.claim_next)
    assert job is not None
    box.desk.submit(lambda books: printing.finish(books, job.id, PrintStatus.UNSURE, "The power went."))
    api.get("/prints")
    api.post("/prints/{job_id}/settle", {"on_paper": True}, job_id=job.id)
    api.post("/prints/{job_id}/reprint", job_id=job.id)
    box.board.set_device(DeviceState("battery", "battery", "absent", Health.ABSENT, details={"mv": None}))
    api.get("/state")
    api.get("/shifts/report")
    api.post("/shifts/current/close", {"counted_minor": 9000})
    api.get("/state")
    described = {(m.upper(), path) for path, methods in document["paths"].items() for m in methods}
    assert described - api.tried == {("GET", "/api/v1/openapi.json"), ("GET", "/healthz")}


def test_request_schemas_refuse_what_the_reader_refuses(document: dict[str, Any]) -> None:
    schema = document["paths"]["/api/v1/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator(schema)
    for body in ({}, {"lines": []}, {"lines": [{"offer": "cup"}]}, {**LINES, "price": 1}, {**LINES, "voucher": 1}):
        assert not validator.is_valid(body)
    assert validator.is_valid({**LINES, "voucher": None})
