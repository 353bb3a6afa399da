"""kill -9 of the daemon, again and again on one store, with eight clients who want their answers."""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

import pytest

from tests.brokers import Mosquitto
from tests.collector import Collector
from tests.system.clients import History
from tests.system.daemon import Daemon
from tests.system.load import (
    customers,
    load_stall,
    require_collected,
    require_whole,
    uplink,
    wait_progress,
)

pytestmark = pytest.mark.system
TICKETS = 400
MOMENT_S = 0.3  # the kill comes at a random moment up to so long after the box is ready
STARTING_S = 1.2  # … or, every fifth time, while it still starts


def kill_often(daemon: Daemon, history: History, kills: int, seed: int) -> int:
    """Kill and start again; return how many kills met a box that was still starting. The box is up at the end."""
    rng = random.Random(seed)
    early, ready = 0, True
    for number in range(kills):
        threading.Event().wait(rng.uniform(0, MOMENT_S if ready else STARTING_S))
        early += not daemon.healthy
        daemon.kill()
        daemon.spawn()
        ready = number % 5 != 3
        if ready:
            daemon.wait_ready()
    daemon.wait_ready()
    wait_progress(history, 20)
    return early


def survive(tmp_path: Path, kills: int) -> None:
    """Kill under load, then hold store, answers, journal and collector against the model."""
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    began_s = time.monotonic()
    history = History()
    broker = Mosquitto(tmp_path / "mosquitto").start()
    try:
        with (
            Daemon(tmp_path, uplink(broker.port)) as daemon,
            Collector(broker.port) as collector,
        ):
            load_stall(daemon, tmp_path, TICKETS)
            daemon.start()
            with customers(daemon, history, TICKETS, seed):
                wait_progress(history, 20)
                early = kill_often(daemon, history, kills, seed)
            model = require_whole(daemon, history, TICKETS)
            entries = require_collected(daemon, collector)
            assert collector.seqs == sorted(collector.seqs), "entries came first in another order"
            assert daemon.stop() == 0, daemon.errors()
    finally:
        broker.stop()
    repeated = sum(done.attempts > 1 for done in history.done)
    assert repeated >= kills // 2, "the kills hardly met a request"
    assert any(done.answer.error == "sold_out" for done in history.done)
    print(
        f"{kills} kills ({early} while starting), {len(history.done)} answers of which {repeated} only at a later"
        f" attempt, {len(model.sales)} sales, {len(model.admitted)} admissions, {len(model.refunds)} refunds,"
        f" {entries} entries; lost 0, doubled 0, invented 0; {time.monotonic() - began_s:.0f} s"
    )


@pytest.mark.timeout(600)
def test_fifty_kills_lose_nothing_double_nothing_and_invent_nothing(tmp_path: Path) -> None:
    survive(tmp_path, kills=50)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_two_hundred_kills_lose_nothing_double_nothing_and_invent_nothing(tmp_path: Path) -> None:
    survive(tmp_path, kills=200)
