"""Loading an event: anew, changed, and another one in its place."""

from __future__ import annotations

import pytest

from appliance.core.pricing import Wanted
from appliance.core.tomltext import TomlProblems
from appliance.services import till
from appliance.services.events import load_event
from tests.books import EVENT_TEXT, Box


def stock(box: Box) -> dict[str, int | None]:
    with box.desk.reading() as books:
        return {offer.id: offer.stock for offer in books.events.offers()}


def test_loading_the_same_event_again_keeps_what_is_left(box: Box) -> None:
    box.submit(lambda books: till.open_order(books, [Wanted("cup", 3)], "PRESS-50"))
    renamed = EVENT_TEXT.replace("Hand-thrown cup", "Cup, hand-thrown")
    box.submit(lambda books: load_event(books, renamed))
    assert stock(box)["cup"] == 37
    with box.desk.reading() as books:
        voucher = books.events.voucher("PRESS-50")
    assert voucher is not None
    assert voucher.used == 1


def test_a_changed_stock_in_the_file_counts_from_now(box: Box) -> None:
    box.submit(lambda books: till.open_order(books, [Wanted("cup", 3)]))
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace("stock = 40", "stock = 50")))
    assert stock(box)["cup"] == 50


def test_another_event_begins_with_its_own_stock_and_vouchers(box: Box) -> None:
    box.submit(lambda books: till.open_order(books, [Wanted("cup", 3)], "PRESS-50"))
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace('id = "street-series"', 'id = "next-series"')))
    assert stock(box)["cup"] == 40
    with box.desk.reading() as books:
        voucher = books.events.voucher("PRESS-50")
    assert voucher is not None
    assert voucher.used == 0


def test_a_broken_file_changes_nothing_and_is_not_journalled(box: Box) -> None:
    before = box.desk.head_seq
    with pytest.raises(TomlProblems):
        box.submit(lambda books: load_event(books, EVENT_TEXT + "\n[[offers]]\n"))
    assert box.desk.head_seq == before
    assert stock(box)["cup"] == 40


def test_the_same_text_again_is_no_news(box: Box) -> None:
    before = box.desk.head_seq
    box.submit(lambda books: load_event(books, EVENT_TEXT))
    assert box.desk.head_seq == before
