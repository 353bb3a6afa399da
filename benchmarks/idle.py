"""What an idle box costs: its share of a core, and how often it wakes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.box import Box, fresh_folder, prepare, running
from benchmarks.figures import Figure
from benchmarks.syscalls import context_switches, cpu_time_s
from benchmarks.uplink import mosquitto

SETTLE_S = 2.0  # the start's own work, and what it had to tell the broker


def run(quick: bool = False) -> list[Figure]:
    """Measure two boxes at the same time: one without anything, one with the uplink connected to a mosquitto."""
    duration_s = 4.0 if quick else 20.0
    with ExitStack() as stack:
        folders = [stack.enter_context(fresh_folder()) for _ in range(2)]
        settings = ["", uplink_to(stack.enter_context(mosquitto(folders[0].parent)))]
        boxes = []
        for data, text in zip(folders, settings, strict=True):
            prepare(data, text)
            boxes.append(stack.enter_context(running(data)))
        time.sleep(SETTLE_S)
        alone, connected = rest(boxes, duration_s)
    return [*figures("no devices", *alone, duration_s), *figures("uplink connected", *connected, duration_s)]


def figures(what: str, cpu_pct: float, wakeups_per_s: float, duration_s: float) -> list[Figure]:
    return [
        Figure(f"processor when idle, {what}", cpu_pct, "% of a core", f"{duration_s:.0f} s", 2.0),
        Figure(f"wake-ups when idle, {what}", wakeups_per_s, "1/s", "voluntary context switches", 15.0),
    ]


def uplink_to(port: int) -> str:
    return f'[uplink]\nenabled = true\nurl = "mqtt://127.0.0.1:{port}"\n'


def rest(boxes: Sequence[Box], duration_s: float) -> list[tuple[float, float]]:
    """Watch boxes for a while; return the percentage of a core and the wake-ups a second of each."""
    before = [(cpu_time_s(box.pid), context_switches(box.pid).voluntary) for box in boxes]
    time.sleep(duration_s)
    after = [(cpu_time_s(box.pid), context_switches(box.pid).voluntary) for box in boxes]
    return [
        (100 * (cpu_s - cpu_before_s) / duration_s, (woken - woken_before) / duration_s)
        for (cpu_before_s, woken_before), (cpu_s, woken) in zip(before, after, strict=True)
    ]
