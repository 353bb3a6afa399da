"""The snapshot that tablets poll: complete, tagged, built once for each version, never stale."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from appliance.core.devices import DeviceState, Health
from appliance.services import door
from appliance.web import snapshot
from appliance.web.server import WebServer
from tests.web.webbox import Box

PAID = {"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "cash", "amount_minor": 2400}}


class Counting:
    """Counts how often the store is opened for reading, without changing anything."""

    def __init__(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = 0
        real = box.desk.reading

        def reading() -> Any:
            self.opened += 1
            return real()

        monkeypatch.setattr(box.desk, "reading", reading)


def test_the_state_has_the_promised_fields(box: Box) -> None:
    state = box.client("staff").get("/state").json
    assert state["seq"] == box.desk.head_seq
    assert (state["box"], state["box_name"], state["event"]["currency"]) == ("box-1", "Box One", "USD")
    assert (state["window"]["id"], state["window"]["state"]) == ("market-square", "open")
    assert state["devices"]["printer"]["state"] == "ready"
    assert state["battery"]["charge_pct"] == 81
    assert (state["uplink"], state["shift"]) == ({}, None)
    assert state["counts"]["takings_minor"] == 0


def test_a_kiosk_is_not_told_the_takings(box: Box) -> None:
    box.client("staff").post("/shifts", {"float_minor": 5000})
    state = box.client("kiosk").get("/state").json
    assert "takings_minor" not in state["counts"]
    assert "float_minor" not in state["shift"]


def test_an_unchanged_state_is_304_without_asking_the_store(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk = box.client("kiosk")
    etag = kiosk.get("/state").headers["ETag"]
    counting = Counting(box, monkeypatch)
    answers = [kiosk.get("/state", If_None_Match=etag) for _ in range(20)]
    assert {(answer.status_code, answer.data) for answer in answers} == {(304, b"")}
    assert counting.opened == 0


def test_whatever_changes_is_seen_at_once(box: Box) -> None:
    staff = box.client("staff")

    def changed(act: Callable[[], object]) -> dict[str, Any]:
        etag = staff.get("/state").headers["ETag"]
        act()
        answer = staff.get("/state", If_None_Match=etag)
        assert answer.status_code == 200
        return dict(answer.json)

    assert changed(lambda: staff.post("/orders", PAID))["counts"]["sales"] == 1
    offline = DeviceState("printer", "printer", "escpos", Health.OFFLINE, "It is out of paper.", "Put in a roll.")
    assert changed(lambda: box.board.set_device(offline))["devices"]["printer"]["advice"] == "Put in a roll."
    assert changed(lambda: box.board.set("battery", {"charge_pct": 40}))["battery"] == {"charge_pct": 40}
    assert changed(lambda: staff.post("/shifts", {"float_minor": 100}))["shift"]["float_minor"] == 100


def test_a_window_that_ends_is_seen_without_any_entry(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "MAX_AGE_S", 0)
    kiosk = box.client("kiosk")
    etag = kiosk.get("/state").headers["ETag"]
    assert kiosk.get("/state", If_None_Match=etag).status_code == 304
    box.at[0] += timedelta(hours=1, minutes=1)
    later = kiosk.get("/state", If_None_Match=etag)
    assert (later.json["window"]["id"], later.json["window"]["state"]) == ("old-harbour", "scheduled")
    box.at[0] += timedelta(days=2)
    assert kiosk.get("/state").json["window"] is None


def test_many_tablets_share_one_snapshot(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "MAX_AGE_S", 60)
    counting = Counting(box, monkeypatch)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: box.client("kiosk").get("/state").headers["ETag"], range(64)))
    assert len(set(answers)) == 1
    assert counting.opened == 1


def test_thirty_polling_tablets_leave_room_for_a_sale(box: Box, serve: Callable[..., WebServer]) -> None:
    server = serve(threads=4)
    stop, polled = threading.Event(), threading.Barrier(31)

    def tablet() -> set[int]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        headers = {"Authorization": f"Bearer {box.tokens.kiosk}"}
        statuses: set[int] = set()
        while not stop.is_set():
            connection.request("GET", "/api/v1/state", headers=headers)
            answer = connection.getresponse()
            answer.read()
            if not statuses:
                polled.wait(20)
            statuses.add(answer.status)
            headers["If-None-Match"] = answer.headers["ETag"]
        connection.close()
        return statuses

    with ThreadPoolExecutor(30) as pool:
        tablets = [pool.submit(tablet) for _ in range(30)]
        polled.wait(20)
        sold = [_sell(server, box.tokens.staff) for _ in range(10)]
        stop.set()
        statuses = [tablet.result(20) for tablet in tablets]
    assert sold == list(range(1, 11))
    assert all(one <= {200, 304} and one for one in statuses)


def _sell(server: WebServer, token: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/orders", json.dumps(PAID), headers)
    number = json.loads(connection.getresponse().read())["sale"]["number"]
    connection.close()
    return int(number)


def test_the_newest_scan_of_each_source_is_for_staff_alone(box: Box) -> None:
    scans = [("4006381333931", "till"), ("NOTHING", "door"), ("NOTHING", "till"), ("4006381333931", "till")]
    for code, source in scans:
        box.desk.submit(lambda books, code=code, source=source: door.scan(books, code, source))
    found = box.client("staff").get("/state").json["scans"]
    assert {source: (scan["kind"], scan["source"]) for source, scan in found.items()} == {
        "till": ("product", "till"),
        "door": ("unknown", "door"),
    }
    assert found["till"]["seq"] == box.desk.head_seq
    offers = {offer["id"]: offer["name"] for offer in box.client("staff").get("/offers").json["offers"]}
    assert offers[found["till"]["names"]] == found["till"]["title"]
    assert found["door"]["names"] == ""
    assert box.client("kiosk").get("/state").json["scans"] == {}
