"""Six tablets at one box, 5,000 scans of 500 tickets in any order: each ticket is let in once."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.system.daemon import Daemon
from tests.system.httpclient import Http

pytestmark = pytest.mark.system
TICKETS, SCANS, TABLETS = 500, 5_000, 6


@pytest.mark.timeout(600)
def test_five_thousand_scans_of_five_hundred_tickets_let_in_five_hundred(tmp_path: Path) -> None:
    codes = [f"CROWD-{number:03}" for number in range(TICKETS)]
    listed = tmp_path / "crowd.csv"
    listed.write_text("code,product\n" + "".join(f"{code},workshop\n" for code in codes))
    daemon = Daemon(tmp_path)
    daemon.load_event()
    daemon.done("tickets", "import", str(listed))
    chance = random.Random(20261205)
    asked = codes * (SCANS // TICKETS)
    chance.shuffle(asked)
    shares = [asked[number::TABLETS] for number in range(TABLETS)]
    said: Counter[tuple[str, str]] = Counter()
    admitted: Counter[str] = Counter()
    with daemon.start() as running:

        def at_tablet(share: list[str]) -> list[tuple[str, str, str]]:
            with running.staff() as http:
                return [scanned(http, code) for code in share]

        with ThreadPoolExecutor(TABLETS) as pool:
            for share in pool.map(at_tablet, shares):
                for code, verdict, reason in share:
                    said[verdict, reason] += 1
                    admitted[code] += verdict == "admit"
        assert running.stop() == 0, running.errors()
    assert said == {("admit", ""): TICKETS, ("refuse", "already_used"): SCANS - TICKETS}
    assert set(admitted.values()) == {1}
    kinds = Counter(entry["kind"] for entry in daemon.journal())
    assert (kinds["ticket.admitted"], kinds["ticket.refused"]) == (TICKETS, SCANS - TICKETS)
    assert "the journal is whole" in daemon.done("journal", "verify")


def scanned(http: Http, code: str) -> tuple[str, str, str]:
    body = http.post("/api/v1/scan", {"code": code}).body
    return code, body["verdict"], body["reason"]
