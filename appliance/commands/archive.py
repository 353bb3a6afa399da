"""Backups: store, keys and tokens in one file, taken while the box runs."""

from __future__ import annotations

import contextlib
import gzip
import os
import sqlite3
import tarfile
import tempfile
import zlib
from pathlib import Path

from appliance.bootstrap import STORE
from appliance.core.errors import StallboxError
from appliance.store.database import open_reader, translated
from appliance.store.keys import sync

KEPT = ("keys", "tokens.json")
_CHUNK_BYTES = 1024 * 1024


def back_up(data: Path, file: Path) -> None:
    """Write a backup of a data folder, readable by its owner only. Raises StallboxError."""
    if not (data / STORE).exists():
        raise StallboxError("store_missing", f"There is no store in {data}: nothing to back up.")
    with tempfile.TemporaryDirectory(dir=file.resolve().parent) as scratch:
        copy, draft = Path(scratch) / STORE, Path(scratch) / file.name
        _copy_store(data / STORE, copy)
        with _private(draft) as raw, tarfile.open(fileobj=raw, mode="w:gz") as archive:
            archive.add(copy, STORE)
            for name in KEPT:
                if (data / name).exists():
                    archive.add(data / name, name)
        sync(draft)  # whoever is told that it is written pulls the stick out
        draft.replace(file)
    sync(file.resolve().parent)


def restore_backup(file: Path, data: Path) -> None:
    """Put a backup into a data folder that is empty. Raises StallboxError; then nothing was restored."""
    for name in (STORE, f"{STORE}-wal", *KEPT):  # SQLite would play another store's log into the restored one
        if (data / name).exists():
            what = f"{data / name} is there already: choose an empty folder, or move all that is in it away."
            raise StallboxError("store_there", what)
    with tempfile.TemporaryDirectory(dir=data) as scratch:
        try:
            with gzip.open(file) as raw, tarfile.open(fileobj=raw, mode="r:") as archive:
                archive.extractall(scratch, filter="data")
                while raw.read(_CHUNK_BYTES):  # gzip compares its checksum only at the very end
                    pass
        except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
            raise StallboxError("backup_damaged", f"{file} is not a whole backup: {error}.") from error
        found = Path(scratch)
        if not (found / STORE).exists():
            raise StallboxError("backup_damaged", f"{file} holds no store.")
        _check(found / STORE)
        for name in (*KEPT, STORE):  # the store last: with it the folder counts as restored
            if (found / name).exists():
                (found / name).rename(data / name)
    os.sync()


def _copy_store(source: Path, target: Path) -> None:
    with translated(), contextlib.closing(open_reader(source)) as reader:
        reader.execute("VACUUM INTO ?", (str(target),))


def _check(store: Path) -> None:
    with translated(), contextlib.closing(sqlite3.connect(store)) as connection:
        if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise StallboxError("backup_damaged", "The store in this backup is damaged.")


def _private(path: Path):  # type: ignore[no-untyped-def]  # an open binary file
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
