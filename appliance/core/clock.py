"""Time as the journal knows it: an instant in UTC and how far it can be trusted."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class ClockQuality(enum.StrEnum):
    """How far the time can be trusted."""

    SYNCED = "synced"  # disciplined by a time server
    RTC = "rtc"  # of a battery-backed clock: the computer's, the battery board's or the owner's tablet's
    GUESS = "guess"  # neither: the newest time that this box has seen


class ClockSource(enum.StrEnum):
    """Which clock the box goes by, the most trusted first."""

    NETWORK = "network"  # a time server
    TABLET = "tablet"  # a tablet on which the owner is signed in
    BOARD = "board"  # the battery board's clock
    COMPUTER = "computer"  # the computer's own battery-backed clock, by which the kernel started
    NONE = "none"  # the box runs on from the newest time that it has seen


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in UTC, how far it can be trusted, and by which clock it is."""

    at: dt.datetime
    quality: ClockQuality
    source: ClockSource = ClockSource.NONE

    def text(self) -> str:
        """Return the instant as RFC 3339 in UTC with microseconds, `2026-11-22T18:38:43.000000Z`."""
        return timestamp(self.at)


def timestamp(at: dt.datetime) -> str:
    """Write an aware datetime as RFC 3339 in UTC with exactly six digits of microseconds."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_timestamp(text: str) -> dt.datetime:
    """Read what `timestamp` wrote, or any ISO 8601 text with an offset. Raises ValueError."""
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"'{text}' names no time zone; write for example 2026-11-22T18:00:00+01:00")
    return at.astimezone(dt.UTC)


def is_time_zone(name: str) -> bool:
    """Tell whether this is the name of a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def local_time(at: str, time_zone: str) -> str:
    """Write an RFC 3339 time as the clock on the wall shows it in a time zone, `2026-12-05 17:04`."""
    return parse_timestamp(at).astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%d %H:%M")
