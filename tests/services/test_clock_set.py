"""What a tablet may do to the clock, and what is noted of every jump: over a real desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.core.clock import ClockQuality, ClockSource, Moment, parse_timestamp, timestamp
from appliance.core.errors import Refusal
from appliance.runtime.clock import SystemClock
from appliance.runtime.desk import Desk
from appliance.services import clock as service
from appliance.services.clock import ClockWatch
from appliance.store.books import Ledger, Readers

MINUTE, HOUR, YEAR = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=365)
BUILT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


class Stall:
    """A desk that goes by a clock which nobody has set yet, a while after its build."""

    def __init__(self, folder: Path) -> None:
        self.synced: list[bool] = []
        (folder / "rtc").mkdir()
        start = BUILT + HOUR
        self.clock = SystemClock(
            start, synchronised=lambda: bool(self.synced), rtc_folder=folder / "rtc", built_at=BUILT
        )
        self.clock.go_by_tablet(start - self.clock.now().at)  # whatever this computer's own clock says
        self.clock._said = (ClockSource.NONE, *self.clock._said[1:])  # type: ignore[index,assignment]
        path = folder / "stallbox.db"
        self.desk = Desk(Ledger(path), Readers(path), self.clock.now)

    def tell(self, ahead: dt.timedelta, asked: bool = False) -> dt.timedelta | None:
        at = timestamp(self.clock.now().at + ahead)
        done = self.desk.submit(lambda books: service.set_by_tablet(books, self.clock, at, asked))
        if done is not None:
            self.clock.go_by_tablet(done)
        return done

    def refused(self, ahead: dt.timedelta, asked: bool = False) -> str:
        head = self.desk.head_seq
        with pytest.raises(Refusal) as refusal:
            self.tell(ahead, asked)
        assert self.desk.head_seq == head
        return refusal.value.code

    def note(self, kind: str = "order.expired") -> None:
        self.desk.submit(lambda books: books.journal.append(kind, {}))


@pytest.fixture
def stall(tmp_path: Path) -> Iterator[Stall]:
    made = Stall(tmp_path)
    made.desk.start()
    yield made
    assert made.desk.stop(10)


def entries(stall: Stall) -> list[dict[str, object]]:
    with stall.desk.reading() as books:
        return [dict(entry.data) for entry in books.journal.newest(["clock.set"], 9)]


def test_forward_by_itself_once_and_then_only_by_asking(stall: Stall) -> None:
    before = stall.clock.now().at
    stall.tell(3 * HOUR)
    assert 3 * HOUR <= stall.clock.now().at - before < 3 * HOUR + MINUTE
    (entry,) = entries(stall)
    assert (entry["source"], entry["asked"]) == ("tablet", False)
    gone = parse_timestamp(str(entry["after"])) - parse_timestamp(str(entry["before"]))
    assert 3 * HOUR - MINUTE < gone <= 3 * HOUR
    assert stall.refused(HOUR) == "ask_first"  # a second tablet, whose clock is fast
    assert stall.tell(HOUR, asked=True)


def test_back_only_by_asking_and_behind_entries_that_nobody_vouches_for(stall: Stall) -> None:
    stall.tell(5 * YEAR)  # a tablet that was wrong
    stall.note()
    assert stall.refused(-5 * YEAR) == "ask_first"
    assert stall.tell(-5 * YEAR, asked=True)
    assert stall.clock.now().at < BUILT + 2 * HOUR
    stall.note()
    with stall.desk.reading() as books:
        head = books.journal.head()
    assert head is not None
    assert parse_timestamp(head.at) < BUILT + 2 * HOUR


def test_less_than_a_minute_is_no_difference(stall: Stall) -> None:
    assert stall.tell(MINUTE * 0.9) is None
    assert stall.tell(-MINUTE * 0.9, asked=True) is None
    assert entries(stall) == []


def test_what_cannot_be_is_refused_even_if_asked_for(stall: Stall) -> None:
    assert stall.refused(-2 * HOUR, asked=True) == "too_early"  # before the build
    assert stall.refused(11 * YEAR, asked=True) == "too_late"
    assert stall.refused(11 * YEAR) == "too_late"
    stall.synced.append(True)
    assert stall.refused(HOUR, asked=True) == "clock_synced"
    stall.note()  # a time server vouches for the time of this one
    stall.synced.clear()
    assert stall.refused(-HOUR, asked=True) == "too_early"


@pytest.mark.parametrize("text", ["now", "2026-06-01T12:00", "", "9999-99-99T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_refused(stall: Stall, text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        stall.desk.submit(lambda books: service.set_by_tablet(books, stall.clock, text, True))
    assert refusal.value.code in {"bad_time", "too_early"}


class Steps:
    """A clock that is set by hand, and its seconds that never jump."""

    def __init__(self) -> None:
        self.at, self.source, self.seconds = BUILT, ClockSource.NONE, 100.0
        self.built_at = BUILT

    def now(self) -> Moment:
        return Moment(self.at, ClockQuality.GUESS, self.source)

    def monotonic(self) -> float:
        return self.seconds

    def mark(self) -> dict[str, object]:
        return {}

    def go_by_tablet(self, ahead: dt.timedelta) -> None:
        self.at, self.source = self.at + ahead, ClockSource.TABLET

    def run(self, seconds: float, jump: dt.timedelta = dt.timedelta(0)) -> None:
        self.seconds += seconds
        self.at += dt.timedelta(seconds=seconds) + jump


@pytest.mark.parametrize("jump", [2 * HOUR, -2 * HOUR])
def test_a_jump_that_somebody_else_made_is_seen_once(jump: dt.timedelta) -> None:
    steps = Steps()
    watch = ClockWatch(steps)
    steps.run(3600)
    assert watch.jump() is None
    steps.run(5, jump)
    steps.source = ClockSource.NETWORK
    found = watch.jump()
    assert found is not None
    assert (found[1].at - found[0], found[1].source) == (jump, ClockSource.NETWORK)
    steps.run(5)
    assert watch.jump() is None


def test_what_a_tablet_did_and_smooth_corrections_are_no_jumps() -> None:
    steps = Steps()
    watch = ClockWatch(steps)
    steps.go_by_tablet(HOUR)
    assert watch.jump() is None
    steps.run(5, dt.timedelta(seconds=0.4))
    assert watch.jump() is None
