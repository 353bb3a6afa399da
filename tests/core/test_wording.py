"""The guest's line: every reason in every language, with the same parameters, for whatever ticket there is."""

from __future__ import annotations

import datetime as dt
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.admission import RULES, judge, judge_exit, overrule
from appliance.core.gate import Case, Gate
from appliance.core.lists.listed import ListedTicket
from appliance.core.lists.reader import open_text
from appliance.core.trade import Ticket, TicketStatus, TicketType
from appliance.core.verdict import Decision
from appliance.core.wording import LANGUAGES, TEXTS, language_of

AT = dt.datetime(2026, 12, 5, 21, 30, tzinfo=dt.UTC)
NOON = "2026-12-05T12:00:00.000000Z"
GATE = Gate(
    admits=("seat",),
    types={"seat": TicketType("seat", "Seat", offer="seat")}, prices_minor={"seat": 1200}, currency="EUR",
    event="fair", time_zone="Europe/Berlin", inside=5, capacity=5,
)  # fmt: skip


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_there_in_every_language_with_the_same_placeholders(key: str) -> None:
    titles, messages = zip(*TEXTS[key], strict=True)
    assert len(messages) == len(LANGUAGES)
    assert all(title and not placeholders(title) for title in titles)
    assert len({frozenset(placeholders(message)) for message in messages}) == 1
    assert len(set(messages)) == len(messages)  # none was left untranslated


def test_every_rule_has_its_text() -> None:
    reasons = {rule.__name__.removeprefix("_") for rule in RULES} - {"not_known"}
    assert reasons | {"unknown", "bad_signature", "unreadable", "admit", "exit", "unpaid_price"} == set(TEXTS)


@pytest.mark.parametrize(
    ("language", "more", "said"),
    [
        ("de", {}, "5 Personen sind drin, 5 dürfen es sein. Bitte warten Sie, bis jemand geht."),
        ("fr", {"status": TicketStatus.UNPAID, "price_due_minor": 750},
         "Il reste €7.50 à payer. Vous pouvez payer à la caisse."),
        ("es", {"valid_until": NOON}, "Esta entrada era válida hasta 13:00."),
        ("en", {"valid_from": "2026-12-31T12:00:00.000000Z"}, "This ticket is valid from 2026-12-31 13:00."),
        ("de", {"first_used_at": NOON, "entries_used": 1}, "Dieses Ticket wurde schon benutzt, zuerst um 13:00."),
        ("it", {"product": "corso"}, "Il suo biglietto (corso) non è valido a questo ingresso."),
        ("pt", {"first_used_at": NOON, "entries_used": 1}, "Este bilhete já foi utilizado, a primeira vez: 13:00."),
        ("fr", {"product": "stage"}, "Votre billet (stage) n'est pas valable à cette porte."),
    ],
)  # fmt: skip
def test_it_says_what_the_verdict_says(language: str, more: dict[str, object], said: str) -> None:
    ticket = Ticket(**{"id": "t", "product": "seat", "status": TicketStatus.VALID, "language": language, **more})  # type: ignore[arg-type]
    verdict = judge(Case(ticket, GATE, AT))
    assert verdict.guest is not None
    assert (verdict.guest.language, verdict.guest.message) == (language, said)


def test_a_ticket_without_a_language_says_nothing_to_a_guest() -> None:
    assert judge(Case(Ticket("t", "seat", TicketStatus.VALID), GATE, AT)).guest is None


@given(
    st.builds(
        Ticket, id=st.just("t"), product=st.sampled_from(["seat", "stage", "{0}", "{price}"]),
        status=st.sampled_from(TicketStatus), first_used_at=st.none() | st.just(NOON), event=st.sampled_from(["", "x"]),
        valid_from=st.none() | st.just("9999-12-31T23:59:59.000000Z"), valid_until=st.none() | st.just(NOON),
        inside=st.integers(0, 1), language=st.sampled_from(LANGUAGES),
    )
)  # fmt: skip
def test_there_is_a_line_for_every_verdict_on_a_ticket(ticket: Ticket) -> None:
    case = Case(ticket, GATE, AT)
    refusal = judge(case)
    for verdict in (refusal, judge_exit(case), overrule(case, refusal)):
        assert (verdict.guest is None) == (verdict.verdict is Decision.INFO)


@pytest.mark.parametrize(
    ("text", "language"),
    [("de", "de"), ("DE-at", "de"), ("de-informal", "de"), ("fr_CH", "fr"), ("Estonian", ""), ("nl", ""), ("", "")],
)
def test_a_language_is_read_as_lists_write_it(text: str, language: str) -> None:
    assert language_of(text) == language


def test_lists_say_a_language_by_a_column_or_as_the_locale_of_an_order() -> None:
    table = open_text("code,product,locale\nA,seat,de-informal\nB,seat,\nC,seat,nl\n")
    orders = open_text('[{"code": "X", "status": "p", "locale": "fr", "positions": [{"secret": "D"}]}]')
    found = [row for rows in (table, orders) for row in rows.rows() if isinstance(row, ListedTicket)]
    assert {row.code: row.language for row in found} == {"A": "de", "B": "", "C": "", "D": "fr"}
    assert table.mapping["language"] == "locale"
