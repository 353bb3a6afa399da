"""The harness bites: it passes a program that flushes before it answers and catches one that does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.powercut.campaign import Report, campaign
from tests.powercut.disk import PROJECT, RecordedDisk
from tests.powercut.host import run
from tests.powercut.ledger import check_ledger, run_ledger
from tests.powercut.marks import POWER_CUT
from tests.powercut.recording import FLUSH, WRITE
from tests.powercut.replay import Replayer, last_flush
from tests.waiting import wait_until

pytestmark = POWER_CUT

STATES = 10
ROWS = 500


def cut_ledger(synchronous: str, directory: Path) -> Report:
    load = partial(run_ledger, synchronous=synchronous, rows=ROWS)
    report = campaign(load, check_ledger, states=STATES, seed=2024, directory=directory)
    print(f"synchronous={synchronous}: {report.summary()}")
    return report


def test_a_program_that_flushes_before_it_answers_loses_nothing(tmp_path):
    report = cut_ledger("FULL", tmp_path)
    report.require_good()
    assert report.facts == ROWS
    assert report.flushes >= ROWS
    assert sum(state.demanded_facts > 0 for state in report.states) >= STATES // 2
    assert any(state.unflushed_writes for state in report.states)


def test_negative_control_a_program_that_answers_before_it_flushes_is_caught(tmp_path):
    report = cut_ledger("NORMAL", tmp_path)
    lost = [state for state in report.failed if any("acknowledged rows" in text for text in state.complaints)]
    assert len(lost) >= STATES // 4, report.summary()
    with pytest.raises(AssertionError, match=r"seed 2024(.|\n)*lost \d+ of \d+ acknowledged rows"):
        report.require_good()


@pytest.fixture
def disk(tmp_path):
    with RecordedDisk(tmp_path) as disk:
        yield disk


def test_a_disk_starts_with_all_of_its_mount_flushed(disk):
    records = disk.recording.records()
    assert last_flush(records, disk.start) == disk.start


def test_fdatasync_on_the_disk_becomes_a_flush_in_the_log(disk):
    fd = os.open(disk.path / "file", os.O_WRONLY | os.O_CREAT)
    os.write(fd, b"before")
    os.fsync(fd)
    before = disk.mark()
    os.pwrite(fd, b"x" * 4096, 0)
    assert disk.mark() == before, "a write that nobody flushed stays in the kernel's memory"
    os.fdatasync(fd)
    os.close(fd)
    kinds = [record.kind for record in disk.recording.records()[before:]]
    assert WRITE in kinds
    assert kinds[-1] == FLUSH


def test_all_operations_replayed_are_the_disk_as_it_is(disk):
    for number in range(20):
        path = disk.path / f"file-{number}"
        path.write_bytes(os.urandom(30_000))
    disk.close()
    end = disk.mark()
    assert disk.recording.records()[-1].kind == FLUSH
    with Replayer(disk.recording) as replayer:
        assert replayer.image(end, seed=1).read_bytes() == disk.recording.current.read_bytes()


def test_a_state_is_fixed_by_cut_and_seed(disk):
    (disk.path / "file").write_bytes(os.urandom(200_000))
    run("sync", "--file-system", disk.path)
    disk.close()
    records = disk.recording.records()
    cut = max(range(len(records)), key=lambda place: place - last_flush(records, place))
    with Replayer(disk.recording) as replayer:
        first, other, again = (replayer.image(cut, seed).read_bytes() for seed in (1, 2, 1))
    assert first == again
    assert first != other


def test_an_error_in_a_check_names_cut_and_seed(disk):
    disk.close()
    cut = disk.start
    with Replayer(disk.recording) as replayer, pytest.raises(LookupError) as caught, replayer.state(cut, seed=77):
        raise LookupError("the check found nothing")
    assert f"after operation {cut}, seed 77" in caught.value.__notes__[0]


def traces_of(directory: Path) -> str:
    """What a disk in `directory` has on this machine: mounts, loop devices and processes."""
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(directory) in line]
    loops = [line for line in run("losetup", "--list").splitlines() if str(directory) in line]
    servers = run("ps", "-ww", "-eo", "args").splitlines()
    return "\n".join([*mounts, *loops, *(line for line in servers if str(directory) in line)])


def test_closing_leaves_nothing_behind_and_may_be_repeated(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    with RecordedDisk(recordings) as disk:
        assert len(traces_of(tmp_path).splitlines()) == 5, "ext4, FUSE, loop device, server, cleaner"
        disk.close()
    disk.close()
    assert traces_of(tmp_path) == ""
    assert list(tmp_path.iterdir()) == [recordings]


def test_a_killed_test_run_leaves_nothing_behind(tmp_path):
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    code = (
        "import sys, pathlib; from tests.powercut.disk import RecordedDisk\n"
        "with RecordedDisk(pathlib.Path(sys.argv[1])):\n  print('up', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, recordings],
        cwd=PROJECT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as program:
        assert program.stdout.readline() == b"up\n"
        assert traces_of(tmp_path) != ""
        program.send_signal(signal.SIGKILL)
    wait_until(lambda: traces_of(tmp_path) == "" and list(tmp_path.iterdir()) == [recordings], timeout_s=10)
