"""openapi.json describes exactly what is served, and real answers fit it."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from appliance.core.devices import DeviceState, Health
from appliance.core.sms.message import SmsRules
from appliance.core.trade import PrintStatus
from appliance.services import printing
from appliance.services.events import load_event
from appliance.web.app import ROUTES
from appliance.web.routes import PREFIX
from tests.web.webbox import EVENT_FILE, Box, later, open_names, order_later

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
    assert sum("x-role" in operation for operation in operations) == len(ROUTES) + 3  # the state, and lists by name


def test_every_change_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names = [parameter["name"] for parameter in operation.get("parameters", [])]
            reads = any(route.reads and PREFIX + route.path == path for route in ROUTES)  # a question with a body
            assert ("Idempotency-Key" in names) == (method == "post" and not reads), path


class Checked:
    """Calls a box and holds every answer against the document; notes which operations were tried."""

    def __init__(self, box: Box, document: dict[str, Any]) -> None:
        self.box = box
        self.document = document
        self.tried: set[tuple[str, str]] = set()

    def get(self, template: str, **parts: object) -> Any:
        path = template.format(**parts)
        return self._check("GET", template, self.box.client("owner").get(path))

    def post(self, template: str, body: object = None, role: str = "staff", **parts: object) -> Any:
        operation = self.document["paths"]["/api/v1" + template.split("?")[0]]["post"]
        if body is not None:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            jsonschema.validate(body, {**self.document, **schema}, Draft202012Validator)
        return self._check("POST", template, self.box.client(role).post(template.format(**parts), body))

    def send(self, method: str, body: bytes | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.box.tokens.owner}"}
        answer = self.box.browser().open("/api/v1/tickets/lists/a.csv", method=method, data=body, headers=headers)
        return self._check(method, "/tickets/lists/{name}", answer)

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
    api.post("/carts/price", {**LINES, "discounts": [{"percent_off": 10, "reason": "scratched"}]})
    api.post("/carts/price", {"lines": []})
    api.get("/windows")
    api.post("/offers/{offer_id}/stock", {"stock": None, "reason": "made to order"}, offer_id="circle")
    api.post("/offers/{offer_id}/deliveries", {"quantity": 5, "note": "by van"}, offer_id="cup")
    api.post("/offers/{offer_id}/waste", {"quantity": 500, "reason": "fell"}, offer_id="cup")
    api.post("/offers/{offer_id}/waste", {"quantity": 1, "reason": "fell"}, offer_id="cup")
    api.post("/shifts", {"float_minor": 5000})
    order = api.post("/orders", {**LINES, "voucher": "PRESS-50", "member": None})
    api.get("/orders?status=open")
    api.post("/orders/{order_id}/payments", {"tender": "card", "amount_minor": 100}, order_id=order["id"])
    asked = {"tender": "card", "amount_minor": 100, "pending": True}
    asked = api.post("/orders/{order_id}/payments", asked, order_id=order["id"])["payment"]
    assert api.get("/payments?status=pending")["payments"] == [asked]
    api.post("/payments/{payment_id}/settle", {"outcome": "paid", "reference": "auth 1"}, payment_id=asked["id"])
    sale = api.post("/orders/{order_id}/payments", {"tender": "cash", "amount_minor": 5000}, order_id=order["id"])[
        "sale"
    ]
    ticket = {"lines": [{"offer": "workshop-seat", "quantity": 1}, {"offer": "circle", "quantity": 1}]}
    granted = api.post("/orders", {**ticket, "payment": {"tender": "cash", "amount_minor": 2700}})["sale"]["granted"]
    assert granted
    api.post("/sales/{number}/receipt", {"order": order["id"]}, number=sale["number"])
    given_up = api.post("/orders", {**LINES, "payment": None})
    api.post("/orders/{order_id}/slip", order_id=given_up["id"])
    api.post("/orders/{order_id}/cancel", order_id=given_up["id"])
    api.post("/orders/{order_id}/cancel", order_id=given_up["id"])
    api.get("/orders/{order_id}", order_id=given_up["id"])
    api.post("/sales/{number}/refund", {"reason": "cracked", "lines": LINES["lines"]}, number=sale["number"])
    api.post("/sales/{number}/void", {"reason": "too late"}, number=sale["number"])
    api.get("/sales/{number}", number=sale["number"])
    text = EVENT_FILE.read_text() + '\n[transfer]\nscheme = "link"\naccount = "https://pay.example/{amount}"\n'
    box.desk.submit(lambda books: load_event(books, text))
    coded = api.post("/orders", {**LINES, "payment": {"tender": "transfer", "amount_minor": 4800, "pending": True}})
    api.post("/payments/{payment_id}/slip", payment_id=coded["payment"]["id"])
    settled = api.post("/payments/{payment_id}/settle", {"outcome": "paid"}, payment_id=coded["payment"]["id"])
    api.post("/sales/{number}/void", {"reason": "typed wrong"}, number=settled["sale"]["number"])
    api.get("/sales/{number}", number=999)
    api.get("/sales")
    for code in ("STREET-GOOD-1", "STREET-GOOD-1", "nothing", "PRESS-50"):
        api.post("/scan", {"code": code, "source": "door"})
    api.post("/scan", {"code": "STREET-GOOD-1", "direction": "exit"})
    api.post("/scan", {"code": "STREET-GOOD-1", "override": {"reason": "lost the wristband"}})
    api.get("/landed?language=de")
    api.get("/verdicts")
    api.get("/door")
    owner_pin = open_names(box)
    api.post("/door/search", {"name": "ada"})
    api.post("/door/unlock", {"pin": "not-his"})
    api.post("/door/unlock", {"pin": owner_pin})
    found = api.post("/door/search", {"name": "ada"})["found"]
    order_goods(api)
    api.post("/door/admit", {"ticket": found[0]["ticket"]})
    api.post("/door/admit", {"ticket": "0" * 64, "direction": "exit"})
    api.post("/door/lock")
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
    assert api.get("/tickets/lists")["lists"]
    assert api.send("PUT", b"code,status\nA,valid\n")["name"] == "a.csv"
    assert api.send("PUT", b"code,status\nA,perhaps\n")["error"]["code"] == "list_refused"
    api.send("DELETE")
    api.post("/clock", {"at": "2026-12-05T20:00:00Z"}, role="owner")
    api.get("/state")
    waiting, _ = box.context.waiting.ask("10.0.0.9")
    paired = {"code": waiting, "name": "By the door", "role": "door", "scanner": None}
    tablet = api.post("/tablets", paired)["tablet"]
    api.post("/tablets", paired)
    assert api.get("/tablets")["tablets"] == [tablet]
    api.get("/tablet")
    api.post("/tablets/{tablet_id}/revoke", tablet_id=tablet["id"])
    api.post("/tablets/{tablet_id}/revoke", tablet_id=tablet["id"])
    api.get("/journal")
    api.get("/journal?group=door&limit=1&before=20")
    api.get("/journal?group=weather")
    api.get("/power")
    api.post("/lights", {"to": "on"})
    box.board.set("lights", {"on": False, "saved": False})
    api.post("/lights", {"to": "on"})
    api.get("/lights")
    box.context.sms = SmsRules(True)
    api.post("/sales/{number}/sms", {"number": "+49 170 5550123"}, number=1)
    api.get("/sms")
    api.get("/shifts/report")
    api.post("/shifts/current/cash", {"direction": "in", "amount_minor": 500, "reason": "change"})
    api.post("/drawer", {"reason": "a stuck note"})
    assert 2000 in api.get("/denominations")["denominations_minor"]
    api.post("/shifts/current/count", {"count": [{"denomination_minor": 2000, "quantity": 4}]})
    api.post("/shifts/report/print", {})
    api.post("/shifts/current/close", {"counted_minor": 9000})
    api.get("/shifts/{z_number}/report", z_number=1)
    api.get("/shifts/{z_number}/report", z_number=2)
    api.get("/state")
    described = {(m.upper(), path) for path, methods in document["paths"].items() for m in methods}
    assert described - api.tried == {("GET", "/api/v1/openapi.json"), ("GET", "/healthz")}


def order_goods(api: Checked) -> None:
    pickup = order_later(api.box, "pick-up-sunday-noon").json["order"]["id"]
    first = api.post("/orders", later())["order"]["id"]
    api.post("/orders", later())
    assert api.get("/stock")["moves"]
    assert len(api.get("/shipping")["tiers"]) == 4
    api.get("/parcels")
    api.post("/parcels/{order_id}/hand-over", order_id=pickup)
    api.post("/parcels/{order_id}/hand-over", order_id=first)
    api.post("/parcels/{order_id}/hand-over", order_id="none")
    number = api.post("/handoffs")["number"]
    api.get("/handoffs/{handoff}", handoff=number)
    api.post("/handoffs/{handoff}/print", handoff=number)
    api.post("/handoffs")


def test_request_schemas_refuse_what_the_reader_refuses(document: dict[str, Any]) -> None:
    schema = document["paths"]["/api/v1/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator(schema)
    for body in ({}, {"lines": []}, {"lines": [{"offer": "cup"}]}, {**LINES, "price": 1}, {**LINES, "voucher": 1}):
        assert not validator.is_valid(body)
    assert validator.is_valid({**LINES, "voucher": None})
