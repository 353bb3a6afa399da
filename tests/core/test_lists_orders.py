"""pretix's orders in JSON, whole and broken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.lists.listed import ListedStatus
from appliance.core.lists.options import Options
from appliance.core.lists.reader import open_text
from tests.core.lists import listed, problems


def order(*positions: Any, **fields: Any) -> dict[str, Any]:
    return {"code": "FOO", "status": "p", "positions": list(positions), **fields}


def position(**fields: Any) -> dict[str, Any]:
    return {"secret": "s1", "item": 1, **fields}


@pytest.mark.parametrize(
    "document",
    [
        {"event": {"orders": [order(position())]}},
        {"orders": [order(position())]},
        {"results": [order(position())]},
        [order(position())],
        [{"results": [order(position())]}],
        {"event": {"name": "x", "orders": [order(position())]}, "more": {"deep": [1, {"positions": 2}]}},
    ],
    ids=["export", "orders", "page", "list", "list of pages", "more around it"],
)
def test_orders_are_found_where_they_are(document: Any) -> None:
    for text in (json.dumps(document), json.dumps(document, indent=1), "\ufeff" + json.dumps(document) + "\n"):
        (one,) = listed(text)
        assert (one.code, one.product) == ("s1", "item 1")


@pytest.mark.parametrize(
    ("order_fields", "position_fields", "status"),
    [
        ({"status": "p"}, {}, ListedStatus.VALID),
        ({"status": "n"}, {}, ListedStatus.UNPAID),
        ({"status": "e"}, {}, ListedStatus.CANCELLED),
        ({"status": "c"}, {}, ListedStatus.CANCELLED),
        ({"status": "n", "valid_if_pending": True}, {}, ListedStatus.VALID),
        ({"status": "n", "require_approval": True, "valid_if_pending": True}, {}, ListedStatus.BLOCKED),
        ({"status": "p"}, {"canceled": True}, ListedStatus.CANCELLED),
        ({"status": "p"}, {"blocked": ["admin"]}, ListedStatus.BLOCKED),
        ({"status": "p"}, {"blocked": []}, ListedStatus.VALID),
        ({"status": "c"}, {"blocked": ["admin"]}, ListedStatus.CANCELLED),
        ({"status": "n"}, {"blocked": ["admin"]}, ListedStatus.BLOCKED),
        ({"status": "n", "valid_if_pending": True}, {"canceled": True}, ListedStatus.CANCELLED),
    ],
)
def test_what_becomes_of_a_position(
    order_fields: dict[str, Any], position_fields: dict[str, Any], status: ListedStatus
) -> None:
    (one,) = listed(json.dumps([order(position(**position_fields), **order_fields)]))
    assert one.status is status


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (order(position(), position(secret="")), "order FOO, position 2: has no secret"),
        (order({}), "order FOO, position 1: has no secret"),
        (order(position(secret=["s"])), "order FOO, position 1: has no secret"),
        (order("s1"), "order FOO, position 1: is not an object"),
        (order(position(), status="x"), "order FOO, position 1: the order's status is none of n, p, e, c"),
        (order(position(valid_from="soon")), "order FOO, position 1: its valid_from is not a time"),
        (order(position(valid_until=12)), "order FOO, position 1: its valid_until is not a time"),
        ({"positions": {}}, "order 1: its positions are not a list"),
        (order(position(subevent=14), position(subevent=15)), "order FOO, position 2: this ticket is for '15'"),
    ],
)
def test_a_bad_position_is_named(wrong: Any, sentence: str) -> None:
    ((line, message),) = problems(json.dumps({"results": [wrong]}))
    assert line == 0
    assert message.startswith(sentence)


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("{", 1, "not valid JSON"),
        ("[", 1, "not valid JSON"),
        ('{"orders": [\n{"code"', 2, "not valid JSON"),
        ('{"orders": [],}', 1, "not valid JSON: Expecting a value after the comma"),
        ('{"orders" []}', 1, "not valid JSON: Expecting ':'"),
        ("[] 1", 1, "not valid JSON: Expecting an object or a list"),
        ("{1: 2}", 1, "not valid JSON"),
        ("[" * 100_000, 0, "nested too deep"),
        ('{"event": ' * 100_000, 0, "nested too deep"),
        ("[" + "9" * 5_000 + "]", 0, "a number is too long"),
        ("{}", 0, "there are no orders in this file"),
        ('[{"id": 1, "name": "Workshop"}]', 0, "there are no orders in this file"),
    ],
)
def test_what_is_no_file_of_orders_is_told(text: str, line: int, sentence: str) -> None:
    found = problems(text)
    assert found[0][0] == line or found[-1][0] == line
    assert any(sentence in message for _, message in found)


def test_names_of_products_may_be_in_languages() -> None:
    items = {"items": [{"id": 1, "name": {"de": "Töpfern", "en": "Pottery"}}, {"id": 2, "name": {"de": "Malen"}}]}
    text = json.dumps(items) + json.dumps(
        [order(position(), position(secret="s2", item=2), position(secret="s3", item=3))]
    )
    assert [one.product for one in listed(text)] == ["Pottery", "Malen", "item 3"]


def test_one_date_is_chosen_by_its_number() -> None:
    text = json.dumps([order(position(subevent=14), position(secret="s2", subevent=15))])
    rows = open_text(text, Options(date="15"))
    assert [row.code for row in rows.rows() if hasattr(row, "code")] == ["s2"]
    assert rows.skipped == {"for another date": 1}


def test_columns_cannot_be_told_of_json() -> None:
    ((_, message),) = problems("{}", Options(told={"code": "secret"}))
    assert "leave out --preset and --map" in message


_KEYS = st.sampled_from(
    "event orders results items positions code status secret item variation variations subevent id name price canceled"
    " blocked valid_from valid_until testmode admission attendee_name".split()
)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner),
)


@given(st.dictionaries(_KEYS, _ANY) | st.lists(st.dictionaries(_KEYS, _ANY)))
def test_whatever_the_document_only_problems_come_out(document: Any) -> None:
    problems(json.dumps(document))


@given(st.dictionaries(_KEYS, _ANY), st.dictionaries(_KEYS, _ANY))
def test_whatever_a_position_says(fields: dict[str, Any], of_order: dict[str, Any]) -> None:
    problems(
        json.dumps(
            {"items": [{"id": 1, **fields}], "orders": [{**of_order, "positions": [fields, position(**fields)]}]}
        )
    )


@given(st.text(st.sampled_from('{}[]",: \n\\u12"positions""results""secret"')).map("[".__add__))
def test_whatever_the_text(text: str) -> None:
    problems(text)


REVOKED = {"id": 1, "secret": "s1", "created": "2026-12-01T10:00:00Z"}
BLOCKED = {"id": 2, "secret": "s2", "blocked": True, "updated": "2026-12-01T10:00:00Z"}


def test_pretix_s_revoked_and_blocked_secrets_are_read_as_its_api_answers_them() -> None:
    pages = [{"count": 2, "next": None, "previous": None, "results": [one]} for one in (REVOKED, BLOCKED)]
    text = "\n".join(map(json.dumps, [*pages, [{**BLOCKED, "secret": "s3", "blocked": False}]]))
    rows = listed(text, Options(event="fair"))
    found = [(one.code, one.status, one.event) for one in rows]
    assert all(one.status_only for one in rows)
    assert found == [
        ("s1", ListedStatus.REVOKED, "fair"),
        ("s2", ListedStatus.BLOCKED, "fair"),
        ("s3", ListedStatus.VALID, "fair"),
    ]


def test_a_secret_that_cannot_be_read_is_named() -> None:
    wrong = [{**REVOKED, "secret": None}, {"id": 3, "secret": "s4"}]
    assert problems(json.dumps({"results": wrong})) == [
        (0, "secret 1: cannot be read"),
        (0, "secret 2: is neither of pretix's revokedsecrets nor of its blockedsecrets"),
    ]
