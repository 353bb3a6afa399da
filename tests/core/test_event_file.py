"""An event file: all of it is read, or every mistake is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.core.event import read_event, window_at
from appliance.core.tomltext import Problem, TomlProblems
from appliance.core.trade import OfferKind

EXAMPLE = Path("config/events/street-series.toml").read_text(encoding="utf-8")

GOOD = """\
id = "fair"
name = "Fair"
currency = "EUR"
[[tax_rates]]
id = "standard"
name = "VAT"
rate_pct = 19
[[windows]]
id = "noon"
name = "Noon"
opens_at = "2026-12-05T12:00:00+01:00"
[[offers]]
id = "cup"
name = "Cup"
price_minor = 2400
tax = "standard"
stock = 3
[[vouchers]]
code = "PRESS"
percent_off = 50
"""


def problems_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(TomlProblems) as raised:
        read_event(text)
    return [(problem.line, problem.message) for problem in raised.value.problems]


def test_the_shipped_example_loads_with_all_that_it_says() -> None:
    event = read_event(EXAMPLE)
    assert (event.id, event.currency, len(event.windows), event.admits) == (
        "street-series",
        "USD",
        3,
        ("workshop", "guest"),
    )
    assert {offer.kind for offer in event.offers} == set(OfferKind)
    assert [rate.rate_ppm for rate in event.tax_rates] == [88_750, 45_000]
    assert event.windows[0].opens_at == "2026-12-05T21:00:00.000000Z"
    assert event.windows[0].closes_at == "2026-12-05T22:30:00.000000Z"  # 90 minutes unless said otherwise
    assert {voucher.code: voucher.uses for voucher in event.vouchers} == {
        "PRESS-50": 5,
        "WELCOME-3": None,
        "FREE-CARD": 100,
        "NIGHT-OWL": None,
    }


MISTAKES = {
    "syntax": ('id = "fair"', "id = fair", 1, "is not TOML"),
    "unknown key with a suggestion": ('name = "Fair"', 'name = "Fair"\ncurency = "EUR"', 3, "did you mean 'currency'?"),
    "slug": ('id = "fair"', 'id = "Fair Play"', 1, "must be 1 to 40 of a-z"),
    "currency": ('"EUR"', '"euro"', 3, "not an ISO 4217 code"),
    "time zone": ('currency = "EUR"', 'currency = "EUR"\ntime_zone = "Berlin"', 4, "is not a time zone"),
    "time zone that is a path": ('currency = "EUR"', 'currency = "EUR"\ntime_zone = "../UTC"', 4, "is not a time zone"),
    "text where a flag belongs": ('id = "fair"', 'id = "fair"\nprices_include_tax = "yes"', 2, "true or false"),
    "tax rate above 100": ("rate_pct = 19", "rate_pct = 190", 7, "outside 0 to 100"),
    "tax rate that is no number": ("rate_pct = 19", "rate_pct = nan", 7, "outside 0 to 100"),
    "tax rate without end": ("rate_pct = 19", "rate_pct = inf", 7, "outside 0 to 100"),
    "tax rate as text": ("rate_pct = 19", 'rate_pct = "19"', 7, "must be a number"),
    "time without zone": ("12:00:00+01:00", "12:00:00", 11, "with its offset"),
    "empty time": ('"2026-12-05T12:00:00+01:00"', '""', 11, "with its offset"),
    "time before all time": ('"2026-12-05T12:00:00+01:00"', "0001-01-01T00:00:00+01:00", 11, "with its offset"),
    "year of a slip": ('"2026-12-05', '"9999-12-05', 11, "the year 9999 is outside"),
    "a day is no time": ('"2026-12-05T12:00:00+01:00"', "2026-12-05", 11, "must be a time such as"),
    "window too long": ('name = "Noon"', 'name = "Noon"\nduration_min = 9999999999999999999', 11, "outside 1 to 1440"),
    "price below zero": ("2400", "-1", 15, "outside 0 to"),
    "price as fraction": ("2400", "24.00", 15, "must be a whole number"),
    "price as flag": ("2400", "true", 15, "must be a whole number"),
    "offer of an unknown tax": ('tax = "standard"', 'tax = "standart"', 16, "did you mean 'standard'?"),
    "offer of an unknown kind": ("stock = 3", 'stock = 3\nkind = "produkt"', 18, "did you mean 'product'?"),
    "missing name": ('name = "Cup"\n', "", 12, "name: is missing"),
    "credits without a number": ("stock = 3", 'kind = "credit"', 12, "credits: is missing"),
    "credits on a product": ("stock = 3", "stock = 3\ncredits = 5", 18, "there is no such key"),
    "voucher that takes nothing off": ("percent_off = 50", "uses = 2", 19, "either percent_off or amount_off_minor"),
    "voucher that takes off both": ("= 50", "= 50\namount_off_minor = 5", 19, "either percent_off or amount_off_minor"),
    "voucher code in small letters": ('"PRESS"', '"press"', 19, "must be 3 to 40 of A-Z"),
    "offer twice": (
        "[[vouchers]]",
        '[[offers]]\nid = "cup"\nname = "C"\nprice_minor = 1\ntax = "standard"\n[[vouchers]]',
        19,
        "'cup' is there twice",
    ),
    "one table where many belong": ("[[offers]]", "[offers]", 12, "must be one or more [[offers]]"),
    "barcode with a wrong check digit": ("stock = 3", 'stock = 3\nbarcode = "4006381333932"', 18, "no EAN-8, UPC-A"),
    "room for nobody": ('id = "fair"', 'id = "fair"\ncapacity = 0', 2, "capacity: 0 is outside 1 to"),
    "ticket type that never holds": (
        "[[vouchers]]",
        '[[ticket_types]]\nproduct = "day"\nvalid_from = "2026-12-05T12:00:00Z"\n'
        'valid_until = "2026-12-05T12:00:00Z"\n[[vouchers]]',
        21,
        "must be later than valid_from",
    ),
    "ticket type of an offer that is not there": (
        "[[vouchers]]",
        '[[ticket_types]]\nproduct = "day"\noffer = "cap"\n[[vouchers]]',
        20,
        "'cap' is not one of cup",
    ),
    "ticket type twice": (
        "[[vouchers]]",
        '[[ticket_types]]\nproduct = "day"\n[[ticket_types]]\nproduct = "day"\n[[vouchers]]',
        21,
        "'day' is there twice",
    ),
    "unknown way of entering": (
        "[[vouchers]]",
        '[[ticket_types]]\nproduct = "day"\nentry = "twice"\n[[vouchers]]',
        20,
        "'twice' is not one of counted, reentry, daily",
    ),
    "stock at an offer with variants": (
        "stock = 3",
        'stock = 3\n[[offers.variants]]\nid = "s"\nname = "S"',
        17,
        "each variant has its own",
    ),
    "variant twice": (
        "stock = 3",
        '[[offers.variants]]\nid = "s"\nname = "S"\n[[offers.variants]]\nid = "s"\nname = "S"',
        21,
        "'cup-s' is there twice",
    ),
    "variant that costs less than nothing": (
        "stock = 3",
        '[[offers.variants]]\nid = "s"\nname = "S"\nprice_difference_minor = -2401',
        20,
        "would cost less than nothing",
    ),
    "picture that leads elsewhere": ("stock = 3", 'photo = "../key.png"', 17, "a plain file name"),
    "suggestion of a product": ("stock = 3", "[offers.suggest]\nup_to = 2", 17, "only a microbundle or a membership"),
    "suggestion beside what is not there": (
        "stock = 3",
        'kind = "microbundle"\n[offers.suggest]\noffers = ["mug"]',
        19,
        "there is no offer 'mug'",
    ),
    "price without a worth": (
        "[[vouchers]]",
        '[[prices]]\nname = "Happy"\n[[vouchers]]',
        19,
        "write one of price_minor",
    ),
    "hours with one end": (
        "[[vouchers]]",
        '[[prices]]\nname = "Happy"\npercent_off = 5\nfrom = "17:00"\n[[vouchers]]',
        19,
        "both 'from' and 'until'",
    ),
    "no time of day": (
        "[[vouchers]]",
        '[[prices]]\nname = "Happy"\npercent_off = 5\nfrom = "24:00"\nuntil = "25:00"\n[[vouchers]]',
        21,
        "'24:00' is not a time of day",
    ),
    "price in an unknown window": (
        "[[vouchers]]",
        '[[prices]]\nname = "Happy"\npercent_off = 5\nwindows = ["night"]\n[[vouchers]]',
        21,
        "there is no window 'night'",
    ),
    "share of an unknown offer": ("[[offers]]", "[windows.stock]\nmug = 3\n[[offers]]", 13, "there is no offer 'mug'"),
    "voucher for an unknown offer": ("percent_off = 50", 'percent_off = 50\noffers = ["mug"]', 21, "no offer 'mug'"),
    "voucher that never holds": (
        "percent_off = 50",
        'percent_off = 50\nvalid_from = "2026-12-05T12:00:00Z"\nvalid_until = "2026-12-05T12:00:00Z"',
        22,
        "must be later than valid_from",
    ),
    "texts that are none": ('id = "fair"', 'id = "fair"\nadmits = [1]', 2, "must be a list of texts"),
    "inline table, no line of its own": (
        'id = "fair"',
        'id = "fair"\nwindows = [{id = "x", name = "X"}]',
        2,
        "opens_at: is missing",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_line(name: str) -> None:
    old, new, line, fragment = MISTAKES[name]
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if "inline" in name:
        text = text.replace('[[windows]]\nid = "noon"\nname = "Noon"\nopens_at = "2026-12-05T12:00:00+01:00"\n', "")
    assert any(at == line and fragment in message for at, message in problems_of(text)), problems_of(text)


def test_an_event_without_offers_is_refused() -> None:
    head = GOOD[: GOOD.index("[[offers]]")]
    assert problems_of(head) == [(0, "offers: an event sells at least one; write [[offers]]")]


def test_all_mistakes_are_reported_at_once_in_the_order_of_lines() -> None:
    text = GOOD.replace('"EUR"', '"euro"').replace("= 19", "= 190").replace("2400", "-1").replace("= 50", "= 101")
    assert [line for line, _ in problems_of(text)] == [3, 7, 15, 20]


def test_a_number_of_five_thousand_digits_is_a_problem_not_a_crash() -> None:
    assert "too long" in problems_of(f"id = {'9' * 5000}")[0][1]


def test_brackets_nested_too_deep_are_a_problem_not_a_crash() -> None:
    assert "nested" in problems_of(f"id = {'[' * 5000}")[0][1]


LINES = st.sampled_from([*GOOD.splitlines(), *(new for _, new, _, _ in MISTAKES.values()), "id = 1e999999999999999999"])
MIXED = st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=25).map("\n".join)


@given(st.one_of(st.text(), MIXED))
@example("[[offers]]\nprice_minor = 1e999999\n")
@example("[[tax_rates]]\nrate_pct = 1e999999\n")
def test_whatever_the_text_only_problems_come_out(text: str) -> None:
    found: tuple[Problem, ...] | None = None
    try:
        assert read_event(text).offers
    except TomlProblems as raised:
        found = raised.problems
    assert found is None or (found and all(0 <= problem.line <= text.count("\n") + 1 for problem in found))


@pytest.mark.parametrize(
    ("at", "window", "state"),
    [
        ("2026-12-05T20:00:00.000000Z", "market-square", "scheduled"),
        ("2026-12-05T21:00:00.000000Z", "market-square", "open"),
        ("2026-12-05T22:29:59.999999Z", "market-square", "open"),
        ("2026-12-05T22:30:00.000000Z", "old-harbour", "scheduled"),
    ],
)
def test_the_window_is_the_open_one_or_the_next(at: str, window: str, state: str) -> None:
    found = window_at(read_event(EXAMPLE), at)
    assert found is not None
    assert (found[0].id, found[1]) == (window, state)


def test_after_the_last_window_there_is_none() -> None:
    assert window_at(read_event(EXAMPLE), "2026-12-06T04:00:00.000000Z") is None
