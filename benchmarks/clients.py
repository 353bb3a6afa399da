"""Clients of a box, each a process of its own so that they do not wait for one another's interpreter lock.

A process takes a task as JSON, says `ready`, begins when a line comes in and prints what it measured. Every
request carries an Idempotency-Key, as those of our own pages do, and goes over one kept connection.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

LIMIT_S = 300.0
SALE = {"lines": [{"offer": "postcard", "quantity": 1}]}
LONG_CART = {"lines": [{"offer": f"bench-{number}", "quantity": 1 + number % 3} for number in range(30)]}
CASH = {"tender": "cash", "amount_minor": 100}
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Task:
    """What one client does: `act` over and over, `count` times or for `duration_s`, on `connections` at a time."""

    host: str
    port: int
    token: str
    act: str  # a name in ACTS
    count: int = 0
    duration_s: float = 0.0
    interval_s: float = 0.0  # from the begin of one act to the begin of the next
    connections: int = 1
    codes: Sequence[str] = ()  # for scans, one each
    sync_file: str = ""  # a bare fdatasync of 4 KiB here after each act: what the disk itself takes at that time


@dataclass
class Report:
    """What came of a task. Times are of one clock for all processes of a machine."""

    act_ms: list[float] = field(default_factory=list)
    sync_ms: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    began_s: float = 0.0
    ended_s: float = 0.0

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Read what a client printed."""
        found = json.loads(text)
        return cls(**{**found, "statuses": Counter(found["statuses"])})

    @property
    def done(self) -> int:
        """Acts that were answered with success."""
        return sum(count for status, count in self.statuses.items() if status in ("200", "201", "304"))


class Caller:
    """One kept connection to a box."""

    def __init__(self, task: Task) -> None:
        self._connection = http.client.HTTPConnection(task.host, task.port, timeout=30)
        self._connection.connect()
        self._headers = {"Authorization": f"Bearer {task.token}"}
        self._codes = iter(task.codes)
        self._etag = ""

    def sale(self) -> int:
        """Sell in one request."""
        return self._post("/api/v1/orders", {**SALE, "payment": CASH})[0]

    def order_then_payment(self) -> int:
        """Sell in two requests."""
        status, order = self._post("/api/v1/orders", SALE)
        return status if status != 201 else self._post(f"/api/v1/orders/{order['id']}/payments", CASH)[0]

    def scan(self) -> int:
        """Scan the next code."""
        return self._post("/api/v1/scan", {"code": next(self._codes), "source": "bench"})[0]

    def price(self) -> int:
        """Have a long cart priced."""
        return self._post("/api/v1/carts/price", LONG_CART)[0]

    def poll(self) -> int:
        """Ask for the state, unless it is as before."""
        self._connection.request("GET", "/api/v1/state", headers={**self._headers, "If-None-Match": self._etag})
        answer = self._connection.getresponse()
        answer.read()
        self._etag = answer.getheader("ETag") or self._etag
        return answer.status

    def close(self) -> None:
        self._connection.close()

    def _post(self, path: str, body: object) -> tuple[int, Any]:
        headers = {**self._headers, "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        self._connection.request("POST", path, json.dumps(body), headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())


ACTS: dict[str, Callable[[Caller], int]] = {
    "sale": Caller.sale,
    "order then payment": Caller.order_then_payment,
    "scan": Caller.scan,
    "price": Caller.price,
    "poll": Caller.poll,
}


def crowd(tasks: Sequence[Task]) -> list[Report]:
    """Have clients work at the same time; return their reports. Raises RuntimeError if one fails."""
    command = [sys.executable, "-m", "benchmarks.clients"]
    return [Report.from_json(told) for told in at_once([(command, json.dumps(asdict(task))) for task in tasks])]


def at_once(tasks: Sequence[tuple[Sequence[str], str]]) -> list[str]:
    """Run commands that take a task each and begin together; return what each told. Raises RuntimeError."""
    pipe = subprocess.PIPE
    clients = [subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) for command, _ in tasks]
    try:
        for client, (_, task) in zip(clients, tasks, strict=True):
            tell(client, task)
        for client in clients:
            hear(client)
        for client in clients:
            tell(client, "go")
        return [hear(client) for client in clients]
    finally:
        for client in clients:
            client.kill()
            client.communicate()


def tell(client: subprocess.Popen[str], line: str) -> None:
    assert client.stdin is not None
    client.stdin.write(line + "\n")
    client.stdin.flush()


def hear(client: subprocess.Popen[str]) -> str:
    assert client.stdout is not None
    line = client.stdout.readline()
    if not line:
        raise RuntimeError(f"a client ended by itself with code {client.wait(10)}")
    return line


def sync_once(fd: int) -> float:
    """Write 4 KiB and put them on the disk; return the milliseconds of the fdatasync."""
    os.pwrite(fd, os.urandom(4096), 0)
    began_s = time.perf_counter()
    os.fdatasync(fd)
    return (time.perf_counter() - began_s) * 1000


def work(task: Task, report: Report) -> None:
    """Do one connection's share of a task."""
    caller, act = Caller(task), ACTS[task.act]
    sync_fd = os.open(task.sync_file, os.O_WRONLY | os.O_CREAT) if task.sync_file else -1
    begin_s, end_s, done = time.monotonic(), time.monotonic() + (task.duration_s or LIMIT_S), 0
    while time.monotonic() < end_s and (not task.count or done < task.count):
        began_s = time.perf_counter()
        status = act(caller)
        report.act_ms.append((time.perf_counter() - began_s) * 1000)
        report.statuses[str(status)] += 1
        if sync_fd >= 0:
            report.sync_ms.append(sync_once(sync_fd))
        done += 1
        time.sleep(max(0.0, begin_s + done * task.interval_s - time.monotonic()))
    caller.close()
    if sync_fd >= 0:
        os.close(sync_fd)


def main() -> None:
    task = Task(**json.loads(sys.stdin.readline()))
    report = Report()
    threads = [threading.Thread(target=work, args=(task, report)) for _ in range(task.connections)]
    print("ready", flush=True)
    sys.stdin.readline()
    report.began_s = time.monotonic()
    for thread in threads:
        thread.start()
        time.sleep(task.interval_s / task.connections)  # tablets are not in step
    for thread in threads:
        thread.join()
    report.ended_s = time.monotonic()
    print(json.dumps(vars(report)), flush=True)


if __name__ == "__main__":
    main()
