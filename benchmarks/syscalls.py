"""What a running process costs, as the kernel counts it: syncs, wake-ups, processor time and memory.

The counters come from proc(5); two readings, one before and one after an interval, give the cost of it.
All raise FileNotFoundError or ProcessLookupError when there is no such process (any more).
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SYNC_CALLS = ("fdatasync", "fsync")
DETACH_LIMIT_S = 10
PAUSE_S = 0.005
# A call that another thread interrupts is printed twice, as "fsync(3 <unfinished ...>" and
# "<... fsync resumed>"; only the first has the bracket right after the name.
CALL = re.compile(rf"\b({'|'.join(SYNC_CALLS)})\(")
# Fields of /proc/PID/stat after the command's closing bracket, which starts at field 3 (proc_pid_stat(5)).
UTIME, STIME = 14 - 3, 15 - 3


@dataclass(frozen=True)
class ContextSwitches:
    """How often the threads of a process gave up the processor: to wait (voluntary), or made to."""

    voluntary: int
    involuntary: int

    def __sub__(self, earlier: ContextSwitches) -> ContextSwitches:
        return ContextSwitches(self.voluntary - earlier.voluntary, self.involuntary - earlier.involuntary)


@dataclass(frozen=True)
class Memory:
    """Resident memory in bytes: `rss_bytes` with shared pages in full, `pss_bytes` with its share of them."""

    rss_bytes: int
    pss_bytes: int


@contextmanager
def count_syncs(pid: int) -> Iterator[Counter[str]]:
    """Count fdatasync and fsync of a process, all threads, while the block runs.

    The counter is filled when the block ends. strace slows the process: take no times meanwhile.
    Raises RuntimeError when strace cannot attach, with its own words.
    """
    calls: Counter[str] = Counter()
    # What strace says goes to a file: it has a line for each new thread, and a full pipe would stop it.
    with tempfile.NamedTemporaryFile("r") as trace, tempfile.NamedTemporaryFile("r") as said:
        command = ["strace", "-f", "-e", f"trace={','.join(SYNC_CALLS)}", "-o", trace.name, "-p", str(pid)]
        with subprocess.Popen(command, stderr=said.fileno()) as strace:
            try:
                require_attached(strace, Path(said.name))
                yield calls
            finally:
                detach(strace)
        calls.update(CALL.findall(trace.read()))


def require_attached(strace: subprocess.Popen[bytes], said: Path) -> None:
    """Return once strace says that it sees the process's calls; RuntimeError when it cannot."""
    while "attached" not in said.read_text():
        if strace.poll() is not None:
            raise RuntimeError(f"strace does not count: {said.read_text().strip()}")
        time.sleep(PAUSE_S)


def detach(strace: subprocess.Popen[bytes]) -> None:
    """Let strace go of the process, which runs on."""
    strace.send_signal(signal.SIGINT)
    strace.wait(DETACH_LIMIT_S)


def context_switches(pid: int) -> ContextSwitches:
    """Sum over the threads alive now; those of a thread that has ended are gone.

    Each voluntary switch is a wait, and so a later wake-up: what an idle process should have few of.
    """
    counts: Counter[str] = Counter()
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        fields = named_fields(status)
        counts["voluntary"] += int(fields["voluntary_ctxt_switches"])
        counts["involuntary"] += int(fields["nonvoluntary_ctxt_switches"])
    if not counts:
        raise ProcessLookupError(f"there is no process {pid}")
    return ContextSwitches(counts["voluntary"], counts["involuntary"])


def cpu_time_s(pid: int) -> float:
    """Processor time used so far, in user and kernel mode, all threads also ended ones; 10 ms fine."""
    # The command may hold blanks and brackets: what follows its last bracket is regular.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[UTIME]) + int(fields[STIME])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> Memory:
    """Resident memory now (smaps_rollup, which Linux has from 4.14 on)."""
    fields = named_fields(Path(f"/proc/{pid}/smaps_rollup"))
    return Memory(kib_field(fields["Rss"]), kib_field(fields["Pss"]))


def named_fields(path: Path) -> dict[str, str]:
    """The `Name: value` lines of a file in /proc."""
    lines = (line.partition(":") for line in path.read_text().splitlines())
    return {name: value.strip() for name, colon, value in lines if colon}


def kib_field(text: str) -> int:
    """Bytes of a field such as `1234 kB`; the kernel's kB is 1024 bytes."""
    return int(text.removesuffix(" kB")) * 1024
