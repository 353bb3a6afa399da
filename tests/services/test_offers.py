"""Windows with a share of their own, members, vouchers and rounded cash, through the desk and the store."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from appliance.core.errors import Refusal
from appliance.core.pricing import Wanted
from appliance.core.trade import Discount, Member, Order, Sale
from appliance.services import carts, door, refunds, till, windows
from appliance.services.events import load_event
from tests.books import EVENT_TEXT, Box, all_at_once

NIGHT = dt.datetime(2026, 12, 6, 2, 30, tzinfo=dt.UTC)
FRANCS = EVENT_TEXT.replace('currency = "USD"', 'currency = "CHF"')


def order(box: Box, *lines: tuple[str, int], **more: object) -> Order:
    return box.submit(lambda books: till.open_order(books, [Wanted(*line) for line in lines], **more))  # type: ignore[arg-type]


def pay(box: Box, opened: Order, amount_minor: int, tender: str = "cash") -> till.Paid:
    return box.submit(lambda books: till.take_payment(books, opened.id, tender, amount_minor))


def sold(box: Box, *lines: tuple[str, int], **more: object) -> Sale:
    opened = order(box, *lines, **more)
    sale = pay(box, opened, opened.total_minor, "card").sale
    assert sale is not None
    return sale


def member(box: Box, code: str) -> Member:
    with box.reading() as books:
        found = books.tickets.member(code)
    assert found is not None
    return found


def test_a_window_sells_no_more_than_its_share_and_gets_back_what_was_given_up(box: Box) -> None:
    box.clock.at = NIGHT
    opened = order(box, ("cup-and-print", 4))
    with pytest.raises(Refusal, match="Not enough"):
        order(box, ("cup-and-print", 2))
    sale = sold(box, ("cup-and-print", 1))
    box.submit(lambda books: till.cancel_order(books, opened.id))
    box.submit(lambda books: refunds.refund(books, sale.number, [], "broken"))
    with box.reading() as books:
        left = {offer.id: offer.stock for offer in books.events.offers("night-yard")}
    assert (left["cup-and-print"], box.stock("cup-and-print")) == (5, 15)
    outcomes = all_at_once([lambda: order(box, ("cup-and-print", 1))] * 8)
    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 5
    box.restart()
    box.submit(lambda books: load_event(books, EVENT_TEXT + "\n# the same shares\n"))
    with pytest.raises(Refusal, match="Not enough"):
        order(box, ("cup-and-print", 1))


def test_each_window_has_its_own_prices_and_figures(box: Box) -> None:
    assert sold(box, ("print-a4", 1), ("postcard", 2)).total_minor == 2000
    sold(box, ("circle", 1))
    box.clock.at = NIGHT
    night = sold(box, ("print-a4", 2))
    assert (night.total_minor, night.window) == (3240, "night-yard")
    box.submit(lambda books: refunds.refund(books, night.number, [Wanted("print-a4", 1)], "torn"))
    box.clock.advance(3600 * 5)
    sold(box, ("cup", 1))
    with box.reading() as books:
        found = {one.window.id if one.window else None: one for one in windows.figures(books)}
        whole = books.figures.sales()
    market = found["market-square"].figures
    assert (market["sales"], market["items"], market["with_microbundle"], market["memberships"]) == (2, 4, 1, 1)
    assert (found["old-harbour"].figures["sales"], found["old-harbour"].state) == (0, "closed")
    assert found["night-yard"].figures["takings_minor"] == 1620
    assert found["night-yard"].shares == {"cup-and-print": 5}
    assert found[None].figures["gross_minor"] == 2400
    for name in ("sales", "gross_minor", "refunds_minor", "takings_minor", "items"):
        assert sum(one.figures[name] for one in found.values()) == whole[name]


def test_a_membership_ends_is_told_and_is_renewed_from_where_it_ended(box: Box) -> None:
    card = sold(box, ("circle", 1), ("credits-10", 1)).granted["member-circle-1"]
    kept = member(box, card)
    assert (kept.credits, kept.valid_until) == (10, "2027-12-05T21:30:00.000000Z")
    assert order(box, ("print-a4", 1), member=card).total_minor == 1500
    renewed = sold(box, ("circle", 1), member=card)
    assert renewed.granted == {}
    assert member(box, card).valid_until == "2028-12-04T21:30:00.000000Z"
    box.clock.at = dt.datetime(2029, 1, 1, tzinfo=dt.UTC)
    late = order(box, ("print-a4", 1), member=card)
    assert late.total_minor == 1800
    (note,) = late.notes
    assert note.startswith("This membership ended at 2028-12-04 16:30: no member prices. Add 'Friends of")
    told = box.submit(lambda books: door.scan(books, card, "till"))
    assert told.message == "The membership ended at 2028-12-04 16:30, with 10 credits."
    assert order(box, ("print-a4", 1), ("circle", 1), member=card).total_minor == 1500 + 1500
    sold(box, ("circle", 1), member=card)
    assert member(box, card).valid_until == "2030-01-01T00:00:00.000000Z"
    assert [data["offer"] for data in box.entries("member.renewed")] == ["circle", "circle"]


def test_the_last_use_of_a_voucher_is_one_baskets(box: Box) -> None:
    for _ in range(4):
        order(box, ("cup", 1), voucher="PRESS-50")
    outcomes = all_at_once([lambda: order(box, ("cup", 1), voucher="PRESS-50")] * 8)
    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refusal)} == {"voucher_used"}


def test_pricing_a_cart_reserves_nothing_and_agrees_with_the_order(box: Box) -> None:
    wanted, discount = [Wanted("print-a4", 3), Wanted("apron-m", 1)], Discount("stained", percent_off=15)
    head = box.desk.head_seq
    with box.reading() as books:
        cart = carts.fill(books, wanted, "press-50", None, [discount])
    assert (box.desk.head_seq, box.stock("apron-m")) == (head, 8)
    opened = order(box, ("print-a4", 3), ("apron-m", 1), voucher="press-50", discounts=[discount])
    assert (opened.lines, opened.total_minor) == (cart.lines, cart.total_minor)
    with box.reading() as books:
        assert books.orders.get(opened.id) == opened  # explanations, window and notes are kept
    (entry,) = box.entries("order.opened")
    assert entry["lines"][1]["adjustments"][0] == {
        "kind": "discount", "what": "Discount 15 %: stained", "amount_minor": -480,
    }  # fmt: skip


def test_cash_is_rounded_where_coins_are_coarse_and_the_drawer_agrees(tmp_path: Path) -> None:
    with Box(tmp_path, event=FRANCS) as box:
        opened = order(box, ("print-a4", 1), discounts=[Discount("torn", amount_off_minor=3)])
        assert opened.total_minor == 1797
        paid = pay(box, opened, 2000)
        assert paid.sale is not None
        assert (paid.change_minor, paid.sale.total_minor, paid.sale.payments[0].rounding_minor) == (205, 1797, -2)
        by_card = order(box, ("print-a4", 1), discounts=[Discount("torn", amount_off_minor=3)])
        assert pay(box, by_card, 1797, "card").change_minor == 0
        with box.reading() as books:
            assert books.figures.tenders() == {"cash": 1795, "card": 1797}
            assert books.figures.sales()["takings_minor"] == 3594
        number = paid.sale.number
        back = box.submit(lambda books: refunds.refund(books, number, [], "torn more"))
        assert back.paid_out_minor == 1795
        with box.reading() as books:
            assert books.figures.tenders() == {"cash": 0, "card": 1797}


def test_a_ticket_sold_at_the_stall_is_of_the_type_that_names_its_offer(tmp_path: Path) -> None:
    with Box(
        tmp_path, event=EVENT_TEXT.replace('admits = ["workshop", "guest"]', 'admits = ["guest", "workshop"]')
    ) as box:
        sold(box, ("workshop-seat", 1))
        assert [data["product"] for data in box.entries("ticket.issued")] == ["workshop"]


@pytest.mark.parametrize(("named", "price", "dearer"), [("apron-s", 1600, 3600), ("apron", 1600, 1800)])
def test_what_holds_for_a_variant_holds_for_its_restock(box: Box, named: str, price: int, dearer: int) -> None:
    """A price, a voucher for one piece and one for some offers: by the variant's own id, or by that of them all."""
    sends_later = EVENT_TEXT.replace("max_per_order = 2\n", "max_per_order = 2\nrestock = true\n")
    rules = f"""
[[prices]]
name = "Half"
offers = ["{named}"]
percent_off = 50
[[vouchers]]
code = "ONE"
item = "{named}"
[[vouchers]]
code = "SOME"
offers = ["{named}"]
amount_off_minor = 100
"""
    box.submit(lambda books: load_event(books, sends_later + rules))
    box.submit(lambda books: till.correct_stock(books, "apron-s", 0, "counted"))
    with box.reading() as books:

        def costs(offer: str, voucher: str | None = None) -> int:
            return carts.fill(books, [Wanted(offer, 1)], voucher).total_minor

        assert (costs("apron-s-restock"), costs("apron-s-restock", "ONE")) == (price, 0)
        assert costs("apron-s-restock", "SOME") == price - 100
        assert costs("apron-indigo-m-restock") == dearer
