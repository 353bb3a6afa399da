"""The courier's list that the box makes by itself: on volume, at the end of a window, and only while it can."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.core.disk import MIB, DiskReading
from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.core.trade import PrintStatus
from appliance.runtime.board import Board
from appliance.services import housekeeping, refunds, restock, till
from appliance.services.housekeeping import Housekeeping
from appliance.store.contacts import ContactKeys
from appliance.store.vault import Vault
from tests.books import EVENT_TEXT, Box
from tests.people import PIN

CARRIED = 12  # by the team, says the event
Order = Callable[[int, str], None]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


@pytest.fixture
def keys(tmp_path: Path, vault: Vault) -> ContactKeys:
    return ContactKeys(tmp_path, vault)


@pytest.fixture
def keeping(box: Box, keys: ContactKeys, monkeypatch: pytest.MonkeyPatch) -> Housekeeping:
    monkeypatch.setattr(housekeeping, "WAIT_S", 0.0)
    monkeypatch.setattr(housekeeping, "COURIER_EVERY_S", 0.0)
    return Housekeeping(box.desk, Board(), 1800, lambda: DiskReading(300 * MIB, 1000 * MIB), contacts=keys)


@pytest.fixture
def order(box: Box, keys: ContactKeys) -> Order:
    box.submit(lambda books: till.correct_stock(books, "cup-and-print", 0, "counted"))

    def sold_later(pieces: int, tier: str = "courier") -> None:
        def act(books: Books) -> None:
            sent = restock.delivery(books, keys, tier, "Ada", "+1 212 555 0147", "12 Kiln Lane")
            opened = till.open_order(books, [Wanted("cup-and-print-restock", pieces)], delivery=sent)
            till.take_payment(books, opened.id, "cash", opened.total_minor)

        box.submit(act)

    return sold_later


def handed(box: Box) -> list[tuple[str, int]]:
    return [(entry["reason"], entry["pieces"]) for entry in box.entries("restock.handed_over")]


def papers(box: Box) -> list[str]:
    with box.reading() as books:
        jobs = books.prints.by_status([PrintStatus.QUEUED], 100)
        return [job.kind for job in sorted(jobs, key=lambda job: job.id) if job.kind in ("manifest", "label")]


def test_more_than_the_team_carries_goes_to_a_courier_at_once(box: Box, keeping: Housekeeping, order: Order) -> None:
    assert f"carry_pieces = {CARRIED}" in EVENT_TEXT
    order(CARRIED, "courier")
    order(5, "pick-up-sunday-noon")  # nobody carries what is picked up
    keeping.step()
    assert handed(box) == []
    order(1, "post")
    keeping.step()
    keeping.step()
    assert handed(box) == [("volume", CARRIED + 1)]
    assert papers(box) == ["manifest", "label", "label"]


def test_at_the_end_of_a_window_goes_what_was_sold_before_it(box: Box, keeping: Housekeeping, order: Order) -> None:
    order(1, "courier")
    keeping.step()
    assert handed(box) == []
    box.clock.at = dt.datetime(2026, 12, 5, 22, 30, tzinfo=dt.UTC)  # the first window closes
    keeping.step()
    assert handed(box) == [("window_closed", 1)]
    order(2, "post")  # between two windows: it waits for the next one's end
    keeping.step()
    assert handed(box) == [("window_closed", 1)]
    box.clock.at = dt.datetime(2026, 12, 6, 1, 0, tzinfo=dt.UTC)  # the second one closes
    keeping.step()
    assert handed(box) == [("window_closed", 1), ("window_closed", 2)]


def test_a_sale_whose_parcel_left_is_refunded_and_not_voided(box: Box, keeping: Housekeeping, order: Order) -> None:
    order(1, "courier")
    order(CARRIED, "post")
    box.submit(lambda books: refunds.void(books, 1, "typed wrong"))
    order(1, "courier")
    keeping.step()
    with pytest.raises(Refusal, match="left already"):
        box.submit(lambda books: refunds.void(books, 3, "typed wrong"))
    assert box.submit(lambda books: refunds.refund(books, 3, [], "came back")).amount_minor == 3900 + 900


def test_what_is_due_waits_until_names_are_unlocked(
    box: Box, keeping: Housekeeping, order: Order, vault: Vault
) -> None:
    vault.set_pin(PIN)
    vault.lock()
    order(CARRIED + 1, "courier")
    keeping.step()
    assert (handed(box), papers(box)) == ([], [])
    assert vault.unlock(PIN)
    keeping.step()
    assert handed(box) == [("volume", CARRIED + 1)]


def test_what_was_handed_over_before_a_restart_is_not_handed_over_again(
    box: Box, keeping: Housekeeping, keys: ContactKeys, order: Order
) -> None:
    order(CARRIED + 1, "courier")
    keeping.step()
    box.restart()
    again = Housekeeping(box.desk, Board(), 1800, lambda: DiskReading(300 * MIB, 1000 * MIB), contacts=keys)
    again.step()
    assert handed(box) == [("volume", CARRIED + 1)]
