"""The field kit as its user has it: `stallbox simulate` in its own process, touched at the bench and over HTTP."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.client import Client
from tests.waiting import wait_until

pytestmark = pytest.mark.system
LIMIT_S = 30


class FieldKit:
    """A running simulator: its bench and its staff."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.log = data.with_suffix(".log").open("w+")
        command = [sys.executable, "-m", "appliance", "simulate", "--data", str(data), "--http", "127.0.0.1:0"]
        self.process = subprocess.Popen([*command, *options], stdout=self.log, stderr=self.log)
        wait_until(self.is_up, LIMIT_S)
        self.token = json.loads((data / "tokens.json").read_text())["staff"]

    @property
    def staff(self) -> Client:
        address = json.loads((self.data / "daemon.json").read_text())["address"]
        return Client(address, self.token)

    @property
    def bench(self) -> Client:
        return Client(self.staff.address + "/bench/api")

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.data.with_suffix(".log").read_text()
        try:
            address = json.loads((self.data / "daemon.json").read_text())["address"]
            return Client(address).get("/healthz")[0] == 200
        except (OSError, ValueError):
            return False

    def state(self) -> dict[str, Any]:
        return self.staff.get("/api/v1/state")[1]

    def device(self, name: str) -> str:
        return str(self.state()["devices"].get(name, {}).get("state", ""))

    def sell(self, offer: str = "postcard") -> dict[str, Any]:
        body = {"lines": [{"offer": offer, "quantity": 1}], "payment": {"tender": "cash", "amount_minor": 10_000}}
        status, answer = self.staff.post("/api/v1/orders", body, key=str(uuid.uuid4()))
        assert status == 201, answer
        return dict(answer["sale"])

    def paper(self) -> str:
        return self.bench.bytes("/paper?format=text").decode()

    def fault(self, device: str, fault: str | None) -> None:
        status, answer = self.bench.post("/fault", {"device": device, "fault": fault})
        assert status in (200, 202), answer

    def scan(self, code: str, scanner: str = "door") -> dict[str, Any]:
        before = self.state()["seq"]
        assert self.bench.post("/scan", {"scanner": scanner, "code": code})[0] == 202
        wait_until(lambda: self.verdicts()[:1] and self.verdicts()[0]["seq"] > before, LIMIT_S)
        return self.verdicts()[0]

    def verdicts(self) -> list[dict[str, Any]]:
        return list(self.staff.get("/api/v1/verdicts")[1]["verdicts"])

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(LIMIT_S)
        self.log.close()
        return code


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FieldKit]:
    kit = FieldKit(tmp_path_factory.mktemp("field-kit") / "data")
    yield kit
    assert kit.stop() == 0


def test_every_device_of_the_kit_becomes_ready(kit: FieldKit) -> None:
    names = {"battery", "panel", "printer", "scanner.door", "scanner.till", "uplink"}
    wait_until(lambda: {name for name in names if kit.device(name) == "ready"} == names, LIMIT_S)


def test_the_first_start_prints_how_to_join(kit: FieldKit) -> None:
    wait_until(lambda: kit.staff.address in kit.paper(), LIMIT_S)


def test_a_scan_goes_down_the_wire_and_comes_out_as_light_and_sound(kit: FieldKit) -> None:
    names = ("scanner.door", "scanner.till", "panel")
    wait_until(lambda: {kit.device(name) for name in names} == {"ready"}, LIMIT_S)
    beeps = len(kit.bench.get("/panel")[1]["buzzer"]["beeps_s"])
    assert kit.scan("STREET-GOOD-1")["verdict"] == "admit"
    assert kit.scan("STREET-GOOD-1", scanner="till")["reason"] == "already_used"  # at once, but somewhere else
    assert kit.scan("STREET-CANCELLED")["reason"] == "cancelled"
    assert kit.scan("STREET-BACKSTAGE")["reason"] == "wrong_product"
    wait_until(lambda: kit.bench.get("/panel")[1]["lamps"]["status"] == "fast", LIMIT_S)
    wait_until(lambda: len(kit.bench.get("/panel")[1]["buzzer"]["beeps_s"]) > beeps, LIMIT_S)
    wait_until(lambda: kit.bench.get("/panel")[1]["lamps"]["status"] == "off", LIMIT_S)


def test_a_keyboard_scanner_decides_as_well(kit: FieldKit) -> None:
    wait_until(lambda: kit.device("scanner.till") == "ready", LIMIT_S)
    assert kit.scan("NOT-A-TICKET-OF-OURS", scanner="till")["reason"] == "unknown"


def test_the_battery_turns_low_and_the_lamps_say_so(kit: FieldKit) -> None:
    kit.bench.post("/battery", {"charge_pct": 20, "charging": False})
    wait_until(lambda: kit.state()["battery"].get("state") == "low", LIMIT_S)
    wait_until(lambda: kit.bench.get("/panel")[1]["lamps"]["red"] == "on", LIMIT_S)
    kit.bench.post("/battery", {"charge_pct": 90})
    wait_until(lambda: kit.state()["battery"]["state"] == "normal", LIMIT_S)


def test_out_of_paper_the_sale_stands_and_its_receipt_comes_later_once(kit: FieldKit) -> None:
    kit.fault("printer", "paper_out")
    wait_until(lambda: kit.device("printer") == "offline", LIMIT_S)
    sale = kit.sell()
    assert kit.state()["counts"]["print_queued"] >= 1
    assert "out of paper" in kit.state()["devices"]["printer"]["reason"]
    kit.fault("printer", None)
    wait_until(lambda: f"Receipt {sale['number']} " in kit.paper(), LIMIT_S)
    wait_until(lambda: kit.state()["counts"]["print_queued"] == 0, LIMIT_S)
    assert kit.paper().count(f"Receipt {sale['number']} ") == 1


def test_a_pulled_cable_comes_back_by_itself(kit: FieldKit) -> None:
    kit.fault("scanner.door", "unplugged")
    wait_until(lambda: kit.device("scanner.door") == "offline", LIMIT_S)
    kit.fault("scanner.door", None)
    wait_until(lambda: kit.device("scanner.door") == "ready", LIMIT_S)
    assert kit.scan("STREET-GUEST-1")["verdict"] == "admit"


def test_while_the_broker_is_away_everything_goes_on_and_arrives_later(kit: FieldKit) -> None:
    kit.fault("broker", "away")
    wait_until(lambda: kit.device("uplink") == "offline", LIMIT_S)
    sale = kit.sell()
    assert kit.state()["uplink"]["published_seq"] < sale["seq"]
    kit.fault("broker", None)
    wait_until(lambda: kit.state()["uplink"]["published_seq"] >= sale["seq"], LIMIT_S)


def test_a_power_cut_loses_nothing_and_prints_nothing_twice(kit: FieldKit) -> None:
    sale = kit.sell("cup")
    wait_until(lambda: f"Receipt {sale['number']} " in kit.paper(), LIMIT_S)
    wait_until(lambda: kit.state()["counts"]["print_queued"] == 0, LIMIT_S)
    boots = _boots(kit)
    with contextlib.suppress(OSError):  # the plug may be quicker than the answer
        kit.bench.post("/fault", {"device": "daemon", "fault": "power_cut"})
    wait_until(lambda: kit.is_up() and _boots(kit) > boots, LIMIT_S)
    assert kit.staff.get(f"/api/v1/sales/{sale['number']}")[1]["total_minor"] == 2400
    assert kit.verdicts(), "the door remembers"
    wait_until(lambda: kit.device("printer") == "ready", LIMIT_S)
    assert kit.paper().count(f"Receipt {sale['number']} ") == 1
    after = kit.sell()
    wait_until(lambda: f"Receipt {after['number']} " in kit.paper(), LIMIT_S)


def test_the_journal_is_whole_after_all_that(kit: FieldKit) -> None:
    command = [sys.executable, "-m", "appliance", "journal", "verify", "--data", str(kit.data)]
    verified = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (verified.returncode, verified.stderr) == (0, "")
    assert "the journal is whole" in verified.stdout


def test_the_simulated_rehearsal_passes_every_step(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "appliance", "rehearse", "--simulated", "--out", str(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    steps = json.loads(done.stdout)
    assert len(steps) == 13
    assert [step for step in steps if step["outcome"] != "ok"] == []
    assert (tmp_path / "receipt.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "report.json").read_text()) == steps


def _boots(kit: FieldKit) -> int:
    command = [sys.executable, "-m", "appliance", "journal", "export", "--data", str(kit.data)]
    lines = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    return sum(json.loads(line)["kind"] == "box.started" for line in lines)
