"""The box's clock: the system's time, how far to trust it, and never before what the journal already knows.

A Raspberry Pi without a battery-backed clock starts at the time of its last shutdown or in 1970, and a stall has
no network to set it by. Sources: adjtimex(2); linux/timex.h; Documentation/ABI/testing/sysfs-class-rtc;
systemd-timesyncd.service(8) for clock-epoch; random(4) for boot_id.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from appliance.core.clock import ClockQuality, ClockSource, Moment, parse_timestamp

BUILT = Path("/usr/lib/clock-epoch")  # its date is the build's, on the image and wherever systemd looks for a floor
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
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


def built_at(marks: tuple[Path, ...] = (BUILT, Path(__file__))) -> dt.datetime | None:
    """Return when this software was built: it was never earlier than that."""
    for mark in marks:
        try:
            return dt.datetime.fromtimestamp(int(mark.stat().st_mtime), dt.UTC)
        except OSError:
            continue
    return None


def boot_id() -> str:
    """Return the id of this start of the computer, empty where the kernel tells none."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


class SystemClock:
    """The time with its quality; see ClockPort in core/ports.

    `floor` is the newest time that this box is sure to have lived through: its newest journal entry, or its build. A
    clock that no time server set and that is behind the floor is a guess; then the time runs on from the floor.
    `on_set` is called with the time that a tablet told.
    """

    def __init__(
        self,
        floor: dt.datetime | None = None,
        *,
        synchronised: Callable[[], bool] = kernel_synchronised,
        rtc_folder: Path = RTC_FOLDER,
        built_at: dt.datetime | None = None,
        on_set: Callable[[dt.datetime], None] = lambda at: None,
    ) -> None:
        self._on_set = on_set
        self._synchronised = synchronised
        self._has_rtc = set_from_hardware(rtc_folder)
        self._built_at = built_at
        # Which clock else told the time, what it said, and when it said so.
        self._said: tuple[ClockSource, dt.datetime, float] | None = None
        lived_through = max(filter(None, (floor, built_at)), default=None)
        # That instant, and when the clock began to run on from it; one tuple, for it is read by many threads.
        self._floor = (lived_through, time.monotonic()) if lived_through else None

    @property
    def built_at(self) -> dt.datetime | None:
        """When this software was built, None if nobody knows."""
        return self._built_at

    @property
    def wants_hardware_clock(self) -> bool:
        """Whether nothing better than a guess is at hand."""
        return self._said is None and not self._has_rtc and not self._synchronised()

    def go_by(self, at: dt.datetime) -> None:
        """Go by a battery board's clock, which the kernel does not know, until something better is there.

        The system's own clock stays as it is: setting it takes CAP_SYS_TIME, which this daemon does not have.
        """
        self._said = ClockSource.BOARD, at, time.monotonic()

    def go_by_tablet(self, ahead: dt.timedelta) -> None:
        """Put the clock forward or back by what a tablet said, and go by that until a time server is there."""
        self._run_on_from(self.now().at + ahead)
        self._on_set(self.now().at)

    def mark(self) -> Mapping[str, object]:
        """Return what finds this very instant again after a restart of the daemon: boot and milliseconds since it."""
        return {"machine_boot": boot_id(), "uptime_ms": int(time.monotonic() * 1000)}

    def resume(self, set_to: str, machine_boot: object, uptime_ms: object) -> None:
        """Go on by a tablet's time that was told earlier, `mark` at that time, unless the computer was off since."""
        if machine_boot and machine_boot == boot_id() and isinstance(uptime_ms, int):
            elapsed_s = time.monotonic() - uptime_ms / 1000
            self._run_on_from(parse_timestamp(set_to) + dt.timedelta(seconds=elapsed_s))

    def now(self) -> Moment:
        """Return the time in UTC, its quality and its source."""
        at = dt.datetime.now(dt.UTC)
        if self._synchronised():
            # From here on the system's own clock is the better one, also once the server is gone.
            self._said, self._floor = None, (at, time.monotonic())
            return Moment(at, ClockQuality.SYNCED, ClockSource.NETWORK)
        source = ClockSource.COMPUTER if self._has_rtc else ClockSource.NONE
        if (told := self._said) is not None:
            source, said, then_s = told
            at = _run_on(said, then_s)
        if source is not ClockSource.TABLET and self._floor is not None and at < (floor := _run_on(*self._floor)):
            return Moment(floor, ClockQuality.GUESS)
        return Moment(at, ClockQuality.GUESS if source is ClockSource.NONE else ClockQuality.RTC, source)

    def monotonic(self) -> float:
        """Return seconds that never jump; only differences mean something."""
        return time.monotonic()

    def _run_on_from(self, at: dt.datetime) -> None:
        """Go by a tablet's time, whatever this box thought so far."""
        self._said = ClockSource.TABLET, at, time.monotonic()


def _run_on(at: dt.datetime, then_s: float) -> dt.datetime:
    """Return what the time is now if it was `at` when the monotonic clock stood at `then_s`."""
    return at + dt.timedelta(seconds=time.monotonic() - then_s)
