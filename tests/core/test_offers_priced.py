"""Carts with every kind of offer, hour, discount and voucher against an independent model in exact fractions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import floor
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import Refusal
from appliance.core.event import read_event
from appliance.core.money import in_cash
from appliance.core.pricing import Terms, Wanted, price, refund_amount, tax_totals
from appliance.core.trade import Discount, Event, OrderLine, Voucher

FAIR = """
id = "fair"
name = "Fair"
currency = "{currency}"
time_zone = "Europe/Zurich"
prices_include_tax = {incl}
[[tax_rates]]
id = "high"
name = "VAT 8.1 %"
rate_pct = 8.1
[[tax_rates]]
id = "low"
name = "VAT 2.6 %"
rate_pct = 2.6
[[tax_rates]]
id = "none"
name = "No VAT"
rate_pct = 0
[[windows]]
id = "noon"
name = "Noon"
opens_at = "2026-12-05T12:00:00+01:00"
[[windows]]
id = "evening"
name = "Evening"
opens_at = "2026-12-05T18:00:00+01:00"
duration_min = 240
[[prices]]
name = "Happy hour"
categories = ["drinks"]
from = "19:00"
until = "20:00"
percent_off = 33
[[prices]]
name = "Evening price"
offers = ["tee"]
windows = ["evening"]
price_minor = 2999
[[offers]]
id = "tee"
name = "Tee"
price_minor = 2505
member_price_minor = 2255
tax = "high"
max_per_order = 40
[[offers.variants]]
id = "s"
name = "S"
[[offers.variants]]
id = "xl"
name = "XL"
price_difference_minor = 245
[[offers]]
id = "beer"
name = "Beer"
category = "drinks"
price_minor = 707
member_price_minor = 601
tax = "high"
[[offers]]
id = "juice"
name = "Juice"
category = "drinks"
price_minor = 433
tax = "low"
[[offers]]
id = "book"
name = "Book"
price_minor = 1999
member_price_minor = 2500
tax = "low"
[[offers]]
id = "stamp"
name = "Stamp"
price_minor = 1
tax = "none"
[[offers]]
id = "club"
name = "Club"
kind = "membership"
price_minor = 1000
tax = "none"
"""
FAIRS = {
    (currency, incl): read_event(FAIR.format(currency=currency, incl=str(incl).lower()))
    for currency in ("CHF", "JPY", "KWD")
    for incl in (True, False)
}
NOON, EVENING, HAPPY = "2026-12-05T11:30:00.000000Z", "2026-12-05T17:30:00.000000Z", "2026-12-05T18:30:00.000000Z"
ORDER = ["tee-s", "tee-xl", "beer", "juice", "book", "stamp", "club"]
LIST = {"tee-s": 2505, "tee-xl": 2750, "beer": 707, "juice": 433, "book": 1999, "stamp": 1, "club": 1000}
FOR_MEMBERS = {"tee-s": 2255, "tee-xl": 2500, "beer": 601}  # the book's is the higher one: nobody pays it
RATES = {"tee-s": 81, "tee-xl": 81, "beer": 81, "juice": 26, "book": 26, "stamp": 0, "club": 0}  # per mille
IN_THE_GROUP = {"tee": {"tee-s", "tee-xl"}}

CARTS = st.dictionaries(st.sampled_from(ORDER), st.integers(1, 20), min_size=1)
WORTH = st.one_of(
    st.fixed_dictionaries({"percent_off": st.integers(1, 100)}),
    st.fixed_dictionaries({"amount_off_minor": st.integers(1, 20_000)}),
)
DISCOUNTS = st.lists(
    st.tuples(WORTH, st.none() | st.sampled_from(ORDER)).map(lambda pair: Discount("why", offer=pair[1], **pair[0])),
    max_size=2,
)
VOUCHERS = st.none() | st.one_of(
    st.tuples(WORTH, st.sampled_from([(), ("tee",), ("beer", "book")])).map(
        lambda pair: Voucher("V", offers=pair[1], **pair[0])
    ),
    st.sampled_from(["tee", "beer", "stamp"]).map(lambda item: Voucher("V", item=item)),
)


def half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def shares(total: int, weights: dict[str, int]) -> dict[str, int]:
    """Largest remainders; ties in the order of the file."""
    whole = sum(weights.values())
    exact = {offer: Fraction(total * weight, whole or 1) for offer, weight in weights.items()}
    parts = {offer: floor(part) for offer, part in exact.items()}
    missing = total - sum(parts.values())
    for offer in sorted(exact, key=lambda offer: (parts[offer] - exact[offer], ORDER.index(offer)))[:missing]:
        parts[offer] += 1
    return parts


def unit(offer: str, at: str, is_member: bool) -> int:
    now = LIST[offer]
    if at == HAPPY and offer in ("beer", "juice"):
        now -= half_up(Fraction(now * 33, 100))
    if at in (EVENING, HAPPY) and offer.startswith("tee"):
        now = 2999
    return min(now, FOR_MEMBERS.get(offer, now)) if is_member else now


def model(
    cart: dict[str, int], at: str, is_member: bool, discounts: list[Discount], voucher: Voucher | None
) -> dict[str, int] | None:
    """What each line costs before taxes on top; None if something does not fit the cart."""
    is_member = is_member or "club" in cart
    left = {offer: unit(offer, at, is_member) * cart[offer] for offer in ORDER if offer in cart}
    steps = [({offer.offer} if offer.offer else set(left), offer) for offer in discounts]
    if voucher and not voucher.item:
        named = (
            set().union(*(IN_THE_GROUP.get(name, {name}) for name in voucher.offers)) if voucher.offers else set(left)
        )
        steps.append((named, voucher))
    for named, worth in steps:
        chosen = {offer: left[offer] for offer in left if offer in named}
        if not chosen:
            return None
        whole = sum(chosen.values())
        off = min(whole, half_up(Fraction(whole * worth.percent_off, 100)) + worth.amount_off_minor)
        for offer, part in shares(off, chosen).items():
            left[offer] -= part
    if voucher and voucher.item:
        pieces = {offer: -floor(-Fraction(left[offer], cart[offer])) for offer in left}
        fitting = [offer for offer in left if offer in IN_THE_GROUP.get(voucher.item, {voucher.item})]
        if not fitting:
            return None
        dearest = max(fitting, key=lambda offer: pieces[offer])
        left[dearest] -= pieces[dearest]
    return left


def priced(
    event: Event, cart: dict[str, int], at: str, is_member: bool, discounts: list[Discount], voucher: Voucher | None
) -> tuple[OrderLine, ...]:
    return price(event, [Wanted(*item) for item in cart.items()], voucher, Terms(at, is_member, tuple(discounts)))


Case = tuple[Event, dict[str, int], str, bool, list[Discount], Voucher | None]
CASES: st.SearchStrategy[Case] = st.tuples(
    st.sampled_from(list(FAIRS.values())),
    CARTS,
    st.sampled_from([NOON, EVENING, HAPPY]),
    st.booleans(),
    DISCOUNTS,
    VOUCHERS,
)
FITTING = CASES.filter(lambda case: model(*case[1:]) is not None)


@given(CASES)
def test_a_cart_costs_what_exact_fractions_say_and_every_line_explains_itself(case: Case) -> None:
    event, expected = case[0], model(*case[1:])
    if expected is None:
        with pytest.raises(Refusal):
            priced(*case)
        return
    lines = priced(*case)
    before_tax = {line.offer: line.unit_price_minor * line.quantity - line.discount_minor for line in lines}
    assert before_tax == expected
    for line in lines:
        assert line.discount_minor == -sum(step.amount_minor for step in line.adjustments) >= 0
        assert all(step.amount_minor < 0 and step.what for step in line.adjustments)
        assert line.total_minor >= before_tax[line.offer] >= 0
    totals = tax_totals(lines, {})
    assert sum(total.gross_minor for total in totals) == sum(line.total_minor for line in lines)
    for total in totals:
        mine = [offer for offer in expected if RATES[offer] * 1000 == total.rate_ppm]
        rate = Fraction(total.rate_ppm, 10**6)
        base = sum(expected[offer] for offer in mine)
        exact = base * rate / (1 + rate) if event.prices_include_tax else base * rate
        assert total.tax_minor == half_up(exact)
        assert total.net_minor + total.tax_minor == total.gross_minor
        assert total.gross_minor == (base if event.prices_include_tax else base + total.tax_minor)


@given(FITTING, st.randoms(use_true_random=False))
def test_the_order_in_which_a_cart_was_filled_changes_no_price(case: Case, random: Random) -> None:
    event, cart, at, is_member, discounts, voucher = case
    items = [item for offer, count in cart.items() for item in ((offer, 1), (offer, count - 1)) if item[1]]
    random.shuffle(items)
    shuffled = price(event, [Wanted(*item) for item in items], voucher, Terms(at, is_member, tuple(discounts)))
    assert {line.offer: line for line in shuffled} == {line.offer: line for line in priced(*case)}


@given(FITTING, st.data())
def test_refunds_in_any_split_come_to_what_was_paid_also_in_rounded_cash(case: Case, data: st.DataObject) -> None:
    event, lines = case[0], priced(*case)
    total, step = sum(line.total_minor for line in lines), event.cash_step_minor
    left = {line.offer: line.quantity for line in lines}
    by_offer = {line.offer: line for line in lines}
    refunded = paid_out = 0
    while any(left.values()):
        offer = data.draw(st.sampled_from([offer for offer, count in left.items() if count]))
        count = data.draw(st.integers(1, left[offer]))
        line = by_offer[offer]
        worth = refund_amount(line, line.quantity - left[offer], count)
        paid_out += in_cash(refunded + worth, step) - in_cash(refunded, step)
        refunded, left[offer] = refunded + worth, left[offer] - count
        assert worth >= 0
    assert (refunded, paid_out) == (total, in_cash(total, step))


def explained(
    event: Event, wanted: list[tuple[str, int]], voucher: Voucher | None = None, **terms: object
) -> list[str]:
    lines = price(event, [Wanted(*item) for item in wanted], voucher, Terms(**terms))  # type: ignore[arg-type]
    return [
        f"{line.quantity} x {line.name} at {line.unit_price_minor}"
        + "".join(f"; {step.what} {step.amount_minor}" for step in line.adjustments)
        + f" = {line.total_minor}"
        for line in lines
    ]


CHF = FAIRS["CHF", True]
GOLDEN = {
    "a member at the happy hour pays the lower of both prices": (
        [("beer", 2), ("juice", 1)], None, {"at": HAPPY, "is_member": True},
        ["2 x Beer at 707; Happy hour -466 = 948", "1 x Juice at 433; Happy hour -143 = 290"],
    ),
    "a member in the evening": (
        [("tee-xl", 1), ("beer", 3), ("book", 1)], None, {"at": EVENING, "is_member": True},
        ["1 x Tee, XL at 2999; Member price -499 = 2500", "3 x Beer at 707; Member price -318 = 1803",
         "1 x Book at 1999 = 1999"],
    ),
    "who joins has the member prices at once": (
        [("tee-s", 4), ("club", 1)], None, {"at": NOON},
        ["4 x Tee, S at 2505; Member price -1000 = 9020", "1 x Club at 1000 = 1000"],
    ),
    "staff, then the voucher, each on what is left": (
        [("tee-s", 1), ("book", 1)], Voucher("HALF", percent_off=50),
        {"at": NOON, "discounts": (Discount("stained", percent_off=10, offer="tee-s"),)},
        ["1 x Tee, S at 2505; Discount 10 %: stained -251; Voucher -1127 = 1127",
         "1 x Book at 1999; Voucher -1000 = 999"],
    ),
    "the dearest piece is the free one": (
        [("tee-s", 1), ("tee-xl", 2)], Voucher("TEE", item="tee"), {"at": NOON},
        ["1 x Tee, S at 2505 = 2505", "2 x Tee, XL at 2750; Voucher -2750 = 2750"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_a_cart_explains_itself(name: str) -> None:
    wanted, voucher, terms, lines = GOLDEN[name]
    assert explained(CHF, wanted, voucher, **terms) == lines


REFUSED = {
    "used up": ({"used": 1}, "voucher_used", "This voucher is used up. Take 'V' off the order, or use another."),
    "too early": ({"valid_from": EVENING}, "voucher_not_yet", "good from 2026-12-05 18:30 on"),
    "too late": ({"valid_until": NOON}, "voucher_expired", "ended at 2026-12-05 12:30"),
    "for something else": ({"offers": ("tee",)}, "voucher_not_for_these", "is for 'Tee': add it"),
    "too small an order": ({"minimum_minor": 1000}, "voucher_minimum", "at least CHF 10.00: add CHF 2.93 more"),
    "its item is not there": ({"item": "book"}, "voucher_item", "worth one 'Book': add it to the order"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_voucher_that_does_not_hold_says_why_and_what_to_do(name: str) -> None:
    terms, code, sentence = REFUSED[name]
    voucher = Voucher("V", percent_off=5, **terms)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=sentence) as refused:
        price(CHF, [Wanted("beer", 1)], voucher, Terms(NOON))
    assert refused.value.code == code


def test_variants_count_together_against_the_limit_of_an_order() -> None:
    limited = replace(CHF, offers=tuple(replace(offer, max_per_order=2) for offer in CHF.offers))
    price(limited, [Wanted("tee-s", 1), Wanted("tee-xl", 1), Wanted("beer", 2)])
    with pytest.raises(Refusal, match="at most 2 of 'Tee': take 1 off") as refused:
        price(limited, [Wanted("tee-s", 2), Wanted("tee-xl", 1)])
    assert refused.value.code == "order_limit"
