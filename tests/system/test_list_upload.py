"""Lists of tickets by HTTP at a running daemon: what the owner's page does, while the door goes on."""

from __future__ import annotations

import http.client
import json
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.web.api_lists import MAX_LIST_BYTES
from tests.system.daemon import Daemon

pytestmark = pytest.mark.system
MANY = 40_000
MARKET = b"Barcode;Ticket type;Status\nM1;workshop;paid\nM2;guest;paid\n"


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with Daemon(tmp_path) as started:
        started.load_event()
        started.start()
        yield started


def send(
    daemon: Daemon, method: str, path: str, body: bytes | None = None, role: str | None = "owner"
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(*daemon.address, timeout=60)
    headers = {"Authorization": f"Bearer {daemon.tokens[role]}"} if role else {}
    if method == "POST":
        headers |= {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    try:
        connection.request(method, f"/api/v1{path}", body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def scan(daemon: Daemon, code: str) -> Any:
    return send(daemon, "POST", "/scan", json.dumps({"code": code}).encode(), "staff")[1]


def rss_mb(daemon: Daemon) -> float:
    status = Path(f"/proc/{daemon.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


def test_a_list_is_checked_taken_in_shown_and_taken_away(daemon: Daemon) -> None:
    status, told = send(daemon, "PUT", "/tickets/lists/market%20day.csv?dry_run=1", MARKET)
    assert (status, told["name"]) == (200, "market day.csv")
    assert told["lines"][0] == "market day.csv: generic, parted by semicolon"
    assert "  code        <- 'Barcode'" in told["lines"]
    assert told["lines"][-1] == "market day.csv: 2 tickets, all in order; nothing was imported."
    assert scan(daemon, "M1")["reason"] == "unknown"
    status, told = send(daemon, "PUT", "/tickets/lists/market%20day.csv", MARKET)
    assert (status, told["lines"][-1]) == (200, "market day.csv: 2 new, 0 changed, 0 as before.")
    assert scan(daemon, "M1")["verdict"] == "admit"
    lists = send(daemon, "GET", "/tickets/lists")[1]["lists"]
    assert {"name": "market day.csv", "tickets": 2} in lists
    status, told = send(daemon, "DELETE", "/tickets/lists/market%20day.csv")
    assert (status, "1 tickets taken away; 1 stay" in told["lines"][-1]) == (200, True)
    assert (scan(daemon, "M2")["reason"], scan(daemon, "M1")["reason"]) == ("unknown", "already_used")
    assert send(daemon, "DELETE", "/tickets/lists/other.csv")[1]["error"]["code"] == "no_such_list"
    assert not any((daemon.data / "uploads").iterdir())


def test_problems_are_told_by_line_and_nothing_is_taken(daemon: Daemon) -> None:
    status, told = send(daemon, "PUT", "/tickets/lists/bad.csv", b"code,status\nA,valid\nB,perhaps\n,valid\n")
    assert status == 422
    assert [line.partition(": ")[0] for line in told["lines"][-2:]] == ["bad.csv:3", "bad.csv:4"]
    assert told["error"] == {"code": "list_refused", "message": "bad.csv has 2 problems: nothing was loaded."}
    assert scan(daemon, "A")["reason"] == "unknown"


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("staff", 403)])
def test_only_the_owner_may_and_only_the_owner_may_send_much(daemon: Daemon, role: str | None, status: int) -> None:
    assert send(daemon, "PUT", "/tickets/lists/a.csv", MARKET, role)[0] == status
    assert send(daemon, "DELETE", "/tickets/lists/a.csv", None, role)[0] == status
    assert claims_to_send(daemon, 2_000_000, role) == 413
    assert claims_to_send(daemon, MAX_LIST_BYTES + 1, "owner") == 413


def claims_to_send(daemon: Daemon, size: int, role: str | None) -> int:
    """Announce a long body, send none of it, and read what is said to that."""
    connection = http.client.HTTPConnection(*daemon.address, timeout=10)
    connection.putrequest("PUT", "/api/v1/tickets/lists/a.csv")
    connection.putheader("Content-Length", str(size))
    if role:
        connection.putheader("Authorization", f"Bearer {daemon.tokens[role]}")
    connection.endheaders()
    try:
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("name", [".hidden", "-x", "a%0Ab"])
def test_a_name_that_is_none_is_refused(daemon: Daemon, name: str) -> None:
    assert send(daemon, "PUT", f"/tickets/lists/{name}", MARKET)[1]["error"]["code"] == "bad_name"


def test_the_door_goes_on_while_a_long_list_is_taken_in(daemon: Daemon) -> None:
    send(daemon, "PUT", "/tickets/lists/market.csv", MARKET)
    rows = "".join(f"LONG-{number:06},workshop,valid,{'x' * 40}\n" for number in range(MANY))
    listed = b"code,product,status,seat\n" + rows.encode()
    assert len(listed) > 2_000_000
    answers: list[tuple[int, Any]] = []
    taking = threading.Thread(target=lambda: answers.append(send(daemon, "PUT", "/tickets/lists/long.csv", listed)))
    taking.start()
    scans = 0
    while taking.is_alive():
        assert scan(daemon, "M1")["reason"] in ("", "already_used")
        scans += 1
    taking.join()
    assert answers[0][0] == 200, answers
    assert answers[0][1]["lines"][-1] == f"long.csv: {MANY} new, 0 changed, 0 as before."
    assert scans > 10
    assert scan(daemon, "LONG-039999")["verdict"] == "admit"
    assert rss_mb(daemon) < 80
    daemon.done("journal", "verify")
