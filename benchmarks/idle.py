"""What an idle box costs: its share of a core, and how often it wakes."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.box import Box, fresh_folder, prepare, running
from benchmarks.figures import Figure
from benchmarks.syscalls import context_switches, cpu_time_s
from benchmarks.uplink import mosquitto

SETTLE_S = 3.0  # the start's own work, and what it had to tell the broker


def run(quick: bool = False) -> list[Figure]:
    """Measure without devices; then with the uplink connected to a mosquitto."""
    duration_s = 5.0 if quick else 20.0
    return [*idle("no devices", duration_s, False), *idle("uplink connected", duration_s, True)]


def idle(what: str, duration_s: float, with_uplink: bool) -> list[Figure]:
    with ExitStack() as stack:
        data = stack.enter_context(fresh_folder())
        prepare(data, uplink_to(stack.enter_context(mosquitto(data.parent))) if with_uplink else "")
        box = stack.enter_context(running(data))
        time.sleep(SETTLE_S)
        cpu_pct, wakeups_per_s = spent(box, duration_s)
    return [
        Figure(f"processor when idle, {what}", cpu_pct, "% of a core", f"{duration_s:.0f} s", 2.0),
        Figure(f"wake-ups when idle, {what}", wakeups_per_s, "1/s", "voluntary context switches", 15.0),
    ]


def uplink_to(port: int) -> str:
    return f'[uplink]\nenabled = true\nurl = "mqtt://127.0.0.1:{port}"\n'


def spent(box: Box, duration_s: float) -> tuple[float, float]:
    """Watch for a while; return the percentage of a core and the wake-ups a second."""
    cpu_s, switches, began_s = cpu_time_s(box.pid), context_switches(box.pid), time.monotonic()
    time.sleep(duration_s)
    took_s = time.monotonic() - began_s
    woken = (context_switches(box.pid) - switches).voluntary
    return 100 * (cpu_time_s(box.pid) - cpu_s) / took_s, woken / took_s


def wakeups_by_thread(pid: int, duration_s: float) -> list[tuple[int, float]]:
    """Return each thread's wake-ups a second, in the order in which the threads began: for finding who it is."""
    before = by_thread(pid)
    time.sleep(duration_s)
    return [(thread, (count - before.get(thread, 0)) / duration_s) for thread, count in by_thread(pid).items()]


def by_thread(pid: int) -> dict[int, int]:
    counts = {}
    for status in sorted(Path(f"/proc/{pid}/task").glob("*/status"), key=lambda path: int(path.parent.name)):
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        counts[int(status.parent.name)] = int(fields["voluntary_ctxt_switches"])
    return counts
