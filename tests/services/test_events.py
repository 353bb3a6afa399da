"""Loading an event: anew, changed, and another one in its place."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from appliance.core.errors import Refusal
from appliance.core.event import read_event
from appliance.core.pricing import Wanted
from appliance.core.tomltext import TomlProblems
from appliance.services import debrief, door, overview, refunds, till
from appliance.services.events import load_event
from appliance.services.spans import event_of
from appliance.services.tickets import import_tickets, read_tickets
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


NEXT = EVENT_TEXT.replace('id = "street-series"', 'id = "next-series"')


def figures_of(box: Box) -> tuple[int, int, int, int, int]:
    """Sales and takings as the debrief, its windows and the screens tell them."""
    with box.reading() as books:
        told, counts = debrief.debrief(books), overview.counts(books)
    by_window = sum(window["sales"] for window in told["windows"])
    assert sum(told["tenders"].values()) == told["sales"]["takings_minor"] == counts["takings_minor"]
    assert sum(told["offers"].values()) == told["sales"]["items"]
    return told["sales"]["sales"], told["sales"]["takings_minor"], by_window, counts["sales"], counts["admitted"]


def test_figures_are_those_of_the_event_that_is_loaded(box: Box) -> None:
    box.submit(lambda books: import_tickets(books, read_tickets("code,product\nA,workshop\nB,workshop\n"), "a.csv"))
    box.sell(("cup", 2))
    box.submit(lambda books: door.scan(books, "A", "door"))
    assert figures_of(box) == (1, 4800, 1, 1, 1)
    box.submit(lambda books: load_event(books, NEXT))
    assert figures_of(box) == (0, 0, 0, 0, 0)
    box.sell(("cup", 1))
    assert figures_of(box) == (1, 2400, 1, 1, 0)


def test_an_event_that_comes_back_has_its_figures_again(box: Box) -> None:
    """Somebody loaded the wrong file in the middle of the evening."""
    box.sell(("cup", 2))
    box.submit(lambda books: load_event(books, NEXT))
    box.sell(("cup", 1))
    box.submit(lambda books: load_event(books, EVENT_TEXT))
    assert figures_of(box) == (1, 4800, 1, 1, 0)
    box.sell(("cup", 1))
    assert figures_of(box) == (2, 7200, 2, 2, 0)


def test_what_another_event_sold_goes_back_onto_no_shelf_here(box: Box) -> None:
    sale = box.sell(("workshop-seat", 2))
    seats = box.stock("workshop-seat")
    assert seats is not None
    box.submit(lambda books: load_event(books, NEXT))
    assert box.stock("workshop-seat") == seats + 2
    box.submit(lambda books: refunds.refund(books, sale.number, [], "ill"))
    assert box.stock("workshop-seat") == seats + 2


def test_an_event_is_known_by_its_text_once_it_is_no_more_loaded(box: Box) -> None:
    sale = box.sell(("cup", 1))
    with box.reading() as books:
        assert event_of(books, sale) == books.events.current()
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace('id = "street-series"', 'id = "next-series"')))
    with box.reading() as books:
        assert event_of(books, sale) == read_event(EVENT_TEXT)
    box.submit(lambda books: load_event(books, EVENT_TEXT))  # it comes back
    with box.reading() as books:
        assert event_of(books, sale) == read_event(EVENT_TEXT)


@pytest.mark.parametrize(
    "done", ["DELETE FROM former_events", "UPDATE former_events SET source = 'of another release'"]
)
def test_an_event_whose_text_is_not_there_or_not_read_any_more_is_the_present_one(box: Box, done: str) -> None:
    sale = box.sell(("cup", 1))
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace('id = "street-series"', 'id = "next-series"')))
    with contextlib.closing(sqlite3.connect(box.path, isolation_level=None)) as store:
        store.execute(done)
    with box.reading() as books:
        assert event_of(books, sale).id == "next-series"


def test_what_was_paid_in_another_currency_goes_back_in_that_one(box: Box) -> None:
    sale = box.sell(("cup", 1))
    box.submit(lambda books: load_event(books, NEXT.replace('currency = "USD"', 'currency = "EUR"')))
    with pytest.raises(Refusal, match="This sale was in USD"):
        box.submit(lambda books: refunds.refund(books, sale.number, [], "cracked"))
    box.submit(lambda books: load_event(books, EVENT_TEXT))
    assert box.submit(lambda books: refunds.refund(books, sale.number, [], "cracked")).paid_out_minor == 2400


def test_what_a_file_brings_is_a_count(box: Box) -> None:
    def counted(stock: int) -> None:
        text = EVENT_TEXT.replace("stock = 40", f"stock = {stock}\nlow_stock = 3", 1)
        box.submit(lambda books: load_event(books, text))

    counted(4)
    box.sell(("cup", 1))
    assert len(box.entries("stock.low")) == 1
    counted(5)
    box.sell(("cup", 2))
    assert len(box.entries("stock.low")) == 2
    counted(20)
    counted(2)
    assert len(box.entries("stock.low")) == 3
