"""Going off in good order: real desk, real driver, emulated board; only the last command is a note."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.core.devices import DeviceState, Health
from appliance.core.power import AGREEING, PowerLimits
from appliance.core.pricing import Wanted
from appliance.drivers.battery.pijuice import PiJuice
from appliance.runtime.board import Board
from appliance.runtime.halt import power_off
from appliance.services import shutdown as services_shutdown
from appliance.services import till
from appliance.services.shutdown import SafeShutdown, ShutdownLimits
from appliance.services.stations import PowerStation
from appliance.sim.pijuice import PiJuiceController
from tests.books import Box
from tests.waiting import wait_until

TICK_S = 0.02


class Scene:
    """A box at a stall: its battery is read over and over in one thread, its shutdown waits in another."""

    def __init__(self, box: Box, folder: Path, **limits: Any) -> None:
        self.box = box
        self.halted = folder / "halted"
        self.command = f"sh -c 'echo off >> {self.halted}'"
        self.bus = PiJuiceController()
        self.board = Board()
        self.board.set_device(DeviceState("battery", "battery", "pijuice", Health.READY))
        chosen = ShutdownLimits(**{"finish_sale_s": 0.2, "print_s": 0.1, "fresh_s": 0.5, **limits})
        self.shutdown = SafeShutdown(box.desk, self.board, lambda: power_off(self.command), chosen, wait_s=TICK_S)
        self._battery = PiJuice(self.bus)
        self._station = PowerStation(box.desk, self.board, PowerLimits(), self.shutdown)
        self.stop = threading.Event()
        self.reads = True
        self._threads = [threading.Thread(target=self._loop, args=(act,)) for act in (self._read, self._see)]

    def __enter__(self) -> Scene:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join(10)

    def drain(self, charge_pct: float = 5) -> None:
        self.bus.set(charge_pct=charge_pct, charging=False)

    @property
    def times_halted(self) -> int:
        return len(self.halted.read_text().splitlines()) if self.halted.exists() else 0

    def called_off(self) -> list[str]:
        return [entry["reason"] for entry in self.box.entries("shutdown.called_off")]

    def _read(self) -> None:
        if self.reads:
            self._station.step(self._battery)
        self.stop.wait(TICK_S)

    def _see(self) -> None:
        self.shutdown.step(stopping=self.stop.is_set)

    def _loop(self, act: Callable[[], None]) -> None:
        while not self.stop.is_set():
            act()


@pytest.fixture
def scene(box: Box, tmp_path: Path) -> Iterator[Scene]:
    with Scene(box, tmp_path) as made:
        yield made


def test_an_empty_battery_halts_the_box_once_and_the_board_cuts_and_wakes(scene: Scene) -> None:
    scene.drain()
    wait_until(lambda: scene.times_halted == 1)
    assert [entry["cause"] for entry in scene.box.entries("shutdown.asked")] == ["battery"]
    assert scene.bus.power_off_s == 60
    assert [command for command, _ in scene.bus.writes] == [0x63, 0x64, 0x62]  # wake-up, switched supply, power
    assert dict(scene.bus.writes)[0x63] == bytes([30])
    with scene.box.reading() as books:
        slip = books.prints.get(1)
        assert slip is not None
        assert (slip.subject, "SHUTTING DOWN" in str(slip.document)) == ("shutdown", True)
    assert scene.times_halted == 1
    assert scene.box.verify() == []


def test_the_sale_at_hand_is_waited_for(box: Box, tmp_path: Path) -> None:
    with Scene(box, tmp_path, finish_sale_s=30) as scene:
        order = box.submit(lambda books: till.open_order(books, [Wanted("cup", 1)], None))
        scene.drain()
        wait_until(lambda: scene.board.get("closing"))
        assert "Finish the sale" in scene.board.get("closing")["message"]  # type: ignore[index]
        assert scene.times_halted == 0
        box.submit(lambda books: till.take_payment(books, order.id, "cash", order.total_minor))
        wait_until(lambda: scene.times_halted == 1)
        assert len(box.entries("sale.completed")) == 1


def test_a_sale_that_nobody_finishes_is_not_waited_for_ever(scene: Scene) -> None:
    scene.box.submit(lambda books: till.open_order(books, [Wanted("cup", 1)], None))
    scene.drain()
    wait_until(lambda: scene.times_halted == 1)


@pytest.mark.parametrize("how", ["charging", "recharged"])
def test_power_that_comes_back_calls_it_off(box: Box, tmp_path: Path, how: str) -> None:
    with Scene(box, tmp_path, finish_sale_s=30) as scene:
        box.submit(lambda books: till.open_order(books, [Wanted("cup", 1)], None))
        scene.drain()
        wait_until(lambda: scene.board.get("closing"))
        scene.bus.set(**({"charging": True} if how == "charging" else {"charge_pct": 60}))
        wait_until(lambda: scene.called_off() == ["Power is back."])
        wait_until(lambda: scene.board.get("closing") is None)
        assert (scene.times_halted, scene.bus.power_off_s) == (0, None)
        scene.drain()
        wait_until(lambda: len(scene.box.entries("shutdown.asked")) == 2)


def test_a_board_that_falls_silent_in_the_middle_shuts_nothing_down(box: Box, tmp_path: Path) -> None:
    with Scene(box, tmp_path, finish_sale_s=30) as scene:
        box.submit(lambda books: till.open_order(books, [Wanted("cup", 1)], None))
        scene.drain()
        wait_until(lambda: scene.board.get("closing"))
        scene.reads = False
        wait_until(lambda: scene.called_off() == ["The battery board does not answer any more."])
        assert scene.times_halted == 0


def test_one_wild_reading_shuts_nothing_down(box: Box, tmp_path: Path) -> None:
    scene = Scene(box, tmp_path)
    for _ in range(20):
        for _ in range(AGREEING - 1):
            scene.drain(0)
            scene._read()
        scene.bus.set(charge_pct=80)
        scene._read()
    scene.shutdown.step()
    assert box.entries("shutdown.asked") == []


def test_the_button_shuts_down_whatever_the_battery_says_and_wakes_by_hand_only(scene: Scene) -> None:
    scene.bus.set(charge_pct=90, charging=True)
    scene.shutdown.ask()
    wait_until(lambda: scene.times_halted == 1)
    assert [entry["cause"] for entry in scene.box.entries("shutdown.asked")] == ["button"]
    assert dict(scene.bus.writes)[0x63] == bytes([0x7F])


def test_a_box_without_battery_board_goes_off_by_the_button(box: Box, tmp_path: Path) -> None:
    scene = Scene(box, tmp_path)
    scene.board.set_device(DeviceState("battery", "battery", "absent", Health.ABSENT))
    scene.reads = False
    with scene:
        scene.shutdown.ask()
        wait_until(lambda: scene.times_halted == 1)


def test_a_slip_that_only_the_labels_printer_is_there_for_is_not_waited_for(box: Box, tmp_path: Path) -> None:
    scene = Scene(box, tmp_path, print_s=60)
    scene.board.set_device(DeviceState("printer.labels", "printer", "escpos", Health.READY))
    scene.board.set_device(DeviceState("printer", "printer", "escpos", Health.OFFLINE))
    with scene:
        scene.shutdown.ask()
        wait_until(lambda: scene.times_halted == 1)


def test_a_system_that_cannot_be_halted_keeps_its_power_and_sells_on(box: Box, tmp_path: Path) -> None:
    with Scene(box, tmp_path) as scene:
        scene.command = "/nonexistent/poweroff"
        scene.shutdown.ask()
        wait_until(lambda: scene.called_off() == ["The system could not be halted."])
        wait_until(lambda: scene.board.get("closing") is None)
        wait_until(lambda: scene.bus.power_off_s is None)
        assert 0x62 in dict(scene.bus.writes)


def test_a_system_that_does_not_halt_sells_on(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services_shutdown, "HALTING_S", 0.2)
    scene.shutdown.ask()
    wait_until(lambda: scene.called_off() == ["The system was told to halt but did not."])
    assert scene.times_halted == 1
    wait_until(lambda: scene.bus.power_off_s is None)


@pytest.mark.parametrize("command", ["false", "/nonexistent", "sh -c 'exit 3'", "'unclosed", ""])
def test_a_command_that_fails_is_said_to(command: str) -> None:
    assert power_off(command) is False


def test_a_command_that_works_is_said_to() -> None:
    assert power_off("true") is True
