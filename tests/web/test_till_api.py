"""Offers, orders, payments, sales, refunds and stock over HTTP, on the real store."""

from __future__ import annotations

from tests.web.webbox import Box

CUP = {"lines": [{"offer": "cup", "quantity": 2}]}


def test_offers_have_the_promised_fields(box: Box) -> None:
    offers = box.client("kiosk").get("/offers").json["offers"]
    cup = next(offer for offer in offers if offer["id"] == "cup")
    assert {key: cup[key] for key in ("kind", "name", "price_minor", "currency", "stock")} == {
        "kind": "product",
        "name": "Hand-thrown cup",
        "price_minor": 2400,
        "currency": "USD",
        "stock": 40,
    }
    assert next(offer for offer in offers if offer["id"] == "circle")["stock"] is None


def test_an_order_is_priced_by_the_box_and_paid_in_parts(box: Box) -> None:
    order = box.client("kiosk").post("/orders", {**CUP, "voucher": None, "member": None})
    assert order.status_code == 201
    assert (order.json["status"], order.json["total_minor"], order.json["due_minor"]) == ("open", 4800, 4800)
    staff, path = box.client("staff"), f"/orders/{order.json['id']}/payments"
    first = staff.post(path, {"tender": "card", "amount_minor": 1800})
    assert first.status_code == 201
    assert (first.json["sale"], first.json["order"]["due_minor"], first.json["change_minor"]) == (None, 3000, 0)
    last = staff.post(path, {"tender": "cash", "amount_minor": 5000, "reference": "table 2"}).json
    assert (last["order"]["status"], last["change_minor"]) == ("paid", 2000)
    sale = staff.get(f"/sales/{last['sale']['number']}").json
    assert (sale["total_minor"], sale["seq"]) == (4800, last["sale"]["seq"])
    assert [payment["tender"] for payment in sale["payments"]] == ["card", "cash"]
    assert [one["number"] for one in staff.get("/sales").json["sales"]] == [sale["number"]]


def test_staff_opens_and_pays_in_one_command(box: Box) -> None:
    before = box.desk.head_seq
    paid = box.client("staff").post("/orders", {**CUP, "payment": {"tender": "cash", "amount_minor": 5000}})
    assert paid.status_code == 201
    assert (paid.json["order"]["status"], paid.json["change_minor"]) == ("paid", 200)
    assert before < paid.json["sale"]["seq"] <= box.desk.head_seq


def test_an_order_whose_payment_is_refused_is_not_opened(box: Box) -> None:
    staff = box.client("staff")
    refused = staff.post("/orders", {**CUP, "payment": {"tender": "card", "amount_minor": 999_999}})
    assert (refused.status_code, refused.json["error"]["code"]) == (422, "overpaid")
    assert staff.get("/orders?status=open").json["orders"] == []
    assert next(o for o in staff.get("/offers").json["offers"] if o["id"] == "cup")["stock"] == 40


def test_open_orders_can_be_listed_read_and_cancelled(box: Box) -> None:
    kiosk, staff = box.client("kiosk"), box.client("staff")
    order = kiosk.post("/orders", CUP).json
    assert order["id"].upper().endswith(order["code"])
    assert [one["id"] for one in staff.get("/orders?status=open").json["orders"]] == [order["id"]]
    assert kiosk.get(f"/orders/{order['id']}").json == {**order, "sale": None}
    assert kiosk.post(f"/orders/{order['id']}/cancel").json["status"] == "cancelled"
    assert staff.get("/orders").json["orders"] == []
    again = kiosk.post(f"/orders/{order['id']}/cancel", {})
    assert (again.status_code, again.json["error"]["code"]) == (409, "order_cancelled")


def test_a_sale_is_given_back_line_by_line_then_whole(box: Box) -> None:
    staff = box.client("staff")
    sale = staff.post("/orders", {**CUP, "payment": {"tender": "cash", "amount_minor": 4800}}).json["sale"]
    path = f"/sales/{sale['number']}/refund"
    part = staff.post(path, {"lines": [{"offer": "cup", "quantity": 1}], "reason": "cracked"})
    assert part.status_code == 201
    assert (part.json["refund"]["amount_minor"], part.json["sale"]["refunded_minor"]) == (2400, 2400)
    rest = staff.post(path, {"lines": [], "reason": "changed their mind", "tender": "card", "restock": False}).json
    assert (rest["refund"]["amount_minor"], rest["refund"]["tender"]) == (2400, "card")
    none_left = staff.post(path, {"reason": "again"})
    assert (none_left.status_code, none_left.json["error"]["code"]) == (409, "refunded")


def test_stock_is_corrected_to_a_count_or_to_no_limit(box: Box) -> None:
    staff = box.client("staff")
    assert staff.post("/offers/cup/stock", {"stock": 3, "reason": "counted"}).json["stock"] == 3
    sold_out = staff.post("/orders", {"lines": [{"offer": "cup", "quantity": 4}]})
    assert (sold_out.status_code, sold_out.json["error"]["code"]) == (409, "sold_out")
    assert staff.post("/offers/cup/stock", {"stock": None, "reason": "made to order"}).json["stock"] is None


def test_what_is_not_there_is_a_404_with_its_name(box: Box) -> None:
    staff = box.client("staff")
    answers = {
        "order_unknown": staff.get("/orders/none"),
        "sale_unknown": staff.get("/sales/77"),
        "offer_unknown": staff.post("/offers/none/stock", {"stock": 1, "reason": "x"}),
        "voucher_unknown": staff.post("/orders", {**CUP, "voucher": "NONE"}),
        "member_unknown": staff.post("/orders", {**CUP, "member": "NONE"}),
        "print_unknown": staff.post("/prints/9/reprint"),
        "not_found": staff.get("/sales/not-a-number"),
    }
    for code, answer in answers.items():
        assert (answer.status_code, answer.json["error"]["code"]) == (404, code)


def test_a_box_that_shuts_down_finishes_the_sale_at_hand_and_takes_no_new_order(box: Box) -> None:
    kiosk, staff = box.client("kiosk"), box.client("staff")
    at_hand = kiosk.post("/orders", CUP).json
    box.board.set("closing", {"cause": "battery", "message": "The battery is empty. Finish the sale at hand."})
    refused = kiosk.post("/orders", CUP)
    assert (refused.status_code, refused.json["error"]["code"]) == (503, "closing")
    assert "takes no new orders" in refused.json["error"]["message"]
    assert staff.get("/orders").json["orders"] == [at_hand]
    paid = staff.post(f"/orders/{at_hand['id']}/payments", {"tender": "cash", "amount_minor": 4800})
    assert paid.status_code == 201
    assert staff.post("/orders", {**CUP, "payment": {"tender": "cash", "amount_minor": 5000}}).status_code == 201
    box.board.set("closing", None)
    assert kiosk.post("/orders", CUP).status_code == 201
