"""What papers say in each language: complete, with the same places, and narrow enough for the narrowest paper."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.document import Document, plain_text
from appliance.core.eventfile import read_event
from appliance.core.order_slip import order_slip
from appliance.core.pricing import Wanted, price
from appliance.core.receipt import receipt
from appliance.core.sms.message import receipt_text
from appliance.core.sms.parts import parts_of
from appliance.core.texts import LANGUAGES, english, own_texts, paper_money, text_problem
from appliance.core.tomltext import TomlProblems
from appliance.core.trade import Event, Order, OrderStatus, Payment, Sale, Tender
from tests.books import EVENT_TEXT

AT = "2026-12-05T16:04:00.000000Z"
COLUMNS = 32  # 58 mm paper
POLISH = """
[texts]
decimal_mark = ","
money = "{number} {symbol}"
total = "RAZEM"
cash = "Gotówka"
"""


def event_in(language: str, more: str = "") -> Event:
    top, *tables = EVENT_TEXT.split("[[", 1)
    return read_event(f'{top}language = "{language}"\n{more}\n[[' + "[[".join(tables))


def sale_in(event: Event) -> Sale:
    lines = price(event, [Wanted("cup", 2), Wanted("circle", 1)])
    total = sum(line.total_minor for line in lines)
    ways = [(Tender.CARD, 1000, 1000), (Tender.CASH, total - 1000, total)]
    payments = tuple(Payment("o", tender, minor, given, AT, tip_minor=0) for tender, minor, given in ways)
    granted = {"member-circle-1": "MAF7T4FSWQU"}
    return Sale(7, "o", event.currency, total, 0, lines, payments, AT, 9, granted, rehearsal=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_everything(language: str) -> None:
    said = own_texts(language)
    assert list(said) == list(english())
    assert {key: problem for key, text in said.items() if (problem := text_problem(key, text, english()[key]))} == {}
    if language != "en":
        same = {key for key in said if said[key] == english()[key]}
        assert same <= {"total", "signature"}, "words that were not translated"


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_leave_room_for_an_amount_on_narrow_paper(language: str) -> None:
    said = own_texts(language)
    for key in ("total", "cash", "card", "credit", "voucher", "transfer", "credits_left", "card_left", "tip",
                "rounding", "change", "tip_back", "paid_already", "to_pay", "amount", "reference"):  # fmt: skip
        assert len(said[key]) <= COLUMNS - 12, f"{key} leaves no room for 12,345.67 €"


@pytest.mark.parametrize("language", LANGUAGES)
def test_papers_are_in_the_event_s_language_alone(language: str) -> None:
    event = event_in(language)
    order = Order("0" * 36, OrderStatus.OPEN, "USD", sale_in(event).lines, 6300, 100, None, None, AT)
    papers = [receipt(sale_in(event), event), order_slip(order, event, AT)]
    said = " ".join(plain_text(paper, COLUMNS) for paper in papers).replace("\n", " ")
    for key in (
        "total",
        "card",
        "cash",
        "change",
        "rehearsal",
        "member",
        "order",
        "paid_already",
        "to_pay",
        "pay_at_till",
    ):
        assert re.sub(r"\s+", " ", own_texts(language)[key]) in re.sub(r"\s+", " ", said) or key == "pay_at_till"
    if language != "en":
        for key in ("change", "paid_already", "to_pay", "rehearsal"):
            assert english()[key] not in said


def test_amounts_are_written_as_the_language_does() -> None:
    written = {language: paper_money("EUR", own_texts(language)).text(-123450) for language in LANGUAGES}
    assert written.pop("en") == "-€1234.50"
    assert set(written.values()) == {"-1234,50 €"}
    assert paper_money("CHF", own_texts("de")).text(1250) == "12,50 CHF"
    assert paper_money("JPY", own_texts("de")).text(1250) == "1250 ¥"


def test_any_other_language_comes_with_the_event_file() -> None:
    top, *tables = EVENT_TEXT.split("[[", 1)
    polish = read_event(f'{top}language = "pl"\n[[' + "[[".join(tables) + POLISH)
    paper = plain_text(receipt(sale_in(polish), polish), COLUMNS)
    assert "RAZEM" in paper
    assert "Gotówka" in paper
    assert "Change" in paper, "what the file leaves out is said in English"
    assert re.search(r"63,00 \$", paper)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('totl = "SUM"', "no such text; did you mean 'total'"),
        ('receipt = "Beleg"', "must hold what"),
        ('receipt = "Beleg {nummer}"', "must hold what"),
        ('total = ""', "one line of 1 to 120"),
        ('money = "{number}{symbol}"', "must be"),
        ('decimal_mark = ";"', "must be"),
        ("total = 3", "must be a text"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(line: str, problem: str) -> None:
    with pytest.raises(TomlProblems, match=problem):
        read_event(EVENT_TEXT + f"\n[texts]\n{line}\n")


def test_an_unknown_language_needs_its_texts() -> None:
    with pytest.raises(TomlProblems, match=r"no texts in 'pl': write them as \[texts\]"):
        event_in("pl")
    with pytest.raises(TomlProblems, match="no language such as"):
        event_in("german!")


@given(st.text(max_size=130))
def test_any_text_is_taken_or_refused_with_a_reason(text: str) -> None:
    problem = text_problem("receipt", text, english()["receipt"])
    if problem is None:
        assert text.format(number=7)
    assert problem is None or problem.startswith("must")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_by_text_message_is_one_message(language: str) -> None:
    event = replace(event_in(language), seller=("Stall Nord",))
    text = receipt_text(replace(sale_in(event), rehearsal=False), event)
    assert len(parts_of(text, 1)) == 1
    assert isinstance(receipt(sale_in(event), event), Document)
