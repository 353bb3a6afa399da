"""Lists of tickets: all of a file, or every bad line of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.admission import ticket_id
from appliance.core.tomltext import TomlProblems
from appliance.core.trade import TicketStatus
from appliance.services.tickets import MAX_PROBLEMS, chunks, read_tickets
from tests.books import TICKETS_TEXT


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
    assert len(problems_of("code,status\n" + "A,perhaps\n" * 5000)) == MAX_PROBLEMS


@given(st.one_of(st.text(), st.text(st.sampled_from('code,"status\r\n valid\ufeff\x00')).map("code,status\n".__add__)))
def test_whatever_the_text_only_problems_come_out(text: str) -> None:
    try:
        tickets = read_tickets(text)
    except TomlProblems:
        return
    assert len({ticket.id for ticket in tickets}) == len(tickets)


def test_a_long_list_goes_in_by_parts() -> None:
    tickets = read_tickets("code\n" + "\n".join(f"T{number}" for number in range(4500)))
    parts = list(chunks(tickets))
    assert [len(part) for part in parts] == [2000, 2000, 500]
    assert [ticket for part in parts for ticket in part] == sorted(tickets, key=lambda ticket: ticket.id)
