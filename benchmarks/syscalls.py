"""What a running process costs, as the kernel counts it: syncs, wake-ups, processor time and memory.

The counters come from proc(5); two readings, one before and one after an interval, give the cost of it.
All raise FileNotFoundError or ProcessLookupError when there is no such process (any more).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SYNC_CALLS = ("fdatasync", "fsync")
# A call that another thread interrupts is printed twice, as "fsync(3 <unfinished ...>" and
# "<... fsync resumed>"; only the first has the bracket right after the name.
CALL = re.compile(rf"\b(?:{'|'.join(SYNC_CALLS)})\(\d+<(?:[^>]*/)?([^>/]*)>")
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


def traced(command: Sequence[str | Path], trace: Path) -> list[str]:
    """Return a command that runs another and notes each of its fdatasync and fsync calls in a file.

    The process that it starts is the command's own; strace watches from aside. A seccomp filter stops the process at
    these calls alone, so that the others keep their pace: group commit depends on it.
    """
    options = ["-D", "-f", "--seccomp-bpf", "-y", "-e", f"trace={','.join(SYNC_CALLS)}", "-o", str(trace)]
    return ["strace", *options, *map(str, command)]


def syncs(trace: Path) -> Counter[str]:
    """Count the calls so far by the file that was synced, by its name. A call is noted before it returns."""
    return Counter(CALL.findall(trace.read_text()))


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
