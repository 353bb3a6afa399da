"""Backups: store, keys and tokens in one file, taken while the box runs.

The file is a gzipped tar. Its last member, `SHA256SUMS` as `sha256sum --check` reads it, proves all others: gzip's own
checksum is 32 bits, and knows nothing of a file that was left out.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from pathlib import Path

import click

from appliance.commands.place import Place, placed
from appliance.core.errors import StallboxError
from appliance.parts import STORE
from appliance.runtime.clock import SystemClock
from appliance.runtime.folder import only_one
from appliance.services import printing, sms
from appliance.store.books import Ledger
from appliance.store.database import open_reader, translated
from appliance.store.keys import retire_tickets_key, sync

KEPT = ("keys", "tokens.json", "media", "setup.toml")
SUMS = "SHA256SUMS"
_CHUNK_BYTES = 1024 * 1024


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@placed
def backup(place: Place, file: Path) -> None:
    """Copy store, keys and tokens into one file; the daemon may run on."""
    back_up(place.data, file)
    click.echo(f"Wrote {file}: it holds the box's keys, keep it as safe as the box.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@placed
def restore(place: Place, file: Path) -> None:
    """Put a backup into an empty data folder; what waited to be printed or sent is then unsure."""
    with only_one(place.data):
        restore_backup(file, place.data)
    click.echo(f"Restored {place.data} from {file}.")


def back_up(data: Path, file: Path) -> None:
    """Write a backup of a data folder, readable by its owner only. Raises StallboxError."""
    if not (data / STORE).exists():
        raise StallboxError("store_missing", f"There is no store in {data}: nothing to back up.")
    with tempfile.TemporaryDirectory(dir=file.resolve().parent) as scratch:
        content, draft = Path(scratch) / "content", Path(scratch) / file.name
        content.mkdir()
        _copy_store(data / STORE, content / STORE)
        _copy_kept(data, content)
        (content / SUMS).write_text(_sums(content), encoding="utf-8")
        with _private(draft) as raw, tarfile.open(fileobj=raw, mode="w:gz") as archive:
            for name in (STORE, *KEPT, SUMS):
                if (content / name).exists():
                    archive.add(content / name, name)
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
        _check_sums(found, file)
        _check_store(found / STORE)
        _doubt_waiting(found / STORE)
        retire_tickets_key(found / "keys")  # the store may have forgotten serials that the key gave since
        for name in (*KEPT, STORE):  # the store last: with it the folder counts as restored
            if (found / name).exists():
                (found / name).rename(data / name)
    os.sync()


def _copy_store(source: Path, target: Path) -> None:
    with translated(), contextlib.closing(open_reader(source)) as reader:
        reader.execute("VACUUM INTO ?", (str(target),))


def _copy_kept(data: Path, content: Path) -> None:
    for name in KEPT:
        if (data / name).is_dir():
            shutil.copytree(data / name, content / name)
        elif (data / name).exists():
            shutil.copy2(data / name, content / name)


def _sums(content: Path) -> str:
    """Return a line for each file: its SHA-256 and its name."""
    lines = []
    for path in sorted(path for path in content.rglob("*") if path.is_file() and path.name != SUMS):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.relative_to(content)}\n")
    return "".join(lines)


def _check_sums(found: Path, file: Path) -> None:
    """Compare what was unpacked with the list of it. Raises StallboxError."""
    if not (found / STORE).exists():
        raise StallboxError("backup_damaged", f"{file} holds no store.")
    if not (found / SUMS).exists():
        raise StallboxError("backup_damaged", f"{file} holds no {SUMS}, which proves the rest of it.")
    if (found / SUMS).read_bytes() != _sums(found).encode():
        raise StallboxError("backup_damaged", f"{file} does not hold what was put into it.")


def _check_store(store: Path) -> None:
    with translated(), contextlib.closing(sqlite3.connect(store)) as connection:
        if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise StallboxError("backup_damaged", "The store in this backup is damaged.")


def _doubt_waiting(store: Path) -> None:
    """What waited for the printer or the modem may be out since the backup was made: only a person sends it again."""
    ledger = Ledger(store)
    try:
        books = ledger.begin(SystemClock().now())
        printing.doubt_restored(books)
        sms.doubt_restored(books)
        ledger.commit()
    finally:
        ledger.close()


def _private(path: Path):  # type: ignore[no-untyped-def]  # an open binary file
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
