"""Keyboard scanners that are set to another layout."""

from __future__ import annotations

from appliance.core.keyboard import CARD
from appliance.services import calibration, door
from tests.books import Box

SWAPS = str.maketrans("YZyz-/", "ZYzy/-")  # of a scanner that is set to German, as a US keyboard sees it


def scan(box: Box, code: str, scanner: str = "till") -> str:
    verdict = box.submit(lambda books: door.scan(books, code, scanner))
    return verdict.reason or verdict.title


def test_a_swapped_scanner_is_put_right_by_its_card_and_stays_so(box: Box) -> None:
    swapped = "STREET-GOOD-1".translate(SWAPS)
    assert scan(box, swapped) == "unknown"
    box.submit(lambda books: calibration.expect_card(books, "till"))
    assert scan(box, CARD.translate(SWAPS)) == "Scanner calibrated"
    box.restart()
    assert scan(box, swapped) == "Welcome"
    assert scan(box, "STREET-GOOD-2", "door") == "Welcome"  # the other scanner was never wrong
    (entry,) = box.entries("scanner.calibrated")
    assert (entry["scanner"], entry["swaps"], entry["lost"]) == ("till", 6, "")
    with box.reading() as books:
        newest = [one.data["title"] for one in door.state(books, 4).newest]
    assert newest == ["Welcome", "Welcome", "Scanner calibrated", "Not known"]  # the tablet beside it tells it


def test_nobody_teaches_a_scanner_that_was_not_asked_to_learn(box: Box) -> None:
    assert scan(box, CARD.translate(SWAPS)) == "unknown"
    assert scan(box, "STREET-GOOD-1") == "Welcome"


def test_the_card_is_awaited_for_five_minutes_only(box: Box) -> None:
    box.submit(lambda books: calibration.expect_card(books, "till"))
    box.clock.advance(calibration.WAIT_S)
    assert scan(box, CARD.translate(SWAPS)) == "unknown"


def test_one_card_is_learnt_once(box: Box) -> None:
    box.submit(lambda books: calibration.expect_card(books, "till"))
    assert scan(box, "STREET-GOOD-1") == "Welcome"  # work goes on meanwhile
    assert scan(box, CARD) == "Scanner calibrated"
    assert scan(box, CARD.translate(SWAPS)) == "unknown"


def test_the_card_comes_out_of_the_printer(box: Box) -> None:
    box.submit(lambda books: calibration.expect_card(books, "till"))
    with box.reading() as books:
        job = books.prints.next_queued()
    assert job is not None
    assert [block["data"] for block in job.document if block["block"] == "qr"] == [CARD]
