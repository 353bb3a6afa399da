"""Rights by name: every route that needs one, without it, with it, and with a supervisor's PIN."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient

from appliance.core.codes import ticket_id
from appliance.core.trade import PrintStatus, Right
from appliance.services import cashiers
from appliance.web.app import ROUTES
from appliance.web.fields import Body, Field, Flag, Many, Whole
from appliance.web.pairing import Waiting
from appliance.web.routes import PREFIX
from tests.web.webbox import Box, open_names, order_later

OURS = {"X-Stallbox": "1"}
PAID = {"lines": [{"offer": "cup", "quantity": 2}], "payment": {"tender": "cash", "amount_minor": 4800}}
# What must not be done without the right; each is a whole request that goes well with it.
GUARDED: dict[str, tuple[Right, str, Any]] = {
    "refund": (Right.REFUND, "/sales/1/refund", {"reason": "cracked"}),
    "void a sale": (Right.VOID, "/sales/1/void", {"reason": "typed wrong"}),
    "let in": (Right.OVERRIDE, "/scan", {"code": "STREET-GOOD-1", "override": {"reason": "lost the band"}}),
    "correct stock": (Right.STOCK, "/offers/cup/stock", {"stock": 3, "reason": "counted"}),
    "take goods in": (Right.STOCK, "/offers/cup/deliveries", {"quantity": 3}),
    "take breakage off": (Right.STOCK, "/offers/cup/waste", {"quantity": 3, "reason": "fell"}),
    "call a courier": (Right.STOCK, "/handoffs", {}),
    "see a courier's list": (Right.STOCK, "/handoffs/1", None),
    "print a courier's list": (Right.STOCK, "/handoffs/1/print", {}),
    "cash in": (Right.DRAWER, "/shifts/current/cash", {"direction": "in", "amount_minor": 1, "reason": "r"}),
    "open the drawer": (Right.DRAWER, "/drawer", {"reason": "stuck"}),
    "give a discount": (Right.DISCOUNT, "/orders", PAID | {"discounts": [{"reason": "scratch", "percent_off": 10}]}),
    "give an order up": (Right.VOID, "/orders/{order}/cancel", {}),
    "see the X report": (Right.REPORT, "/shifts/report", None),
    "see a Z report": (Right.REPORT, "/shifts/1/report", None),
    "print a report": (Right.REPORT, "/shifts/report/print", {}),
    "override by name": (
        Right.OVERRIDE,
        "/door/admit",
        {"ticket": ticket_id("STREET-GOOD-1"), "override": {"reason": "lost the band"}},
    ),
    "pair a tablet": (Right.PAIR, "/tablets", {"code": "123456", "name": "By the door", "role": "door"}),
    "copy a report": (Right.REPORT, "/prints/{report}/reprint", {}),
}


def add(box: Box, name: str, rights: Iterable[Right]) -> str:
    return box.desk.submit(lambda books: cashiers.add(books, name, rights))[1]


def form_token(browser: FlaskClient, page: str) -> str:
    return re.search(rb'name="form_token" value="([^"]+)"', browser.get(page).data)[1].decode()  # type: ignore[index]


def login(box: Box, pin: str, page: str = "/staff") -> FlaskClient:
    browser = box.browser()
    assert browser.post(page, data={"pin": pin, "form_token": form_token(browser, page)}).status_code == 303
    return browser


def ask(browser: FlaskClient, path: str, body: Any, **headers: str) -> Any:
    named = OURS | {name.replace("_", "-"): value for name, value in headers.items()}
    if body is None:
        return browser.get(PREFIX + path, headers=named)
    return browser.post(PREFIX + path, json=body, headers=named)


@pytest.fixture
def busy(box: Box) -> Box:
    """A box with a closed and an open shift, a printed Z report, a sale, an open order and a used ticket."""
    staff = box.client("staff")
    staff.post("/shifts", {"float_minor": 0})
    staff.post("/shifts/current/close", {"counted_minor": 0})
    box.desk.submit(lambda books: books.prints.set_status(1, PrintStatus.PRINTED))
    staff.post("/shifts", {"float_minor": 0})
    staff.post("/orders", PAID)
    staff.post("/scan", {"code": "STREET-GOOD-1"})
    staff.post("/orders", {"lines": PAID["lines"]})
    return box


def address(box: Box, path: str) -> str:
    if "handoffs" in path:  # one list that was made, and a parcel for the next
        order_later(box)
        box.client("staff").post("/handoffs")
        order_later(box)
    if path == "/tablets":  # one that shows the code
        box.context.waiting = Waiting(digits=lambda below: 123_456)
        box.context.waiting.ask("10.0.0.9")
    if path == "/door/admit":
        box.vault.unlock(open_names(box))
    order = box.client("staff").get("/orders").json["orders"][0]["id"]
    return path.format(order=order, report=1)


@pytest.mark.parametrize("act", GUARDED)
def test_nothing_that_needs_a_right_is_done_without_it(busy: Box, act: str) -> None:
    right, template, body = GUARDED[act]
    path = address(busy, template)
    lacking = login(busy, add(busy, "Ana", set(Right) - {right}))
    shared = login(busy, busy.tokens.staff_pin)
    head = busy.desk.head_seq
    for browser in (lacking, shared):
        answer = ask(browser, path, body)
        assert answer.status_code == 403
        assert (answer.json["error"]["code"], answer.json["error"]["right"]) == ("right_needed", right)
    assert busy.desk.head_seq == head
    assert ask(login(busy, add(busy, "Ben", {right})), path, body).status_code in {200, 201}


@pytest.mark.parametrize("act", GUARDED)
def test_with_a_supervisor_it_is_done_once_under_the_same_key(busy: Box, act: str) -> None:
    right, template, body = GUARDED[act]
    path = address(busy, template)
    ana, boss = login(busy, add(busy, "Ana", [])), add(busy, "Boss", [right])
    headers = {} if body is None else {"Idempotency_Key": "k1"}
    assert ask(ana, path, body, **headers).json["error"]["code"] == "right_needed"
    done = ask(ana, path, body, X_Supervisor_Pin=boss, **headers)
    assert done.status_code in {200, 201}
    head = busy.desk.head_seq
    assert ask(ana, path, body, X_Supervisor_Pin=boss, **headers).json == done.json
    assert busy.desk.head_seq == head
    if body is not None and act not in ("print a report", "print a courier's list"):
        with busy.desk.reading() as books:
            newest = books.journal.head()
        assert newest is not None
        assert (newest.data["cashier"], newest.data["approved_by"]) == ("c1", "c2")


@pytest.mark.parametrize("act", [act for act, (_, _, body) in GUARDED.items() if body is not None])
def test_what_a_supervisor_approved_is_on_paper_once(busy: Box, act: str) -> None:
    right, template, body = GUARDED[act]
    path = address(busy, template)
    ana, boss = login(busy, add(busy, "Ana", [])), add(busy, "Boss", [right])
    before = papers(busy)
    ask(ana, path, body, X_Supervisor_Pin=boss, Idempotency_Key="k1")
    added = papers(busy)[len(before) :]
    assert sum("Approved by: Boss" in paper for paper in added) == 1, added
    ask(ana, path, body, X_Supervisor_Pin=boss, Idempotency_Key="k1")
    assert papers(busy) == before + added


def papers(box: Box) -> list[str]:
    with box.desk.reading() as books:
        jobs = books.prints.by_status(list(PrintStatus), 1000)
        return [json.dumps(job.document) for job in sorted(jobs, key=lambda job: job.id)]


def test_each_route_of_the_table_that_needs_a_right_is_tried_here() -> None:
    tried = {re.sub(r"{\w+}|\b1\b|\bcup\b", "*", path) for _, path, _ in GUARDED.values()}
    rights = {route: {route.right, *(route.body.all_rights() if route.body else ())} - {None} for route in ROUTES}
    assert {re.sub(r"{\w+}", "*", route.path) for route, needed in rights.items() if needed} == tried


@pytest.mark.parametrize("role", ["staff", "owner"])
@pytest.mark.parametrize("act", GUARDED)
def test_tokens_have_every_right(busy: Box, act: str, role: str) -> None:
    _, template, body = GUARDED[act]
    path, client = address(busy, template), busy.client(role)
    add(busy, "Ana", [])
    assert (client.get(path) if body is None else client.post(path, body)).status_code in {200, 201}


@pytest.mark.parametrize("act", GUARDED)
def test_while_there_is_no_cashier_the_staff_pin_has_every_right(busy: Box, act: str) -> None:
    _, template, body = GUARDED[act]
    assert ask(login(busy, busy.tokens.staff_pin), address(busy, template), body).status_code in {200, 201}


def test_a_supervisor_who_lacks_the_right_too_and_a_wrong_pin_help_nobody(busy: Box) -> None:
    ana, other = login(busy, add(busy, "Ana", [])), add(busy, "Ben", [Right.STOCK])
    refund = "/sales/1/refund", {"reason": "r"}
    answer = ask(ana, *refund, X_Supervisor_Pin=other)
    assert (answer.status_code, answer.json["error"]["right"]) == (403, "refund")
    codes = [ask(ana, *refund, X_Supervisor_Pin=pin).json["error"]["code"]
             for pin in ("000000", busy.tokens.staff_pin, "x" * 5000, "1", busy.tokens.owner_pin)]  # fmt: skip
    assert codes == ["pin_wrong"] * 3 + ["too_many_pins"] * 2
    answer = ask(ana, *refund, X_Supervisor_Pin=busy.tokens.owner_pin)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert busy.client().get("/sales/1").json["refunded_minor"] == 0


def test_the_owner_s_own_pin_approves_once_it_is_chosen(busy: Box) -> None:
    ana = login(busy, add(busy, "Ana", []))
    busy.vault.set_pin("kupferkönig")
    refund = "/sales/1/refund", {"reason": "r"}
    typed = "kupferkönig".encode().decode("latin-1")  # as a client sends it, in UTF-8
    assert ask(ana, *refund, X_Supervisor_Pin=busy.tokens.owner_pin).json["error"]["code"] == "pin_wrong"
    assert ask(ana, *refund, X_Supervisor_Pin=typed).status_code == 201


def test_the_owner_approves_too(busy: Box) -> None:
    ana = login(busy, add(busy, "Ana", []))
    done = ask(ana, "/sales/1/refund", {"reason": "r"}, X_Supervisor_Pin=busy.tokens.owner_pin)
    assert done.status_code == 201
    with busy.desk.reading() as books:
        assert books.journal.newest(["sale.refunded"], 1)[0].data["approved_by"] == "owner"


def test_a_pin_that_nobody_asked_for_is_neither_tried_nor_noted(busy: Box) -> None:
    ana, boss = login(busy, add(busy, "Ana", [Right.REFUND])), add(busy, "Boss", [Right.REFUND])
    one = {"reason": "r", "lines": [{"offer": "cup", "quantity": 1}]}
    for pin in ("000000", boss):
        assert ask(ana, "/sales/1/refund", one, X_Supervisor_Pin=pin).status_code == 201
    with busy.desk.reading() as books:
        assert "approved_by" not in books.journal.newest(["sale.refunded"], 1)[0].data


@pytest.mark.parametrize("end", [cashiers.remove, cashiers.new_pin])
def test_a_session_ends_with_its_pin(busy: Box, end: Any) -> None:
    ana = login(busy, add(busy, "Ana", list(Right)))
    assert b"Ana" in ana.get("/staff").data
    busy.desk.submit(lambda books: end(books, "Ana"))
    for path, body in (("/sales", None), ("/orders", PAID), ("/state", None)):
        assert ask(ana, path, body).status_code == 401
    assert b"not good any more" in ana.get("/staff").data


@pytest.mark.parametrize("page", ["/", "/pair"])
def test_where_a_cashier_was_removed_the_kiosk_is_a_guest_s(busy: Box, page: str) -> None:
    ana = login(busy, add(busy, "Ana", list(Right)))
    assert ana.get(page).status_code == 200
    assert ask(ana, "/sales", None).status_code == 200  # a PIN that is good stays
    busy.desk.submit(lambda books: cashiers.remove(books, "Ana"))
    assert ana.get(page).status_code == 200
    assert ask(ana, "/state", None).status_code == 200
    assert ask(ana, "/orders", {"lines": PAID["lines"]}).status_code == 201
    assert ask(ana, "/sales", None).status_code == 403


def test_who_may_not_see_reports_is_not_told_the_takings(busy: Box) -> None:
    ana, ben = login(busy, add(busy, "Ana", [])), login(busy, add(busy, "Ben", [Right.REPORT]))
    assert "takings_minor" not in ask(ana, "/state", None).json["counts"]
    assert ask(ben, "/state", None).json["counts"]["takings_minor"] == 4800
    hers, his = (ask(who, "/windows", None).json["windows"] for who in (ana, ben))
    assert sum(window["figures"]["takings_minor"] for window in his) == 4800
    assert sum(window["figures"]["sales"] for window in hers) == 1
    assert [name for window in hers for name in window["figures"] if name.endswith("_minor")] == []
    counted = ask(ana, "/shifts/current/count", {"count": [{"denomination_minor": 2000, "quantity": 2}]})
    assert (counted.json["expected_minor"], counted.json["difference_minor"]) == (4800, -800)


def test_another_cashier_s_key_is_another_request(busy: Box) -> None:
    ana, ben = login(busy, add(busy, "Ana", [])), login(busy, add(busy, "Ben", []))
    assert ask(ana, "/orders", PAID, Idempotency_Key="k").status_code == 201
    assert ask(ben, "/orders", PAID, Idempotency_Key="k").json["error"]["code"] == "idempotency_conflict"


def test_only_the_owner_makes_cashiers_and_sees_a_pin_once(box: Box) -> None:
    owner, address = login(box, box.tokens.owner_pin, "/setup"), "/setup/cashiers"
    form = {"form_token": form_token(owner, "/setup"), "act": "add", "name": "Ana", "rights": ["refund", "fly"]}
    page = owner.post(address, data=form).data.decode()
    pin = re.search(r"Ana: PIN (\d{6})", page)[1]  # type: ignore[index]
    assert pin not in owner.get("/setup/pins").data.decode()
    assert b"There is a cashier" in owner.post(address, data=form).data
    ana = login(box, pin)
    assert b"Ana: PIN" in owner.post(address, data={**form, "act": "pin", "cashier": "c1"}).data
    assert b"not good" in ana.get("/staff").data
    assert b"cannot log in" in owner.post(address, data={**form, "act": "remove", "cashier": "c1"}).data
    for browser in (box.kiosk_page(), login(box, box.tokens.staff_pin)):
        theirs = {**form, "form_token": form_token(browser, "/setup")}
        assert browser.post(address, data=theirs).status_code == 403
    assert owner.post(address, data={**form, "form_token": "x"}).status_code == 403
    with box.desk.reading() as books:
        assert books.cashiers.active() == []


def test_a_cashier_s_pin_opens_no_setup(box: Box) -> None:
    pin, browser = add(box, "Ana", list(Right)), box.browser()
    answer = browser.post("/setup", data={"pin": pin, "form_token": form_token(browser, "/setup")})
    assert answer.status_code == 403


def test_fields_inside_of_fields_need_their_rights_too() -> None:
    line = Body((Field("quantity", Whole(1, 9)), Field("off", Whole(0, 9), required=False, right=Right.DISCOUNT)))
    body = Body((Field("lines", Many(line, 5)), Field("free", Flag(), required=False, default=False, right="void")))
    plain, off = {"quantity": 1, "off": None}, {"quantity": 1, "off": 2}
    assert body.rights({"lines": [plain], "free": False}) == set()
    assert body.rights({"lines": [plain, off], "free": False}) == {"discount"}
    assert body.rights({"lines": [off], "free": True}) == body.all_rights() == {"discount", "void"}
