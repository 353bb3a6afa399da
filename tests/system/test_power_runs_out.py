"""A battery runs down at a stall: the real daemon under the simulator, its battery set at the bench."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.test_field_kit import LIMIT_S, FieldKit
from tests.waiting import wait_until

pytestmark = pytest.mark.system


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[FieldKit]:
    made = FieldKit(tmp_path / "data")
    wait_until(lambda: (made.device("battery"), made.device("printer")) == ("ready", "ready"), LIMIT_S)
    yield made
    assert made.stop() == 0


def drain_to(kit: FieldKit, charge_pct: int, state: str) -> None:
    kit.bench.post("/battery", {"charge_pct": charge_pct, "charging": False})
    wait_until(lambda: kit.state()["battery"].get("state") == state, LIMIT_S)


def order(kit: FieldKit) -> dict[str, object]:
    body = {"lines": [{"offer": "cup", "quantity": 1}]}
    status, opened = kit.staff.post("/api/v1/orders", body, key=str(uuid.uuid4()))
    assert status == 201
    return dict(opened)


def times_halted(kit: FieldKit) -> int:
    note = kit.data / "kit" / "halted"
    return len(note.read_text().splitlines()) if note.exists() else 0


def entries(kit: FieldKit) -> str:
    command = [sys.executable, "-m", "appliance", "journal", "export", "--data", str(kit.data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def test_saving_low_critical_the_sale_is_finished_and_the_box_halts_once(kit: FieldKit) -> None:
    drain_to(kit, 45, "saving")
    drain_to(kit, 20, "low")
    opened = order(kit)
    drain_to(kit, 5, "critical")
    wait_until(lambda: kit.state()["closing"], LIMIT_S)
    body = {"tender": "cash", "amount_minor": opened["total_minor"]}
    status, paid = kit.staff.post(f"/api/v1/orders/{opened['id']}/payments", body, key=str(uuid.uuid4()))
    assert (status, bool(paid["sale"])) == (201, True)
    wait_until(lambda: times_halted(kit) == 1, LIMIT_S)
    assert f"Receipt {paid['sale']['number']} " in kit.paper()
    assert "SHUTTING DOWN" in kit.paper()
    command = [sys.executable, "-m", "appliance", "journal", "verify", "--data", str(kit.data)]
    assert "the journal is whole" in subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    assert entries(kit).count('"shutdown.asked"') == 1
    assert times_halted(kit) == 1


def test_power_back_in_between_cancels(kit: FieldKit) -> None:
    opened = order(kit)  # holds the shutdown up
    drain_to(kit, 5, "critical")
    wait_until(lambda: kit.state()["closing"], LIMIT_S)
    kit.bench.post("/battery", {"charging": True})
    wait_until(lambda: kit.state()["closing"] is None, LIMIT_S)
    wait_until(lambda: kit.state()["battery"]["state"] == "low", LIMIT_S)
    kit.staff.post(f"/api/v1/orders/{opened['id']}/cancel", {}, key=str(uuid.uuid4()))
    assert kit.sell()["number"] == 1
    assert times_halted(kit) == 0
    assert entries(kit).count('"shutdown.called_off"') == 1
