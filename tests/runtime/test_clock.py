"""The clock: what the kernel says of it, and the floor under a guess."""

from __future__ import annotations

import ctypes
import datetime as dt
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.clock import ClockQuality, ClockSource, timestamp
from appliance.runtime.clock import SystemClock, built_at, kernel_synchronised, set_from_hardware
from tests.waiting import wait_until

NOT = {"synchronised": lambda: False}
FUTURE = dt.datetime(2077, 5, 1, tzinfo=dt.UTC)
PAST = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def rtc_folder(tmp_path):
    """A /sys/class/rtc as the kernel lays it out, with the clocks named by what hctosys says of them."""

    def make(*hctosys: str):
        for number, flag in enumerate(hctosys):
            (tmp_path / f"rtc{number}").mkdir()
            (tmp_path / f"rtc{number}" / "hctosys").write_text(f"{flag}\n")
        return tmp_path

    return make


def test_the_kernel_is_read_right():
    # The same question by another call of the C library, its answer unpacked by hand.
    raw = ctypes.create_string_buffer(512)
    state = ctypes.CDLL(None).ntp_adjtime(raw)
    status = struct.unpack_from("@I4li", raw)[5]
    assert kernel_synchronised() == (state in range(5) and not status & 0x40)


def test_a_disciplined_clock_is_believed_whatever_the_floor(rtc_folder):
    moment = SystemClock(FUTURE, synchronised=lambda: True, rtc_folder=rtc_folder()).now()
    assert moment.quality is ClockQuality.SYNCED
    assert moment.at < FUTURE


def test_a_hardware_clock_counts_if_the_kernel_used_it(rtc_folder):
    folder = rtc_folder("0", "1")
    assert set_from_hardware(folder)
    assert SystemClock(PAST, rtc_folder=folder, **NOT).now().quality is ClockQuality.RTC


@pytest.mark.parametrize("flags", [(), ("0",)])
def test_without_one_the_time_is_a_guess(rtc_folder, flags):
    folder = rtc_folder(*flags)
    assert not set_from_hardware(folder)
    moment = SystemClock(rtc_folder=folder, **NOT).now()
    assert moment.quality is ClockQuality.GUESS
    assert moment.at.tzinfo is dt.UTC
    assert abs(moment.at - dt.datetime.now(dt.UTC)) < dt.timedelta(hours=1)


@pytest.mark.parametrize("flags", [(), ("1",)])
def test_a_clock_behind_the_journal_is_a_guess_that_runs_on_from_there(rtc_folder, flags):
    clock = SystemClock(FUTURE, rtc_folder=rtc_folder(*flags), **NOT)
    first = clock.now()
    assert first.quality is ClockQuality.GUESS
    assert FUTURE <= first.at < FUTURE + dt.timedelta(hours=1)
    wait_until(lambda: clock.now().at > first.at)


@given(st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC)))
def test_never_before_the_floor_unless_disciplined(floor):
    assert SystemClock(floor, **NOT).now().at >= floor


def test_monotonic_does_not_go_back():
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()


def test_a_board_s_clock_is_gone_by_until_a_time_server_is_there(rtc_folder):
    synchronised = []
    clock = SystemClock(PAST, synchronised=lambda: bool(synchronised), rtc_folder=rtc_folder())
    assert clock.wants_hardware_clock
    clock.go_by(FUTURE)
    moment = clock.now()
    assert moment.quality is ClockQuality.RTC
    assert FUTURE <= moment.at < FUTURE + dt.timedelta(hours=1)
    wait_until(lambda: clock.now().at > moment.at)
    synchronised.append(True)
    assert clock.now().quality is ClockQuality.SYNCED
    assert clock.now().at < FUTURE


def test_a_board_s_clock_behind_the_journal_is_a_guess(rtc_folder):
    clock = SystemClock(FUTURE, rtc_folder=rtc_folder(), **NOT)
    clock.go_by(PAST)
    moment = clock.now()
    assert moment.quality is ClockQuality.GUESS
    assert moment.at >= FUTURE


@pytest.mark.parametrize("flags", [(), ("1",)])
def test_a_board_s_clock_is_wanted_only_where_there_is_nothing_better(rtc_folder, flags):
    folder = rtc_folder(*flags)
    assert SystemClock(rtc_folder=folder, **NOT).wants_hardware_clock is not bool(flags)
    assert not SystemClock(rtc_folder=folder, synchronised=lambda: True).wants_hardware_clock


TABLET = ClockSource.TABLET


def unsure(tmp_path, floor=None, **more):
    return SystemClock(floor, rtc_folder=tmp_path, **NOT, **more)


@pytest.mark.parametrize("ahead", [dt.timedelta(days=40), dt.timedelta(days=-40)])
def test_a_tablet_s_time_is_gone_by_from_then_on_also_backward(tmp_path, ahead):
    told = []
    clock = unsure(tmp_path, FUTURE, on_set=told.append)
    before = clock.now().at
    clock.go_by_tablet(ahead)
    moment = clock.now()
    assert (moment.quality, moment.source) == (ClockQuality.RTC, TABLET)
    assert ahead <= moment.at - before < ahead + dt.timedelta(hours=1)
    assert told == [pytest.approx(before + ahead, abs=dt.timedelta(hours=1))]
    wait_until(lambda: clock.now().at > moment.at)
    assert not clock.wants_hardware_clock


def test_once_a_time_server_was_there_a_tablet_s_time_never_comes_back(tmp_path):
    synchronised = []
    clock = SystemClock(synchronised=lambda: bool(synchronised), rtc_folder=tmp_path)
    clock.go_by_tablet(FUTURE - clock.now().at)
    assert clock.now().at >= FUTURE
    synchronised.append(True)
    assert clock.now().source is ClockSource.NETWORK
    synchronised.clear()  # the uplink is gone, and the kernel's clock runs on
    assert clock.now().source is ClockSource.NONE
    assert clock.now().at < FUTURE


def test_a_restart_of_the_daemon_finds_the_tablet_s_time_again(tmp_path):
    clock = unsure(tmp_path)
    clock.go_by_tablet(dt.timedelta(days=400))
    mark, at = clock.mark(), clock.now().at
    again = unsure(tmp_path)
    again.resume(timestamp(at), **mark)
    assert again.now().source is TABLET
    assert abs(again.now().at - clock.now().at) < dt.timedelta(seconds=1)


@pytest.mark.parametrize("mark", [{"machine_boot": "another start"}, {"machine_boot": ""}, {"uptime_ms": None}])
def test_nothing_is_resumed_once_the_computer_was_off(tmp_path, mark):
    clock = unsure(tmp_path)
    clock.resume(timestamp(FUTURE), **{**clock.mark(), **mark})
    assert clock.now().at < FUTURE


def test_it_was_never_earlier_than_the_build(tmp_path):
    mark = tmp_path / "clock-epoch"
    mark.touch()
    assert built_at((tmp_path / "none", mark)) == pytest.approx(dt.datetime.now(dt.UTC), abs=dt.timedelta(hours=1))
    assert built_at(()) is None
    assert unsure(tmp_path, PAST, built_at=FUTURE).now().at >= FUTURE
    assert unsure(tmp_path, FUTURE, built_at=PAST).now().at >= FUTURE
