"""The journal in plain words: every kind of entry has its group and a sentence, and none tells what it must not."""

from __future__ import annotations

import re

import pytest

from appliance.core.clock import ClockSource
from appliance.core.journal import KINDS
from appliance.core.ports import Books
from appliance.core.trade import Right
from appliance.services import cashiers, telling
from tests.web.webbox import Box, order_later

LINES = {"lines": [{"offer": "cup", "quantity": 2}]}


def test_every_kind_of_entry_is_in_one_group() -> None:
    found = [kind for group in telling.GROUPS for kind in telling.kinds_of(group)]
    assert sorted(found) == sorted(KINDS)
    assert set(telling.WEIGHTY) <= set(KINDS)


def test_what_happened_is_told_as_people_say_it(box: Box) -> None:
    staff = box.client("staff")
    staff.post("/shifts", {"float_minor": 12345})
    staff.post("/orders", {**LINES, "payment": {"tender": "cash", "amount_minor": 5000}})
    staff.post("/sales/1/refund", {"reason": "a crack", "lines": [{"offer": "cup", "quantity": 1}]})
    staff.post("/scan", {"code": "STREET-GUEST-1", "source": "door"})
    staff.post("/scan", {"code": "nothing", "source": "door"})
    staff.post("/offers/cup/waste", {"quantity": 1, "reason": "fell"})
    staff.post("/shifts/current/cash", {"direction": "out", "amount_minor": 1000, "reason": "parking"})
    order_later(box)
    told = [entry["words"] for entry in staff.get("/journal").json["entries"]]
    for words in (
        "Sale 1, $48.00: 2 × Hand-thrown cup.",
        "$24.00 of sale 1 given back: a crack.",
        "Admitted: Guest of the makers, at door.",
        "Refused at door: Not known.",
        "1 × Hand-thrown cup broke or spoiled: fell.",
        "$10.00 taken out of the drawer: parking.",
        "The till was opened with its float.",
    ):
        assert words in told
    assert "123.45" not in str(told)  # whoever counts the drawer counts it blind


def test_starts_and_jumps_of_the_clock_are_told(box: Box) -> None:
    jump = {"before": "2026-12-05T16:00:00.000000Z", "after": "2026-12-05T17:30:00.000000Z", "asked": False}

    def note(books: Books) -> None:
        for after in ("power", "crash", None):
            books.journal.append("box.started", {"version": "9.9", "after": after})
        for source in ClockSource:
            books.journal.append("clock.set", {**jump, "source": source})

    box.desk.submit(note)
    entries = box.client("staff").get("/journal?group=box").json["entries"]
    told = [entry["words"] for entry in reversed(entries)][-8:]
    assert told[:3] == [
        "The box started after the power was cut, version 9.9.",
        "The box started after a crash, version 9.9.",
        "The box started, version 9.9.",
    ]
    by = ["a time server", "the owner's tablet", "the system", "the system", "the system"]
    assert told[3:] == [f"The clock went from 2026-12-05 16:00 to 2026-12-05 17:30 UTC, by {one}." for one in by]


def test_nothing_is_told_of_the_count(box: Box) -> None:
    staff = box.client("staff")
    staff.post("/shifts", {"float_minor": 12345})
    staff.post("/shifts/current/count", {"count": [{"denomination_minor": 2000, "quantity": 4}]})
    staff.post("/shifts/current/close", {"counted_minor": 9000})
    entries = staff.get("/journal?group=money").json["entries"]
    assert [entry["kind"] for entry in entries] == ["shift.closed", "shift.counted", "shift.opened"]
    assert not re.search(r"123|80\.00|90\.00", " ".join(entry["words"] for entry in entries))


def test_pages_go_back_and_groups_narrow_them(box: Box) -> None:
    staff = box.client("staff")
    for number in range(5):
        staff.post("/scan", {"code": f"nobody {number}"})
        staff.post("/signals", {"what": "browsed"})
    newest = staff.get("/journal?group=door&limit=2").json["entries"]
    older = staff.get(f"/journal?group=door&limit=9&before={newest[-1]['seq']}").json["entries"]
    assert len(newest) == 2
    assert len(older) == 3
    assert {entry["kind"] for entry in newest + older} == {"ticket.refused"}
    seqs = [entry["seq"] for entry in newest + older]
    assert seqs == sorted(seqs, reverse=True)


@pytest.mark.parametrize(
    "query", ["group=weather", "before=0", "before=-1", "before=x", "before=1" + "0" * 30, "limit=101"]
)
def test_a_question_that_makes_no_sense_is_refused(box: Box, query: str) -> None:
    assert box.client("staff").get(f"/journal?{query}").status_code == 422


def test_people_are_named_on_the_screen_and_not_in_the_journal(box: Box) -> None:
    _, pin = box.desk.submit(lambda books: cashiers.add(books, "Zoë", [Right.STOCK]))
    assert pin
    entries = box.client("staff").get("/journal?group=people").json["entries"]
    assert entries[0]["words"] == "Zoë may log in from now on."
    with box.desk.reading() as books:
        assert "Zo" not in str([entry.data for entry in books.journal.all()])


def test_an_entry_of_another_release_is_told_in_general_words(box: Box) -> None:
    box.desk.submit(lambda books: books.journal.append("sale.completed", {"amount": "of a later release"}))
    (newest,) = box.client("staff").get("/journal?limit=1").json["entries"]
    assert newest["words"] == KINDS["sale.completed"]
