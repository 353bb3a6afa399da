"""What was scanned lands on the tablet at that scanner, and receipts on paper if a guest wants them there."""

from __future__ import annotations

import pytest

from appliance.core.errors import Refusal
from appliance.core.pricing import Wanted
from appliance.core.trade import PrintStatus
from appliance.services import door, receipts, till
from appliance.services.events import load_event
from appliance.services.landing import KEPT_S, MOST_KEPT, Landings, telling
from tests.books import EVENT_TEXT, Box

FREE = EVENT_TEXT + '\n[[vouchers]]\ncode = "ALL-FREE"\npercent_off = 100\nunlimited = true\n'


@pytest.fixture
def stall(box: Box) -> Box:
    box.submit(lambda books: load_event(books, FREE))
    return box


def test_the_newest_scans_of_a_scanner_are_kept_for_a_moment(stall: Box) -> None:
    now = [100.0]
    landings, told = Landings(lambda: now[0]), []
    tell = telling(landings.put, lambda verdict, scanner: told.append(scanner))
    tell(stall.submit(lambda books: door.scan(books, "all-free", "kiosk")), "kiosk")
    tell(door.undecided(), "kiosk")  # is not on the disk, so it lands nowhere
    now[0] += KEPT_S - 1
    tell(stall.submit(lambda books: door.scan(books, "4006381333931", "kiosk")), "kiosk")
    first, _ = landings.newest("kiosk")
    assert (first.kind, first.code) == ("voucher", "all-free")
    assert landings.newest("till") == ()
    assert told == ["kiosk", "kiosk", "kiosk"]
    now[0] += 2
    assert [one.names for one in landings.newest("kiosk")] == ["cup"]
    now[0] += KEPT_S
    assert landings.newest("kiosk") == ()


def test_no_more_scans_are_kept_than_a_hand_makes(stall: Box) -> None:
    landings = Landings(lambda: 0.0)
    verdict = stall.submit(lambda books: door.scan(books, "ALL-FREE", "kiosk"))
    for _ in range(2 * MOST_KEPT):
        landings.put(verdict, "kiosk")
    assert len(landings.newest("kiosk")) == MOST_KEPT


def test_a_code_is_in_no_entry_and_no_picture_of_a_verdict(stall: Box) -> None:
    verdict = stall.submit(lambda books: door.scan(books, "ALL-FREE", "kiosk"))
    assert "ALL-FREE" not in repr(verdict)
    entry = stall.submit(lambda books: books.journal.after(verdict.seq - 1, 1)[0])
    assert "ALL-FREE" not in str(entry.data)


def free_sale(stall: Box, paper: bool) -> tuple[int, str]:
    order = stall.submit(lambda books: till.open_order(books, [Wanted("cup", 1)], "ALL-FREE"))
    paid = stall.submit(lambda books: till.complete_free(books, order.id, paper))
    assert paid.sale is not None
    return paid.sale.number, order.id


def queued(stall: Box) -> list[str]:
    return stall.submit(lambda books: [job.subject for job in books.prints.by_status([PrintStatus.QUEUED], 9)])


def test_a_receipt_is_printed_once_for_whoever_made_the_order(stall: Box) -> None:
    number, order = free_sale(stall, paper=False)
    assert queued(stall) == []
    with pytest.raises(Refusal, match="Only the order"):
        stall.submit(lambda books: receipts.to_paper_for_guest(books, number, "another"))
    stall.submit(lambda books: receipts.to_paper_for_guest(books, number, order))
    assert queued(stall) == [f"sale {number}"]
    with pytest.raises(Refusal, match="on paper already"):
        stall.submit(lambda books: receipts.to_paper_for_guest(books, number, order))


def test_it_is_the_same_paper_as_at_the_till(stall: Box) -> None:
    asked = free_sale(stall, paper=False)
    stall.submit(lambda books: receipts.to_paper_for_guest(books, *asked))
    free_sale(stall, paper=True)
    jobs = stall.submit(lambda books: books.prints.by_status([PrintStatus.QUEUED], 9))
    own, other = ([{**block} for block in job.document] for job in jobs)
    assert len(own) == len(other)
    assert [block["type"] for block in own if "type" in block] == [block["type"] for block in other if "type" in block]


def test_no_receipt_of_a_sale_that_is_none(stall: Box) -> None:
    with pytest.raises(Refusal, match="Only the order"):
        stall.submit(lambda books: receipts.to_paper_for_guest(books, 99, "another"))
