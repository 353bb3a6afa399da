"""Two scanners and four tablets at one box, 5,000 scans of 500 tickets in any order: each ticket is let in once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from appliance.core.codes import ticket_id
from appliance.sim.scanner import Deaf, SerialScannerEmulator
from appliance.sim.wires import SerialWire
from tests.system.daemon import Daemon
from tests.system.httpclient import Http
from tests.waiting import wait_until

pytestmark = pytest.mark.system
TICKETS, SCANS = 500, 5_000
SCANNERS, TABLETS = ("door", "till"), 4
LIMIT_S = 100
LAST = "THE-LAST-ONE"  # unknown to the box: a scanner that has told it has told all before


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[dict[str, SerialWire]]:
    """The serial lines of both scanners."""
    made = {name: SerialWire(Deaf(), tmp_path / f"scanner-{name}") for name in SCANNERS}
    yield made
    for wire in made.values():
        wire.close()


@pytest.mark.timeout(600)
def test_five_thousand_scans_of_five_hundred_tickets_let_in_five_hundred(
    tmp_path: Path, lines: dict[str, SerialWire]
) -> None:
    codes = [f"CROWD-{number:03}" for number in range(TICKETS)]
    listed = tmp_path / "crowd.csv"
    listed.write_text("code,product\n" + "".join(f"{code},workshop\n" for code in codes))
    tables = [f'[scanners.{name}]\ndriver = "serial"\nport = "{wire.path}"\n' for name, wire in lines.items()]
    daemon = Daemon(tmp_path, "\n".join(tables))
    daemon.load_event()
    daemon.done("tickets", "import", str(listed))
    asked = codes * (SCANS // TICKETS)
    random.Random(20261205).shuffle(asked)
    shares = [asked[number :: len(lines) + TABLETS] for number in range(len(lines) + TABLETS)]
    admitted: Counter[str] = Counter()
    with daemon.start() as running:
        with running.staff() as http:
            wait_until(lambda: all(health(http, name) == "ready" for name in SCANNERS))
        scanners = [SerialScannerEmulator(wire) for wire in lines.values()]
        for scanner, share in zip(scanners, shares, strict=False):
            for code in share:
                scanner.scan(code)

        def at_tablet(share: list[str]) -> list[tuple[str, str, str]]:
            with running.staff() as http:
                return [scanned(http, code) for code in share]

        with ThreadPoolExecutor(TABLETS) as pool:
            for share in pool.map(at_tablet, shares[len(lines) :]):
                for code, verdict, reason in share:
                    assert (verdict, reason) in (("admit", ""), ("refuse", "already_used"))
                    admitted[ticket_id(code)[:16]] += verdict == "admit"
        for scanner in scanners:
            scanner.scan(LAST)
        with running.staff() as http:
            wait_until(lambda: all(newest(http, name) == "unknown" for name in SCANNERS), LIMIT_S)
        assert running.stop() == 0, running.errors()
    entries = [entry for entry in daemon.journal() if entry["kind"] == "ticket.admitted"]
    at_scanners = Counter(entry["data"]["source"] for entry in entries if entry["data"]["source"] in SCANNERS)
    assert set(at_scanners) == set(SCANNERS)
    assert sum(admitted.values()) + sum(at_scanners.values()) == TICKETS
    assert len(entries) == len({entry["data"]["ticket"] for entry in entries}) == TICKETS
    assert {id for id, times in admitted.items() if times} <= {entry["data"]["ticket"] for entry in entries}
    assert max(admitted.values()) == 1
    assert "the journal is whole" in daemon.done("journal", "verify")


def scanned(http: Http, code: str) -> tuple[str, str, str]:
    body = http.post("/api/v1/scan", {"code": code}).body
    return code, body["verdict"], body["reason"]


def health(http: Http, scanner: str) -> str:
    return str(http.get("/api/v1/state").body["devices"].get(f"scanner.{scanner}", {}).get("state", ""))


def newest(http: Http, scanner: str) -> str:
    """What kind the newest code was that a scanner read."""
    return str(http.get("/api/v1/state").body["scans"].get(scanner, {}).get("kind", ""))
