"""What every battery board owes the box, whatever wire it hangs on: one suite, the real drivers, emulated wires."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from appliance.core.devices import Battery, PowerSource
from appliance.core.errors import DeviceLost
from appliance.core.power import PowerLimits, PowerState, PowerWatch, credible
from appliance.drivers.battery.pijuice import PiJuice
from appliance.drivers.battery.pijuice_module import ModulePiJuice
from appliance.drivers.battery.power_supply import PowerSupply
from appliance.drivers.battery.victron import Victron
from appliance.services.stations import battery_condition
from appliance.sim.pijuice import PiJuiceController
from appliance.sim.power_supply import SupplyFolder
from appliance.sim.victron import VictronProduct
from tests.upstream.finding import STAND_IN, load
from tests.waiting import wait_until

EVERY_S = 0.05  # a block so often, in place of each second


@dataclass
class Table:
    """A board on the table and the driver on its wire. `tells_charge` is what a solar charger alone cannot."""

    board: Any
    battery: Battery
    tells_charge: bool = True


def pijuice(folder: Path) -> Table:
    board = PiJuiceController()
    return Table(board, PiJuice(board))


def pijuice_module(folder: Path) -> Table:
    board = PiJuiceController()
    return Table(board, ModulePiJuice(load(STAND_IN, lambda number: board)))


def victron(product: str) -> Callable[[Path], Table]:
    def make(folder: Path) -> Table:
        board = VictronProduct(folder / "vedirect", product, EVERY_S)
        board.start()
        return Table(board, Victron(str(folder / "vedirect")), product == "bmv")

    return make


def power_supply(folder: Path) -> Table:
    return Table(SupplyFolder(folder / "class"), PowerSupply(folder / "class"))


MAKERS: dict[str, Callable[[Path], Table]] = {
    "pijuice": pijuice,
    "pijuice module": pijuice_module,
    "victron bmv": victron("bmv"),
    "victron mppt": victron("mppt"),
    "power_supply": power_supply,
}
LOST = [  # board, fault, the code that the loss has
    ("pijuice", "silent", "silent"),
    ("pijuice", "bad_checksum", "bad_checksum"),
    ("pijuice", "busy", "silent"),
    ("pijuice", "unplugged", "silent"),
    ("pijuice module", "silent", "silent"),
    ("pijuice module", "bad_checksum", "bad_checksum"),
    ("pijuice module", "busy", "silent"),
    ("pijuice module", "unplugged", "silent"),
    ("victron bmv", "silent", "silent"),
    ("victron bmv", "bad_checksum", "bad_checksum"),
    ("victron bmv", "garbage", "bad_checksum"),
    ("victron mppt", "half_block", "bad_checksum"),
    ("victron mppt", "unplugged", "unplugged"),
    ("power_supply", "silent", "silent"),
    ("power_supply", "garbage", "garbled"),
    ("power_supply", "unplugged", "unplugged"),
]
BORNE = [
    ("pijuice", "nak_once"),
    ("pijuice", "first_bit"),
    ("pijuice module", "nak_once"),
    ("pijuice module", "first_bit"),
    ("victron bmv", "hex_between"),
    ("victron mppt", "hex_between"),
]


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks come twenty times as often here, so silence shows twenty times as soon."""
    monkeypatch.setattr("appliance.drivers.battery.victron.PATIENCE_S", 0.4)


@contextlib.contextmanager
def laid(name: str, folder: Path) -> Iterator[Table]:
    table = MAKERS[name](folder)
    try:
        yield table
    finally:
        table.battery.close()
        getattr(table.board, "close", lambda: None)()


def read_for_ever(battery: Battery) -> None:
    """Read until the board is lost: what was on the wire already may still come."""
    while True:
        battery.read()


@pytest.fixture(params=MAKERS)
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Table]:
    with laid(request.param, tmp_path) as made:
        made.battery.open()
        yield made


def test_a_reading_is_what_the_board_measures(table: Table) -> None:
    table.board.set(
        battery_mv=3700, charging=False, **({"charge_pct": 40, "temperature_c": 25} if table.tells_charge else {})
    )
    wait_until(lambda: table.battery.read().battery_mv == 3700)
    reading = table.battery.read()
    assert reading.charge_pct == (40 if table.tells_charge else None)
    assert (reading.charging, reading.battery_present, reading.faults) == (False, True, ())
    assert reading.temperature_c == (25 if table.tells_charge else None)
    assert credible(reading) == reading


def test_current_out_of_the_battery_is_positive(table: Table) -> None:
    wait_until(lambda: not table.battery.read().charging)
    assert (table.battery.read().battery_ma or 0) > 0
    table.board.set(charging=True)
    wait_until(lambda: table.battery.read().charging)
    assert (table.battery.read().battery_ma or 0) < 0


def test_power_that_comes_in_is_told_and_taken_away_again(table: Table) -> None:
    table.board.set(charging=True)
    wait_until(lambda: table.battery.read().input_source is PowerSource.PRESENT)
    table.board.set(charging=False)
    wait_until(lambda: table.battery.read().input_source is not PowerSource.PRESENT)


def test_closing_twice_and_opening_again(table: Table) -> None:
    table.battery.close()
    table.battery.close()
    table.battery.open()
    assert table.battery.read().battery_present


def test_a_board_without_switch_or_clock_says_so_and_none_is_harmed(table: Table) -> None:
    can_cut = table.battery.cut_after_halt(60, 30)
    assert can_cut is isinstance(table.battery, PiJuice | ModulePiJuice)
    table.battery.keep_on()
    assert (table.battery.read_clock() is not None) is can_cut


@pytest.mark.usefixtures("short_patience")
@pytest.mark.parametrize(("name", "fault", "code"), LOST, ids=[f"{name}-{fault}" for name, fault, _ in LOST])
def test_a_fault_loses_the_board_and_its_end_brings_it_back(tmp_path: Path, name: str, fault: str, code: str) -> None:
    with laid(name, tmp_path) as table:
        table.battery.open()
        table.battery.read()
        table.board.fail(fault)
        with pytest.raises(DeviceLost) as lost:
            read_for_ever(table.battery)
        assert lost.value.code == code
        assert lost.value.message.endswith(".")
        assert lost.value.advice
        table.board.fail(None)
        table.battery.close()
        table.battery.open()
        assert table.battery.read().battery_present


@pytest.mark.parametrize(("name", "fault"), BORNE, ids=[f"{name}-{fault}" for name, fault in BORNE])
def test_a_fault_that_a_driver_bears(tmp_path: Path, name: str, fault: str) -> None:
    with laid(name, tmp_path) as table:
        table.battery.open()
        table.board.fail(fault)
        assert table.battery.read().battery_mv == table.board.state.battery_mv


@pytest.mark.parametrize("name", MAKERS)
def test_absent_at_the_start_is_a_sentence(tmp_path: Path, name: str) -> None:
    with laid(name, tmp_path) as table:
        table.board.fail("unplugged")
        with pytest.raises(DeviceLost) as lost:
            table.battery.open()
        assert lost.value.advice


@pytest.mark.usefixtures("short_patience")
def test_values_that_cannot_be_change_no_state_and_are_told(tmp_path: Path) -> None:
    with laid("power_supply", tmp_path) as table:
        table.board.fail("wild")
        watch = PowerWatch(PowerLimits())
        readings = [table.battery.read() for _ in range(10)]
        assert {watch.take(reading) for reading in readings} == {PowerState.NORMAL}
        assert credible(readings[0]).charge_pct is None
        assert "cannot be" in battery_condition(readings[0], "power_supply").reason


@pytest.mark.usefixtures("short_patience")
def test_a_monitor_that_knows_nothing_yet_is_no_reading(tmp_path: Path) -> None:
    with laid("victron bmv", tmp_path) as table:
        table.board.fail("unknown")
        table.battery.open()
        reading = table.battery.read()
        assert (reading.charge_pct, reading.battery_mv) == (None, None)
        assert PowerWatch(PowerLimits(low_mv=12_000)).take(reading) is PowerState.NORMAL


def test_the_sun_and_a_charger_s_error_are_told(tmp_path: Path) -> None:
    with laid("victron mppt", tmp_path) as table:
        table.battery.open()
        table.board.set(charging=True, error=17)
        wait_until(lambda: table.battery.read().faults == ("charger_too_hot",))
        reading = table.battery.read()
        assert (reading.input_kind, reading.input_mv, reading.input_ma) == ("sun", 18_500, 2_000)


def test_only_one_may_hold_the_cable(tmp_path: Path) -> None:
    with laid("victron bmv", tmp_path) as table:
        table.battery.open()
        with pytest.raises(DeviceLost):
            Victron(str(tmp_path / "vedirect")).open()


def test_a_mouse_s_battery_feeds_no_box(tmp_path: Path) -> None:
    mouse = tmp_path / "hid-mouse"
    mouse.mkdir()
    for name, text in {"type": "Battery", "scope": "Device", "status": "Discharging", "capacity": "3"}.items():
        (mouse / name).write_text(f"{text}\n")
    with pytest.raises(DeviceLost, match="no battery"):
        PowerSupply(tmp_path).open()
