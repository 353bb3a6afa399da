"""A plain SQLite program to cut the power of: for each line it reads, it commits a row, then answers its number.

Run as `python -m tests.powercut.ledger DATABASE SYNCHRONOUS`, with FULL or NORMAL.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.powercut.campaign import Ack
from tests.powercut.disk import PROJECT

DATABASE_NAME = "ledger.db"


def text_of(number: int) -> str:
    """The text that belongs to a row's number; long enough that rows spread over pages."""
    return f"row {number} " * 40


def main() -> None:
    path, synchronous = sys.argv[1:]
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("CREATE TABLE IF NOT EXISTS ledger (number INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    for number, _ in enumerate(sys.stdin, start=1):
        connection.execute("INSERT INTO ledger VALUES (?, ?)", (number, text_of(number)))
        print(number, flush=True)


def run_ledger(mount_path: Path, ack: Ack, synchronous: str, rows: int) -> None:
    """Ask the program for `rows` rows one by one, acknowledge each when it has answered; then kill the program."""
    command = [sys.executable, "-m", "tests.powercut.ledger", mount_path / DATABASE_NAME, synchronous]
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as program:
        for _ in range(rows):
            program.stdin.write("next\n")
            ack(int(program.stdout.readline()))
        program.kill()


def check_ledger(mount_path: Path, acknowledged: Sequence[int]) -> list[str]:
    """Complaints about a ledger after a cut: damaged, rows lost, changed or with a gap."""
    with closing(sqlite3.connect(mount_path / DATABASE_NAME)) as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        has_table = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'ledger'").fetchone()[0]
        rows = dict(connection.execute("SELECT number, text FROM ledger")) if has_table else {}
    complaints = [] if verdict == "ok" else [f"damaged: {verdict}"]
    if lost := [number for number in acknowledged if number not in rows]:
        complaints.append(f"lost {len(lost)} of {len(acknowledged)} acknowledged rows, first {lost[0]}")
    if any(text != text_of(number) for number, text in rows.items()):
        complaints.append("a row has another text than it was given")
    if sorted(rows) != list(range(1, len(rows) + 1)):
        complaints.append("a row is missing between others")
    return complaints


if __name__ == "__main__":
    main()
