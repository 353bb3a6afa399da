"""The door: which reason wins, and that every verdict is in the journal first."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from appliance.core.admission import RULES, judge, judge_exit, overrule
from appliance.core.codes import MAX_CODE_BYTES, normalise, ticket_id
from appliance.core.gate import Case, Gate, entered, left
from appliance.core.pricing import Wanted
from appliance.core.trade import EntryRule, Ticket, TicketStatus, TicketType
from appliance.core.verdict import Decision, Direction, Due, Verdict
from appliance.services import door, till
from appliance.services.tickets import import_tickets, read_tickets
from tests.books import TICKETS_TEXT, Box, all_at_once

NOW = dt.datetime(2026, 12, 5, 21, 33, tzinfo=dt.UTC)
USED_AT = "2026-12-05T21:31:00.000000Z"
GATE = Gate(
    admits=("workshop", "guest"),
    time_zone="America/New_York",
    event="street-series",
    types={"workshop": TicketType("workshop", "Workshop corner", offer="seat")},
    prices_minor={"seat": 1200},
    currency="USD",
    capacity=10,
)
LATER, NOW_TEXT = "2026-12-06T00:00:00.000000Z", "2026-12-05T21:33:00.000000Z"


def every_type(**terms: object) -> dict[str, object]:
    """A gate whose types all say this."""
    names = {"workshop": "Workshop corner", "lecture": "Lecture"}
    types = {product: TicketType(product, name, offer="seat", **terms) for product, name in names.items()}  # type: ignore[arg-type]
    return {"types": types}


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong: the rule that objects to it, its reason, what differs at the ticket, gate and code."""

    rule: str
    reason: str
    ticket: dict[str, object] = field(default_factory=dict)
    gate: dict[str, object] = field(default_factory=dict)
    problem: str = ""

    def excludes(self, other: Wrong) -> bool:
        """Tell whether both cannot be at once: a ticket has one status, a code one problem."""
        problems = bool(self.problem and other.problem)
        return problems or bool(self.ticket.keys() & other.ticket.keys() or self.gate.keys() & other.gate.keys())


USED = {"first_used_at": USED_AT, "first_used_by": "gate", "entries_used": 1}
WRONGS: dict[str, Wrong] = {
    "unknown": Wrong("not_known", "unknown", problem="unknown"),
    "mistyped": Wrong("not_known", "unknown", problem="mistyped"),
    "unreadable": Wrong("not_known", "unreadable", problem="unreadable"),
    "forged": Wrong("not_known", "bad_signature", problem="bad_signature"),
    "signed for another event": Wrong("not_known", "wrong_event", problem="wrong_event"),
    "of another event": Wrong("wrong_event", "wrong_event", {"event": "winter-fair"}),
    "cancelled": Wrong("cancelled", "cancelled", {"status": TicketStatus.CANCELLED}),
    "blocked": Wrong("blocked", "blocked", {"status": TicketStatus.BLOCKED}),
    "revoked": Wrong("revoked", "revoked", {"status": TicketStatus.REVOKED}),
    "unpaid": Wrong("unpaid", "unpaid", {"status": TicketStatus.UNPAID}),
    "early": Wrong("not_yet_valid", "not_yet_valid", {"valid_from": LATER}),
    "early by its type": Wrong("not_yet_valid", "not_yet_valid", gate=every_type(valid_from=LATER)),
    "late": Wrong("expired", "expired", {"valid_until": NOW_TEXT}),
    "late by its type": Wrong("expired", "expired", gate=every_type(valid_until=NOW_TEXT)),
    "for another door": Wrong("wrong_product", "wrong_product", {"product": "lecture"}),
    "used up": Wrong("already_used", "already_used", USED),
    "inside already": Wrong("already_used", "already_used", USED | {"entry": EntryRule.REENTRY, "inside": 1}),
    "used today": Wrong("already_used", "already_used", USED | {"entry": EntryRule.DAILY, "last_entry_at": USED_AT}),
    "full": Wrong("full", "full", gate={"inside": 10}),
}
# Which reason a person at the door needs first. Written down by hand: the table of rules is held to it.
ORDER = (
    "not_known", "wrong_event", "cancelled", "blocked", "revoked", "unpaid", "not_yet_valid", "expired",
    "wrong_product", "already_used", "full",
)  # fmt: skip
PAIRS = [
    pair for pair in itertools.combinations(WRONGS, 2) if not WRONGS[pair[0]].excludes(WRONGS[pair[1]])
]  # fmt: skip


def ticket(**wrong: object) -> Ticket:
    return Ticket(**{"id": "x", "product": "workshop", "status": TicketStatus.VALID, **wrong})  # type: ignore[arg-type]


def case(*names: str, gate: Gate = GATE, at: dt.datetime = NOW, **more: object) -> Case:
    """A good ticket with these things wrong about it."""
    terms: dict[str, object] = {}
    for name in names:
        terms |= WRONGS[name].ticket
        gate = replace(gate, **WRONGS[name].gate)  # type: ignore[arg-type]
    return Case(ticket(**terms, **more), gate, at, "".join(WRONGS[name].problem for name in names))


def winner(names: Iterable[str]) -> Wrong:
    return min((WRONGS[name] for name in names), key=lambda wrong: ORDER.index(wrong.rule))


def test_every_rule_has_its_place_and_a_case_that_it_objects_to() -> None:
    assert tuple(rule.__name__.removeprefix("_") for rule in RULES) == ORDER
    assert {wrong.rule for wrong in WRONGS.values()} == set(ORDER)
    together = {frozenset(WRONGS[name].rule for name in pair) for pair in PAIRS}
    statuses = ("cancelled", "blocked", "revoked", "unpaid")
    apart = {frozenset(pair) for pair in itertools.combinations(statuses, 2)}  # a ticket has one of them only
    assert {frozenset(pair) for pair in itertools.combinations(ORDER, 2)} - together == apart


def test_a_good_ticket_is_admitted() -> None:
    assert judge(case()).verdict is Decision.ADMIT
    assert judge(Case(ticket(product="lecture"), Gate(), NOW)).verdict is Decision.ADMIT  # without a list: all


@pytest.mark.parametrize("names", [*((name,) for name in WRONGS), *PAIRS], ids="+".join)
def test_the_first_reason_wins_over_those_after_it(names: tuple[str, ...]) -> None:
    asked = case(*names)
    verdict, expected = judge(asked), winner(names)
    known = not any(WRONGS[name].problem for name in names)
    assert (verdict.verdict, verdict.reason) == (Decision.REFUSE, expected.reason)
    used = any(WRONGS[name].rule == "already_used" for name in names)
    assert verdict.first_used_at == (USED_AT if known and used else None)
    assert verdict.title
    assert verdict.message.endswith(".")
    assert verdict.advice.endswith(".")
    assert verdict.can_override == known
    if known:
        let_in = overrule(asked, verdict)
        assert (let_in.verdict, let_in.overridden, let_in.reason) == (Decision.ADMIT, expected.reason, "")
        out = judge_exit(replace(asked, ticket=replace(asked.ticket, inside=1)))
        assert (out.verdict, out.direction) == (Decision.ADMIT, Direction.EXIT)  # nobody is kept inside


@given(st.lists(st.sampled_from(list(WRONGS)), min_size=1, unique=True))
def test_whatever_is_wrong_at_once_the_first_rule_decides(names: list[str]) -> None:
    kept: list[str] = []
    for name in names:
        if not any(WRONGS[name].excludes(WRONGS[other]) for other in kept):
            kept.append(name)
    assert judge(case(*kept)).reason == winner(kept).reason


def test_no_money_is_asked_for_a_ticket_that_would_not_let_in_afterwards() -> None:
    for name in ("late", "for another door"):
        verdict = judge(case("unpaid", name))
        assert (verdict.reason, verdict.due) == ("unpaid", None)
        assert verdict.advice == f"Take no money for it: {judge(case(name)).message}"
    assert judge(case("unpaid", "early")).due == Due("seat", 1200)  # paid now, good later


def test_a_used_ticket_is_told_the_hour_on_the_wall_and_the_door_and_how_long_ago() -> None:
    assert judge(case("used up")).message == "First used at 16:31 by 'gate', 2 minutes ago."
    later = judge(case("used up", at=NOW + dt.timedelta(days=2)))
    assert later.message == "First used at 16:31 on 05 December by 'gate', 2 days ago."
    back = judge(case("used up", at=NOW - dt.timedelta(hours=1)))
    assert back.message == "First used at 16:31 by 'gate'."


def test_an_unpaid_ticket_says_what_is_missing() -> None:
    assert judge(case("unpaid")).message == "$12.00 for 'Workshop corner' is not paid."
    assert judge(case("unpaid", price_due_minor=350)).message == "$3.50 for 'Workshop corner' is not paid."
    assert (
        judge(Case(ticket(**WRONGS["unpaid"].ticket), Gate(), NOW)).message == "The price for 'workshop' is not paid."
    )


def test_validity_counts_from_its_first_instant_to_just_before_its_last() -> None:
    window = {"valid_from": "2026-12-05T21:00:00.000000Z", "valid_until": "2026-12-05T22:00:00.000000Z"}
    opens, closes = dt.datetime(2026, 12, 5, 21, tzinfo=dt.UTC), dt.datetime(2026, 12, 5, 22, tzinfo=dt.UTC)
    second = dt.timedelta(seconds=1)
    reasons = [judge(case(at=at, **window)).reason for at in (opens - second, opens, closes - second, closes)]
    assert reasons == ["not_yet_valid", "", "", "expired"]
    assert judge(case(at=opens - second, **window)).advice == "Come back at 16:00."


def test_a_type_says_what_its_tickets_do_not() -> None:
    known = TicketType("workshop", valid_until=USED_AT, note="Wristband", entries=3)
    gate = replace(GATE, types={"workshop": known})
    assert judge(case(gate=gate)).reason == "expired"
    own = judge(case(gate=gate, valid_until="9999-12-31T23:59:59.000000Z", note="Ramp", entries_used=2))
    assert (own.verdict, own.note, own.attention, own.card.icon) == (Decision.ADMIT, "Ramp", True, "attention")
    assert judge(case(gate=gate, valid_until="2027-01-01T00:00:00.000000Z", entries_used=3)).reason == "already_used"


def goings(terms: dict[str, object], *steps: str) -> list[str]:
    """What a ticket is told at each step: `in`, `out`, or a number of hours that pass."""
    now, at, told = ticket(**terms), NOW, []
    for step in steps:
        if step not in ("in", "out"):
            at += dt.timedelta(hours=int(step))
            continue
        asked = Case(now, GATE, at)
        verdict = judge(asked) if step == "in" else judge_exit(asked)
        told.append(verdict.reason or str(verdict.verdict))
        if verdict.verdict is Decision.ADMIT:
            now = entered(asked, "gate") if step == "in" else left(now)
    return told


@pytest.mark.parametrize(
    ("terms", "steps", "told"),
    [
        ({}, ("in", "out", "in"), ["admit", "admit", "already_used"]),
        ({"entries_allowed": 2}, ("in", "in", "in"), ["admit", "admit", "already_used"]),
        ({"entries_allowed": 0}, ("in",) * 4, ["admit"] * 4),
        ({"entry": EntryRule.REENTRY}, ("in", "in", "out", "in"), ["admit", "already_used", "admit", "admit"]),
        ({"entry": EntryRule.REENTRY, "entries_allowed": 1}, ("in", "out", "in"), ["admit", "admit", "already_used"]),
        ({"entry": EntryRule.DAILY}, ("in", "out", "in"), ["admit", "admit", "already_used"]),
        # 16:33 at the event; midnight there is 05:00 UTC, seven hours and a half later
        ({"entry": EntryRule.DAILY}, ("in", "7", "in", "1", "in"), ["admit", "already_used", "admit"]),
        ({}, ("out",), ["info"]),
        ({"entries_allowed": 2}, ("in", "in", "out", "out", "out"), ["admit", "admit", "admit", "admit", "info"]),
    ],
    ids=str,
)
def test_how_often_a_ticket_lets_somebody_in(terms: dict[str, object], steps: Sequence[str], told: list[str]) -> None:
    assert goings(terms, *steps) == told


def test_a_full_place_lets_in_whoever_takes_no_more_room() -> None:
    full = replace(GATE, inside=10)
    yesterday = {"last_entry_at": "2026-12-04T21:00:00.000000Z", "entries_used": 1, "inside": 1}
    assert judge(case(gate=full, entry=EntryRule.DAILY, **yesterday)).reason == ""
    assert judge(case(gate=replace(full, inside=9))).reason == ""
    nearly = judge(case(gate=replace(GATE, inside=7, warn_at=8)))
    assert (nearly.attention, nearly.inside, nearly.capacity) == (True, 8, 10)
    assert not judge(case(gate=replace(GATE, inside=6, warn_at=8))).attention


def test_nobody_is_kept_inside(box: Box) -> None:
    listed = read_tickets("code,product,status\nSTREET-GOOD-1,workshop,cancelled\n")
    scan_in_a_row(box, "STREET-GOOD-1")
    box.submit(lambda books: import_tickets(books, listed, "list.csv"))
    out = box.submit(lambda books: door.scan(books, "STREET-GOOD-1", "gate", direction=Direction.EXIT))
    assert (out.verdict, out.card.word, out.inside) == (Decision.ADMIT, "Exit", 0)
    assert len(box.entries("ticket.exited")) == 1


def test_staff_lets_in_against_the_verdict_with_a_reason_in_the_journal(box: Box) -> None:
    scan_in_a_row(box, "STREET-GOOD-1")
    again = box.submit(lambda books: door.scan(books, "STREET-GOOD-1", "gate", override="twins, one ticket"))
    assert (again.verdict, again.overridden, again.inside) == (Decision.ADMIT, "already_used", 2)
    (entry,) = box.entries("ticket.overridden")
    assert (entry["overridden"], entry["override_reason"]) == ("already_used", "twins, one ticket")
    nobody = box.submit(lambda books: door.scan(books, "NOBODY", "gate", override="please"))
    assert (nobody.verdict, nobody.reason, nobody.can_override) == (Decision.REFUSE, "unknown", False)
    good = box.submit(lambda books: door.scan(books, "STREET-GOOD-2", "gate", override="not needed"))
    assert (good.verdict, good.overridden) == (Decision.ADMIT, "")


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


CONTACT = "BEGIN:VCARD\r\nN:Muñoz;Zoë\r\nTEL:+34600111222\r\nEMAIL:zoe@example.org\r\nEND:VCARD".encode("latin-1")
LONG_CODE = b"\xa7a7Kd2Q9xWm4ZtR8p"


@pytest.mark.parametrize(
    ("code", "hashed"),
    [(CONTACT, {}), (b"Zo\xeb", {}), (LONG_CODE, {"raw_sha256": hashlib.sha256(LONG_CODE).hexdigest()})],
)
def test_the_journal_never_holds_what_cannot_be_read(box: Box, code: bytes, hashed: dict[str, str]) -> None:
    scan_in_a_row(box, code)
    (entry,) = box.entries("ticket.refused")
    assert entry["raw_bytes"] == len(code)
    assert {key: value for key, value in entry.items() if "sha256" in key or "scrypt" in key} == hashed
    told = str(entry)
    for piece in ("Zo", "600111222", "example.org", base64.b64encode(code).decode()[:8]):
        assert piece not in told


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
        assert (verdict.verdict, verdict.kind) == ("info", "member")
        assert verdict.message == "A member until 2027-12-05 16:30, with 0 credits."


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
    assert sum(counts.values()) - counts["used"] == len(read_tickets(TICKETS_TEXT)) + 1


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
