"""The bench really measures, and the figures that do not depend on the machine's pace keep their targets."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks import devices, door, idle, memory, sales, start, till
from benchmarks.box import ROOT, fresh_folder, prepare, running

pytestmark = pytest.mark.system


@pytest.fixture
def box():
    with fresh_folder() as data:
        prepare(data)
        with running(data) as box:
            yield box


def test_the_command_measures_and_writes_its_figures(tmp_path):
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "start", "memory", "--quick", "--json", str(file)]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=100).stdout
    figures = json.loads(file.read_text())
    assert all(figure["name"].strip() in shown for figure in figures)
    values = {figure["name"]: figure["value"] for figure in figures}
    assert 10 < values["resident memory when ready"] < 1000
    assert values["imports of the daemon"] > 1


def test_an_unknown_figure_is_named():
    command = [sys.executable, "-m", "benchmarks", "coffee"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "there is no figure named coffee; there are sales, till, door" in done.stderr


def test_a_calm_sale_costs_one_fdatasync_and_a_crowd_shares_them():
    with fresh_folder() as data:
        prepare(data)
        with running(data, trace=True) as box:
            sales.sell(box, "sale", 1, 1)
            (alone,) = sales.counted(box, "sale", 20, 1)
            (crowd,) = sales.counted(box, "sale", 10, 16)
    assert alone.value == 1
    assert crowd.value < 0.5


def test_receipts_are_weighed_on_the_printers_line():
    figures = {figure.name: figure.value for figure in till.on_paper(2)}
    assert 300 < figures["receipt of one line"] < 3000
    assert figures["share of a line of 9,600 baud"] == pytest.approx(12 * figures["share of a line of 115,200 baud"])


def test_memory_stays_within_its_limit(box):
    sales.sell(box, "sale", 50, 4)
    for figure in memory.figures(box, "after 200 sales"):
        assert 10 < figure.value <= memory.AT_MOST_MB


def test_an_idle_box_seldom_wakes(box):
    def calmest() -> float:
        return min(idle.rest([box], 3.0)[0][1] for _ in range(3))  # a busy machine wakes it more often than it would

    assert 1 <= calmest() <= 15


def test_no_driver_keeps_the_box_awake():
    """The bench's target is 15; a library's thread that polls ten times a second would show here."""
    assert any(devices.idle_drivers(3.0, alone=False)[1].value <= 20 for _ in range(3))


@pytest.mark.parametrize("baud", devices.BAUD_RATES)
def test_the_emulated_line_carries_no_more_than_its_baud_rate(baud):
    assert 5 < devices.line_rate(baud, 1).value <= 100


def test_scans_and_sales_are_timed_to_lamp_and_paper():
    figures = {figure.name: figure.value for figure in devices.latencies(1)}
    assert set(figures) == {"scan to lamp p50", "scan to lamp p99", "sale to paper p50", "sale to paper p99"}
    assert all(value > 0 for value in figures.values())


def test_a_daemon_without_devices_loads_no_driver():
    assert start.loaded_heavily() == []


def test_a_ticket_among_many_is_found_by_its_index():
    with fresh_folder() as data:
        prepare(data)
        assert door.plan_of_lookup(data / "stallbox.db") == "SEARCH tickets USING PRIMARY KEY (id=?)"
