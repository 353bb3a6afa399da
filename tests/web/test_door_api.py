"""The door over HTTP: which way, against the verdict, how many are inside."""

from __future__ import annotations

from tests.web.webbox import Box

REASON = {"reason": "came with the band"}


def test_the_card_has_a_word_a_colour_an_icon_a_sound_and_a_light(box: Box) -> None:
    staff = box.client("staff")
    seen = [staff.post("/scan", {"code": code}).json for code in ("STREET-GOOD-1", "STREET-GUEST-1", "x", "PRESS-50")]
    cards = [tuple(one[name] for name in ("word", "colour", "icon", "sound", "light")) for one in seen]
    assert cards == [
        ("Admit", "green", "admit", "admit", "on"),
        ("Admit and look", "amber", "attention", "attention", "on"),
        ("Refuse", "red", "refuse", "refuse", "fast"),
        ("Note", "blue", "info", "attention", "off"),
    ]
    assert (seen[0]["ticket_type"], seen[1]["note"]) == ("Workshop corner", "Hand out a wristband.")
    notes = [one["note"] for one in staff.get("/door").json["newest"]]  # for the tablet beside a scanner
    assert notes == ["", "", "Hand out a wristband.", ""]


def test_people_are_counted_in_and_out(box: Box) -> None:
    staff = box.client("staff")
    for code, direction in (("STREET-GOOD-1", "entry"), ("STREET-GOOD-2", None), ("STREET-GOOD-1", "exit")):
        answer = staff.post("/scan", {"code": code, "direction": direction})
        assert answer.json["verdict"] == "admit"
    door = staff.get("/door").json
    assert (door["inside"], door["capacity"], door["level"]) == (1, None, "free")
    assert [one["direction"] for one in door["newest"]] == ["exit", "entry", "entry"]
    assert staff.get("/state").json["counts"]["inside"] == 1
    assert staff.post("/scan", {"code": "a", "direction": "sideways"}).json["error"]["code"] == "unknown_choice"


def test_only_staff_lets_in_against_the_verdict(box: Box) -> None:
    kiosk, staff = box.client("kiosk"), box.client("staff")
    kiosk.post("/scan", {"code": "STREET-GOOD-1"})
    refused = kiosk.post("/scan", {"code": "STREET-GOOD-1", "override": REASON})
    assert (refused.status_code, refused.json["error"]["code"]) == (403, "forbidden")
    assert staff.post("/scan", {"code": "STREET-GOOD-1", "override": {}}).json["error"]["code"] == "missing_field"
    let_in = staff.post("/scan", {"code": "STREET-GOOD-1", "override": REASON}).json
    assert (let_in["verdict"], let_in["reason"], let_in["overridden"]) == ("admit", "", "already_used")
    newest = staff.get("/verdicts").json["verdicts"][0]
    assert (newest["seq"], newest["overridden"], newest["word"]) == (let_in["seq"], "already_used", "Admit and look")
    assert staff.get("/state").json["counts"]["admitted"] == 2


def test_a_kiosk_sees_no_door(box: Box) -> None:
    assert box.client("kiosk").get("/door").status_code == 403


def test_a_scanner_is_calibrated_on_request(box: Box) -> None:
    staff = box.client("staff")
    card = staff.post("/door/calibration", {"scanner": "till"}).json["card"]
    assert staff.post("/scan", {"code": card, "source": "till"}).json["title"] == "Scanner calibrated"
