"""A journal of a whole evening, tampered with in every way: found, and named by its number."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from appliance.core.clock import ClockQuality, Moment
from appliance.core.journal import ChainFault
from appliance.core.pricing import Wanted
from appliance.services import door, shifts, signals, till
from appliance.store.journal import Journal
from appliance.store.keys import SigningKey, is_signed
from tests.books import DURING, Box

COLUMNS = ("id", "kind", "at", "clock", "data", "prev", "hash")
SIGNED_AT = 40
LAST = 60


class Evening:
    """A finished store to copy from, and the box's public key."""

    def __init__(self, path: Path, key: SigningKey) -> None:
        self.path = path
        self.key = key


@pytest.fixture(scope="session")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    folder = tmp_path_factory.mktemp("evening")
    with Box(folder, synchronous="OFF") as box:
        box.submit(lambda books: shifts.open_shift(books, 5000))
        while box.desk.head_seq < SIGNED_AT - 4:
            box.sell(("postcard", 1))
        while box.desk.head_seq < SIGNED_AT - 1:
            box.submit(lambda books: door.scan(books, "STREET-GOOD-1", "gate"))
        box.submit(lambda books: shifts.close_shift(books, 5100, box.key.sign))
        box.submit(lambda books: till.open_order(books, [Wanted("cup", 1)]))
        while box.desk.head_seq < LAST:
            box.submit(lambda books: signals.note(books, "browsed", "lurker", "cup"))
        assert box.desk.head_seq == LAST
    return Evening(box.path, box.key)


@pytest.fixture
def store(evening: Evening, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    copy = shutil.copy(evening.path, tmp_path / "copy.db")
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        yield connection


def faults(store: sqlite3.Connection, key: SigningKey, public_key: bool = True) -> list[ChainFault]:
    journal = Journal(store, Moment(DURING, ClockQuality.SYNCED), False, lambda: "")
    return journal.verify(is_signed, key.public_key if public_key else None)


def named(store: sqlite3.Connection, key: SigningKey) -> set[int]:
    return {fault.seq for fault in faults(store, key)}


def row_hash(row: dict[str, Any]) -> str:
    """The definition in core/journal.py once more: SHA-256 over prev's digits and the entry's canonical JSON."""
    members = ",".join(
        f"{json.dumps(name)}:{row[name] if name in ('data', 'seq') else json.dumps(row[name], ensure_ascii=False)}"
        for name in ("at", "clock", "data", "id", "kind", "seq")
    )
    return hashlib.sha256((row["prev"] + "{" + members + "}").encode()).hexdigest()


def rows(store: sqlite3.Connection) -> list[dict[str, Any]]:
    columns = ("seq", *COLUMNS)
    found = store.execute(f"SELECT {', '.join(columns)} FROM journal ORDER BY seq")
    return [dict(zip(columns, row, strict=True)) for row in found]


def rebuild(store: sqlite3.Connection) -> None:
    """Do what a thorough forger does: chain all entries anew and correct the head."""
    prev = "0" * 64
    for seq, row in enumerate(rows(store), 1):
        old, row["seq"], row["prev"] = row["seq"], seq, prev
        prev = row_hash(row)
        store.execute("UPDATE journal SET seq = ?, prev = ?, hash = ? WHERE seq = ?", (seq, row["prev"], prev, old))
    store.execute("UPDATE journal_head SET seq = ?, hash = ?", (seq, prev))


def test_an_untouched_journal_has_no_fault(store: sqlite3.Connection, evening: Evening) -> None:
    assert faults(store, evening.key) == []


def test_every_hash_is_what_its_definition_says(store: sqlite3.Connection) -> None:
    prev = "0" * 64
    for seq, row in enumerate(rows(store), 1):
        assert (row["seq"], row["prev"], row["hash"]) == (seq, prev, row_hash(row))
        prev = row["hash"]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_of_any_entry_is_named(store: sqlite3.Connection, evening: Evening, column: str) -> None:
    for seq in range(1, LAST + 1):
        store.execute("BEGIN")
        other = '{"number":1}' if column == "data" else f"{'f' * 63}{seq % 10}"
        store.execute(f"UPDATE journal SET {column} = ? WHERE seq = ?", (other, seq))
        assert seq in named(store, evening.key)
        store.execute("ROLLBACK")


def test_any_removed_entry_is_named(store: sqlite3.Connection, evening: Evening) -> None:
    for seq in range(1, LAST + 1):
        store.execute("BEGIN")
        store.execute("DELETE FROM journal WHERE seq = ?", (seq,))
        assert seq in named(store, evening.key)
        store.execute("ROLLBACK")


def test_a_removed_entry_is_named_also_when_the_rest_moves_up(store: sqlite3.Connection, evening: Evening) -> None:
    for seq in range(1, LAST):
        store.execute("BEGIN")
        store.execute("DELETE FROM journal WHERE seq = ?", (seq,))
        for later in range(seq + 1, LAST + 1):
            store.execute("UPDATE journal SET seq = seq - 1 WHERE seq = ?", (later,))
        assert seq in named(store, evening.key)
        store.execute("ROLLBACK")


def test_an_inserted_entry_is_named(store: sqlite3.Connection, evening: Evening) -> None:
    for seq in range(1, LAST + 2):
        store.execute("BEGIN")
        for later in range(LAST, seq - 1, -1):
            store.execute("UPDATE journal SET seq = seq + 1 WHERE seq = ?", (later,))
        copied = (
            "SELECT ?, 'forged', kind, at, clock, data, prev, hash FROM journal WHERE seq <> ? ORDER BY seq LIMIT 1"
        )
        store.execute(f"INSERT INTO journal {copied}", (seq, seq))
        assert seq in named(store, evening.key)
        store.execute("ROLLBACK")


def test_an_entry_before_the_first_is_named(store: sqlite3.Connection, evening: Evening) -> None:
    store.execute("INSERT INTO journal SELECT 0, 'forged', kind, at, clock, data, prev, hash FROM journal LIMIT 1")
    assert 0 in named(store, evening.key)


def test_a_well_chained_entry_behind_the_last_is_named(store: sqlite3.Connection, evening: Evening) -> None:
    row = rows(store)[-1]
    row |= {"seq": LAST + 1, "id": "forged", "prev": row["hash"]}
    row["hash"] = row_hash(row)
    store.execute(f"INSERT INTO journal VALUES (?{',?' * 7})", (row["seq"], *(row[column] for column in COLUMNS)))
    assert named(store, evening.key) == {LAST + 1}


def test_two_swapped_entries_are_both_named(store: sqlite3.Connection, evening: Evening) -> None:
    for one in range(1, LAST):
        store.execute("BEGIN")
        for old, new in ((one, -1), (one + 1, one), (-1, one + 1)):
            store.execute("UPDATE journal SET seq = ? WHERE seq = ?", (new, old))
        assert {one, one + 1} <= named(store, evening.key)
        store.execute("ROLLBACK")


def test_a_renumbered_entry_is_named(store: sqlite3.Connection, evening: Evening) -> None:
    store.execute("UPDATE journal SET seq = 1000 WHERE seq = 17")
    assert {17, 1000} <= named(store, evening.key)


def test_a_cut_off_tail_is_named_by_its_first_entry(store: sqlite3.Connection, evening: Evening) -> None:
    store.execute("DELETE FROM journal WHERE seq > 50")
    assert named(store, evening.key) == {51}


def test_an_emptied_journal_is_named(store: sqlite3.Connection, evening: Evening) -> None:
    store.execute("DELETE FROM journal")
    assert {1, SIGNED_AT} <= named(store, evening.key)


def test_a_tail_cut_off_before_a_signature_is_found_although_the_head_was_corrected(
    store: sqlite3.Connection, evening: Evening
) -> None:
    store.execute("DELETE FROM journal WHERE seq > 30")
    store.execute("UPDATE journal_head SET seq = 30, hash = (SELECT hash FROM journal WHERE seq = 30)")
    assert named(store, evening.key) == {SIGNED_AT}


def test_a_chain_made_anew_is_found_by_the_signed_head(store: sqlite3.Connection, evening: Evening) -> None:
    store.execute("UPDATE journal SET data = '{\"forged\":true}' WHERE seq = 10")
    rebuild(store)
    assert named(store, evening.key) == {SIGNED_AT}


def test_a_chain_made_anew_and_signed_with_another_key_is_found(store: sqlite3.Connection, evening: Evening) -> None:
    store.execute("UPDATE journal SET data = '{\"forged\":true}' WHERE seq = 10")
    rebuild(store)
    forger = SigningKey(b"f" * 32)
    hash = rows(store)[SIGNED_AT - 1]["hash"]
    signature, public = forger.sign(hash.encode())
    store.execute(
        "UPDATE signed_heads SET hash = ?, signature = ?, public_key = ?", (hash, signature.hex(), public.hex())
    )
    assert named(store, evening.key) == {SIGNED_AT}
    assert faults(store, evening.key, public_key=False) == []  # whose key it is, only the box's own key tells


def test_a_closed_shift_whose_signature_was_removed_is_named(store: sqlite3.Connection, evening: Evening) -> None:
    store.execute("UPDATE journal SET data = '{\"forged\":true}' WHERE seq = 10")
    rebuild(store)
    store.execute("DELETE FROM signed_heads")
    assert named(store, evening.key) == {SIGNED_AT}


@pytest.mark.parametrize("column", ["hash", "signature", "public_key"])
@pytest.mark.parametrize("value", ["00", "no hexadecimal", b"\xff\x00"])
def test_a_changed_signature_is_named(
    store: sqlite3.Connection, evening: Evening, column: str, value: str | bytes
) -> None:
    store.execute(f"UPDATE signed_heads SET {column} = ?", (value,))
    assert named(store, evening.key) == {SIGNED_AT}
    assert {fault.seq for fault in faults(store, evening.key, public_key=False)} == {SIGNED_AT}


@pytest.mark.parametrize("change", ["seq = seq - 1", "hash = 'f'", "seq = 0"])
def test_a_changed_head_is_named(store: sqlite3.Connection, evening: Evening, change: str) -> None:
    store.execute(f"UPDATE journal_head SET {change}")
    assert named(store, evening.key) == {LAST}


def test_a_removed_head_is_named(store: sqlite3.Connection, evening: Evening) -> None:
    store.execute("DELETE FROM journal_head")
    assert named(store, evening.key) == {LAST}


BROKEN_DATA = {
    "no JSON": "{oops",
    "nothing": "",
    "another shape": "[1]",
    "not a number": '{"a":NaN}',
    "half a character": '{"a":"\\ud800"}',
    "nested too deep": "[" * 100_000,
    "too many digits": '{"a":' + "9" * 5000 + "}",
    "bytes": b'{"a":1}',
    "text that is no UTF-8": None,
}


@pytest.mark.parametrize("name", BROKEN_DATA)
def test_data_that_cannot_be_read_is_named(store: sqlite3.Connection, evening: Evening, name: str) -> None:
    if BROKEN_DATA[name] is None:
        store.execute("UPDATE journal SET data = CAST(x'7bff7d' AS TEXT) WHERE seq = 23")
    else:
        store.execute("UPDATE journal SET data = ? WHERE seq = 23", (BROKEN_DATA[name],))
    assert 23 in named(store, evening.key)


def test_data_that_means_the_same_in_other_bytes_is_named(store: sqlite3.Connection, evening: Evening) -> None:
    """Readers differ about a name that is there twice: SQLite's json_extract takes the first, Python the last."""
    (data,) = store.execute("SELECT data FROM journal WHERE seq = 23").fetchone()
    for other in (data.replace("{", '{"number":99,', 1), data.replace(":", ": ", 1), data + "\n"):
        store.execute("UPDATE journal SET data = ? WHERE seq = 23", (other,))
        assert 23 in named(store, evening.key)


VALUES = st.one_of(
    st.text(max_size=80),
    st.binary(max_size=80),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=150)
@given(seq=st.integers(1, LAST), column=st.sampled_from(COLUMNS), value=VALUES)
def test_any_single_change_is_found(
    store: sqlite3.Connection, evening: Evening, seq: int, column: str, value: object
) -> None:
    store.execute("BEGIN")
    try:
        update = f"UPDATE journal SET {column} = ? WHERE seq = ? AND {column} IS NOT ?"
        changed = store.execute(update, (value, seq, value))
        assume(changed.rowcount == 1)
        assert seq in named(store, evening.key)
    finally:
        store.execute("ROLLBACK")
