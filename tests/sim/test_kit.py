from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.config import load
from appliance.core.devices import Blink, Lamp, Sound
from appliance.core.errors import DeviceLost
from appliance.drivers.battery.pijuice import PiJuice
from appliance.drivers.panel.gpio import GpioPanel
from appliance.drivers.scanner.hid import HidScanner
from appliance.drivers.scanner.serial import SerialScanner
from appliance.sim.kit import PINS, Kit
from tests.waiting import wait_until

RECEIPT = b"\x1b@Hand-thrown cup\n\x1dV\x00"
CUT = "- " * 23 + "-\n"


@pytest.fixture
def broker() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        yield listener


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Kit]]:
    kits: list[Kit] = []

    def make(broker: tuple[str, int] | None = None) -> Kit:
        kits.append(Kit(tmp_path / "kit", broker))
        kits[-1].start()
        return kits[-1]

    yield make
    for kit in kits:
        kit.close()


def put(kit: Kit, data: bytes) -> None:
    printed = kit.paper_bytes + len(data)
    fd = os.open(kit.folder / "printer", os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(fd, data)
        wait_until(lambda: kit.paper_bytes == printed)
    finally:
        os.close(fd)


def test_a_box_takes_the_settings_and_finds_every_wire(
    start: Callable[..., Kit], broker: socket.socket, tmp_path: Path
) -> None:
    kit = start(broker.getsockname())
    file = tmp_path / "kit.toml"
    file.write_text(kit.settings())
    settings = load([file])
    assert (settings.printer.driver, settings.printer.confirm) == ("escpos", "process_id")
    assert Path(settings.printer.port).is_char_device()
    assert settings.scanners["door"].driver == "serial"
    assert Path(settings.scanners["door"].port).is_char_device()
    assert settings.scanners["till"].driver == "hid"
    assert Path(settings.scanners["till"].port).is_fifo()
    assert (settings.battery.driver, settings.battery.poll_s) == ("pijuice", 1)
    assert settings.panel.driver == "gpio"
    assert {name: getattr(settings.panel, f"{name}_pin") for name in PINS} == PINS
    assert settings.uplink.enabled
    host, port = settings.uplink.url.removeprefix("mqtt://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as client, broker.accept()[0] as server:
        server.settimeout(5)
        client.sendall(b"\x10\x00")
        assert server.recv(2) == b"\x10\x00"


def test_without_a_broker_the_uplink_stays_off(start: Callable[..., Kit], tmp_path: Path) -> None:
    kit = start()
    file = tmp_path / "kit.toml"
    file.write_text(kit.settings())
    assert not load([file]).uplink.enabled
    assert "broker" not in kit.faults()


@pytest.mark.parametrize("name", ["door", "till"])
def test_a_scanned_code_arrives_at_the_driver(start: Callable[..., Kit], name: str) -> None:
    kit = start()
    path = str(kit.folder / f"scanner-{name}")
    scanner = SerialScanner(path) if name == "door" else HidScanner(path)
    scanner.open()
    try:
        kit.scan(name, "STREET-good:1")
        assert scanner.read(5) == b"STREET-good:1"
        kit.set_fault(f"scanner.{name}", "unplugged")
        with pytest.raises(DeviceLost, match="unplugged"):
            scanner.read(5)
        kit.scan(name, "LOST")
        kit.set_fault(f"scanner.{name}", None)
        scanner.open()
        kit.scan(name, "FOUND")
        assert scanner.read(5) == b"FOUND"
    finally:
        scanner.close()


def test_the_battery_reads_as_it_is_set(start: Callable[..., Kit]) -> None:
    kit = start()
    battery = PiJuice(kit.i2c_bus)
    kit.set_battery(charge_pct=37, charging=True, temperature_c=-12)
    reading = battery.read()
    assert (reading.charge_pct, reading.charging, reading.temperature_c) == (37, True, -12)
    kit.set_fault("battery", "silent")
    with pytest.raises(DeviceLost, match="does not answer"):
        battery.read()


@pytest.mark.parametrize("change", [{"charge_pct": 101}, {"charge_pct": -1}, {"temperature_c": 86}])
def test_a_battery_that_cannot_be_changes_nothing(start: Callable[..., Kit], change: dict[str, int]) -> None:
    kit = start()
    before = kit.battery()
    with pytest.raises(ValueError, match="must be"):
        kit.set_battery(**change)
    assert kit.battery() == before


def test_the_panel_shows_what_the_pins_do(start: Callable[..., Kit]) -> None:
    kit = start()
    panel = GpioPanel(PINS, kit.pin_factory)
    panel.open()
    try:
        panel.show({Lamp.GREEN: Blink.ON, Lamp.STATUS: Blink.FAST})
        panel.sound(Sound.ADMIT)
        wait_until(lambda: kit.panel.state()["status"] == "fast")
        assert kit.panel.state()["green"] == "on"
        wait_until(lambda: len(kit.panel.beeps()) == 1)
        kit.press(0.05)
        assert panel.pressed(5) is not None
    finally:
        panel.close()


@pytest.mark.parametrize("seconds", [0, 15.1])
def test_a_button_is_not_held_for_ever(start: Callable[..., Kit], seconds: float) -> None:
    with pytest.raises(ValueError, match=r"0\.01 to 15 seconds"):
        start().press(seconds)


def test_paper_and_battery_are_there_again_after_a_restart(start: Callable[..., Kit]) -> None:
    kit = start()
    put(kit, RECEIPT)
    kit.set_battery(charge_pct=12, charging=True, temperature_c=4)
    kit.close()
    again = start()
    assert again.printer.text() == f"Hand-thrown cup\n{CUT}"
    assert again.paper_bytes == len(RECEIPT)
    assert again.battery() == {"charge_pct": 12, "charging": True, "temperature_c": 4}
    put(again, RECEIPT)
    assert (again.folder / "paper.raw").read_bytes() == RECEIPT * 2
    assert again.printer.text() == f"Hand-thrown cup\n{CUT}" * 2


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"charge_pct": 200}', '{"colour": 1}'])
def test_a_battery_file_that_is_none_is_passed_over(start: Callable[..., Kit], torn: str, tmp_path: Path) -> None:
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "battery.json").write_text(torn)
    assert start().battery()["charge_pct"] == 80


def test_paper_out_holds_the_receipt_until_there_is_paper(start: Callable[..., Kit]) -> None:
    kit = start()
    kit.set_fault("printer", "paper_out")
    fd = os.open(kit.folder / "printer", os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(fd, RECEIPT + b"\x10\x04\x04")
        assert os.read(fd, 1) == b"\x7e"  # DLE EOT 4: paper end
        assert kit.printer.text() == ""
        kit.set_fault("printer", None)
        wait_until(lambda: kit.printer.text() == f"Hand-thrown cup\n{CUT}")
    finally:
        os.close(fd)


def test_pulling_the_printers_cable_takes_its_path_away(start: Callable[..., Kit]) -> None:
    kit = start()
    kit.set_fault("printer", "unplugged")
    assert not (kit.folder / "printer").exists()
    kit.set_fault("printer", None)
    put(kit, RECEIPT)


@pytest.mark.parametrize("fault", ["away", "refuse"])
def test_a_broker_that_is_away_refuses(start: Callable[..., Kit], broker: socket.socket, fault: str) -> None:
    kit = start(broker.getsockname())
    assert kit.relay is not None
    address = (kit.relay.host, kit.relay.port)
    kit.set_fault("broker", fault)
    assert kit.current_faults()["broker"] == fault
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)
    kit.set_fault("broker", None)
    socket.create_connection(address, timeout=5).close()


def test_every_fault_that_is_named_can_be_set_and_mended(start: Callable[..., Kit], broker: socket.socket) -> None:
    kit = start(broker.getsockname())
    assert list(kit.faults()) == [
        "printer",
        "scanner.door",
        "scanner.till",
        "scanner.camera",
        "battery",
        "modem",
        "broker",
        "daemon",
    ]
    for device, names in kit.faults().items():
        for name in names if device != "daemon" else []:
            kit.set_fault(device, name)
            assert kit.current_faults()[device] == name
            kit.set_fault(device, None)
            assert kit.current_faults()[device] is None


def test_unknown_names_are_answered_with_those_that_there_are(start: Callable[..., Kit]) -> None:
    kit = start()
    with pytest.raises(ValueError, match="There is no device 'toaster'; there are: printer, "):
        kit.set_fault("toaster", None)
    with pytest.raises(ValueError, match="There is no fault 'bored' for printer; there are: paper_out"):
        kit.set_fault("printer", "bored")
    with pytest.raises(ValueError, match="There is no scanner 'roof'; there are: door, till"):
        kit.scan("roof", "X")


def test_the_power_is_cut_by_whoever_runs_the_daemon(start: Callable[..., Kit]) -> None:
    kit = start()
    with pytest.raises(ValueError, match="cannot be cut"):
        kit.set_fault("daemon", "power_cut")
    cuts: list[str] = []
    kit.power_cut = lambda: cuts.append("cut")
    kit.set_fault("daemon", None)
    assert cuts == []
    kit.set_fault("daemon", "power_cut")
    assert cuts == ["cut"]
    assert kit.current_faults()["daemon"] is None


def test_closing_leaves_no_thread_file_or_path(start: Callable[..., Kit], broker: socket.socket) -> None:
    def held() -> tuple[int, set[threading.Thread]]:
        return len(list(Path("/proc/self/fd").iterdir())), set(threading.enumerate())

    before = held()
    kit = start(broker.getsockname())
    assert held() != before
    kit.scan("door", "X")
    kit.close()
    kit.close()
    assert held() == before
    assert sorted(path.name for path in kit.folder.iterdir()) == ["paper.raw"]
    assert kit.faults() == {}


def test_a_kit_that_cannot_start_lets_go_of_what_it_had(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    (tmp_path / "scanner-door").mkdir()  # where the link would be made
    kit = Kit(tmp_path)
    with pytest.raises(OSError, match="scanner-door"):
        kit.start()
    kit.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
