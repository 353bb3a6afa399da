from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.drivers.battery.pijuice import PiJuice
from appliance.drivers.scanner.serial import SerialScanner
from appliance.sim.bench import Sample, create_bench
from appliance.sim.kit import Kit
from tests.waiting import wait_until

SAMPLES = (Sample("GOOD-1", "Good <ticket>", "Tickets"), Sample("HALF", "Voucher", "Till"))
RECEIPT = b"\x1b@Receipt %d\n\x1dV\x00"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path / "kit", ("127.0.0.1", 9))
    kit.start()
    yield kit
    kit.close()


@pytest.fixture
def client(kit: Kit) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(create_bench(kit, SAMPLES, "Staff PIN 1234"))
    return app.test_client()


def put(kit: Kit, *numbers: int) -> None:
    data = b"".join(RECEIPT % number for number in numbers)
    printed = kit.paper_bytes + len(data)
    fd = os.open(kit.folder / "printer", os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(fd, data)
        wait_until(lambda: kit.paper_bytes == printed)
    finally:
        os.close(fd)


def test_the_page_offers_scanners_samples_and_the_hint(client: FlaskClient) -> None:
    for address in ("/bench", "/bench/"):
        answer = client.get(address)
        assert answer.status_code == 200
        for part in ('value="door"', 'value="till"', 'data-code="GOOD-1"', "Good &lt;ticket&gt;", "Staff PIN 1234"):
            assert part in answer.text


def test_the_page_keeps_to_the_boxs_content_security_policy(client: FlaskClient) -> None:
    page = client.get("/bench").text
    assert " style=" not in page
    assert " on" + "click=" not in page
    assert page.count("<script") == page.count('<script type="module" src="/bench/static/')
    assert "//" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")


@pytest.mark.parametrize("name", ["bench.css", "bench.js", "link.js", "icon.svg"])
def test_its_files_are_served(client: FlaskClient, name: str) -> None:
    with client.get(f"/bench/static/{name}") as answer:
        assert answer.status_code == 200


def test_a_scan_goes_down_the_wire(client: FlaskClient, kit: Kit) -> None:
    scanner = SerialScanner(str(kit.folder / "scanner-door"))
    scanner.open()
    try:
        answer = client.post("/bench/api/scan", json={"scanner": "door", "code": "GOOD-1"})
        assert (answer.status_code, answer.json) == (202, {"scanner": "door", "code": "GOOD-1"})
        assert scanner.read(5) == b"GOOD-1"
    finally:
        scanner.close()


def test_the_battery_is_what_is_sent(client: FlaskClient, kit: Kit) -> None:
    answer = client.post("/bench/api/battery", json={"charge_pct": 40, "charging": True, "temperature_c": -3})
    assert answer.json == {"charge_pct": 40, "charging": True, "temperature_c": -3}
    client.post("/bench/api/battery", json={"charge_pct": 41})
    assert client.get("/bench/api/battery").json == {"charge_pct": 41, "charging": True, "temperature_c": -3}
    assert PiJuice(kit.i2c_bus).read().charge_pct == 41


def test_faults_are_listed_set_and_mended(client: FlaskClient, kit: Kit) -> None:
    listed = client.get("/bench/api/fault").json
    assert listed == {"faults": kit.faults(), "current": dict.fromkeys(kit.faults())}
    answer = client.post("/bench/api/fault", json={"device": "printer", "fault": "paper_out"})
    assert answer.json is not None
    assert answer.json["current"]["printer"] == "paper_out"
    assert kit.printer.fault == "paper_out"
    client.post("/bench/api/fault", json={"device": "printer", "fault": None})
    assert kit.printer.fault is None


def test_the_power_is_cut(client: FlaskClient, kit: Kit) -> None:
    cut = {"device": "daemon", "fault": "power_cut"}
    assert client.post("/bench/api/fault", json=cut).status_code == 422
    cuts: list[int] = []
    kit.power_cut = lambda: cuts.append(1)
    assert client.post("/bench/api/fault", json=cut).status_code == 200
    assert cuts == [1]


def test_the_panel_is_told_as_its_pins_are(client: FlaskClient, kit: Kit) -> None:
    assert client.get("/bench/api/panel").json == {
        "lamps": dict.fromkeys(("green", "amber", "red", "status", "printer", "network"), "off"),
        "buzzer": {"state": "off", "beeps_s": []},
        "lights": {"lights_1": "off", "lights_2": "off"},
    }
    pin = kit.pin_factory.pin(17)
    pin.output_with_state(1)
    answer = client.get("/bench/api/panel").json
    assert answer is not None
    assert answer["lamps"]["green"] == "on"


def test_the_stall_s_lights_are_told_as_their_relays_are(client: FlaskClient, kit: Kit) -> None:
    kit.pin_factory.pin(13).output_with_state(1)
    answer = client.get("/bench/api/panel").json
    assert answer is not None
    assert answer["lights"] == {"lights_1": "off", "lights_2": "on"}


def test_the_button_is_pressed(client: FlaskClient, kit: Kit) -> None:
    pin = kit.pin_factory.pin(25)
    answer = client.post("/bench/api/button", json={"seconds": 0.01})
    assert answer.json == {"seconds": 0.01}
    assert [state.state for state in pin.states][-2:] == [False, True]


def test_paper_in_every_format(client: FlaskClient, kit: Kit) -> None:
    put(kit, 1, 2)
    assert client.get("/bench/api/paper").text.splitlines()[::2] == ["Receipt 1", "Receipt 2"]
    assert client.get("/bench/api/paper?last=1").text.splitlines()[0] == "Receipt 2"
    assert client.get("/bench/api/paper?format=raw").data == RECEIPT % 1 + RECEIPT % 2
    assert client.get("/bench/api/paper?format=raw&sheet=1").data == RECEIPT % 1
    picture = client.get("/bench/api/paper?format=png&last=1")
    assert (picture.mimetype, picture.data[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert picture.data == kit.printer.png(1)
    assert client.get("/bench/api/paper?format=sheets&last=1").json == {
        "sheets": [{"number": 2, "bytes": len(RECEIPT % 2), "cut": True}],
        "drawer_pulses": 0,
    }


def test_an_empty_roll_is_a_picture_too(client: FlaskClient) -> None:
    assert client.get("/bench/api/paper?format=png").data[:4] == b"\x89PNG"
    assert client.get("/bench/api/paper").text == ""


@pytest.mark.parametrize("address", ["paper", "paper?format=png&last=1", "panel", "battery", "fault"])
def test_what_is_unchanged_is_not_sent_again(client: FlaskClient, kit: Kit, address: str) -> None:
    first = client.get(f"/bench/api/{address}")
    again = client.get(f"/bench/api/{address}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    put(kit, 1)
    kit.set_battery(charge_pct=5)
    kit.set_fault("printer", "silent")
    kit.pin_factory.pin(17).output_with_state(1)
    changed = client.get(f"/bench/api/{address}", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_paper_of_another_start_is_other_paper(kit: Kit) -> None:
    tags = []
    for _ in range(2):
        app = Flask(__name__)
        app.register_blueprint(create_bench(kit, SAMPLES))
        tags.append(app.test_client().get("/bench/api/paper").headers["ETag"])
    assert tags[0] != tags[1]


SCAN, BATTERY, FAULT, BUTTON = "scan", "battery", "fault", "button"
REFUSALS: list[tuple[str, Any, int, str]] = [
    (SCAN, {"scanner": "roof", "code": "X"}, 404, "unknown_scanner"),
    (SCAN, {"scanner": "door"}, 422, "missing_field"),
    (SCAN, {"scanner": "door", "code": 7}, 422, "wrong_type"),
    (SCAN, {"scanner": "door", "code": ""}, 422, "out_of_range"),
    (SCAN, {"scanner": "door", "code": "X" * 4097}, 422, "out_of_range"),
    (SCAN, {"scanner": "door", "code": "\ud800"}, 422, "bad_text"),
    (SCAN, {"scanner": "till", "code": "Grün"}, 422, "cannot_scan"),
    (SCAN, {"scanner": "door", "code": "X", "speed": 1}, 422, "unknown_field"),
    (SCAN, {"scanner": "\ud800", "code": "X"}, 404, "unknown_scanner"),
    (SCAN, ["door", "X"], 422, "not_an_object"),
    (BATTERY, {"charge_pct": 101}, 422, "out_of_range"),
    (BATTERY, {"charge_pct": float("nan")}, 422, "out_of_range"),
    (BATTERY, {"charge_pct": True}, 422, "wrong_type"),
    (BATTERY, {"charge_pct": None}, 422, "wrong_type"),
    (BATTERY, {"charging": 1}, 422, "wrong_type"),
    (BATTERY, {"charging": None}, 422, "wrong_type"),
    (BATTERY, {"temperature_c": -41}, 422, "out_of_range"),
    (BATTERY, {"charge": 40}, 422, "unknown_field"),
    (FAULT, {"device": "toaster", "fault": None}, 404, "unknown_device"),
    (FAULT, {"device": "printer", "fault": "bored"}, 422, "unknown_fault"),
    (FAULT, {"device": "printer"}, 422, "missing_field"),
    (FAULT, {"device": "printer", "fault": 3}, 422, "wrong_type"),
    (BUTTON, {"seconds": 16}, 422, "out_of_range"),
    (BUTTON, {"seconds": "long"}, 422, "wrong_type"),
]


@pytest.mark.parametrize(("act", "body", "status", "code"), REFUSALS)
def test_what_is_wrong_is_refused(client: FlaskClient, kit: Kit, act: str, body: Any, status: int, code: str) -> None:
    before = (kit.battery(), kit.current_faults())
    answer = client.post(f"/bench/api/{act}", json=body)
    assert answer.json is not None
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert answer.json["error"]["message"].endswith(".")
    assert (kit.battery(), kit.current_faults()) == before


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 60_000])
def test_a_body_that_is_no_json_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/bench/api/scan", data=body, content_type="application/json")
    assert answer.json is not None
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "not_json")


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post("/bench/api/scan", data=b" " * 65_537, content_type="application/json")
    assert answer.json is not None
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("act", [SCAN, BATTERY, FAULT, BUTTON])
def test_forms_are_refused(client: FlaskClient, act: str) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        answer = client.post(f"/bench/api/{act}", data=b"{}", content_type=kind)
        assert answer.json is not None
        assert (answer.status_code, answer.json["error"]["code"]) == (415, "wrong_content_type")


@pytest.mark.parametrize("act", [SCAN, BATTERY, FAULT, BUTTON])
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:81", "https://localhost", "http://["]
)
def test_pages_of_other_sites_are_refused(client: FlaskClient, act: str, origin: str) -> None:
    answer = client.post(f"/bench/api/{act}", json={}, headers={"Origin": origin})
    assert answer.json is not None
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "foreign_page")


def test_the_own_page_may(client: FlaskClient) -> None:
    own = {"Origin": "http://localhost"}
    assert client.post("/bench/api/battery", json={"charge_pct": 9}, headers=own).status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("format=pdf", 422),
        ("last=0", 422),
        ("last=-1", 422),
        ("last=two", 422),
        ("last=²", 422),
        ("last=9999999", 422),
        ("sheet=1", 404),
    ],
)
def test_paper_that_there_is_not_is_refused(client: FlaskClient, query: str, status: int) -> None:
    answer = client.get(f"/bench/api/paper?{query}")
    assert answer.status_code == status
    assert answer.json is not None
    assert set(answer.json["error"]) == {"code", "message"}
