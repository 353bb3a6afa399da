"""A day at the stall with a fault each quarter hour: no sale lost, no paper doubled, nothing that grows."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from appliance.sim.kit import Kit
from tests.brokers import Mosquitto
from tests.collector import Collector
from tests.system.clients import History
from tests.system.daemon import Daemon
from tests.system.daylong import QUARTERS, Day, require_flat, require_paper_once, short_waits
from tests.system.load import customers, load_stall, require_collected, require_whole

pytestmark = pytest.mark.system
TICKETS = 400
TABLETS = 3
PAUSE_S = 0.4  # of a tablet between two acts; on a day it is more than a minute


def live_through(folder: Path, quarters: Sequence[int], seed: int, paced: bool) -> Day:
    """Have so many quarters of an hour, and hold everything against everything at the end."""
    began_s = time.monotonic()
    print(f"seed {seed}")
    broker = Mosquitto(folder / "mosquitto").start()
    kit = Kit(folder / "kit", ("127.0.0.1", broker.port), seed, battery="power_supply")
    kit.start()
    history = History()
    box = '[box]\nid = "box"\nfleet = "fleet"\n'
    try:
        with Daemon(folder, box + short_waits(kit.settings())) as daemon, Collector(broker.port) as collector:
            load_stall(daemon, folder, TICKETS)
            daemon.start()
            day = Day(kit, daemon, history, random.Random(seed), paced)
            with customers(daemon, history, TICKETS, seed, TABLETS, PAUSE_S):
                for number in quarters:
                    day.quarter(number)
            model = require_whole(daemon, history, TICKETS, kit.scanners)
            entries = require_collected(daemon, collector)
            receipts, unsure = require_paper_once(day)
            assert daemon.stop() == 0, daemon.errors()
    finally:
        kit.close()
        broker.stop()
    assert receipts == len(model.sales)
    print(
        f"{len(quarters)} quarters of an hour in {time.monotonic() - began_s:.0f} s: {len(model.sales)} sales,"
        f" {len(model.admitted)} admissions, {entries} entries, {unsure} papers unsure, {day.life} power cuts;"
        f" lost 0, doubled 0; {require_flat(day.samples)}; {dict(day.faults)}"
    )
    return day


@pytest.fixture(autouse=True)
def mock_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the daemon's panel and relays hang on pins that are only memory."""
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")


def test_three_hours_with_a_power_cut_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    day = live_through(tmp_path, quarters=range(7, 18), seed=20261205, paced=False)
    assert day.life == 1
    assert len(day.faults) >= 5


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_day_loses_nothing_doubles_nothing_and_leaks_nothing(tmp_path: Path) -> None:
    day = live_through(tmp_path, range(QUARTERS), int.from_bytes(os.urandom(4), "big"), paced=True)
    assert day.life == QUARTERS // 16
