"""Updates on trial: a good one is kept, a broken one falls back by itself; and no key stops the start."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.config import PanelSettings
from tests.image.altered import CRASHES, HANGS, alter_b, device_trees
from tests.image.card import Card
from tests.image.machine import Machine
from tests.image.pi import Pi
from tests.image.test_boot import REPORT

pytestmark = [pytest.mark.image, pytest.mark.timeout(3600)]
LIMIT_S = 1500.0
WELCOME = "Welcome to "  # systemd's first words
KEPT = {"BOOT_ORDER": "B A", "BOOT_TRIAL": "", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "3"}


class Watched(Machine):
    """A machine with a hardware watchdog, as every Pi has one; QEMU's is on the PCI bus."""

    def command(self) -> list[str]:
        return [*super().command(), "-device", "i6300esb"]

    def resets(self) -> int:
        """How often it started anew, by itself."""
        return self.log.count("U-Boot 20") - 1

    def calm(self) -> None:
        """Have the watchdog bite no more: on a busy machine systemd may be too slow for it."""
        self.qmp("watchdog-set-action", action="none")


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Card]:
    card = Card(tmp_path / "card.img")
    card.write("stallbox.txt", "cable = stall\n")
    yield card
    card.path.unlink()


@contextmanager
def switched_on(machine: Machine) -> Iterator[Machine]:
    """The machine at work; its plug is pulled at the end."""
    machine.power_on()
    try:
        yield machine
    finally:
        machine.pull_the_plug()


def test_a_good_update_is_kept(tmp_path: Path, card: Card) -> None:
    card.copy_slot()
    card.trial(tries=2)
    machine = Machine(tmp_path / "good", card)
    with switched_on(machine):
        machine.wait_for("stallbox: slot B is on trial, 1 tries left")
        machine.wait_for("stallbox: the trial of slot B is over", LIMIT_S)
        report = machine.wait_for(REPORT, LIMIT_S)
        assert (report[2], report[5]) == ("B", "none")
    assert card.state() == KEPT
    before = card.raw_state()
    with switched_on(machine):
        machine.wait_for("stallbox: starting slot B")
        assert "on trial" not in machine.log
    assert card.raw_state() == before


def test_an_update_whose_daemon_crashes_again_and_again_falls_back(tmp_path: Path, card: Card) -> None:
    alter_b(card, CRASHES)
    card.trial(tries=1)
    machine = Machine(tmp_path / "crashes", card)
    with switched_on(machine):
        machine.wait_for("stallbox: starting slot B")
        machine.wait(
            lambda: '"codes":["no_event"]' in machine.get("/healthz")[1], "daemon that works for a while", LIMIT_S
        )
        assert "stallbox: starting slot A" not in machine.log
        machine.wait_for("stallbox: not healthy for 60 s within 600 s: starting again", LIMIT_S)
        require_slot_a(machine)


def test_an_update_that_hangs_is_ended_by_the_watchdog_and_falls_back(tmp_path: Path, card: Card) -> None:
    alter_b(card, HANGS)
    card.trial(tries=1)
    machine = Watched(tmp_path / "hangs", card)
    with switched_on(machine):
        machine.wait_for("stallbox: starting slot B")
        machine.wait(lambda: machine.resets() == 1, "bite of the watchdog", LIMIT_S)
        machine.calm()
        assert WELCOME not in machine.log
        require_slot_a(machine)


def require_slot_a(machine: Machine) -> None:
    """Wait until slot A's system starts, since slot B had its tries."""
    machine.wait_for("stallbox: slot B had its tries", LIMIT_S)
    machine.wait(lambda: WELCOME in machine.log.partition("stallbox: starting slot A")[2], "system in slot A", LIMIT_S)
    assert machine.card.state()["BOOT_B_LEFT"] == "0"


def test_no_device_tree_on_the_card_lets_u_boot_look_for_keys(tmp_path: Path, card: Card) -> None:
    trees = device_trees(card, tmp_path)
    assert len(trees) > 5
    for tree in trees:
        asked = ["fdtget", "--type", "x", str(tree), "/config", "bootdelay"]
        done = subprocess.run(asked, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "fffffffe", tree.name  # -2


@pytest.mark.parametrize("pi", ["as on the card", "with its settings unreadable", "as in Debian"])
def test_no_key_of_a_scanner_stops_a_pi_at_power_on(tmp_path: Path, card: Card, pi: str) -> None:
    machine = Pi(tmp_path / "pi", card, PanelSettings().button_pin)
    if pi != "as on the card":
        card.write("uboot.env", "no settings of U-Boot's")
    if pi == "as in Debian":
        subprocess.run(["fdtput", "--remove", machine.tree, "/config"], check=True)
    expected, never = ("stallbox: starting slot A", "U-Boot> ")[:: -1 if pi == "as in Debian" else 1]
    with switched_on(machine):

        def went_on() -> bool:
            machine.type("4006381333931\n")
            return expected in machine.log

        machine.wait(went_on, "start, or prompt", LIMIT_S)
        assert never not in machine.log
