from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.devices import Battery, BatteryReading, PowerSource
from appliance.core.errors import DeviceLost
from appliance.core.power import PowerLimits, PowerState, next_state
from appliance.drivers.battery.absent import AbsentBattery
from appliance.drivers.battery.bus import open_bus
from appliance.drivers.battery.pijuice import PiJuice
from appliance.sim.pijuice import PiJuiceController

NOW = dt.datetime(2026, 11, 22, 18, 38, 43, tzinfo=dt.UTC)


@pytest.fixture
def board() -> PiJuiceController:
    return PiJuiceController(now=lambda: NOW)


@pytest.fixture
def battery(board: PiJuiceController) -> PiJuice:
    made = PiJuice(board)
    made.open()
    return made


def test_a_reading_has_all_that_the_board_measures(board: PiJuiceController, battery: PiJuice) -> None:
    board.set(charge_pct=40, charging=True, battery_ma=-200, temperature_c=-10, input_source="present")
    board.set(io_source="weak", io_mv=4870, io_ma=-120, fault_flags=0b1000)
    assert battery.read() == BatteryReading(
        charge_pct=40,
        charging=True,
        battery_mv=3956,
        battery_ma=-200,
        temperature_c=-10,
        input_source=PowerSource.PRESENT,
        io_source=PowerSource.WEAK,
        io_mv=4870,
        io_ma=-120,
        faults=("watchdog_reset",),
    )


@given(st.integers(0, 100), st.booleans(), st.integers(-128, 127), st.integers(0, 65535), st.integers(-32768, 32767))
def test_every_value_comes_through(charge: int, charging: bool, warmth: int, mv: int, ma: int) -> None:
    board = PiJuiceController()
    board.set(charge_pct=charge, charging=charging, temperature_c=warmth, battery_mv=mv, battery_ma=ma)
    reading = PiJuice(board).read()
    assert (reading.charge_pct, reading.charging, reading.temperature_c) == (charge, charging, warmth)
    assert (reading.battery_mv, reading.battery_ma) == (mv, ma)


def test_a_board_without_battery_says_so(board: PiJuiceController, battery: PiJuice) -> None:
    board.set(battery_present=False, charge_pct=0)
    assert not battery.read().battery_present


@pytest.mark.parametrize("fault", ["silent", "busy", "unplugged"])
def test_faults_silent_busy_unplugged_lose_the_board_until_it_is_back(
    board: PiJuiceController, battery: PiJuice, fault: str
) -> None:
    board.fail(fault)
    with pytest.raises(DeviceLost, match="0x14 does not answer") as lost:
        battery.read()
    assert lost.value.code == "silent"
    assert lost.value.advice
    with pytest.raises(DeviceLost):
        battery.open()
    board.fail(None)
    battery.open()
    assert battery.read().charge_pct == 80


def test_fault_nak_once_is_tried_again(board: PiJuiceController, battery: PiJuice) -> None:
    board.fail("nak_once")
    assert battery.read().charge_pct == 80
    assert board.fault is None


def test_fault_first_bit_is_mended(board: PiJuiceController, battery: PiJuice) -> None:
    board.set(io_source="present", temperature_c=-10)
    board.fail("first_bit")
    reading = battery.read()
    assert (reading.io_source, reading.temperature_c) == (PowerSource.PRESENT, -10)


def test_fault_bad_checksum_is_never_taken_for_a_reading(board: PiJuiceController, battery: PiJuice) -> None:
    board.fail("bad_checksum")
    with pytest.raises(DeviceLost, match="garbled") as lost:
        battery.read()
    assert lost.value.code == "bad_checksum"


def test_a_board_at_another_address(board: PiJuiceController) -> None:
    with pytest.raises(DeviceLost, match="0x15"):
        PiJuice(board, address=0x15).open()
    moved = PiJuice(PiJuiceController(address=0x15), address=0x15)
    moved.open()
    assert moved.read().charge_pct == 80


def test_a_clean_shutdown_reaches_the_board_in_order(board: PiJuiceController, battery: PiJuice) -> None:
    assert battery.cut_after_halt(30, 40)
    assert list(board.writes) == [(0x63, b"\x28"), (0x64, b"\x00"), (0x62, b"\x1e")]
    assert board.power_off_s == 30


def test_it_need_not_wake_by_itself(board: PiJuiceController, battery: PiJuice) -> None:
    battery.cut_after_halt(30, None)
    assert board.writes[0] == (0x63, b"\x7f")


def test_a_setting_that_is_missed_once_is_sent_again(board: PiJuiceController, battery: PiJuice) -> None:
    board.fail("nak_once")
    battery.cut_after_halt(60, 30)
    assert board.power_off_s == 60


def test_a_setting_that_the_board_ignores_is_reported(battery: PiJuice, board: PiJuiceController) -> None:
    board.fail("deaf")
    with pytest.raises(DeviceLost, match="wake_on_charge") as lost:
        battery.cut_after_halt(60, 50)
    assert lost.value.code == "not_accepted"


@pytest.mark.parametrize(("delay_s", "wake_pct"), [(-1, 40), (251, 40), (60, -1), (60, 101)])
def test_values_that_the_board_has_not_are_refused_before_anything_is_sent(
    battery: PiJuice, board: PiJuiceController, delay_s: int, wake_pct: int
) -> None:
    with pytest.raises(ValueError, match="0 to"):
        battery.cut_after_halt(delay_s, wake_pct)
    assert not board.writes


def test_the_clock_is_read_in_utc_and_none_once_lost(board: PiJuiceController, battery: PiJuice) -> None:
    assert battery.read_clock() == NOW
    board.lose_clock()
    assert battery.read_clock() is None


def test_readers_in_several_threads_get_whole_answers(board: PiJuiceController) -> None:
    with ThreadPoolExecutor(4) as pool:
        readings = list(pool.map(lambda _: PiJuice(board).read().battery_mv, range(200)))
    assert set(readings) == {3956}


def test_a_bus_that_the_kernel_has_not_is_a_lost_device() -> None:
    battery = PiJuice(open_bus(250))
    with pytest.raises(DeviceLost) as lost:
        battery.open()
    assert lost.value.code == "no_bus"
    battery.close()
    battery.close()


def test_an_absent_battery_is_normal_to_the_power_rules() -> None:
    battery: Battery = AbsentBattery()
    battery.open()
    assert next_state(PowerState.CRITICAL, battery.read(), PowerLimits()) is PowerState.NORMAL
    battery.close()


def test_the_clock_that_was_set_is_read_again(board: PiJuiceController, battery: PiJuice) -> None:
    board.lose_clock()
    at = dt.datetime(2027, 2, 28, 23, 59, 58, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    battery.set_clock(at)
    assert battery.read_clock() == at


def test_the_power_is_cut_after_the_halt_and_that_can_be_taken_back(board: PiJuiceController, battery: PiJuice) -> None:
    assert battery.cut_after_halt(60, 40)
    assert (board.power_off_s, dict(board.writes)[0x63]) == (60, bytes([40]))
    battery.keep_on()
    assert board.power_off_s is None


class Listening(PiJuiceController):
    """Keeps every frame that is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def _take(self, command: int, frame: bytes) -> None:
        self.sent.append(bytes((command, *frame)))
        super()._take(command, frame)


def test_settings_go_out_as_the_maker_s_own_module_writes_them() -> None:
    board = Listening()
    battery = PiJuice(board)
    battery.cut_after_halt(30, 40)
    writes = [frame for frame in board.sent if len(frame) > 1]  # one byte alone only names the register to read
    # The first and the last as noted from that module.
    assert writes == [bytes.fromhex("63 28 d7"), bytes.fromhex("64 00 ff"), bytes.fromhex("62 1e e1")]
