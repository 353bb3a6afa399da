"""What the box does by itself, over a real desk and board."""

from __future__ import annotations

import time

import pytest

from appliance.core.devices import DeviceState, Health
from appliance.core.disk import MIB, DiskReading
from appliance.core.errors import StoreUnavailable
from appliance.core.ports import Books
from appliance.core.pricing import Wanted
from appliance.core.trade import PrintStatus
from appliance.runtime.board import Board
from appliance.services import housekeeping, printing, till
from appliance.services.housekeeping import Housekeeping
from tests.books import Box


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def keeping(box: Box, board: Board, monkeypatch: pytest.MonkeyPatch) -> Housekeeping:
    monkeypatch.setattr(housekeeping, "WAIT_S", 0.0)
    return Housekeeping(box.desk, board, expire_after_s=60, look_at_disk=lambda: DiskReading(300 * MIB, 1000 * MIB))


def test_a_device_that_goes_and_comes_back_is_noted_once_each(box: Box, board: Board, keeping: Housekeeping) -> None:
    for health in (Health.READY, Health.OFFLINE, Health.OFFLINE, Health.READY):
        board.set_device(DeviceState("printer", "printer", "escpos", health, "Unplugged."))
        keeping.step()
        keeping.step()
    assert [entry["device"] for entry in box.entries("device.lost")] == ["printer"]
    assert [entry["device"] for entry in box.entries("device.back")] == ["printer"]


def test_a_full_spool_is_trimmed_by_itself(box: Box, keeping: Housekeeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "QUEUED_JOBS", 2)
    for _ in range(4):
        box.sell(("cup", 1))
    keeping.step()
    with box.reading() as books:
        assert (books.prints.count(PrintStatus.QUEUED), books.prints.count(PrintStatus.DISCARDED)) == (2, 2)


def test_an_order_that_nobody_pays_gives_its_stock_back(
    box: Box, keeping: Housekeeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = box.stock("cup")
    box.submit(lambda books: till.open_order(books, [Wanted("cup", 2)]))
    keeping.step()
    assert box.stock("cup") == before - 2
    begun_s = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: begun_s + 61)
    keeping.step()
    assert box.stock("cup") == before


@pytest.mark.parametrize("error", [StoreUnavailable("disk_full", "The disk is full."), TimeoutError("busy")])
def test_what_is_owed_is_done_in_order_and_once_the_store_takes_it(
    box: Box, keeping: Housekeeping, error: Exception
) -> None:
    refusals, done = [1], []

    def first(books: Books) -> None:
        if refusals:
            refusals.pop()
            raise error
        done.append("first")

    keeping.owe(first)
    keeping.owe(lambda books: done.append("second"))
    keeping.step()
    assert done == []
    keeping.step()
    keeping.step()
    assert done == ["first", "second"]


def test_the_room_on_the_disk_is_known_to_all(board: Board, keeping: Housekeeping) -> None:
    keeping.step()
    assert board.get("disk") == {"free_mb": 300}
    (disk,) = board.devices()
    assert (disk.name, disk.health) == ("disk", Health.READY)


def test_a_disk_that_does_not_answer_or_is_full_is_a_device_to_see_to(
    box: Box, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "WAIT_S", 0.0)
    found: list[DiskReading | OSError] = [DiskReading(3 * MIB, 1000 * MIB, reserve_is_used=True)]

    def look() -> DiskReading:
        if isinstance(found[0], OSError):
            raise found[0]
        return found[0]

    keeping = Housekeeping(box.desk, board, 60, look, is_troubled=lambda: True)
    keeping.step()
    (disk,) = board.devices()
    assert (disk.health, "lives on its reserve, 3 MB" in disk.reason) == (Health.DEGRADED, True)
    found[0] = OSError(5, "Input/output error")
    keeping.step()
    (disk,) = board.devices()
    assert (disk.health, disk.reason) == (Health.OFFLINE, "The disk does not answer: Input/output error.")
    assert [entry["device"] for entry in box.entries("device.lost")] == ["disk"]
