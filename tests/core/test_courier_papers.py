"""The papers of a courier as they must be, block by block; the files are in `receipts/`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.core.document import Document, Drawer, Qr, Text
from appliance.core.event import read_event
from appliance.core.goods.contact import Contact, contact_for
from appliance.core.goods.manifest import Consignment, as_csv, label, manifest
from appliance.core.trade import Handoff, Parcel, ParcelItem, ParcelState, Way
from tests.books import EVENT_TEXT

GOLDEN = Path(__file__).parent / "receipts"
EVENT = read_event(EVENT_TEXT)
AT = "2026-12-05T22:30:04.000000Z"
GIFT = "Cup & photograph, gift-wrapped, restock"
LONG = Contact(
    "Konstantinos Papadopoulos-Wolfeschlegelsteinhausen",
    "+30 210 5550123",
    "c/o Εταιρεία Κεραμικής\nΛεωφόρος Βασιλίσσης Σοφίας 1024, 3ος όροφος\n106 74 Αθήνα",
)
TOKYO = Contact("山田 花子", "+81 3 5550 1234", "東京都千代田区丸の内 1-2-3\n100-0005")
PLAIN = Contact("Ada Lovelace", "+1 212 555 0147", "12 Kiln Lane, Apt 4B\nBrooklyn, NY 11201")


def parcel(number: int, way: Way, tier: str, *items: ParcelItem) -> Parcel:
    id = f"0192f3a0-7b1c-7000-8000-5f3e7ac0ff{number:02x}"
    return Parcel(id, way, tier, tier, ParcelState.HANDED_OVER, AT, number, AT, 3, items)


TO_TOKYO = parcel(42, Way.POST, "Parcel post", ParcelItem(GIFT, 1), ParcelItem("抹茶茶碗（手作り）, restock", 2))
PARCELS = (
    (parcel(17, Way.COURIER, "Courier in the city", ParcelItem(GIFT, 2)), PLAIN),
    (parcel(23, Way.COURIER, "Courier in the city", ParcelItem(GIFT, 1)), LONG),
    (TO_TOKYO, TOKYO),
)
CONSIGNMENT = Consignment(Handoff(3, AT, "volume"), PARCELS)


def a_courier_list() -> Document:
    return manifest(CONSIGNMENT, EVENT, rehearsal=False)


def a_label() -> Document:
    return label(TO_TOKYO, TOKYO, EVENT, rehearsal=False)


@pytest.mark.parametrize("paper", [a_courier_list, a_label], ids=lambda paper: paper.__name__)
def test_a_paper_is_as_it_was_agreed(paper: Callable[[], Document]) -> None:
    golden = json.loads((GOLDEN / f"{paper.__name__}.json").read_text(encoding="utf-8"))
    document = paper()
    assert json.loads(json.dumps(document.to_json())) == golden
    assert Document.from_json(golden) == document


def test_a_label_is_scanned_as_its_order_and_opens_no_drawer() -> None:
    assert [block.data for block in a_label().blocks if isinstance(block, Qr)] == [TO_TOKYO.order_id]
    assert not any(isinstance(block, Drawer) for block in (*a_label().blocks, *a_courier_list().blocks))


def test_papers_of_a_rehearsal_say_so() -> None:
    for document in (manifest(CONSIGNMENT, EVENT, rehearsal=True), label(TO_TOKYO, TOKYO, EVENT, rehearsal=True)):
        assert any("REHEARSAL" in block.text for block in document.blocks if isinstance(block, Text))


def test_csv_quotes_what_would_end_a_cell() -> None:
    odd = contact_for(Way.POST, 'Ada "Count" Lovelace', "+1 (212) 555-0147", "a, b\r\n\r\n  c   d ")
    assert odd.address == "a, b\nc d"
    header, row = as_csv(Consignment(Handoff(1, AT, "asked"), ((TO_TOKYO, odd),))).splitlines()
    assert row.split(",", 6)[-1].startswith('"Ada ""Count"" Lovelace",+1 (212) 555-0147,"a, b, c d",3,')
    assert header.count(",") == 10


def test_a_contact_says_nothing_of_itself_in_a_log() -> None:
    assert "Ada" not in f"{PLAIN} {PLAIN!r} {CONSIGNMENT!r}"
