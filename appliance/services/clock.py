"""The clock of the box: set by its owner's tablet where no time server is, and every jump of it noted.

A box without a network and without a clock of its own starts with the newest time that it knows. A tablet in the
owner's hand knows better: it puts the clock forward by itself, once, and back only when its owner asks for it. The
journal's order is that of its numbers, so a clock that goes back changes the order of nothing; ages are counted in
seconds that never jump.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from appliance.core.clock import ClockQuality, ClockSource, Moment, parse_timestamp, timestamp
from appliance.core.errors import Refusal
from appliance.core.ports import Books, ClockPort

SAME_S = 60  # a tablet that differs by less is right enough, and so is the box
JUMP_S = 2.0  # a time server moves the clock smoothly by less than that: half a second at a time, ntp_adjtime(2)
AHEAD_AT_MOST = dt.timedelta(days=3653)  # ten years after its build nobody goes by this software any more


def facts(moment: Moment) -> Mapping[str, str]:
    """Tell how the clock stands, for screens."""
    return {"quality": moment.quality.value, "source": moment.source.value}


def set_by_tablet(books: Books, clock: ClockPort, text: str, asked: bool) -> dt.timedelta | None:
    """Decide on a time that the owner's tablet tells, and note it; return how far to put the clock, None: not at all.

    `asked`: a person wants it; else the tablet offers it by itself. Raises Refusal.
    """
    now, at = books.moment, _instant(text)
    if now.quality is ClockQuality.SYNCED:
        raise Refusal("clock_synced", "A time server sets the clock of this box: it is right.", 409)
    ahead = at - now.at
    if abs(ahead.total_seconds()) < SAME_S:
        return None
    _check_limits(books, clock, at)
    if not asked and ahead < dt.timedelta(0):
        raise Refusal("ask_first", "The box is ahead of this tablet: it is put back only if somebody asks for it.", 409)
    if not asked and now.source is ClockSource.TABLET:
        raise Refusal(
            "ask_first", "A tablet has set this clock already: another one only if somebody asks for it.", 409
        )
    note(books, clock, now.at, at, ClockSource.TABLET, asked)
    return ahead


def note(
    books: Books, clock: ClockPort, before: dt.datetime, after: dt.datetime, source: ClockSource, asked: bool = False
) -> None:
    """Note that the clock was set."""
    data = {"before": timestamp(before), "after": timestamp(after), "source": source.value, "asked": asked}
    books.journal.append("clock.set", {**data, **clock.mark()})


def _instant(text: str) -> dt.datetime:
    try:
        return parse_timestamp(text)
    except (ValueError, OverflowError) as error:
        raise Refusal("bad_time", "Write the time with its offset, such as 2026-11-22T18:00:00+01:00.") from error


def _check_limits(books: Books, clock: ClockPort, at: dt.datetime) -> None:
    """Refuse what cannot be: before a time that is certain, or long after anybody uses this software.

    The newest entry alone is not certain: it may have been made by the very clock that is to be put right.
    """
    built_at, synced_at = clock.built_at, books.journal.newest_synced_at()
    certain = [*filter(None, [built_at]), *([parse_timestamp(synced_at)] if synced_at else [])]
    if certain and at < max(certain):
        why = (
            f"It cannot be {_short(at)}: this box has lived through {_short(max(certain))}. See to the tablet's clock."
        )
        raise Refusal("too_early", why)
    if built_at and at > built_at + AHEAD_AT_MOST:
        raise Refusal("too_late", f"It cannot be {_short(at)}: see to the tablet's clock.")


def _short(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


class ClockWatch:
    """Notes the jumps of a clock that others set: a time server, or somebody at the command line."""

    def __init__(self, clock: ClockPort) -> None:
        self._clock = clock
        self._seen = clock.now(), clock.monotonic()

    def jump(self) -> tuple[dt.datetime, Moment] | None:
        """Return where the clock would be and where it is now, if it has jumped since the last look."""
        (before, then_s), now, now_s = self._seen, self._clock.now(), self._clock.monotonic()
        self._seen = now, now_s
        expected = before.at + dt.timedelta(seconds=now_s - then_s)
        has_jumped = abs((now.at - expected).total_seconds()) >= JUMP_S
        # What a tablet does is noted as it is done.
        return (expected, now) if has_jumped and now.source is not ClockSource.TABLET else None
