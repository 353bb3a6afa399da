"""Both ways to a PiJuice at the same emulated controller: its maker's own module, unchanged, and our registers."""

from __future__ import annotations

import datetime as dt
import random
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from appliance.config import load as load_settings
from appliance.core.errors import DeviceLost
from appliance.drivers.battery.bus import open_bus
from appliance.drivers.battery.pijuice import PiJuice
from appliance.drivers.battery.pijuice_module import ModulePiJuice, installed
from appliance.equipment import Wires, device_list
from appliance.sim.pijuice import PiJuiceController
from tests.upstream.finding import STAND_IN, load, modules

STATES = 200
SOURCES = ("absent", "bad", "weak", "present")
NOW = dt.datetime(2026, 12, 5, 20, 59, 58, tzinfo=dt.UTC)


@pytest.fixture
def board() -> PiJuiceController:
    return PiJuiceController(now=lambda: NOW)


@pytest.fixture
def registers(board: PiJuiceController) -> PiJuice:
    return PiJuice(board)


@pytest.fixture(params=modules())
def module(request: pytest.FixtureRequest, board: PiJuiceController) -> ModulePiJuice:
    return ModulePiJuice(load(modules()[request.param], lambda number: board))


def test_both_ways_give_equal_readings(board: PiJuiceController, registers: PiJuice, module: ModulePiJuice) -> None:
    rng = random.Random(20261205)
    for number in range(STATES):
        board.set(
            charge_pct=rng.randint(0, 100),
            charging=rng.random() < 0.4,
            battery_present=rng.random() < 0.9,
            battery_mv=rng.randint(0, 65535),
            battery_ma=rng.randint(-32768, 32767),
            temperature_c=rng.randint(-128, 127),
            input_source=rng.choice(SOURCES),
            io_source=rng.choice(SOURCES),
            io_mv=rng.randint(0, 65535),
            io_ma=rng.randint(-32768, 32767),
            fault_flags=rng.choice([0, 1, 2, 4, 8, 0x20, 0x40, 0x80, 0xC0, 0x2F]),
        )
        assert module.read() == registers.read(), (number, board.state)


def test_a_first_bit_lost_on_the_wire_is_mended_by_both(
    board: PiJuiceController, registers: PiJuice, module: ModulePiJuice
) -> None:
    board.set(battery_mv=0x0F84, charge_pct=77)
    board.fail("first_bit")
    assert module.read() == registers.read()


@pytest.mark.parametrize("fault", ["silent", "busy", "unplugged", "bad_checksum"])
def test_both_lose_it_in_the_same_words_and_find_it_again(
    board: PiJuiceController, registers: PiJuice, module: ModulePiJuice, fault: str
) -> None:
    module.open()
    board.fail(fault)
    losses = []
    for driver in (module, registers):
        with pytest.raises(DeviceLost) as lost:
            driver.read()
        losses.append((lost.value.code, lost.value.message.partition(":")[0], lost.value.advice))
    assert losses[0] == losses[1]
    board.fail(None)
    module.open()
    assert module.read() == registers.read()


def test_both_bear_one_transfer_without_answer(board: PiJuiceController, module: ModulePiJuice) -> None:
    module.open()
    board.fail("nak_once")
    assert module.read().battery_mv == board.state.battery_mv


def test_both_tell_and_set_the_same_time(board: PiJuiceController, registers: PiJuice, module: ModulePiJuice) -> None:
    registers.set_clock(NOW)
    assert module.read_clock() == registers.read_clock() == NOW
    module.set_clock(NOW + dt.timedelta(hours=5))
    assert module.read_clock() == registers.read_clock() == NOW + dt.timedelta(hours=5)
    board.lose_clock()
    assert module.read_clock() is registers.read_clock() is None


def test_both_end_the_power_by_the_same_writes(
    board: PiJuiceController, registers: PiJuice, module: ModulePiJuice
) -> None:
    for driver in (registers, module):
        for delay_s, wake_pct in ((20, 40), (60, None), (250, 0)):
            assert driver.cut_after_halt(delay_s, wake_pct)
            assert board.power_off_s == delay_s
        driver.keep_on()
        assert board.power_off_s is None
    half = len(board.writes) // 2
    assert list(board.writes)[:half] == list(board.writes)[half:]


def test_both_take_a_wake_up_that_the_board_keeps_for_good(
    board: PiJuiceController, registers: PiJuice, module: ModulePiJuice
) -> None:
    board.keep_for_good(0x63, 40)
    for driver in (registers, module):
        assert driver.cut_after_halt(20, 40)


@pytest.mark.parametrize("way", ["registers", "module"])
def test_a_board_that_takes_nothing_over_is_told(
    request: pytest.FixtureRequest, board: PiJuiceController, module: ModulePiJuice, way: str
) -> None:
    driver: Any = module if way == "module" else request.getfixturevalue("registers")
    driver.open()
    board.fail("deaf")
    with pytest.raises(DeviceLost, match="did not take over") as lost:
        driver.cut_after_halt(20, 40)
    assert lost.value.code == "not_accepted"
    for delay_s, wake_pct in ((251, 40), (20, 101)):
        with pytest.raises(ValueError, match="0 to"):
            driver.cut_after_halt(delay_s, wake_pct)


def chosen(tmp_path: Path, wires: Wires | None = None) -> Any:
    (tmp_path / "own.toml").write_text('[battery]\ndriver = "pijuice"\n')
    settings = load_settings([tmp_path / "own.toml"])
    return device_list(settings, wires)[0][2]


def test_the_box_takes_the_module_where_it_is_installed(
    tmp_path: Path, board: PiJuiceController, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ModuleType("pijuice")
    made.PiJuice, made.__version__ = load(STAND_IN, lambda number: board), "1.8"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pijuice", made)
    assert isinstance(chosen(tmp_path), ModulePiJuice)
    assert chosen(tmp_path).read() == PiJuice(board).read()
    assert isinstance(chosen(tmp_path, Wires(i2c_bus=board)), PiJuice)  # whoever brings a bus means that one


@pytest.mark.parametrize("version", [None, "1.3.1"], ids=["none", "too old"])
def test_without_a_module_that_runs_it_reads_the_registers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    made = ModuleType("pijuice") if version else None
    if made:
        made.PiJuice, made.__version__ = object, version  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pijuice", made)
    assert installed() is None
    assert isinstance(chosen(tmp_path), PiJuice)


def test_a_bus_that_is_not_there_is_a_sentence() -> None:
    def no_bus(bus: int, address: int) -> Any:
        raise FileNotFoundError(2, "No such file or directory", "/dev/i2c-1")

    for driver in (ModulePiJuice(no_bus), PiJuice(open_bus(255))):
        with pytest.raises(DeviceLost, match="no I2C bus") as lost:
            driver.open()
        assert "raspi-config" in lost.value.advice
