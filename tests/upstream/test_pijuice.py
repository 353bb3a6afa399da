"""The PiJuice's own Python module, unchanged, and our driver at the same emulated controller: equal readings."""

from __future__ import annotations

import datetime as dt
import importlib.util
import random
import sys
from types import ModuleType
from typing import Any

import pytest

from appliance.core.devices import BatteryReading, PowerSource
from appliance.drivers.battery.pijuice import PiJuice
from appliance.sim.pijuice import PiJuiceController
from tests.upstream.finding import module_path

STATES = 200
SOURCES = {"absent": "NOT_PRESENT", "bad": "BAD", "weak": "WEAK", "present": "PRESENT"}
FAULTS = {  # where the two name the same flag in other words
    "forced_power_off": "undervoltage_power_off",
    "forced_sys_power_off": "system_power_off",
    "SUSPEND": "charging_suspended_by_temperature",
    "COOL": "charging_cool",
    "WARM": "charging_warm",
}
NOW = dt.datetime(2026, 12, 5, 20, 59, 58, tzinfo=dt.UTC)


@pytest.fixture
def board() -> PiJuiceController:
    return PiJuiceController(now=lambda: NOW)


@pytest.fixture
def driver(board: PiJuiceController) -> PiJuice:
    return PiJuice(board)


@pytest.fixture
def upstream(board: PiJuiceController, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module as its file has it; its bus, from the package smbus, is the emulated one."""
    smbus = ModuleType("smbus")
    smbus.SMBus = lambda number: board  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "smbus", smbus)
    path = module_path()
    assert path is not None
    spec = importlib.util.spec_from_file_location("pijuice", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PiJuice(1, 0x14)


def data(answer: dict[str, Any]) -> Any:
    assert answer["error"] == "NO_ERROR", answer
    return answer["data"]


def signed_byte(value: int) -> int:
    """The temperature's first byte: releases of the module differ in what they make of the second."""
    return (value & 0xFF) - 0x100 if value & 0x80 else value & 0xFF


def read_by(upstream: Any) -> BatteryReading:
    """One reading by the upstream module, in the words of ours."""
    status, ask = data(upstream.status.GetStatus()), upstream.status
    sources = {theirs: PowerSource(ours) for ours, theirs in SOURCES.items()}
    return BatteryReading(
        charge_pct=float(data(ask.GetChargeLevel())),
        charging=status["battery"].startswith("CHARGING"),
        battery_present=status["battery"] != "NOT_PRESENT",
        battery_mv=data(ask.GetBatteryVoltage()),
        battery_ma=data(ask.GetBatteryCurrent()),
        temperature_c=signed_byte(data(ask.GetBatteryTemperature())),
        input_source=sources[status["powerInput"]],
        io_source=sources[status["powerInput5vIo"]],
        io_mv=data(ask.GetIoVoltage()),
        io_ma=data(ask.GetIoCurrent()),
        faults=tuple(FAULTS.get(value, FAULTS.get(name, name)) for name, value in data(ask.GetFaultStatus()).items()),
    )


def test_both_ways_give_equal_readings(board: PiJuiceController, driver: PiJuice, upstream: Any) -> None:
    rng = random.Random(20261205)
    for number in range(STATES):
        board.set(
            charge_pct=rng.randint(0, 100),
            charging=rng.random() < 0.4,
            battery_present=rng.random() < 0.9,
            battery_mv=rng.randint(0, 65535),
            battery_ma=rng.randint(-32768, 32767),
            temperature_c=rng.randint(-128, 127),
            input_source=rng.choice(list(SOURCES)),
            io_source=rng.choice(list(SOURCES)),
            io_mv=rng.randint(0, 65535),
            io_ma=rng.randint(-32768, 32767),
            fault_flags=rng.choice([0, 1, 2, 4, 8, 0x20, 0x40, 0x80, 0xC0, 0x2F]),
        )
        assert read_by(upstream) == driver.read(), (number, board.state)


def test_a_first_bit_lost_on_the_wire_is_mended_by_both(
    board: PiJuiceController, driver: PiJuice, upstream: Any
) -> None:
    board.set(battery_mv=0x0F84, charge_pct=77)
    board.fail("first_bit")
    assert read_by(upstream) == driver.read()


def test_both_tell_the_same_time(board: PiJuiceController, driver: PiJuice, upstream: Any) -> None:
    driver.set_clock(NOW)
    told = data(upstream.rtcAlarm.GetTime())
    names = ("year", "month", "day", "hour", "minute", "second")
    assert dt.datetime(*(told[name] for name in names), tzinfo=dt.UTC) == driver.read_clock()
    assert told["weekday"] == NOW.isoweekday() % 7 + 1
    later = NOW + dt.timedelta(hours=5)
    wanted = {name: getattr(later, name) for name in names} | {"weekday": later.isoweekday() % 7 + 1}
    assert upstream.rtcAlarm.SetTime(wanted) == {"error": "NO_ERROR"}
    assert driver.read_clock() == later


def test_what_the_driver_sets_the_module_reads(board: PiJuiceController, driver: PiJuice, upstream: Any) -> None:
    assert driver.cut_after_halt(20, 40)
    assert data(upstream.power.GetPowerOff()) == [20]
    assert data(upstream.power.GetWakeUpOnCharge()) == 40
    assert data(upstream.power.GetSystemPowerSwitch()) == 0
    upstream.power.SetPowerOff(30)
    assert board.power_off_s == 30
