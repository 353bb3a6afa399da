"""The battery's route and page part."""

from __future__ import annotations

from datetime import timedelta

from appliance.core.ports import PowerSample
from tests.web.webbox import Box


def sample(at: str, charge_pct: float) -> PowerSample:
    return PowerSample(at, "normal", charge_pct, False, "absent", 3900, 350, 21)


def test_the_curve_has_the_last_day_only(box: Box) -> None:
    def add(books) -> None:
        now = books.moment.at
        for hours in (30, 20, 1):
            at = (now.replace(microsecond=0) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
            books.power.add(sample(at, 100 - hours))

    box.desk.submit(add)
    answer = box.client("staff").get("/power")
    assert answer.status_code == 200
    assert [point["charge_pct"] for point in answer.json["curve"]] == [80, 99]
    assert answer.json["battery"]["charge_pct"] == 81
    assert answer.json["left"] is None


def test_the_time_left_comes_with_its_error(box: Box) -> None:
    box.board.set("battery", {"state": "low", "charge_pct": 20, "left_min": 65, "left_error_min": 9})
    assert box.client("staff").get("/power").json["left"] == {"left_min": 65, "error_min": 9}


def test_a_kiosk_sees_no_curve(box: Box) -> None:
    assert box.client("kiosk").get("/power").status_code == 403


def test_a_shutdown_under_way_is_in_the_state(box: Box) -> None:
    assert box.client("staff").get("/state").json["closing"] is None
    box.board.set("closing", {"cause": "battery", "message": "Finish the sale at hand."})
    assert box.client("staff").get("/state").json["closing"]["cause"] == "battery"
