"""The door, shifts, paper and signals over HTTP."""

from __future__ import annotations

import pytest

from appliance.core.trade import PrintStatus
from appliance.services import printing
from tests.web.webbox import Box

PAID = {"lines": [{"offer": "cup", "quantity": 1}], "payment": {"tender": "cash", "amount_minor": 2400}}


@pytest.mark.parametrize(
    ("code", "verdict", "reason", "kind"),
    [
        ("STREET-GOOD-1", "admit", "", "ticket"),
        ("  STREET-GOOD-1\r\n", "admit", "", "ticket"),
        ("nothing", "refuse", "unknown", "unknown"),
        ("", "refuse", "unreadable", "unknown"),
        ("x" * 5000, "refuse", "unreadable", "unknown"),
        ("press-50", "info", "", "voucher"),
    ],
)
def test_a_scan_has_the_promised_shape(box: Box, code: str, verdict: str, reason: str, kind: str) -> None:
    answer = box.client("kiosk").post("/scan", {"code": code, "source": "door"})
    assert answer.status_code == 200
    said = answer.json
    assert (said["verdict"], said["reason"], said["kind"]) == (verdict, reason, kind)
    assert said["title"]
    assert said["message"]
    assert said["seq"] == box.desk.head_seq
    assert box.scanned[0][0].seq == said["seq"]


def test_the_newest_scans_are_told_newest_first(box: Box) -> None:
    kiosk = box.client("kiosk")
    said = [kiosk.post("/scan", {"code": "STREET-GOOD-1"}).json for _ in range(2)]
    verdicts = box.client("staff").get("/verdicts").json["verdicts"]
    assert [(one["seq"], one["verdict"], one["reason"], one["source"]) for one in verdicts] == [
        (said[1]["seq"], "refuse", "already_used", "tablet"),
        (said[0]["seq"], "admit", "", "tablet"),
    ]
    assert verdicts[0]["first_used_at"] == said[1]["first_used_at"]


def test_a_shift_from_float_to_difference(box: Box) -> None:
    staff = box.client("staff")
    assert staff.get("/shifts/report").json["error"]["code"] == "no_shift"
    opened = staff.post("/shifts", {"float_minor": 5000})
    assert (opened.status_code, opened.json["float_minor"]) == (201, 5000)
    assert staff.post("/shifts", {"float_minor": 1}).json["error"]["code"] == "shift_open"
    staff.post("/orders", PAID)
    assert staff.get("/shifts/report").json["expected_minor"] == 7400
    closed = staff.post("/shifts/current/close", {"counted_minor": 7300})
    assert closed.status_code == 200
    assert (closed.json["kind"], closed.json["difference_minor"]) == ("Z", -100)
    assert closed.json["tenders"] == {"cash": 2400}
    assert staff.post("/shifts/current/close", {"counted_minor": 0}).status_code == 409


def test_a_doubtful_print_is_settled_by_a_person(box: Box) -> None:
    staff = box.client("staff")
    staff.post("/orders", PAID)
    job = box.desk.submit(printing.claim_next)
    assert job is not None
    path = f"/prints/{job.id}"
    assert staff.post(f"{path}/settle", {"on_paper": True}).json["error"]["code"] == "not_unsure"
    box.desk.submit(lambda books: printing.finish(books, job.id, PrintStatus.UNSURE, "The cable was pulled."))
    listed = staff.get("/prints").json["prints"]
    assert [(one["status"], one["subject"], one["reason"]) for one in listed] == [
        ("unsure", "sale 1", "The cable was pulled.")
    ]
    assert staff.post(f"{path}/settle", {"on_paper": True}).json["print"]["status"] == "printed"
    copy = staff.post(f"{path}/reprint")
    assert (copy.status_code, copy.json["print"]["status"], copy.json["print"]["id"] > job.id) == (201, "queued", True)


def test_a_print_that_is_not_on_paper_is_queued_again(box: Box) -> None:
    staff = box.client("staff")
    staff.post("/orders", PAID)
    job = box.desk.submit(printing.claim_next)
    assert job is not None
    box.desk.submit(lambda books: printing.finish(books, job.id, PrintStatus.UNSURE))
    settled = staff.post(f"/prints/{job.id}/settle", {"on_paper": False})
    assert (settled.status_code, settled.json["print"]["status"]) == (200, "queued")


def test_a_signal_is_noted_in_the_journal(box: Box) -> None:
    answer = box.client("kiosk").post("/signals", {"what": "tried", "persona": "lurker", "offer": "cup"})
    assert (answer.status_code, answer.json) == (201, {"noted": "tried"})
    with box.desk.reading() as books:
        newest = books.journal.newest(["signal.noted"], 1)[0]
    assert newest.data == {"what": "tried", "persona": "lurker", "offer": "cup", "window": "market-square"}
    unknown = box.client("kiosk").post("/signals", {"what": "browsed", "offer": "none"})
    assert (unknown.status_code, unknown.json["error"]["code"]) == (404, "offer_unknown")
