"""What root grants, and that it grants nothing else; over the socket as systemd hands it over."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from appliance.cli import cli
from appliance.core.errors import StallboxError
from appliance.rootly import LIMIT_BYTES, Machine, Refused, grant
from appliance.runtime.root import asked

BUILT_S = 1_764_000_000


class Root:
    """A root that only notes what it would do."""

    def __init__(self, folder: Path) -> None:
        self.commands: list[Sequence[str]] = []
        self.times: list[int] = []
        self.firewall, self.clock_note, built = (folder / name for name in ("share.nft", "clock", "clock-epoch"))
        built.touch()
        os.utime(built, (BUILT_S, BUILT_S))
        self.setup = folder / "setup.json"
        self._machine = Machine(
            self.commands.append, self.times.append, self.firewall, built, self.clock_note, self.setup
        )

    def wish(self, text: str) -> None:
        grant(text, self._machine)


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path)


def test_the_box_is_switched_off_and_started_again(root: Root) -> None:
    root.wish("power-off")
    root.wish("restart")
    assert root.commands == [["systemctl", "--no-block", "poweroff"], ["systemctl", "--no-block", "reboot"]]


def test_the_clock_is_set_within_reason_and_the_next_start_s_floor_goes_with_it(root: Root) -> None:
    root.wish("time 1764200000")
    root.wish("time 1764100000")
    ten_years_on = BUILT_S + 3653 * 86_400
    times = (5, BUILT_S - 1, ten_years_on, 99999999999, "now", "", "1764100000 2", -1764100000)
    for wrong in times:
        with pytest.raises(Refused):
            root.wish(f"time {wrong}")
    assert root.times == [1764200000, 1764100000]
    assert root.clock_note.stat().st_mtime == 1764100000


def test_the_uplink_is_shared_and_not_shared(root: Root) -> None:
    root.wish("network share on")
    assert root.firewall.stat().st_mode & 0o777 == 0o644  # the daemon shows how it is
    assert root.firewall.read_text() == 'add rule inet stallbox shared iifname "hotspot0" accept\n'
    root.wish("network share off")
    assert "accept" not in root.firewall.read_text()
    assert root.commands == [["nft", "-f", "/etc/nftables.conf"]] * 2


def test_the_stick_is_mounted_by_its_own_unit_and_by_no_path(root: Root) -> None:
    root.wish("stick mount")
    root.wish("stick unmount")
    unit = "run-stallbox-stick.mount"
    assert root.commands == [["systemctl", "start", unit], ["systemctl", "stop", unit]]
    for wrong in ("stick", "stick mount /etc", "stick /dev/sda1", "stick remount"):
        with pytest.raises(Refused):
            root.wish(wrong)


def wifi(name: str, password: str, country: str = "-") -> str:
    return f"wifi {name.encode().hex()} {password.encode().hex()} {country}"


def test_the_hotspot_goes_by_another_name_once_the_answer_is_out(root: Root) -> None:
    root.wish(wifi("Zoë's stall; ssid=x\u2603", "throw a pot = 42"))
    assert json.loads(root.setup.read_text()) == {
        "wifi_name": "Zoë's stall; ssid=x\u2603", "wifi_password": "throw a pot = 42"
    }  # fmt: skip
    assert root.setup.stat().st_mode & 0o777 == 0o600
    *before, last = root.commands
    assert before == [
        ["systemctl", "restart", "stallbox-first-boot.service"],
        ["systemctl", "restart", "stallbox-country.service"],
        ["nmcli", "connection", "reload"],
    ]
    assert (last[0], list(last[-4:])) == ("systemd-run", ["nmcli", "connection", "up", "stallbox-hotspot"])
    root.wish(wifi("Stall", "throw a pot", "DE"))
    assert json.loads(root.setup.read_text())["country"] == "DE"


@pytest.mark.parametrize(
    "wish",
    [wifi("", "throw a pot"), wifi("x" * 33, "throw a pot"), wifi("two\nlines", "throw a pot"), wifi("x", "short"),
     wifi("x", "größer als acht"), wifi("x", "two\nlines and"), wifi("x", "y" * 64), wifi("x", "throw a pot", "de"),
     wifi("x", "throw a pot", "DE;"), "wifi x y -", "wifi 78 ff -", "wifi 78"],
)  # fmt: skip
def test_what_is_no_wifi_is_refused_and_changes_nothing(root: Root, wish: str) -> None:
    with pytest.raises(Refused):
        root.wish(wish)
    assert root.commands == []
    assert not root.setup.exists()


def test_the_longest_wifi_fits_into_a_wish() -> None:
    assert len(wifi("x" * 32, "y" * 63, "DE")) + 1 <= LIMIT_BYTES


@given(st.text(max_size=80))
def test_nothing_else_is_granted(tmp_path_factory: pytest.TempPathFactory, wish: str) -> None:
    root = Root(tmp_path_factory.getbasetemp())
    if wish.split()[:1] in (["power-off"], ["restart"], ["time"], ["network"], ["stick"], ["wifi"]):
        return
    with pytest.raises(Refused, match="there is no"):
        root.wish(wish)
    assert (root.commands, root.times) == ([], [])


def test_over_the_socket_as_systemd_hands_it_over(tmp_path: Path) -> None:
    path = tmp_path / "ask"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            wire, _ = listener.accept()
            with wire:
                command = [sys.executable, "-I", "-m", "appliance.rootly"]
                subprocess.run(command, stdin=wire, stdout=wire, stderr=subprocess.DEVNULL, timeout=60, check=True)

        server = threading.Thread(target=serve)
        server.start()
        answer = asked(path, "make me a sandwich\nand another")
        server.join(60)
    assert answer == "no: there is no 'make'; there are power-off, restart, time, stick, wifi, network"


def test_where_nobody_listens_it_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StallboxError, match="Only the image has this"):
        asked(tmp_path / "nobody", "power-off")
    done = CliRunner(env={**os.environ}).invoke(cli, ["ask", "--socket", str(tmp_path / "nobody"), "power-off"])
    assert isinstance(done.exception, StallboxError)
