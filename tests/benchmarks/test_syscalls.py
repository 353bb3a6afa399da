"""The measuring tools, held against a process that does a known amount of each thing."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.syscalls import ContextSwitches, context_switches, cpu_time_s, memory, syncs, traced

# Does as each line says, then answers: the test knows exactly what happened between two readings.
PROGRAM = """
import os, sys, threading, time
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
ballast = []

def sync(calls):
    for call in calls:
        os.write(fd, b"x")
        call(fd)

def burn():
    end_s = time.process_time() + 0.2
    while time.process_time() < end_s:
        pass

for line in sys.stdin:
    match line.split():
        case ["fdatasync", count]:
            sync([os.fdatasync] * int(count))
        case ["fsync-in-threads", count]:
            threads = [threading.Thread(target=sync, args=([os.fsync],)) for _ in range(int(count))]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
        case ["nap", count]:
            for _ in range(int(count)): time.sleep(0.001)
        case ["burn"]:
            burn()
        case ["grow", size]:
            ballast.append(b"x" * int(size))
    print("done", flush=True)
"""


class Worker:
    """A running PROGRAM; calling it sends one line and waits for the answer."""

    def __init__(self, process):
        self._process = process
        self.pid = process.pid

    def __call__(self, line):
        self._process.stdin.write(line + "\n")
        assert self._process.stdout.readline() == "done\n"


@contextmanager
def worker_on(command):
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:
        worker = Worker(process)
        worker("ready")
        yield worker


@pytest.fixture
def command(tmp_path):
    # Syncs go to a real file: a test that writes to memory alone would still be counted, but prove less.
    return [sys.executable, "-c", PROGRAM, str(tmp_path / "file")]


@pytest.fixture
def worker(command):
    with worker_on(command) as worker:
        yield worker


@pytest.fixture
def ended_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_syncs_are_counted_by_file_as_soon_as_they_are_done(command, tmp_path):
    trace = tmp_path / "trace"
    with worker_on(traced(command, trace)) as worker:
        worker("fdatasync 3")
        assert syncs(trace) == {"file": 3}
        worker("fdatasync 2")
        assert syncs(trace) == {"file": 5}


def test_syncs_of_threads_at_the_same_time_are_each_counted_once(command, tmp_path):
    trace = tmp_path / "trace"
    with worker_on(traced(command, trace)) as worker:
        worker("fsync-in-threads 12")
        worker("fdatasync 1")
        assert syncs(trace) == {"file": 13}


def test_a_traced_process_is_the_command_itself(command, tmp_path):
    with worker_on(traced(command, tmp_path / "trace")) as worker:
        assert Path(f"/proc/{worker.pid}/exe").resolve() == Path(sys.executable).resolve()


def test_each_nap_is_a_voluntary_context_switch(worker):
    before = context_switches(worker.pid)
    worker("nap 50")
    spent = context_switches(worker.pid) - before
    assert 50 <= spent.voluntary < 100


def test_context_switches_subtract_field_by_field():
    assert ContextSwitches(9, 5) - ContextSwitches(4, 3) == ContextSwitches(5, 2)


def test_processor_time_is_what_the_process_burnt(worker):
    before_s = cpu_time_s(worker.pid)
    worker("burn")
    tick_s = 1 / os.sysconf("SC_CLK_TCK")
    assert cpu_time_s(worker.pid) - before_s >= 0.2 - 2 * tick_s


def test_processor_time_of_a_command_with_blanks_and_brackets(tmp_path):
    python = tmp_path / "odd ) (name"
    python.symlink_to(sys.executable)
    with subprocess.Popen([python, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert 0 <= cpu_time_s(process.pid) < 60


def test_memory_grows_by_what_the_process_takes(worker):
    before = memory(worker.pid)
    worker("grow 30000000")
    after = memory(worker.pid)
    # A kernel short of memory takes back some pages of the program's own files meanwhile: a few per cent of slack.
    assert 28_000_000 <= after.rss_bytes - before.rss_bytes < 40_000_000
    assert 28_000_000 <= after.pss_bytes - before.pss_bytes < 40_000_000
    assert after.pss_bytes <= after.rss_bytes


@pytest.mark.parametrize("reading", [context_switches, cpu_time_s, memory])
def test_readings_of_an_ended_process_raise(reading, ended_pid):
    with pytest.raises((FileNotFoundError, ProcessLookupError)):
        reading(ended_pid)
