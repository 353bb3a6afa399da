"""Opening a store: what is there is told in plain words, and nothing stays open."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from appliance.core.errors import StoreUnavailable
from appliance.core.trade import Ticket, TicketStatus
from appliance.store import schema
from appliance.store.books import Ledger, Readers
from tests.books import Box, Clock


def test_a_file_that_is_no_store_is_told_as_damaged(tmp_path: Path) -> None:
    path = tmp_path / "stallbox.db"
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(StoreUnavailable) as damaged:
        Ledger(path)
    assert damaged.value.code == "store_damaged"
    open_files = [link.readlink().name for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert path.name not in open_files


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        Ledger(tmp_path / "nowhere" / "stallbox.db")
    with pytest.raises(StoreUnavailable) as missing, Readers(tmp_path / "stallbox.db").reading(Clock()()):
        pass
    assert missing.value.code == "store_missing"


def test_a_reader_cannot_write(box: Box) -> None:
    with pytest.raises(StoreUnavailable) as refused, box.reading() as books:
        books.journal.append("signal.noted", {})
    assert refused.value.code == "disk_read_only"


def test_a_damaged_page_is_told_and_no_traceback(box: Box) -> None:
    box.desk.stop(10)
    Ledger(box.path).close()  # the last to close moves the log into the store
    content = bytearray(box.path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    box.path.write_bytes(content)
    readers = Readers(box.path)
    with closing(readers), pytest.raises(StoreUnavailable) as damaged, readers.reading(box.clock()) as books:
        books.journal.head()
    assert damaged.value.code == "store_damaged"


OPEN = (
    "import sys; from pathlib import Path; from appliance.store.books import Ledger; Ledger(Path(sys.argv[1])).close()"
)


def test_processes_that_open_a_new_store_at_once_share_it(tmp_path: Path) -> None:
    path = tmp_path / "stallbox.db"
    starting = [subprocess.Popen([sys.executable, "-c", OPEN, path], stderr=subprocess.PIPE) for _ in range(4)]
    complaints = [(process.communicate(timeout=60)[1], process.returncode) for process in starting]
    assert complaints == [(b"", 0)] * 4
    Ledger(path).close()


def test_a_store_of_the_release_before_keeps_its_tickets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stallbox.db"
    with monkeypatch.context() as before:
        before.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        Ledger(path).close()
    with contextlib.closing(sqlite3.connect(path)) as old, old:
        old.execute("INSERT INTO tickets (id, product, status, first_used_at) VALUES ('x', 'guest', 'valid', '2026')")
    ledger = Ledger(path)
    books = ledger.begin(Clock()())
    assert books.tickets.sources() == {"": 1}
    assert books.tickets.find("x") == Ticket("x", "guest", TicketStatus.VALID, "2026")
    ledger.rollback()
    ledger.close()
