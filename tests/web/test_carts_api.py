"""Prices before an order, the right to give discounts, the windows' figures, pictures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from appliance.core.clock import parse_timestamp
from appliance.core.trade import PrintStatus
from appliance.services import events, till
from appliance.web.app import create_app
from tests.web.webbox import EVENT_FILE, Box

CART = {"lines": [{"offer": "print-a4", "quantity": 6}]}
DISCOUNT = {"discounts": [{"percent_off": 10, "reason": "stained"}]}


def test_a_guest_sees_what_a_cart_costs_as_often_as_it_changes(box: Box) -> None:
    page = box.kiosk_page()
    headers = {"X-Stallbox": "1"}
    for _ in range(40):  # more than the acts that a guest may do at once
        answer = page.post("/api/v1/carts/price", json=CART, headers=headers)
        assert answer.status_code == 200, answer.json
    assert (answer.json["total_minor"], answer.json["cash_total_minor"]) == (10_800, 10_800)
    assert [(one["offer"], one["saves_minor"]) for one in answer.json["suggestions"]] == [
        ("postcard", 0),
        ("circle", 300),
    ]
    assert box.client().get("/orders").json["orders"] == []


def test_on_arrival_an_empty_cart_costs_nothing_and_has_a_suggestion(box: Box) -> None:
    answer = box.client("kiosk").post("/carts/price", {"lines": []}).json
    assert (answer["total_minor"], [one["offer"] for one in answer["suggestions"]]) == (0, ["postcard"])


def test_only_staff_gives_discounts_and_says_why(box: Box) -> None:
    for path in ("/carts/price", "/orders"):
        assert box.client("kiosk").post(path, {**CART, **DISCOUNT}).json["error"]["code"] == "forbidden"
        assert box.client("staff").post(path, {**CART, **DISCOUNT}).json["total_minor"] == 9720
        no_reason = {"discounts": [{"percent_off": 10}]}
        assert box.client("staff").post(path, {**CART, **no_reason}).json["error"]["code"] == "missing_field"
        both = {"discounts": [{"percent_off": 10, "amount_off_minor": 5, "reason": "x"}]}
        assert box.client("staff").post(path, {**CART, **both}).json["error"]["code"] == "discount"


def test_a_line_explains_itself_until_the_sale(box: Box) -> None:
    order = box.client().post("/orders", {**CART, **DISCOUNT, "voucher": "PRESS-50"}).json
    steps = [(step["kind"], step["amount_minor"]) for step in order["lines"][0]["adjustments"]]
    assert steps == [("discount", -1080), ("voucher", -4860)]
    paid = box.client().post(f"/orders/{order['id']}/payments", {"tender": "card", "amount_minor": 4860}).json
    assert paid["sale"]["lines"][0]["adjustments"] == order["lines"][0]["adjustments"]
    assert (order["window"], paid["sale"]["window"]) == ("market-square", "market-square")
    (market, *_) = box.client().get("/windows").json["windows"]
    assert (market["id"], market["state"], market["figures"]["takings_minor"]) == ("market-square", "open", 4860)


def test_screens_hear_when_prices_change_with_the_hour(box: Box) -> None:
    staff = box.client()
    before = staff.get("/state")
    assert before.json["price_rules"] == []
    box.at[0] += timedelta(hours=5)  # Night Yard
    night = next(offer for offer in staff.get("/offers").json["offers"] if offer["id"] == "print-a4")
    assert (night["price_minor"], night["list_price_minor"], night["price_name"]) == (1620, 1800, "Night price")


def test_the_state_tells_the_boxs_own_time_for_countdowns(box: Box) -> None:
    answer = box.client("kiosk").get("/state")
    assert abs(parse_timestamp(answer.headers["X-Stallbox-Time"]) - box.at[0]) < timedelta(minutes=1)
    again = box.client("kiosk").get("/state", If_None_Match=answer.headers["ETag"])
    assert (again.status_code, "X-Stallbox-Time" in again.headers) == (304, True)


def test_only_pictures_that_the_event_names_are_served(box: Box, tmp_path: Path) -> None:
    media = tmp_path / "media"
    media.mkdir()
    for name in ("cup.jpg", "other.jpg"):
        (media / name).write_bytes(b"\xff\xd8\xff picture")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    text = EVENT_FILE.read_text().replace('name = "Hand-thrown cup"\n', 'name = "Hand-thrown cup"\nphoto = "cup.jpg"\n')
    box.desk.submit(lambda books: events.load_event(books, text))
    context = replace(box.context, media=media)
    browser = create_app(context).test_client()
    good = browser.get("/media/cup.jpg")
    assert (good.status_code, good.mimetype, good.headers["X-Content-Type-Options"]) == (200, "image/jpeg", "nosniff")
    good.close()
    for path in (
        "/media/other.jpg",
        "/media/..%2fsecret.jpg",
        "/media/%2e%2e/secret.jpg",
        "/media/stallbox.db",
        "/media/",
    ):
        assert browser.get(f"/media/{path}").status_code == 404


def test_an_order_of_a_guest_who_is_alone_keeps_its_goods_for_a_while_and_says_so(box: Box) -> None:
    order = {"lines": [{"offer": "cup", "quantity": 40}]}
    guests = box.client("kiosk").post("/orders", order).json
    assert (guests["hold_min"], box.context.guest_hold_min) == (10, 10)
    box.client("kiosk").post(f"/orders/{guests['id']}/slip")
    with box.desk.reading() as books:
        papers = [str(job.document) for job in books.prints.by_status([PrintStatus.QUEUED], 10)]
    assert any("Kept for you for 10 minutes." in paper for paper in papers)
    box.desk.submit(lambda books: till.expire_orders(books, 600, 1800))
    staffs = box.client("staff").post("/orders", order).json
    assert staffs["hold_min"] is None
