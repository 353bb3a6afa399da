"""When the write-ahead log is moved into the store: seldom, and wholly at the end."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from appliance.core.clock import ClockQuality, Moment
from appliance.store.books import TIDY_COMMITS, Ledger
from tests.books import Box

NOW = Moment(dt.datetime(2026, 12, 5, 21, 0, tzinfo=dt.UTC), ClockQuality.SYNCED)


@pytest.fixture
def ledger(tmp_path: Path):
    ledger = Ledger(tmp_path / "stallbox.db")
    yield ledger
    ledger.close()


def note(ledger: Ledger, count: int) -> None:
    for _ in range(count):
        ledger.begin(NOW).journal.append("signal.noted", {})
        ledger.commit()


def in_the_store_itself(path: Path) -> int:
    """Count the entries that somebody sees who reads the file of the store without its log."""
    alone = path.with_name("alone.db")
    alone.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(f"file:{alone}?immutable=1", uri=True)) as connection:
        return connection.execute("SELECT count(*) FROM journal").fetchone()[0]


def test_a_few_commits_are_not_worth_a_checkpoint(ledger, tmp_path):
    note(ledger, TIDY_COMMITS)
    ledger.tidy()
    assert in_the_store_itself(tmp_path / "stallbox.db") == TIDY_COMMITS
    note(ledger, TIDY_COMMITS - 1)
    ledger.tidy()
    assert in_the_store_itself(tmp_path / "stallbox.db") == TIDY_COMMITS
    note(ledger, 1)
    ledger.tidy()
    assert in_the_store_itself(tmp_path / "stallbox.db") == 2 * TIDY_COMMITS


def test_without_a_quiet_moment_the_log_stays_within_its_limit(tmp_path):
    ledger = Ledger(tmp_path / "stallbox.db", checkpoint_pages=50)
    note(ledger, 200)
    size = (tmp_path / "stallbox.db-wal").stat().st_size
    ledger.close()
    assert size < 100 * 4096


def test_a_desk_that_stopped_leaves_one_file(tmp_path):
    with Box(tmp_path) as box:
        box.sell(("postcard", 1))
        with box.desk.reading() as books:
            head = books.journal.head()
    assert not box.path.with_name(box.path.name + "-wal").exists()
    assert in_the_store_itself(box.path) == head.seq
