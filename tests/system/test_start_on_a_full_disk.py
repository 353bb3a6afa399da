"""The daemon on a disk that is full already when it starts: it stays up, says why, and sells once there is room."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.bootstrap import Box
from appliance.client import Client
from appliance.config import Settings
from appliance.core.trade import PrintStatus
from appliance.services import printing
from appliance.store import keys
from appliance.web.tokens import TOKENS, load_or_create
from tests import books
from tests.powercut.disk import has_admin_capability
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.system,
    pytest.mark.root,
    pytest.mark.skipif(not has_admin_capability(), reason="A FULL DISK WAS NOT TRIED: it takes root to mount one"),
]
OURSELVES = replace(Settings(), http=replace(Settings().http, host="127.0.0.1", port=0, threads=4))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder)
    yield folder
    run("umount", "--lazy", folder)  # also where the test failed and something is open


def run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, timeout=30)


def fill(folder: Path) -> None:
    """Leave just what SQLite needs to open a store: its 32 KiB of shared memory, and no page of its log."""
    with (folder / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            filler.truncate(filler.tell() // 4096 * 4096 - 36 * 1024)


def noted(box: Box, kind: str) -> int:
    with box.desk.reading() as books:
        return len(books.journal.newest([kind], 10))


def unsure(box: Box) -> list[int]:
    with box.desk.reading() as books:
        return [job.id for job in books.prints.by_status([PrintStatus.UNSURE], 10)]


def test_a_box_starts_on_a_full_disk_and_sells_once_there_is_room(small_disk: Path) -> None:
    with books.Box(small_disk) as before:
        before.sell(("postcard", 1))
        job = before.submit(printing.claim_next)  # the power went in mid-receipt
    assert job is not None
    keys.signing_key(small_disk / "keys"), keys.session_key(small_disk / "keys")  # all from an earlier start
    load_or_create(small_disk / TOKENS, keys.write_durably)
    fill(small_disk)
    box = Box(OURSELVES, small_disk)
    box.start()
    try:
        staff = Client(f"http://127.0.0.1:{box.web.port}", box.tokens.staff)
        assert staff.get("/healthz")[0] == 503
        order = {"lines": [{"offer": "postcard", "quantity": 1}]}
        status, answer = staff.post("/api/v1/orders", order)
        assert (status, answer["error"]["code"]) == (503, "disk_full")
        (small_disk / "filler").unlink()
        wait_until(lambda: staff.get("/healthz")[0] == 200, 10)
        assert staff.post("/api/v1/orders", order)[0] == 201
        wait_until(lambda: noted(box, "box.started") == 1)
        wait_until(lambda: unsure(box) == [job.id])  # and it was not printed again
        assert all(worker.alive for worker in box.workers)
    finally:
        box.stop()
