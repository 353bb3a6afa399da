"""The door: which reason wins, and that every verdict is in the journal first."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from appliance.core.admission import MAX_CODE_BYTES, RULES, Decision, Gate, Verdict, judge, normalise, ticket_id
from appliance.core.pricing import Wanted
from appliance.core.trade import Ticket, TicketStatus
from appliance.services import door, till
from appliance.services.tickets import import_tickets, read_tickets
from tests.books import TICKETS_TEXT, Box, all_at_once

GATE = Gate(admits=("workshop", "guest"), time_zone="America/New_York")
USED_AT = "2026-12-05T21:31:00.000000Z"
WRONG = {  # in the order in which the rules decide
    "cancelled": {"status": TicketStatus.CANCELLED},
    "wrong_product": {"product": "lecture"},
    "already_used": {"first_used_at": USED_AT, "first_used_by": "gate"},
}


def ticket(**wrong: object) -> Ticket:
    return Ticket(**{"id": "x", "product": "workshop", "status": TicketStatus.VALID, **wrong})  # type: ignore[arg-type]


def test_every_rule_has_its_place_in_this_table() -> None:
    assert [rule.__name__.removeprefix("_") for rule in RULES] == list(WRONG)


def test_a_good_ticket_is_admitted() -> None:
    assert judge(ticket(), GATE).verdict is Decision.ADMIT
    assert judge(ticket(product="lecture"), Gate()).verdict is Decision.ADMIT  # a door without a list admits all


@pytest.mark.parametrize("reasons", [c for n in (1, 2, 3) for c in itertools.combinations(WRONG, n)], ids="+".join)
def test_the_first_reason_wins_over_those_after_it(reasons: tuple[str, ...]) -> None:
    wrong: dict[str, object] = {}
    for reason in reasons:
        wrong |= WRONG[reason]
    verdict = judge(ticket(**wrong), GATE)
    assert (verdict.verdict, verdict.reason) == (Decision.REFUSE, reasons[0])
    assert verdict.first_used_at == wrong.get("first_used_at")


def test_a_used_ticket_is_told_the_hour_on_the_wall_and_the_door() -> None:
    assert judge(ticket(**WRONG["already_used"]), GATE).message == "First used at 16:31 on 05 December by 'gate'."


def test_a_scan_admits_once_and_then_says_since_when(box: Box) -> None:
    first = box.submit(lambda books: door.scan(books, "STREET-GOOD-1\r\n", "gate"))
    again = box.submit(lambda books: door.scan(books, b"STREET-GOOD-1", "tablet"))
    assert (first.verdict, first.reason, first.seq) == (Decision.ADMIT, "", box.desk.head_seq - 1)
    assert (again.verdict, again.reason, again.seq) == (Decision.REFUSE, "already_used", box.desk.head_seq)
    assert again.first_used_at == box.clock().text()
    assert "by 'gate'" in again.message


def scan_in_a_row(box: Box, *codes: str | bytes) -> list[Verdict]:
    return [box.submit(lambda books, code=code: door.scan(books, code, "gate")) for code in codes]


def test_every_verdict_is_journalled_with_its_reason(box: Box) -> None:
    listed = read_tickets("code,product,status\nGONE,guest,cancelled\nTALK,lecture,valid\n")
    box.submit(lambda books: import_tickets(books, listed, "list.csv"))
    verdicts = scan_in_a_row(box, "STREET-GOOD-1", "STREET-GOOD-1", "GONE", "TALK", "nobody", b"\xff\xfe", "press-50")
    reasons = ["", "already_used", "cancelled", "wrong_product", "unknown", "unreadable", ""]
    assert [verdict.reason for verdict in verdicts] == reasons
    with box.reading() as books:
        entries = books.journal.after(verdicts[0].seq - 1, 100)
    assert [entry.seq for entry in entries] == [verdict.seq for verdict in verdicts]
    assert [entry.data["reason"] for entry in entries] == reasons
    kinds = {"admit": "ticket.admitted", "refuse": "ticket.refused", "info": "code.shown"}
    assert [entry.kind for entry in entries] == [kinds[verdict.verdict] for verdict in verdicts]


def test_the_journal_never_holds_a_code(box: Box) -> None:
    scan_in_a_row(box, "STREET-GOOD-1", "SOMEBODY-ELSES-CODE", "WELCOME-3")
    told = str(box.entries("ticket.admitted", "ticket.refused", "code.shown"))
    for code in ("STREET-GOOD-1", "SOMEBODY-ELSES-CODE", "WELCOME-3"):
        assert code not in told
    assert ticket_id("SOMEBODY-ELSES-CODE") in told


@pytest.mark.parametrize("code", [b"\xff\xfe", "", " \r\n", "\x00\x1b", "x" * (MAX_CODE_BYTES + 1), "\ud800"])
def test_what_cannot_be_read_is_refused_as_such(box: Box, code: str | bytes) -> None:
    (verdict,) = scan_in_a_row(box, code)
    assert (verdict.verdict, verdict.reason) == (Decision.REFUSE, "unreadable")


def test_a_voucher_tells_its_worth_and_when_it_is_used_up(box: Box) -> None:
    for _ in range(5):
        box.submit(lambda books: till.open_order(books, [Wanted("cup", 1)], "press-50"))
    by_percent, by_amount = scan_in_a_row(box, "PRESS-50", "welcome-3")
    assert by_percent.message == "This voucher is used up."
    assert (by_amount.verdict, by_amount.kind, by_amount.message) == (
        "info",
        "voucher",
        "A voucher: $3.00 off at the till.",
    )


def test_a_member_card_tells_its_credits_in_any_case(box: Box) -> None:
    card = box.sell(("circle", 1)).granted["member-circle-1"]
    for verdict in scan_in_a_row(box, card, card.lower()):
        assert (verdict.verdict, verdict.kind, verdict.message) == ("info", "member", "A member, with 0 credits.")


def test_a_ticket_sold_at_the_stall_opens_the_door_once(box: Box) -> None:
    code = box.sell(("workshop-seat", 1)).granted["ticket-workshop-seat-1"]
    assert [verdict.verdict for verdict in scan_in_a_row(box, code, code)] == ["admit", "refuse"]


def test_a_new_list_never_forgets_a_use(box: Box) -> None:
    scan_in_a_row(box, "STREET-GOOD-1")
    listed = read_tickets(
        "code,product,status\nSTREET-GOOD-1,guest,valid\nSTREET-GOOD-2,workshop,valid\nNEW,guest,valid"
    )
    assert box.submit(lambda books: import_tickets(books, listed, "again.csv")) == (1, 1, 1)
    (verdict,) = scan_in_a_row(box, "STREET-GOOD-1")
    assert verdict.reason == "already_used"
    with box.reading() as books:
        counts = books.tickets.counts()
    assert counts["used"] == 1
    assert counts["valid"] + counts["cancelled"] == len(read_tickets(TICKETS_TEXT)) + 1


def test_sixteen_doors_at_one_instant_admit_a_ticket_once(box: Box) -> None:
    codes = [f"RACE-{number}" for number in range(20)]
    listed = read_tickets("code,product\n" + "\n".join(f"{code},guest" for code in codes))
    box.submit(lambda books: import_tickets(books, listed, "race.csv"))
    for code in codes:
        verdicts = all_at_once([lambda code=code: scan_in_a_row(box, code)[0]] * 16)
        assert sorted(verdict.verdict for verdict in verdicts) == ["admit"] + ["refuse"] * 15
    assert len(box.entries("ticket.admitted")) == 20
    assert box.verify() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300), st.text(st.characters(categories=["Cs", "Lu"]))))
@example("x" * 5000)
@example(b"\x00" * 5000)
def test_whatever_is_scanned_gets_a_journalled_refusal(box: Box, code: str | bytes) -> None:
    (verdict,) = scan_in_a_row(box, code)
    assert verdict.verdict is Decision.REFUSE
    assert verdict.reason == ("unreadable" if normalise(code) is None else "unknown")
    assert verdict.seq == box.desk.head_seq
