"""Lists of tickets: all of a file, or every bad line of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.admission import ticket_id
from appliance.core.errors import NotFound
from appliance.core.lists.listed import ListProblems
from appliance.core.lists.options import Options
from appliance.core.lot import IssuedCode, Lot, to_csv
from appliance.core.tomltext import TomlProblems
from appliance.core.trade import Ticket, TicketStatus
from appliance.core.verdict import CodeKind
from appliance.services import door, tickets
from appliance.services.events import load_event
from appliance.services.tickets import MAX_PROBLEMS, PART, chunks, read_tickets
from tests.books import EVENT_TEXT, TICKETS_TEXT, Box


def problems_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(TomlProblems) as raised:
        read_tickets(text)
    return [(problem.line, problem.message) for problem in raised.value.problems]


def test_the_shipped_list_is_read() -> None:
    ids = {ticket.id: ticket.product for ticket in read_tickets(TICKETS_TEXT)}
    assert len(ids) == len(TICKETS_TEXT.strip().splitlines()) - 1
    assert (ids[ticket_id("STREET-GOOD-1")], ids[ticket_id("STREET-GUEST-1")]) == ("workshop", "guest")


@pytest.mark.parametrize(
    "text",
    [
        "code,product,status\nA1,guest,valid\nB2,guest,cancelled\n",
        "\ufeffcode,product,status\r\nA1,guest,valid\r\nB2,guest,cancelled\r\n",
        'Code , Product,STATUS\n"A1","guest",Valid\n\n "B2" ,guest,CANCELLED'.replace(' "B2" ', "B2"),
        "status,name,code,product\nvalid,Ada,A1,guest\n,,,\ncancelled,Bob,B2,guest\n",
        "code,product,status\rA1,guest,valid\rB2,guest,cancelled\r",
        'code,product,status\n"A1\n",guest,valid\n B2 ,guest , cancelled\n',
    ],
    ids=["plain", "Excel", "quotes and case", "other columns", "old Mac", "line break in quotes"],
)
def test_a_list_is_read_as_programs_write_it(text: str) -> None:
    one, two = read_tickets(text)
    assert (one.id, one.product, one.status) == (ticket_id("A1"), "guest", TicketStatus.VALID)
    assert (two.id, two.product, two.status) == (ticket_id("B2"), "guest", TicketStatus.CANCELLED)


def test_the_code_alone_is_enough() -> None:
    (one,) = read_tickets("code\nA1\n")
    assert (one.product, one.status) == ("", TicketStatus.VALID)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", [(1, "'code' among them")]),
        ("codes,product\nA1,guest", [(1, "is it 'codes'?")]),
        ("code\n\nA1\nA1\n", [(4, "this code is on line 3 already")]),
        (
            "code,status\nA1,perhaps\nB2,valid\n,valid\n",
            [(2, "'perhaps' is not one of valid"), (4, "missing")],
        ),
        ("code,product\nA1,guest,valid\n", [(2, "3 fields, but the first line names 2")]),
        ('code\n"A1\n', [(2, "not valid CSV")]),
        ('code\n"A"1\n', [(2, "not valid CSV")]),
        ('code\n"A\n1"\nB\nB\n', [(5, "this code is on line 4 already")]),
        (f"code\n{'x' * 200_000}\n", [(2, "field larger than field limit")]),
    ],
    ids=["empty", "header", "twice", "status", "fields", "open quote", "quote inside", "line breaks", "huge"],
)
def test_every_bad_line_is_named(text: str, problems: list[tuple[int, str]]) -> None:
    found = problems_of(text)
    assert [line for line, _ in found] == [line for line, _ in problems]
    for (_, message), (_, fragment) in zip(found, problems, strict=True):
        assert fragment in message


def test_a_wholly_wrong_list_is_not_told_line_by_line_for_ever() -> None:
    with pytest.raises(ListProblems) as raised:
        read_tickets("code,status\n" + "A,perhaps\n" * 5000)
    assert (len(raised.value.problems), raised.value.total) == (MAX_PROBLEMS, 5000)


def test_a_code_that_is_there_often_is_named_with_its_first_line() -> None:
    with pytest.raises(ListProblems) as raised:
        read_tickets("code\nA\n" + "B\nA\n" * 200)
    assert (raised.value.problems[0].line, raised.value.total) == (4, 399)
    assert raised.value.problems[0].message == "this code is on line 2 already"


def test_two_positions_with_one_secret_are_named_by_number() -> None:
    positions = '{"secret": "a", "item": 1}, {"secret": "b", "item": 1}, {"secret": "a", "item": 2}'
    assert problems_of(f'[{{"code": "X", "status": "p", "positions": [{positions}]}}]') == [
        (0, "ticket 3 of the file has the same code as ticket 1")
    ]


def test_all_that_a_list_says_of_a_ticket_is_kept_but_its_code_holder_and_note() -> None:
    text = "code;status;valid from;valid until;entries;note;price;name\n"
    text += "A;unpaid;2026-12-05T18:00Z;2026-12-06T02:00Z;3;ramp;7.50;Ada\nB;blocked;;;unlimited\n"
    ticket, other = read_tickets(text)
    assert ticket == Ticket(
        ticket_id("A"),
        "",
        TicketStatus.UNPAID,
        valid_from="2026-12-05T18:00:00.000000Z",
        valid_until="2026-12-06T02:00:00.000000Z",
        entries_allowed=3,
        price_due_minor=750,
    )
    assert (other.status, other.entries_allowed) == (TicketStatus.BLOCKED, 0)


@given(st.one_of(st.text(), st.text(st.sampled_from('code,"status\r\n valid\ufeff\x00')).map("code,status\n".__add__)))
def test_whatever_the_text_only_problems_come_out(text: str) -> None:
    try:
        found = read_tickets(text)
    except TomlProblems:
        return
    assert len({ticket.id for ticket in found}) == len(found)


def test_a_long_list_goes_in_by_parts_in_the_order_of_the_table() -> None:
    found = read_tickets("code\n" + "\n".join(f"T{number}" for number in range(2 * PART + 500)))
    parts = list(chunks(found))
    assert [len(part) for part in parts] == [PART, PART, 500]
    assert [ticket for part in parts for ticket in part] == sorted(found, key=lambda ticket: ticket.id)


def take(box: Box, text: str, source: str, options: Options | None = None) -> tuple[int, int, int]:
    found = read_tickets(text, options)
    return box.submit(lambda books: tickets.import_tickets(books, found, source))


def sources(box: Box) -> dict[str, int]:
    with box.reading() as books:
        return dict(books.tickets.sources())


def test_a_list_taken_in_again_tells_what_is_new_and_what_changed(box: Box) -> None:
    assert take(box, "code,product\nA,guest\nB,guest\n", "one.csv") == (2, 0, 0)
    assert take(box, "code,product\nA,guest\nB,guest\n", "one.csv") == (0, 0, 2)
    assert take(box, "code,product,status\nA,workshop,\nB,guest,cancelled\nC,guest,\n", "two.csv") == (1, 2, 0)
    assert sources(box)["two.csv"] == 3
    assert "one.csv" not in sources(box)


def test_a_use_is_never_forgotten_by_any_list(box: Box) -> None:
    take(box, "code,product\nA,guest\n", "one.csv")
    assert box.submit(lambda books: door.scan(books, "A", "gate")).verdict == "admit"
    for text in ("code,product,status\nA,guest,cancelled\n", "code,product,status\nA,guest,valid\n"):
        assert take(box, text, "two.csv") == (0, 1, 0)
    assert tickets.remove(box.desk, "two.csv") == (0, 1)
    assert box.submit(lambda books: door.scan(books, "A", "gate")).reason == "already_used"


def test_a_list_is_taken_away_but_for_what_was_used(box: Box) -> None:
    rows = "".join(f"T{number},guest\n" for number in range(2 * PART))
    take(box, "code,product\n" + rows, "evening.csv")
    before = sources(box)
    box.submit(lambda books: door.scan(books, "T7", "gate"))
    assert tickets.remove(box.desk, "evening.csv") == (2 * PART - 1, 1)
    assert sources(box) == {**before, "evening.csv": 1}
    assert box.submit(lambda books: door.scan(books, "T8", "gate")).reason == "unknown"
    assert box.submit(lambda books: door.scan(books, "T7", "gate")).reason == "already_used"
    removed = box.entries("tickets.removed")
    assert [entry["removed"] for entry in removed] == [PART, PART - 1]
    assert removed[-1] == {"source": "evening.csv", "removed": PART - 1}
    assert box.verify() == []


def test_removing_stops_when_nothing_is_left(box: Box) -> None:
    take(box, "code\n" + "".join(f"T{number}\n" for number in range(PART)), "evening.csv")
    assert tickets.remove(box.desk, "evening.csv") == (PART, 0)
    with pytest.raises(NotFound) as raised:
        tickets.remove(box.desk, "evening.csv")
    assert raised.value.message == "There is no list 'evening.csv' here; there are 'street-series-tickets.csv'."


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=30))
def test_what_the_box_issues_can_be_taken_in_again(product: str) -> None:
    codes = ["ABCDEFGHJKMN", "NPQRSTUVWXYZ"]
    lot = Lot(CodeKind.TICKET, [IssuedCode(code, "") for code in codes], product)
    found = read_tickets(to_csv(lot))
    expected = [(ticket_id(code), product.strip(), TicketStatus.VALID) for code in codes]
    assert [(one.id, one.product, one.status) for one in found] == expected


def test_tickets_are_tallied_by_product_and_status() -> None:
    found = read_tickets("code,product,status\nA,guest,\nB,guest,cancelled\nC,guest,\nD,,\n")
    assert tickets.tally(found) == {("", "valid"): 1, ("guest", "cancelled"): 1, ("guest", "valid"): 2}


def test_what_is_left_of_a_list_lets_nobody_in_at_the_next_event(box: Box) -> None:
    next_event = EVENT_TEXT.replace('id = "street-series"', 'id = "winter-series"')
    sold = box.sell(("workshop-seat", 1)).granted["ticket-workshop-seat-1"]
    take(box, "code,product\nOURS,guest\n", "ours.csv", Options(event="street-series"))
    box.submit(lambda books: load_event(books, next_event))
    for code in ("OURS", sold):
        assert box.submit(lambda books, code=code: door.scan(books, code, "gate")).reason == "wrong_event"
    take(box, "code,product\nOURS,guest\n", "theirs.csv", Options(event="winter-series"))  # and theirs has it too
    assert box.submit(lambda books: door.scan(books, "OURS", "gate")).verdict == "admit"


def test_the_lists_of_an_event_are_taken_away_with_it(box: Box) -> None:
    take(box, "code\nA1\nA2\n", "same.csv", Options(event="street-series"))
    box.submit(lambda books: door.scan(books, "STREET-GOOD-1", "gate"))
    take(box, "code\nB1\nB2\n", "same.csv", Options(event="winter-series"))
    assert tickets.remove(box.desk, "same.csv", "street-series") == (2, 0)
    assert sources(box)["same.csv"] == 2
    with pytest.raises(NotFound):
        tickets.remove(box.desk, "same.csv", "street-series")
