"""Cashiers: PINs that the box draws, that nobody can read again, and that are all different."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Callable

import pytest

from appliance.core.errors import Refusal
from appliance.core.pins import is_weak_pin, pin_hash
from appliance.core.trade import Right
from appliance.services import cashiers
from tests.books import Box


def draws(*pins: int) -> Callable[[int], int]:
    numbers = itertools.chain(pins)
    return lambda below: next(numbers)


def test_a_pin_is_drawn_again_while_it_is_weak_or_somebody_has_it(box: Box) -> None:
    ana, first = box.submit(lambda books: cashiers.add(books, "Ana", [], digits=draws(111_111, 123_456, 402_957)))
    drawn = draws(402_957, 718_036, 593_182)
    ben, second = box.submit(lambda books: cashiers.add(books, "Ben", [], ["718036"], digits=drawn))
    assert (first, second, ana.id, ben.id) == ("402957", "593182", "c1", "c2")
    assert not is_weak_pin(first)
    with box.reading() as books:
        found = [cashiers.by_pin(books, pin) for pin in (first, second, "718036", "", "é")]
    assert [cashier and cashier.name for cashier in found] == ["Ana", "Ben", None, None, None]


def test_the_store_keeps_a_salted_hash_and_no_pin(box: Box) -> None:
    ana, pin = box.submit(lambda books: cashiers.add(books, "Ana", [Right.REFUND]))
    with contextlib.closing(sqlite3.connect(box.path)) as store:
        row = store.execute("SELECT name, rights, pin_salt, pin_hash FROM cashiers").fetchone()
        everything = "".join(store.iterdump())
    assert row == ("Ana", '["refund"]', ana.pin_salt, pin_hash(pin, ana.pin_salt))
    assert len(bytes.fromhex(ana.pin_salt)) == 16
    assert f"'{pin}'" not in everything
    assert ana.pin_hash not in repr(ana)


def test_a_removed_cashier_and_an_old_pin_open_nothing(box: Box) -> None:
    ana, old = box.submit(lambda books: cashiers.add(books, "Ana", []))
    _, new = box.submit(lambda books: cashiers.new_pin(books, "ana"))
    with box.reading() as books:
        assert cashiers.by_pin(books, old) is None
        assert cashiers.by_session(books, ana.id, 1) is None
        assert cashiers.by_session(books, ana.id, 2) is not None
    box.submit(lambda books: cashiers.remove(books, ana.id))
    box.restart()
    with box.reading() as books:
        assert cashiers.by_pin(books, new) is None
        assert cashiers.by_session(books, ana.id, 2) is None
        assert cashiers.names(books) == {"c1": "Ana"}
    again, _ = box.submit(lambda books: cashiers.add(books, "Ana", []))
    assert again.id == "c2"
    kinds = ("cashier.added", "cashier.pin_changed", "cashier.removed")
    assert box.entries(*kinds) == [{"id": "c1", "rights": []}, {"id": "c1"}, {"id": "c1"}, {"id": "c2", "rights": []}]


@pytest.mark.parametrize(
    ("name", "code"), [("", "bad_name"), ("x" * 41, "bad_name"), ("a\nb", "bad_name"), (" ANA ", "cashier_known")]
)
def test_a_name_is_plain_and_one_persons(box: Box, name: str, code: str) -> None:
    box.submit(lambda books: cashiers.add(books, "Ana", []))
    with pytest.raises(Refusal) as refused:
        box.submit(lambda books: cashiers.add(books, name, []))
    assert refused.value.code == code


@pytest.mark.parametrize("act", [cashiers.remove, cashiers.new_pin])
def test_a_stranger_is_neither_removed_nor_given_a_pin(box: Box, act: Callable[..., object]) -> None:
    with pytest.raises(Refusal) as refused:
        box.submit(lambda books: act(books, "Zoe"))
    assert refused.value.code == "cashier_unknown"
