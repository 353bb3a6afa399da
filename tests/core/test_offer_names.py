"""Names of offers in several languages: on screens in the one that is chosen, on receipts in the event's."""

from __future__ import annotations

import pytest

from appliance.core.document import plain_text
from appliance.core.event import read_event
from appliance.core.order_slip import order_slip
from appliance.core.pricing import Wanted, price
from appliance.core.receipt import receipt, refund_slip
from appliance.core.tomltext import TomlProblems
from appliance.core.trade import Event, Order, OrderStatus, RefundLine, Sale
from tests.books import EVENT_TEXT

AT = "2026-12-05T16:04:00.000000Z"
OFFER = """
[[offers]]
id = "shirt"
name = "Shirt"
names = { de = "Hemd", pt = "Camisa" }
price_minor = 1000
tax = "%s"
[[offers.variants]]
id = "m"
name = "medium"
names = { de = "mittel", fr = "moyen" }
[[offers.variants]]
id = "l"
name = "large"
"""


def event_in(language: str = "en") -> Event:
    text = EVENT_TEXT.replace("[[", f'language = "{language}"\n[[', 1)
    return read_event(text + OFFER % read_event(EVENT_TEXT).tax_rates[0].id)


def test_a_variant_is_called_by_both_names_and_by_what_there_is() -> None:
    offers = {offer.id: offer for offer in event_in().offers}
    medium, large = offers["shirt-m"], offers["shirt-l"]
    assert dict(medium.names) == {"de": "Hemd, mittel", "pt": "Camisa, medium", "fr": "Shirt, moyen"}
    assert dict(medium.variant_names) == {"de": "mittel", "fr": "moyen"}
    assert dict(large.names) == {"de": "Hemd, large", "pt": "Camisa, large"}
    assert dict(large.family_names) == {"de": "Hemd", "pt": "Camisa"}
    assert medium.name == "Shirt, medium"


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Shirt, medium"), ("de", "Hemd, mittel"), ("it", "Shirt, medium")]
)
def test_papers_for_guests_have_the_name_of_their_language(language: str, name: str) -> None:
    event = event_in(language)
    lines = price(event, [Wanted("shirt-m", 2)])
    sale = Sale(7, "o", event.currency, 2000, 0, lines, (), AT, 9, {})
    order = Order("order", OrderStatus.OPEN, event.currency, lines, 2000, 0, None, None, AT)
    back = [RefundLine("shirt-m", 2, 2000)]
    assert lines[0].name == "Shirt, medium"  # as the journal has it
    for paper in (receipt(sale, event), order_slip(order, event, AT), refund_slip(sale, 1, back, [], event, AT)):
        assert f"2 x {name}" in plain_text(paper, 48)


@pytest.mark.parametrize(("names", "problem"), [('{ german = "Hemd" }', "is no language"), ('{ de = "" }', "1 to 80")])
def test_what_is_wrong_is_said(names: str, problem: str) -> None:
    text = EVENT_TEXT + (OFFER % "x").replace('{ de = "Hemd", pt = "Camisa" }', names)
    with pytest.raises(TomlProblems, match=problem):
        read_event(text)
