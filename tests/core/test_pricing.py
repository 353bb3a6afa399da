"""What an order costs and what a refund is worth, against an independent model in exact fractions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import NotFound, Refusal
from appliance.core.money import PPM
from appliance.core.pricing import MAX_LINES, MAX_QUANTITY, Wanted, price, refund_amount, tax_totals, taxes_given_back
from appliance.core.trade import Event, Offer, OfferKind, TaxRate, Voucher

RATES = (TaxRate("a", "A", 88_750), TaxRate("b", "B", 45_000), TaxRate("c", "C", 0))
OFFERS = st.lists(
    st.builds(
        Offer,
        id=st.sampled_from("pqrstuvw"),
        kind=st.just(OfferKind.PRODUCT),
        name=st.just("thing"),
        price_minor=st.integers(0, 10**6),
        tax=st.sampled_from("abc"),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda offer: offer.id,
)
VOUCHERS = st.one_of(
    st.none(),
    st.builds(Voucher, code=st.just("PRESS"), percent_off=st.integers(1, 100)),
    st.builds(Voucher, code=st.just("WELCOME"), amount_off_minor=st.integers(1, 10**8)),
)


def event_of(offers: list[Offer], prices_include_tax: bool) -> Event:
    return Event("fair", "Fair", "", "USD", "UTC", prices_include_tax, (), "", (), RATES, tuple(offers))


@st.composite
def baskets(draw: st.DrawFn) -> tuple[Event, list[Wanted], Voucher | None]:
    event = event_of(draw(OFFERS), draw(st.booleans()))
    ids = st.sampled_from([offer.id for offer in event.offers])
    wanted = draw(st.lists(st.builds(Wanted, ids, st.integers(1, 100)), min_size=1, max_size=9))
    return event, wanted, draw(VOUCHERS)


@given(baskets())
def test_an_order_is_priced_as_exact_fractions_say(basket: tuple[Event, list[Wanted], Voucher | None]) -> None:
    event, wanted, voucher = basket
    lines = price(event, wanted, voucher)
    by_id = {offer.id: offer for offer in event.offers}
    full = sum(by_id[item.offer].price_minor * item.quantity for item in wanted)
    off = Fraction(full * voucher.percent_off, 100) + voucher.amount_off_minor if voucher else Fraction(0)
    given_off = sum(line.discount_minor for line in lines)
    assert abs(given_off - min(Fraction(full), off)) <= Fraction(1, 2)
    for line in lines:
        before_tax = line.unit_price_minor * line.quantity - line.discount_minor
        assert before_tax >= 0  # a voucher never makes a line cost less than nothing
        on_top = 0 if event.prices_include_tax else Fraction(before_tax * line.tax_rate_ppm, PPM)
        assert abs(line.total_minor - before_tax - on_top) < 2
        assert abs(line.discount_minor - Fraction(given_off * line.unit_price_minor * line.quantity, full or 1)) < 1


@given(baskets())
def test_equal_offers_become_one_line_with_all_pieces(basket: tuple[Event, list[Wanted], Voucher | None]) -> None:
    event, wanted, voucher = basket
    pieces: dict[str, int] = {}
    for item in wanted:
        pieces[item.offer] = pieces.get(item.offer, 0) + item.quantity
    assert {line.offer: line.quantity for line in price(event, wanted, voucher)} == pieces


@given(baskets())
def test_the_tax_table_adds_up_to_the_order(basket: tuple[Event, list[Wanted], Voucher | None]) -> None:
    event, wanted, voucher = basket
    lines = price(event, wanted, voucher)
    totals = tax_totals(lines, {rate.id: rate.name for rate in RATES})
    assert sum(total.gross_minor for total in totals) == sum(line.total_minor for line in lines)
    if not event.prices_include_tax:
        net = sum(line.unit_price_minor * line.quantity - line.discount_minor for line in lines)
        assert sum(total.net_minor for total in totals) == net  # the tax in the table is the tax that was charged
    for total in totals:
        assert total.net_minor + total.tax_minor == total.gross_minor
        assert abs(total.tax_minor - Fraction(total.gross_minor * total.rate_ppm, PPM + total.rate_ppm)) <= Fraction(
            1, 2
        )
    assert len({total.name for total in totals}) == len(totals)


@given(baskets(), st.data())
def test_refunds_in_any_split_come_to_exactly_the_line(
    basket: tuple[Event, list[Wanted], Voucher | None], data: st.DataObject
) -> None:
    for line in price(*basket):
        before = refunded = 0
        while before < line.quantity:
            quantity = data.draw(st.integers(1, line.quantity - before))
            worth = refund_amount(line, before, quantity)
            assert abs(worth - Fraction(line.total_minor * quantity, line.quantity)) < 1
            assert worth >= 0
            before, refunded = before + quantity, refunded + worth
        assert refunded == line.total_minor


@given(baskets(), st.data())
def test_refunds_in_any_split_take_off_exactly_the_taxes_of_the_sale(
    basket: tuple[Event, list[Wanted], Voucher | None], data: st.DataObject
) -> None:
    lines, before = price(*basket), dict[str, int]()
    taken: dict[str, list[int]] = {}
    while left := {line.offer: n for line in lines if (n := line.quantity - before.get(line.offer, 0))}:
        back = data.draw(st.dictionaries(st.sampled_from(sorted(left)), st.integers(1, 100), min_size=1))
        after = {**before, **{offer: before.get(offer, 0) + min(n, left[offer]) for offer, n in back.items()}}
        for total in taxes_given_back(lines, before, after, {}):
            assert total.gross_minor < 0
            assert total.net_minor + total.tax_minor == total.gross_minor
            sums = taken.setdefault(total.name, [0, 0, 0])
            parts = (total.net_minor, total.tax_minor, total.gross_minor)
            taken[total.name] = [whole + part for whole, part in zip(sums, parts, strict=True)]
        before = after
    sold = {total.name: [total.net_minor, total.tax_minor, total.gross_minor] for total in tax_totals(lines, {})}
    assert {name: [-part for part in parts] for name, parts in taken.items()} == {
        name: parts for name, parts in sold.items() if parts[2]
    }


CUP = Offer("cup", OfferKind.PRODUCT, "Cup", 2400, "a")


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ([], "empty_order"),
        ([Wanted("cup", 1)] * (MAX_LINES + 1), "too_many_lines"),
        ([Wanted("cup", 0)], "quantity"),
        ([Wanted("cup", -1)], "quantity"),
        ([Wanted("cup", 5), Wanted("cup", -3)], "quantity"),
        ([Wanted("cup", MAX_QUANTITY + 1)], "quantity"),
        ([Wanted("cup", MAX_QUANTITY), Wanted("cup", 1)], "quantity"),
        ([Wanted("mug", 1)], "offer_unknown"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(wanted: list[Wanted], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        price(event_of([CUP], True), wanted)
    assert refused.value.code == code
    assert isinstance(refused.value, NotFound) == (code == "offer_unknown")


def test_a_voucher_larger_than_the_order_makes_it_free_and_no_cheaper() -> None:
    voucher = Voucher("BIG", amount_off_minor=10**9)
    (line,) = price(event_of([CUP], False), [Wanted("cup", 2)], voucher)
    assert (line.discount_minor, line.total_minor) == (4800, 0)


def test_three_for_a_dollar_are_refunded_without_losing_a_cent() -> None:
    (line,) = price(
        event_of([replace(CUP, price_minor=100)], True), [Wanted("cup", 3)], Voucher("V", amount_off_minor=200)
    )
    assert [refund_amount(line, before, 1) for before in range(3)] == [33, 33, 34]


def test_tax_on_top_is_the_tax_in_the_table_also_when_every_line_would_round_up() -> None:
    offers = [replace(CUP, id=id, price_minor=62) for id in "pqr"]  # 5.5025 each, 16.5075 together
    lines = price(event_of(offers, False), [Wanted(offer.id, 1) for offer in offers])
    (total,) = tax_totals(lines, {})
    assert (total.net_minor, total.tax_minor, total.gross_minor) == (186, 17, 203)
    assert [line.total_minor for line in lines] == [68, 68, 67]
