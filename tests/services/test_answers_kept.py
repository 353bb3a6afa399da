"""Idempotency keys: one effect and one answer, however often and from how many sides a request comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.services import till
from appliance.services.idempotency import answer_once
from tests.books import Box, all_at_once


def ordering(offer: str, quantity: int) -> Callable[[Books], tuple[int, dict[str, Any]]]:
    return lambda books: (201, {"id": till.open_order(books, [Wanted(offer, quantity)]).id, "name": "Tasse für Zoë"})


def ask(box: Box, key: str, sha: str, act: Callable[[Books], tuple[int, dict[str, Any]]]) -> tuple[int, str]:
    return box.submit(lambda books: answer_once(books, key, sha, lambda: act(books)))


def test_sixteen_times_the_same_request_is_one_effect_and_one_answer(box: Box) -> None:
    answers = all_at_once([lambda: ask(box, "key-1", "sha-1", ordering("cup", 2))] * 16)
    assert len(set(answers)) == 1
    assert box.stock("cup") == 38
    status, body = answers[0]  # type: ignore[misc]
    assert (status, json.loads(body)["name"]) == (201, "Tasse für Zoë")


def test_the_answer_is_kept_over_a_restart(box: Box) -> None:
    first = ask(box, "key-1", "sha-1", ordering("cup", 2))
    box.restart()
    assert ask(box, "key-1", "sha-1", ordering("cup", 2)) == first
    assert box.stock("cup") == 38


def test_another_request_under_the_same_key_is_a_conflict(box: Box) -> None:
    ask(box, "key-1", "sha-1", ordering("cup", 2))
    with pytest.raises(Refusal) as refused:
        ask(box, "key-1", "sha-2", ordering("cup", 3))
    assert (refused.value.code, refused.value.status) == ("idempotency_conflict", 409)
    assert box.stock("cup") == 38


def test_a_refusal_is_kept_and_leaves_nothing_else(box: Box) -> None:
    refused = ask(box, "key-1", "sha-1", ordering("cup", 41))
    assert (refused[0], json.loads(refused[1])["error"]["code"]) == (409, "sold_out")
    box.submit(lambda books: till.correct_stock(books, "cup", 100, "found more"))
    assert ask(box, "key-1", "sha-1", ordering("cup", 41)) == refused
    assert (box.stock("cup"), box.entries("order.opened")) == (100, [])


def test_a_crash_is_not_kept(box: Box) -> None:
    def crash(books: Books) -> tuple[int, dict[str, Any]]:
        till.open_order(books, [Wanted("cup", 1)])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(box, "key-1", "sha-1", crash)
    assert box.stock("cup") == 40
    assert ask(box, "key-1", "sha-1", ordering("cup", 1))[0] == 201


def test_old_answers_make_room(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.store.records.KEPT_ANSWERS", 3)
    for number in range(5):
        ask(box, f"key-{number}", "sha", lambda books, number=number: (200, {"number": number}))
    with box.reading() as books:
        assert [books.answers.get(f"key-{number}") is not None for number in range(5)] == [False] * 2 + [True] * 3


def test_what_says_to_try_again_later_is_kept_for_nobody(box: Box) -> None:
    def closing(books: Books) -> tuple[int, dict[str, Any]]:
        ordering("cup", 1)(books)
        raise Refusal("closing", "The box is about to switch off.", 503)

    with pytest.raises(Refusal, match="about to switch off"):
        ask(box, "key-1", "sha-1", closing)
    assert box.stock("cup") == 40
    assert ask(box, "key-1", "sha-1", ordering("cup", 1))[0] == 201
    assert box.stock("cup") == 39
