"""Opening the store, and what SQLite's errors mean to the box."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from appliance.core.errors import StoreUnavailable
from appliance.store import schema

BUSY_TIMEOUT_MS = 10_000
READER_CACHE_KIB = 512  # a reader a web thread: small, so that 24 of them fit a Pi Zero


def open_writer(path: Path, checkpoint_pages: int = 10_000, synchronous: str = "FULL") -> sqlite3.Connection:
    """Open the store for writing, bringing its tables up to date. Raises StoreUnavailable.

    WAL with synchronous=FULL costs one fdatasync a commit and loses none; NORMAL loses the last commits at a power
    cut (https://sqlite.org/pragma.html#pragma_synchronous) and is here for the test that proves it.
    """
    with translated(), contextlib.ExitStack() as on_error:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        on_error.callback(connection.close)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA wal_autocheckpoint = {checkpoint_pages}")
        if not schema.is_current(connection):
            schema.migrate(connection)
        on_error.pop_all()
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the store for reading only. Raises StoreUnavailable."""
    with translated(), contextlib.ExitStack() as on_error:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        on_error.callback(connection.close)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
        on_error.pop_all()
    return connection


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what SQLite raises when the disk fails it into StoreUnavailable; mistakes of ours stay what they are."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _unavailable(error) from error
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:  # IntegrityError and its like: our own mistake
            raise
        raise StoreUnavailable("store_damaged", "The store is damaged: restore the last backup.") from error


_FULL = {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"}


def _unavailable(error: sqlite3.OperationalError) -> StoreUnavailable:
    name = getattr(error, "sqlite_errorname", "")
    if name in _FULL:
        return StoreUnavailable("disk_full", "The disk is full: nothing can be sold or admitted until there is room.")
    if name.startswith("SQLITE_BUSY"):
        return StoreUnavailable("store_busy", "Somebody else holds the store: try again in a moment.")
    if name.startswith("SQLITE_READONLY"):
        return StoreUnavailable("disk_read_only", "The disk is read-only: it may be failing; change the card.")
    return StoreUnavailable("store_failed", f"The store cannot be used: {error}.")
