"""Goods over HTTP: what comes in and breaks, what is sent later, what a courier takes along."""

from __future__ import annotations

import csv
import io
from typing import Any

from tests.people import PIN
from tests.web.webbox import CONTACT, LATER, Box, later, order_later

PRIVATE = ("Zoë", "1234567", "Storgatan", "Stockholm")


def offer(box: Box, id: str) -> dict[str, Any]:
    found = box.client("kiosk").get("/offers").json["offers"]
    return next(dict(one) for one in found if one["id"] == id)


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]["code"]


def places_left(box: Box) -> dict[str, int | None]:
    return {tier["id"]: tier["places_left"] for tier in box.client("kiosk").get("/shipping").json["tiers"]}


def journal(box: Box) -> str:
    with box.desk.reading() as books:
        return str([entry.as_dict() for entry in books.journal.all()])


def test_goods_come_in_and_break_and_both_are_told(box: Box) -> None:
    staff = box.client("staff")
    assert staff.post("/offers/cup/deliveries", {"quantity": 10, "note": "by van"}).json["stock"] == 50
    assert staff.post("/offers/cup/waste", {"quantity": 3, "reason": "the box fell"}).json["stock"] == 47
    assert refused(staff.post("/offers/cup/waste", {"quantity": 48, "reason": "all"})) == (409, "stock_short")
    assert refused(staff.post("/offers/circle/deliveries", {"quantity": 1})) == (409, "stock_unlimited")
    for id in ("nothing", LATER, "courier", "pick-up-sunday-noon"):  # what is on no shelf is not counted either
        assert refused(staff.post(f"/offers/{id}/deliveries", {"quantity": 1})) == (404, "offer_unknown")
        assert refused(staff.post(f"/offers/{id}/stock", {"stock": 1, "reason": "r"})) == (404, "offer_unknown")
    moves = staff.get("/stock").json["moves"]
    assert [(move["kind"], move["quantity"], move["to"]) for move in moves] == [
        ("stock.wasted", 3, 47),
        ("stock.delivered", 10, 50),
    ]


def test_what_an_open_order_holds_cannot_break(box: Box) -> None:
    staff = box.client("staff")
    staff.post("/orders", {"lines": [{"offer": "cup", "quantity": 30}]})
    assert refused(staff.post("/offers/cup/waste", {"quantity": 11, "reason": "r"})) == (409, "stock_short")


def test_a_count_has_in_it_what_open_orders_hold(box: Box) -> None:
    staff = box.client("staff")
    staff.post("/orders", {"lines": [{"offer": "cup", "quantity": 3}]})
    count = {"stock": 10, "reason": "counted"}
    assert staff.post("/offers/cup/stock", count).json["stock"] == 7
    assert refused(staff.post("/orders", {"lines": [{"offer": "cup", "quantity": 8}]})) == (409, "sold_out")
    assert refused(staff.post("/offers/cup/stock", count | {"stock": 2})) == (409, "stock_held")
    assert offer(box, "cup")["stock"] == 7


def test_little_stock_is_told_once_until_goods_come_in(box: Box) -> None:
    staff, order = box.client("staff"), {"lines": [{"offer": "cup-and-print", "quantity": 3}]}
    staff.post("/offers/cup-and-print/stock", {"stock": 5, "reason": "counted"})
    assert staff.get("/state").json["low_stock"] == []
    for _ in range(4):  # each takes it below the limit, and frees it again
        id = staff.post("/orders", order).json["id"]
        low = staff.get("/state").json["low_stock"]
        assert [(one["offer"], one["stock"]) for one in low] == [("cup-and-print", 2)]
        staff.post(f"/orders/{id}/cancel")
    assert staff.get("/state").json["low_stock"] == []
    assert journal(box).count("'stock.low'") == 1
    staff.post("/offers/cup-and-print/deliveries", {"quantity": 1})
    staff.post("/orders", order)
    assert journal(box).count("'stock.low'") == 2
    assert box.kiosk_page().get("/api/v1/state").json["low_stock"] == []
    assert [one["offer"] for one in staff.get("/stock").json["offers"] if one["is_low"]] == ["cup-and-print"]


def test_restock_goes_on_where_the_shelf_ends_and_not_before(box: Box) -> None:
    kiosk = box.client("kiosk")
    assert offer(box, "cup-and-print")["restock"] == {"offer": LATER, "name": "Cup & photograph, gift-wrapped, restock"}
    assert offer(box, "cup")["restock"] is None
    assert refused(kiosk.post("/orders", later(paid=False))) == (409, "on_shelf")
    both = later(paid=False)
    both["lines"].append({"offer": "cup-and-print", "quantity": offer(box, "cup-and-print")["stock"]})
    order = kiosk.post("/orders", both)  # the last of the shelf, and one more to be sent
    assert order.status_code == 201
    assert {line["kind"] for line in order.json["lines"]} == {"product", "restock", "shipping"}
    assert kiosk.post("/orders", later(paid=False)).status_code == 201
    kiosk.post(f"/orders/{order.json['id']}/cancel")
    assert offer(box, "cup-and-print")["stock"] == 15
    assert refused(kiosk.post("/orders", later(paid=False))) == (409, "on_shelf")


def test_shipping_is_priced_with_the_cart_and_nothing_is_taken_off_it(box: Box) -> None:
    kiosk = box.client("kiosk")
    cart = {"lines": [{"offer": LATER, "quantity": 2}], "voucher": "PRESS-50"}
    assert kiosk.post("/carts/price", cart).json["total_minor"] == 3900
    priced = kiosk.post("/carts/price", {**cart, "shipping": {"tier": "courier"}}).json
    assert [(line["offer"], line["total_minor"]) for line in priced["lines"]] == [(LATER, 3900), ("courier", 900)]
    assert [(tax["gross_minor"], tax["tax_minor"]) for tax in priced["taxes"]] == [(4800, 391)]


def test_an_order_is_refused_that_does_not_say_how_and_to_whom(box: Box) -> None:
    kiosk = box.client("kiosk")
    order_later(box)
    for change, code in (
        ({"shipping": None}, "shipping_needed"),
        ({"shipping": {"tier": "balloon", **CONTACT}}, "tier_unknown"),
        ({"shipping": {"tier": "courier"}}, "contact_name"),
        ({"shipping": {"tier": "courier", **CONTACT, "phone": "call me"}}, "contact_phone"),
        ({"shipping": {"tier": "courier", **CONTACT, "address": " \n "}}, "contact_address"),
        ({"shipping": {"tier": "courier", **CONTACT, "address": "a\x1bc"}}, "contact_address"),
        ({"lines": [{"offer": "cup", "quantity": 1}]}, "nothing_to_ship"),
        ({"lines": [{"offer": "courier", "quantity": 1}]}, "offer_unknown"),
    ):
        assert refused(kiosk.post("/orders", later(paid=False) | change))[1] == code
    pickup = {"tier": "pick-up-sunday-noon", "name": "Ada", "phone": "0170 5550123"}
    assert kiosk.post("/orders", later(paid=False) | {"shipping": pickup}).status_code == 201


def test_a_pickup_window_is_told_by_the_clock_of_the_place(box: Box) -> None:
    told = {tier["id"]: tier["when"] for tier in box.client("kiosk").get("/shipping").json["tiers"]}
    assert told["pick-up-sunday-noon"] == "2026-12-13 12:00 to 14:00"
    assert told["courier"] == ""


def test_a_pickup_window_takes_so_many_orders_and_gets_its_places_back(box: Box) -> None:
    kiosk, tier = box.client("kiosk"), "pick-up-sunday-noon"
    orders = [order_later(box, tier, role="kiosk", paid=False).json["id"] for _ in range(8)]
    assert places_left(box)[tier] == 0
    assert refused(kiosk.post("/orders", later(tier, paid=False))) == (409, "sold_out")
    kiosk.post(f"/orders/{orders[0]}/cancel")
    assert places_left(box)[tier] == 1
    sale = order_later(box, tier, pieces=2).json["sale"]
    assert places_left(box)[tier] == 0
    path, staff = f"/sales/{sale['number']}/refund", box.client("staff")
    part = {"reason": "one less", "lines": [{"offer": LATER, "quantity": 1}]}
    assert staff.post(path, part).json["refund"]["amount_minor"] == 3900
    assert places_left(box)[tier] == 0  # the other piece is still to be picked up
    assert staff.post(path, part).json["refund"]["amount_minor"] == 3900
    assert places_left(box)[tier] == 1
    assert staff.post(path, {"reason": "and what it cost"}).status_code in (201, 409)
    assert (places_left(box)[tier], offer(box, "cup-and-print")["stock"]) == (1, 0)


def test_parcels_go_from_ordered_to_handed_over_or_picked_up(box: Box) -> None:
    staff = box.client("staff")
    courier, pickup = order_later(box).json, order_later(box, "pick-up-monday-night").json
    order_later(box, paid=False)  # nobody packs what is not paid
    parcels = staff.get("/parcels").json["parcels"]
    assert [(one["way"], one["state"], one["contact"]) for one in parcels] == [
        ("pickup", "ordered", CONTACT),
        ("courier", "ordered", CONTACT),
    ]
    assert staff.get("/state").json["counts"]["parcels_waiting"] == 2
    made = staff.post("/handoffs", {}, key="k1")
    assert (made.status_code, [one["external_id"] for one in made.json["parcels"]]) == (201, [courier["order"]["id"]])
    assert staff.post("/handoffs", {}, key="k1").json == made.json
    assert not any(word in str(made.json) for word in PRIVATE)
    assert refused(staff.post("/handoffs")) == (409, "nothing_waits")
    path = f"/parcels/{pickup['order']['id']}/hand-over"
    assert staff.post(path).json["state"] == "picked_up"
    assert refused(staff.post(path)) == (409, "parcel_picked_up")
    states = [(one["state"], one["handoff"]) for one in staff.get("/parcels").json["parcels"]]
    assert states == [("picked_up", None), ("handed_over", made.json["number"])]


def test_a_courier_list_is_told_as_json_and_as_csv_and_printed_with_labels(box: Box) -> None:
    staff = box.client("staff")
    box.client("staff").post("/offers/cup-and-print/stock", {"stock": 0, "reason": "counted"})
    evil = {"tier": "post", **CONTACT, "name": '=HYPERLINK("http://x")'}
    for body in (later(), later() | {"shipping": evil}):
        assert staff.post("/orders", body).status_code == 201
    number = staff.post("/handoffs").json["number"]
    told = staff.get(f"/handoffs/{number}").json
    assert (told["pieces"], [one["contact"]["phone"] for one in told["parcels"]]) == (2, [CONTACT["phone"]] * 2)
    rows = list(csv.DictReader(io.StringIO(told["csv"])))
    assert [(row["name"], row["address"], row["pieces"]) for row in rows] == [
        (CONTACT["name"], "Storgatan 1, 111 22 Stockholm", "1"),
        ('\'=HYPERLINK("http://x")', "Storgatan 1, 111 22 Stockholm", "1"),  # no spreadsheet runs it
    ]
    assert [job["kind"] for job in staff.get("/prints").json["prints"]][:3] == ["label", "label", "manifest"]
    assert staff.post(f"/handoffs/{number}/print").json == {"papers": 3}
    assert refused(staff.get("/handoffs/99")) == (404, "handoff_unknown")


def test_with_a_pin_of_the_owners_contacts_open_only_while_names_are_unlocked(box: Box) -> None:
    staff = box.client("staff")
    box.vault.set_pin(PIN)
    order_later(box)
    assert staff.get("/parcels").json["parcels"][0]["contact"] is None
    assert refused(staff.post("/handoffs")) == (409, "locked")
    staff.post("/door/unlock", {"pin": PIN})
    assert staff.get("/door").json["search"]["state"] == "off"  # there are no names of tickets, and yet it stays open
    assert staff.get("/parcels").json["parcels"][0]["contact"] == CONTACT
    number = staff.post("/handoffs").json["number"]
    box.vault.lock()
    assert refused(staff.get(f"/handoffs/{number}")) == (409, "locked")
    assert refused(staff.post(f"/handoffs/{number}/print")) == (409, "locked")


def test_a_contact_is_in_no_answer_to_a_guest_and_in_no_entry(box: Box) -> None:
    order = order_later(box, role="kiosk", paid=False)
    kiosk = box.client("kiosk")
    told = [order.json, kiosk.get(f"/orders/{order.json['id']}").json, kiosk.get("/state").json]
    assert not any(word in str(told) for word in PRIVATE)
    assert refused(kiosk.get("/parcels")) == (403, "forbidden")
    box.client("staff").post(f"/orders/{order.json['id']}/payments", {"tender": "cash", "amount_minor": 10_000})
    box.client("staff").post("/handoffs")
    assert not any(word in journal(box) for word in PRIVATE)
