"""What was just scanned names codes: it is told to the tablet at that scanner, and to staff who ask for it by name."""

from __future__ import annotations

from appliance.core.devices import DeviceState, Health
from appliance.services import door
from tests.web.test_tablets import paired
from tests.web.webbox import Box


def test_codes_are_told_to_staff_alone(box: Box) -> None:
    box.context.landings.put(box.desk.submit(lambda books: door.scan(books, "PRESS-50", "till")), "till")
    box.board.set_device(DeviceState("scanner.till", "scanner", "hid", Health.READY))
    nothing = {"scanner": None, "scan": None, "scans": []}
    assert box.kiosk_page().get("/api/v1/landed?scanner=till").json == nothing
    assert paired(box, "door").get("/api/v1/landed?scanner=till").json == nothing
    assert box.client("kiosk").get("/landed?scanner=till").json == nothing
    told = box.client("staff").get("/landed?scanner=till").json
    assert (told["scanner"], [one["code"] for one in told["scans"]]) == ("till", ["PRESS-50"])
    assert paired(box, "staff", "till").get("/api/v1/landed").json["scan"]["code"] == "PRESS-50"
