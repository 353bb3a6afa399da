"""The box's clock: the system's time, how far to trust it, and never before what the journal already knows.

A Raspberry Pi without a battery-backed clock starts at the time of its last shutdown or in 1970, and a stall has
no network to set it by. Sources: adjtimex(2); linux/timex.h; Documentation/ABI/testing/sysfs-class-rtc.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

from appliance.core.clock import ClockQuality, Moment

RTC_FOLDER = Path("/sys/class/rtc")
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised; also what STA_UNSYNC comes to
_TIMEX_BYTES = 512  # more than a `struct timex` of any kernel (208 on 64 bits)
_libc = ctypes.CDLL(None, use_errno=True)


def kernel_synchronised() -> bool:
    """Whether a time server disciplines the kernel's clock now; False where the kernel will not tell."""
    # All zero: modes 0 reads only and needs no privilege.
    state: int = _libc.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return state not in (-1, _TIME_ERROR)


def set_from_hardware(folder: Path = RTC_FOLDER) -> bool:
    """Whether the kernel set its clock from a hardware clock at start."""
    for flag in folder.glob("*/hctosys"):
        try:
            if flag.read_text().strip() == "1":
                return True
        except OSError:  # a clock that was unplugged meanwhile
            continue
    return False


class SystemClock:
    """The time with its quality.

    `floor` is the newest time that this box is sure to have lived through (its newest journal entry). A clock that
    no time server set and that is behind the floor is a guess; then the time runs on from the floor.
    """

    def __init__(
        self,
        floor: dt.datetime | None = None,
        *,
        synchronised: Callable[[], bool] = kernel_synchronised,
        rtc_folder: Path = RTC_FOLDER,
    ) -> None:
        self._synchronised = synchronised
        self._has_rtc = set_from_hardware(rtc_folder)
        self._rtc: tuple[dt.datetime, float] | None = None  # a board's own clock, and when it said so
        self._floor = floor
        self._started_s = time.monotonic()

    @property
    def wants_hardware_clock(self) -> bool:
        """Whether nothing better than a guess is at hand."""
        return not self._has_rtc and not self._synchronised()

    def go_by(self, at: dt.datetime) -> None:
        """Go by a battery-backed clock that the kernel does not know, until a time server is there.

        The system's own clock stays as it is: setting it takes CAP_SYS_TIME, which this daemon does not have.
        """
        self._rtc = (at, time.monotonic())

    def now(self) -> Moment:
        """Return the time in UTC and its quality."""
        at = dt.datetime.now(dt.UTC)
        if self._synchronised():
            return Moment(at, ClockQuality.SYNCED)
        has_rtc = self._has_rtc
        if self._rtc is not None:
            said, then_s = self._rtc
            at, has_rtc = said + dt.timedelta(seconds=time.monotonic() - then_s), True
        floor = self._running_floor()
        if floor is not None and at < floor:
            return Moment(floor, ClockQuality.GUESS)
        return Moment(at, ClockQuality.RTC if has_rtc else ClockQuality.GUESS)

    def monotonic(self) -> float:
        """Return seconds that never jump; only differences mean something."""
        return time.monotonic()

    def _running_floor(self) -> dt.datetime | None:
        if self._floor is None:
            return None
        return self._floor + dt.timedelta(seconds=time.monotonic() - self._started_s)
