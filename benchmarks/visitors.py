"""Tablets that behave as our own pages do (static/box.js), many in one process: `python -m benchmarks.visitors`.

Each has an address and a session of its own, one connection that polls and one that taps. An answer that stays away is
given up after as long as the page waits, and an act is sent again with the same key, after the same pauses.
"""

from __future__ import annotations

import gzip
import http.client
import itertools
import json
import random
import re
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.syscalls import cpu_time_s

POLL_S, ANSWER_S = 2.0, 6.0
RETRY_S = (0.4, 0.8, 1.5, 2.0, 2.0, 3.0, 3.0)
WISHES = ("postcard", "cup", "print-a4")
TRIED_LONG_ENOUGH = 20  # times that a session is asked for
FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
TROUBLE = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Group:
    """Some tablets at one end of a line: how many of each kind, and where they call from."""

    host: str
    port: int
    pin: str
    kiosks: int
    tills: int
    doors: int
    addresses: Sequence[str]
    codes: Sequence[str]
    duration_s: float
    seed: int
    pid: int  # of the daemon

    @property
    def count(self) -> int:
        """All tablets together."""
        return self.kiosks + self.tills + self.doors


@dataclass
class Seen:
    """What tablets lived through. `heard`: of each, which seq it had at which time of day (Unix seconds).

    `share_pct`: of a core, that the daemon took meanwhile.
    """

    taps: list[tuple[str, float, int]] = field(default_factory=list)  # what, milliseconds, tries
    statuses: Counter[str] = field(default_factory=Counter)  # of polls and taps; "none": no answer in time
    heard: list[list[tuple[int, float]]] = field(default_factory=list)
    share_pct: float = 0.0


class Tablet:
    """One browser: its cookies, and connections by purpose."""

    def __init__(self, group: Group, address: str, seen: Seen) -> None:
        self._group, self._address, self._seen = group, address, seen
        self._cookies: dict[str, str] = {}
        self._connections: dict[str, http.client.HTTPConnection] = {}

    def send(
        self, by: str, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send once. Raises OSError and HTTPException; the connection is then made anew."""
        connection = self._connections.get(by) or self._connect(by)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        try:
            connection.request(
                method, path, body, {"Cookie": cookies, "Accept-Encoding": "gzip", "X-Stallbox": "1", **(headers or {})}
            )
            answer = connection.getresponse()
            content = answer.read()
        except TROUBLE:
            self._connections.pop(by).close()
            raise
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, answer.headers, content

    def begin(self, page: str) -> None:
        """Open a page, and sign in there if it is staff's."""
        for _ in range(TRIED_LONG_ENOUGH):
            try:
                _, _, content = self.send("tap", "GET", page, headers={"Accept-Encoding": ""})
                if page == "/":
                    return
                token = FORM_TOKEN.findall(content.decode())[0]
                form = {"Content-Type": "application/x-www-form-urlencoded"}
                sent = f"pin={self._group.pin}&form_token={token}"
                if self.send("tap", "POST", page, sent, form)[0] == 303:
                    return
            except TROUBLE:
                continue
        raise RuntimeError(f"no session for {page}")

    def watch(self, end_s: float, is_kiosk: bool, heard: list[tuple[int, float]]) -> None:
        """Poll until `end_s`, and once at least; a kiosk reads its offers anew after whatever changed."""
        tag = ""
        while True:
            try:
                status, headers, content = self.send("poll", "GET", "/api/v1/state", headers={"If-None-Match": tag})
                if status == 200:
                    if is_kiosk:
                        self.send("poll", "GET", "/api/v1/offers")
                    tag = headers["ETag"]
                    heard.append((json_of(content)["seq"], time.time()))
                self._seen.statuses[str(status)] += 1
            except TROUBLE:
                self._seen.statuses["none"] += 1
            if time.monotonic() + POLL_S > end_s:
                return
            time.sleep(POLL_S)

    def tap(self, what: str, path: str, body: object) -> Any:
        """Act once, however often it takes; return the answer, or None if the page would have given up."""
        began_s, sent = time.perf_counter(), json.dumps(body)
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        for tries, pause_s in enumerate((*RETRY_S, 0.0), 1):
            try:
                status, _, content = self.send("tap", "POST", path, sent, headers)
            except TROUBLE:
                self._seen.statuses["none"] += 1
                time.sleep(pause_s)
                continue
            self._seen.statuses[str(status)] += 1
            self._seen.taps.append((what, (time.perf_counter() - began_s) * 1000, tries))
            return json_of(content)
        return None

    def _connect(self, by: str) -> http.client.HTTPConnection:
        made = http.client.HTTPConnection(
            self._group.host, self._group.port, timeout=ANSWER_S, source_address=(self._address, 0)
        )
        self._connections[by] = made
        return made


def json_of(content: bytes) -> Any:
    return json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)


def shop(tablet: Tablet, chance: random.Random) -> Iterator[None]:
    """A guest fills a cart, priced at each tap, and orders; then it is the next guest's turn."""
    lines: list[dict[str, object]] = []
    for wish in itertools.islice(itertools.cycle(WISHES), chance.randint(2, 4)):
        lines.append({"offer": wish, "quantity": chance.randint(1, 2)})
        tablet.tap("price", "/api/v1/carts/price", {"lines": merged(lines)})
        yield
    tablet.tap("order", "/api/v1/orders", {"lines": merged(lines)})
    yield


def sell(tablet: Tablet, chance: random.Random) -> Iterator[None]:
    """Staff sells one thing for cash."""
    lines = [{"offer": chance.choice(WISHES), "quantity": 1}]
    tablet.tap("price", "/api/v1/carts/price", {"lines": lines})
    yield
    order = tablet.tap("order", "/api/v1/orders", {"lines": lines})
    yield
    if order:
        cash = {"tender": "cash", "amount_minor": order["due_minor"]}
        tablet.tap("payment", f"/api/v1/orders/{order['id']}/payments", cash)
    yield


def admit(codes: Iterator[str]) -> Callable[[Tablet, random.Random], Iterator[None]]:
    def act(tablet: Tablet, chance: random.Random) -> Iterator[None]:
        tablet.tap("scan", "/api/v1/scan", {"code": next(codes), "source": "bench"})
        yield

    return act


def merged(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    counts: Counter[str] = Counter()
    for line in lines:
        counts[line["offer"]] += line["quantity"]
    return [{"offer": offer, "quantity": quantity} for offer, quantity in counts.items()]


def live(
    tablet: Tablet, act: Callable[[Tablet, random.Random], Iterator[None]], end_s: float, chance: random.Random
) -> None:
    """Tap, think, tap: until `end_s`."""
    while True:
        for _ in act(tablet, chance):
            time.sleep(chance.uniform(1, 4))
            if time.monotonic() > end_s:
                return


def main() -> None:
    group, seen = Group(**json.loads(sys.stdin.readline())), Seen()
    codes = iter(group.codes)
    kinds = [("/", shop)] * group.kiosks + [("/staff", sell)] * group.tills + [("/staff", admit(codes))] * group.doors
    tablets = [Tablet(group, address, seen) for address in group.addresses[: group.count]]
    with_kinds = list(zip(tablets, kinds, strict=True))
    signing_in = [threading.Thread(target=tablet.begin, args=(page,)) for tablet, (page, _) in with_kinds]
    start(signing_in)
    join(signing_in)
    print("ready", flush=True)
    sys.stdin.readline()
    begin_s, used_s, threads = time.monotonic(), cpu_time_s(group.pid), []
    end_s = begin_s + group.duration_s
    for number, (tablet, (page, act)) in enumerate(with_kinds):
        seen.heard.append([])
        threads += [
            threading.Thread(target=tablet.watch, args=(end_s, page == "/", seen.heard[-1])),
            threading.Thread(target=live, args=(tablet, act, end_s, random.Random(f"{group.seed} {number}"))),
        ]
    start(threads, POLL_S / len(threads))  # tablets are not in step
    time.sleep(max(0.0, end_s - time.monotonic()))
    seen.share_pct = 100 * (cpu_time_s(group.pid) - used_s) / (time.monotonic() - begin_s)
    join(threads)
    print(json.dumps(vars(seen)), flush=True)


def start(threads: Sequence[threading.Thread], apart_s: float = 0.0) -> None:
    for thread in threads:
        thread.start()
        time.sleep(apart_s)


def join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
