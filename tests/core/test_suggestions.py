"""What is suggested beside a cart: only what fits, is there, and is not in it already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.core.event import read_event
from appliance.core.pricing import Terms, Wanted
from appliance.core.suggestions import suggest
from appliance.core.trade import Event, Offer, SuggestWhen
from tests.books import EVENT_TEXT

DURING = "2026-12-05T21:30:00.000000Z"
EVENT = read_event(EVENT_TEXT)


def suggested(*wanted: tuple[str, int], event: Event = EVENT, is_member: bool = False) -> list[tuple[str, int]]:
    terms = Terms(DURING, is_member)
    found = suggest(event, event.offers, [Wanted(*item) for item in wanted], terms)
    return [(suggestion.offer.id, suggestion.saves_minor) for suggestion in found]


def with_rule(id: str, of: Event = EVENT, **changes: object) -> Event:
    def changed(offer: Offer) -> Offer:
        return replace(offer, suggest=replace(offer.suggest, **changes)) if offer.id == id else offer  # type: ignore[arg-type]

    return replace(of, offers=tuple(map(changed, of.offers)))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], [("postcard", 0)]),  # on arrival
        ([("cup", 1)], [("postcard", 0)]),
        ([("workshop-seat", 2)], [("postcard", 0)]),
        ([("circle", 1)], []),  # goes with products and tickets only
        ([("postcard", 1)], []),  # nor with itself
        ([("cup", 1), ("postcard", 1)], []),  # one a cart
        ([("print-a4", 5)], [("postcard", 0)]),  # joining costs as much as it saves
        ([("print-a4", 6)], [("postcard", 0), ("circle", 300)]),
        ([("print-a4", 6), ("circle", 1), ("postcard", 1)], []),
    ],
)
def test_only_what_fits_is_suggested(wanted: list[tuple[str, int]], expected: list[tuple[str, int]]) -> None:
    assert suggested(*wanted) == expected


def test_what_goes_with_a_variant_goes_with_its_restock() -> None:
    sent_later = read_event(EVENT_TEXT.replace("max_per_order = 2\n", "max_per_order = 2\nrestock = true\n"))
    event = with_rule("postcard", sent_later, offers=("apron-s",), kinds=(), categories=())
    assert [suggested((offer, 1), event=event)[:1] for offer in ("apron-s", "apron-s-restock", "apron-m-restock")] == [
        [("postcard", 0)],
        [("postcard", 0)],
        [],
    ]


def test_what_is_gone_is_not_suggested() -> None:
    offers = [replace(offer, stock=0) if offer.id == "postcard" else offer for offer in EVENT.offers]
    assert suggest(EVENT, offers, [Wanted("cup", 1)], Terms(DURING)) == ()


def test_a_member_is_not_asked_to_join() -> None:
    assert suggested(("print-a4", 9), is_member=True) == [("postcard", 0)]


@pytest.mark.parametrize(
    ("changes", "empty", "with_a_cup"),
    [
        ({"on_arrival": False}, [], [("postcard", 0)]),
        ({"at_cart": False}, [("postcard", 0)], []),
        ({"windows": ("night-yard",)}, [], []),
        ({"windows": ("market-square",)}, [("postcard", 0)], [("postcard", 0)]),
        ({"kinds": (), "categories": ("ceramics",)}, [("postcard", 0)], [("postcard", 0)]),
        ({"kinds": (), "offers": ("apron",)}, [("postcard", 0)], []),
    ],
)
def test_the_file_says_when_a_small_extra_is_offered(
    changes: dict[str, object], empty: list[tuple[str, int]], with_a_cup: list[tuple[str, int]]
) -> None:
    event = with_rule("postcard", **changes)
    assert suggested(event=event) == empty
    assert suggested(("cup", 1), event=event) == with_a_cup


def test_a_membership_may_always_be_suggested() -> None:
    assert suggested(("cup", 1), event=with_rule("circle", when=SuggestWhen.ALWAYS)) == [("postcard", 0), ("circle", 0)]
