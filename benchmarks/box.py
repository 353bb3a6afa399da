"""A box to measure: the daemon as systemd starts it, on a fresh data folder, without devices."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.clients import ROOT, Task, sync_once
from benchmarks.syscalls import syncs, traced

EVENT = ROOT / "config" / "events" / "street-series.toml"
BASICS = '[http]\nhost = "{host}"\nport = 0\n[log]\nlevel = "warning"\n'
LIMIT_S = 60.0
PAUSE_S = 0.002


@dataclass(frozen=True)
class Box:
    """A running daemon. `ready_s`: from its start until /healthz said 200."""

    data: Path
    host: str
    port: int
    pid: int
    ready_s: float

    def task(self, act: str, role: str = "staff", **how: object) -> Task:
        """Return a client's task at this box."""
        token = json.loads((self.data / "tokens.json").read_text())[role]
        return Task(self.host, self.port, token, act, **how)  # type: ignore[arg-type]

    def syncs(self) -> Counter[str]:
        """Count what was synced so far, by file; only of a box that is traced."""
        return syncs(self.data / "syncs")


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """A data folder, in the folder that TMPDIR names: it should be on the disk that is meant."""
    with tempfile.TemporaryDirectory(prefix="stallbox-bench-") as name:
        yield Path(name) / "data"


def prepare(
    data: Path, settings: str = "", tickets: Path | None = None, more: str = "", host: str = "127.0.0.1"
) -> None:
    """Make a data folder with the example event, without limits to its stock, and tickets from a CSV file.

    `more` is added to the end of the event's file; the box listens on `host`.
    """
    data.mkdir()
    (data / "box.toml").write_text(BASICS.format(host=host) + settings)
    (data / "event.toml").write_text(without_limits(EVENT.read_text()) + more)
    shutil.copy(EVENT.with_name("street-series-tickets.csv"), data)
    stallbox(data, "event", "load", str(data / "event.toml"))
    if tickets is not None:
        stallbox(data, "tickets", "import", str(tickets))


def without_limits(event: str) -> str:
    """Take the limits of stock off an event's file, with what can only be said of a limit."""
    return re.sub(r"(?m)^(stock|low_stock|restock) = .*$", "", event)


def command(data: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "appliance", *words, "--data", str(data), "--config", str(data / "box.toml")]


def stallbox(data: Path, *words: str) -> None:
    """Run one command of the box. Raises CalledProcessError."""
    subprocess.run(command(data, *words), cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=600)


@contextmanager
def running(data: Path, trace: bool = False) -> Iterator[Box]:
    """Run the daemon on a prepared folder. Raises RuntimeError if it does not become ready."""
    run = command(data, "run")
    began_s = time.monotonic()
    process = subprocess.Popen(traced(run, data / "syncs") if trace else run, cwd=ROOT)
    try:
        host, port = wait_ready(process, data / "daemon.json")
        yield Box(data, host, port, process.pid, time.monotonic() - began_s)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait(10)


def wait_ready(process: subprocess.Popen[bytes], note: Path) -> tuple[str, int]:
    """Wait until /healthz says 200; return host and port."""
    give_up_s = time.monotonic() + LIMIT_S
    while time.monotonic() < give_up_s and process.poll() is None:
        with contextlib.suppress(OSError, ValueError, KeyError):
            host, _, port = json.loads(note.read_text())["address"].removeprefix("http://").rpartition(":")
            if is_well(host, int(port)):
                return host, int(port)
        time.sleep(PAUSE_S)
    raise RuntimeError("the daemon did not become ready: see its lines above")


def is_well(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def bare_syncs_ms(folder: Path, count: int = 200) -> list[float]:
    """Time an fdatasync of 4 KiB, over and over, on the disk of a folder."""
    with (folder / "bare").open("wb") as file:
        return [sync_once(file.fileno()) for _ in range(count)]
