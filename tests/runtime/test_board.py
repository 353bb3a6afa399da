"""The board: one table for every thread."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from appliance.core.clock import ClockQuality, Moment
from appliance.core.devices import BoardPort, DeviceState, Health
from appliance.runtime.board import Board


def printer(health: Health, reason: str = "", **more) -> DeviceState:
    return DeviceState(name="printer", kind="printer", model="escpos", health=health, reason=reason, **more)


def hours(*of_day: int):
    moments = iter([Moment(dt.datetime(2026, 11, 22, hour, tzinfo=dt.UTC), ClockQuality.RTC) for hour in of_day])
    return lambda: next(moments)


def test_it_keeps_devices_in_their_order_and_facts_by_name():
    board: BoardPort = Board()
    board.set_device(printer(Health.READY))
    board.set_device(DeviceState("battery", "battery", "pijuice", Health.READY))
    board.set_device(printer(Health.DEGRADED, "Paper is near its end."))
    board.set("clients", 3)
    assert [(state.name, state.health) for state in board.devices()] == [
        ("printer", Health.DEGRADED),
        ("battery", Health.READY),
    ]
    assert board.device("printer").reason == "Paper is near its end."
    assert board.device("panel") is None
    assert (board.get("clients"), board.get("power")) == (3, None)


def test_only_a_change_makes_a_new_version():
    board = Board()
    board.set_device(printer(Health.READY))
    board.set("power", None)
    board.set("power", "normal")
    assert board.version == 3
    board.set_device(printer(Health.READY))
    board.set("power", "normal")
    assert board.version == 3


def test_since_is_when_the_device_came_to_its_health():
    board = Board(hours(8, 9))
    board.set_device(printer(Health.OFFLINE, "The cable is out."))
    board.set_device(printer(Health.OFFLINE, "The port is gone."))
    assert board.device("printer").since == "2026-11-22T08:00:00.000000Z"
    board.set_device(printer(Health.READY))
    assert board.device("printer").since == "2026-11-22T09:00:00.000000Z"
    board.set_device(printer(Health.READY, since="yesterday"))
    assert board.device("printer").since == "yesterday"


def test_one_line_when_lost_and_one_when_back(caplog):
    board = Board()
    with caplog.at_level(logging.INFO, "appliance"):
        board.set_device(printer(Health.READY))
        board.set_device(printer(Health.OFFLINE, "The cable is out.", advice="Plug it in."))
        board.set_device(printer(Health.OFFLINE, "The port is gone."))
        board.set_device(printer(Health.DEGRADED, "Paper is near its end."))
        board.set_device(printer(Health.READY))
    assert caplog.messages == ["printer is offline: The cable is out. Plug it in.", "printer is back"]


def test_waiting_ends_with_a_change():
    board = Board()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(board.wait_change, board.version, 10)
        board.set("power", "low")
        assert waiting.result(10) == 1


def test_waiting_ends_with_the_time():
    board = Board()
    board.set("power", "low")
    assert board.wait_change(0, 10) == 1
    assert board.wait_change(1, 0.01) == 1


def test_subscribers_hear_every_change_until_they_leave():
    board, heard = Board(), []
    leave = board.subscribe(lambda version: heard.append((version, board.get("power"))))
    board.set("power", "low")
    board.set("power", "low")
    board.set_device(printer(Health.READY))
    leave()
    leave()
    board.set("power", "normal")
    assert heard == [(1, "low"), (2, "low")]


def test_no_change_of_eight_threads_is_lost():
    board, heard = Board(), []
    board.subscribe(heard.append)
    together = threading.Barrier(8)

    def set_many(thread: int) -> None:
        together.wait(10)
        for number in range(250):
            board.set(f"fact {thread}", number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(set_many, range(8)))
    assert board.version == 2000
    assert sorted(heard) == list(range(1, 2001))
