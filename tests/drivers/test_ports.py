"""What every device owes the box: one suite a port, for the fake in memory and for each real driver on its emulator.

What only one kind of wire can show is in the contract suites beside this one.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockFactory

from appliance.core.devices import (
    Battery,
    Blink,
    Device,
    Lamp,
    Panel,
    Paper,
    Printer,
    PrinterNotReady,
    Scanner,
    Sound,
)
from appliance.core.document import Cut, Document, Text
from appliance.core.errors import DeviceLost
from appliance.core.modem import Modem, SmsRefused
from appliance.core.sms.parts import parts_of
from appliance.drivers.battery.absent import AbsentBattery
from appliance.drivers.battery.pijuice import PiJuice
from appliance.drivers.battery.pijuice_module import ModulePiJuice
from appliance.drivers.battery.power_supply import PowerSupply
from appliance.drivers.battery.victron import Victron
from appliance.drivers.modem.gsm import GsmModem
from appliance.drivers.panel.absent import AbsentPanel
from appliance.drivers.panel.gpio import GpioPanel
from appliance.drivers.printer.absent import AbsentPrinter
from appliance.drivers.printer.links import Link, SerialLink, TcpLink, UsbLink
from appliance.drivers.printer.printer import EscposPrinter
from appliance.drivers.printer.render import Renderer
from appliance.drivers.relay.gpio import GpioRelays
from appliance.drivers.scanner.absent import AbsentScanner
from appliance.drivers.scanner.camera import CameraScanner
from appliance.drivers.scanner.frames import PictureSource
from appliance.drivers.scanner.hid import HidScanner
from appliance.drivers.scanner.serial import SerialScanner
from appliance.services.stations.relays import Relays
from appliance.sim.camera import CameraEmulator
from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.modem import EmulatedModem
from appliance.sim.panel import PanelEmulator
from appliance.sim.pijuice import PiJuiceController
from appliance.sim.power_supply import SupplyFolder
from appliance.sim.scanner import Deaf, HidScannerEmulator, SerialScannerEmulator
from appliance.sim.victron import VictronProduct
from appliance.sim.wires import SerialWire, TcpWire
from tests.fakes import FakeBattery, FakeModem, FakePanel, FakePrinter, FakeRelays, FakeScanner
from tests.upstream.finding import STAND_IN, load
from tests.waiting import wait_until

LIMIT_S = 10
NUMBER = "+491705550123"
RECEIPT = Document((Text("Receipt 1"), Cut()))
LAMPS = {"green": 17, "red": 22, "button": 25}
NOW = dt.datetime(2026, 12, 5, 20, 59, 58, tzinfo=dt.UTC)


@dataclass
class Bench:
    """A device, and the far end: `fail` and `heal` take it away and back, the rest is of its kind."""

    device: Any
    fail: Callable[[], object]
    heal: Callable[[], object]
    far: Any = None
    settled: Callable[[], object] = lambda: True  # whether all that the far end said is on the wire
    plugged: ExitStack = field(default_factory=ExitStack)


def fake(device: Any) -> Bench:
    return Bench(device, lambda: setattr(device, "away", True), lambda: setattr(device, "away", False), device)


def emulated(device: Any, far: Any, *closes: Callable[[], object]) -> Bench:
    bench = Bench(device, lambda: far.fail("unplugged"), lambda: far.fail(None), far)
    for close in closes:
        bench.plugged.callback(close)
    return bench


def serial_scanner(folder: Path) -> Bench:
    wire = SerialWire(Deaf(), folder / "scanner")
    bench = emulated(SerialScanner(wire.path), SerialScannerEmulator(wire), wire.close)
    bench.settled = lambda: wire.quiet
    return bench


def hid_scanner(folder: Path) -> Bench:
    far = HidScannerEmulator(folder / "scanner")
    return emulated(HidScanner(str(far.path)), far, far.unplug)


def camera(folder: Path) -> Bench:
    far = CameraEmulator(folder / "camera")
    return emulated(CameraScanner(PictureSource(str(far.path), stall_s=0.3)), far)


def printer(folder: Path, kind: str) -> Bench:
    far = EmulatedPrinter()
    wire = TcpWire(far) if kind == "tcp" else SerialWire(far, folder / "printer")
    far.connect(wire)
    link: Link
    if isinstance(wire, TcpWire):
        link = TcpLink(wire.host, wire.port)
    else:
        link = UsbLink(wire.path) if kind == "usb" else SerialLink(wire.path, 115200)
    bench = Bench(
        EscposPrinter(link, Renderer(), answer_limit_s=0.3),
        lambda: far.set_fault("unplugged"),
        lambda: far.set_fault(None),
        far,
    )
    bench.plugged.callback(wire.close)
    return bench


def pijuice(folder: Path) -> Bench:
    far = PiJuiceController(now=lambda: NOW)
    return emulated(PiJuice(far), far)


def pijuice_module(folder: Path) -> Bench:
    far = PiJuiceController(now=lambda: NOW)
    return emulated(ModulePiJuice(load(STAND_IN, lambda number: far)), far)


def victron(folder: Path) -> Bench:
    far = VictronProduct(folder / "vedirect", "bmv", 0.05)
    far.start()
    return emulated(Victron(str(folder / "vedirect")), far, far.close)


def power_supply(folder: Path) -> Bench:
    far = SupplyFolder(folder / "class")
    return emulated(PowerSupply(folder / "class"), far)


def on_pins(make: Callable[[MockFactory], Any], pin: int, eye: Callable[[MockFactory], Any]) -> Bench:
    """Hang a device on memory pins; it is away while another program has one of them."""
    factory, others = MockFactory(), ExitStack()
    bench = Bench(
        make(factory),
        lambda: others.enter_context(LED(pin, pin_factory=factory)),
        others.close,
        eye(factory),
    )
    bench.plugged.callback(factory.reset)
    bench.plugged.callback(others.close)
    return bench


def panel(folder: Path) -> Bench:
    return on_pins(lambda pins: GpioPanel(LAMPS, pins), LAMPS["green"], lambda pins: PanelEmulator(pins, LAMPS))


def relays(folder: Path) -> Bench:
    return on_pins(lambda pins: GpioRelays({"drawer": 5}, pin_factory=pins), 5, lambda pins: pins.pin(5))


def modem(folder: Path) -> Bench:
    far = EmulatedModem(folder / "modem")
    return emulated(GsmModem(str(folder / "modem"), answer_limit_s=2, send_limit_s=2), far, far.close)


Maker = Callable[[Path], Bench]
SCANNERS: dict[str, Maker] = {
    "fake": lambda folder: fake(FakeScanner()),
    "serial": serial_scanner,
    "hid": hid_scanner,
    "camera": camera,
}
PRINTERS: dict[str, Maker] = {
    "fake": lambda folder: fake(FakePrinter()),
    "serial": lambda folder: printer(folder, "serial"),
    "usb": lambda folder: printer(folder, "usb"),
    "tcp": lambda folder: printer(folder, "tcp"),
}
BATTERIES: dict[str, Maker] = {
    "fake": lambda folder: fake(FakeBattery()),
    "pijuice": pijuice,
    "pijuice module": pijuice_module,
    "victron": victron,
    "power_supply": power_supply,
}
PANELS: dict[str, Maker] = {"fake": lambda folder: fake(FakePanel()), "gpio": panel}
RELAYS: dict[str, Maker] = {"fake": lambda folder: fake(FakeRelays()), "gpio": relays}
MODEMS: dict[str, Maker] = {"fake": lambda folder: fake(FakeModem()), "gsm": modem}
PORTS: dict[str, tuple[type[Device], dict[str, Maker], Callable[[], Any] | None]] = {
    "scanner": (Scanner, SCANNERS, AbsentScanner),
    "printer": (Printer, PRINTERS, AbsentPrinter),
    "battery": (Battery, BATTERIES, AbsentBattery),
    "panel": (Panel, PANELS, AbsentPanel),
    "relays": (Relays, RELAYS, None),
    "modem": (Modem, MODEMS, None),
}


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Victron's blocks come twenty times as often here, so silence shows twenty times as soon."""
    monkeypatch.setattr("appliance.drivers.battery.victron.PATIENCE_S", 0.4)


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made: Bench = request.param(tmp_path)
    yield made
    made.device.close()
    with made.plugged:
        pass


def on(makers: dict[str, Maker]) -> pytest.MarkDecorator:
    """Run a test on every device of a port."""
    return pytest.mark.parametrize("bench", makers.values(), ids=makers.keys(), indirect=True)


EVERY = {f"{port} {name}": maker for port, (_, makers, _) in PORTS.items() for name, maker in makers.items()}


# The life that all share.


@on(EVERY)
def test_closing_is_fine_at_any_time_and_opening_again_works(bench: Bench) -> None:
    bench.device.close()
    for _ in range(2):
        bench.device.open()
        bench.device.close()
        bench.device.close()
    bench.device.open()


@on(EVERY)
def test_one_that_is_away_says_what_to_do_and_is_taken_back(bench: Bench) -> None:
    bench.fail()
    for _ in range(2):
        with pytest.raises(DeviceLost) as lost:
            bench.device.open()
        assert lost.value.code
        assert lost.value.message.endswith(".")
        assert lost.value.advice.endswith(".")
        bench.device.close()
    bench.heal()
    bench.device.open()


@pytest.mark.parametrize("port", PORTS)
def test_every_device_has_the_face_of_its_port(port: str, tmp_path: Path) -> None:
    protocol, makers, absent = PORTS[port]
    faces = {
        name: list(inspect.signature(member).parameters)
        for base in (protocol, Device)
        for name, member in vars(base).items()
        if inspect.isfunction(member) and not name.startswith("_")
    }
    devices = [absent()] if absent else []
    with ExitStack() as plugged:
        for name, maker in makers.items():
            (tmp_path / name).mkdir()
            made = maker(tmp_path / name)
            plugged.push(made.plugged)
            devices.append(made.device)
        for device in devices:
            assert device.model
            for name, parameters in faces.items():
                assert list(inspect.signature(getattr(type(device), name)).parameters) == parameters, (device, name)


# Scanners.


def read(scanner: Scanner) -> bytes:
    """Read the next code. Raises DeviceLost."""
    found: list[bytes] = []
    wait_until(lambda: found.extend(filter(None, [scanner.read(0.2)])) or found, LIMIT_S)
    return found[0]


@on(SCANNERS)
def test_codes_come_as_scanned_and_nothing_else(bench: Bench) -> None:
    bench.device.open()
    assert bench.device.read(0) is None
    for code in ("FIRST-1", "SECOND-2"):
        bench.far.scan(code)
        assert read(bench.device) == code.encode()
    assert bench.device.read(0.01) is None


@on(SCANNERS)
def test_what_is_scanned_while_closed_is_not_read_later(bench: Bench) -> None:
    bench.device.open()
    bench.device.close()
    bench.far.scan("MISSED")
    wait_until(bench.settled)
    bench.device.open()
    bench.far.scan("AFTER")
    assert read(bench.device) == b"AFTER"


@on(SCANNERS)
def test_a_scanner_that_goes_is_lost_and_reads_on_afterwards(bench: Bench) -> None:
    bench.device.open()
    bench.fail()
    with pytest.raises(DeviceLost):
        read(bench.device)
    bench.device.close()
    bench.heal()
    bench.device.open()
    bench.far.scan("AGAIN")
    assert read(bench.device) == b"AGAIN"


# Printers.


def copies(bench: Bench) -> int:
    """How often the receipt is on paper."""
    if isinstance(bench.far, FakePrinter):
        return bench.far.printed.count(RECEIPT)
    return int(bench.far.text().count("Receipt 1"))


def take_the_roll_out(bench: Bench, out: bool) -> None:
    if isinstance(bench.far, FakePrinter):
        bench.far.paper = Paper.OUT if out else Paper.OK
    else:
        bench.far.set_fault("paper_out" if out else None)


@on(PRINTERS)
def test_a_receipt_is_on_paper_once_when_print_returns(bench: Bench) -> None:
    bench.device.open()
    assert bench.device.columns in (32, 48)
    assert bench.device.status().can_print
    bench.device.print(RECEIPT)
    assert copies(bench) == 1


@on(PRINTERS)
def test_without_paper_nothing_is_printed_now_or_later(bench: Bench) -> None:
    bench.device.open()
    take_the_roll_out(bench, True)
    status = bench.device.status()
    assert (status.can_print, status.paper) == (False, Paper.OUT)
    with pytest.raises(PrinterNotReady):
        bench.device.print(RECEIPT)
    take_the_roll_out(bench, False)
    assert bench.device.status().can_print
    assert copies(bench) == 0


@on(PRINTERS)
def test_a_printer_that_is_away_prints_nothing_and_once_when_it_is_back(bench: Bench) -> None:
    bench.device.open()
    bench.fail()
    with pytest.raises(DeviceLost):
        bench.device.status()
    with pytest.raises(PrinterNotReady):
        bench.device.print(RECEIPT)
    bench.heal()
    bench.device.close()
    bench.device.open()
    bench.device.print(RECEIPT)
    assert copies(bench) == 1


# Batteries.


@on(BATTERIES)
def test_a_reading_is_what_is_measured(bench: Bench) -> None:
    bench.device.open()
    bench.far.set(charge_pct=40, charging=False, battery_mv=3700)
    wait_until(lambda: bench.device.read().battery_mv == 3700, LIMIT_S)
    reading = bench.device.read()
    assert (reading.charge_pct, reading.charging, reading.battery_present) == (40, False, True)


@on(BATTERIES)
def test_the_end_of_the_power_can_be_planned_and_taken_back_or_it_cannot(bench: Bench) -> None:
    bench.device.open()
    can = bench.device.cut_after_halt(60, 30)
    told = {FakeBattery: lambda: bench.far.cut, PiJuiceController: lambda: bench.far.power_off_s}.get(type(bench.far))
    assert can is (told is not None)
    if told is not None:
        assert told() is not None
    bench.device.keep_on()
    if told is not None:
        assert told() is None


@on(BATTERIES)
def test_a_clock_tells_what_it_was_set_to_or_there_is_none(bench: Bench) -> None:
    bench.device.open()
    later = NOW + dt.timedelta(hours=5)
    bench.device.set_clock(later)
    assert bench.device.read_clock() in (later, None)
    assert (bench.device.read_clock() is None) is not bench.device.cut_after_halt(60, None)


@on(BATTERIES)
def test_a_board_that_goes_is_lost_and_measures_on_afterwards(bench: Bench) -> None:
    bench.device.open()
    bench.fail()

    def gone() -> bool:
        with suppress(DeviceLost):
            bench.device.read()
            return False
        return True

    wait_until(gone, LIMIT_S)  # what was on the wire already may still come
    bench.device.close()
    bench.heal()
    bench.device.open()
    assert bench.device.read().battery_present


# Panels.


def lamp(bench: Bench, name: Lamp) -> str:
    if isinstance(bench.far, FakePanel):
        return str(bench.far.lamps.get(name, Blink.OFF))
    return str(bench.far.state()[name])


@on(PANELS)
def test_the_lamps_named_change_and_the_others_stay(bench: Bench) -> None:
    bench.device.open()
    bench.device.show({Lamp.GREEN: Blink.ON})
    bench.device.show({Lamp.RED: Blink.FAST})
    wait_until(lambda: lamp(bench, Lamp.RED) == "fast", LIMIT_S)
    assert lamp(bench, Lamp.GREEN) == "on"
    bench.device.sound(Sound.ADMIT)


@on(PANELS)
def test_a_press_is_told_once_and_for_how_long(bench: Bench) -> None:
    bench.device.open()
    assert bench.device.pressed(0) is None
    if isinstance(bench.far, FakePanel):
        bench.far.presses.append(0.1)
    else:
        bench.far.press(0.1)
    assert (bench.device.pressed(LIMIT_S) or 0) >= 0.1
    assert bench.device.pressed(0) is None


# Relays.


def pulled(bench: Bench) -> bool:
    return "drawer" in bench.far.pulled if isinstance(bench.far, FakeRelays) else bool(bench.far.state)


@on(RELAYS)
def test_a_relay_stays_as_set_and_is_released_at_the_end(bench: Bench) -> None:
    bench.device.open()
    bench.device.set("drawer", True)
    assert pulled(bench)
    bench.device.set("drawer", False)
    assert not pulled(bench)
    bench.device.set("drawer", True)
    bench.device.set("one that is not fitted", True)
    bench.device.close()
    assert not pulled(bench)


@on(RELAYS)
def test_a_pulse_ends_by_itself(bench: Bench) -> None:
    bench.device.open()
    bench.device.pulse("drawer", 0.05)
    wait_until(lambda: not pulled(bench), LIMIT_S)
    times = bench.far.pulses if isinstance(bench.far, FakeRelays) else [s for s in bench.far.states if s.state]
    assert len(times) == 1


# Modems.


def sent(bench: Bench) -> int:
    return len(bench.far.sent if isinstance(bench.far, FakeModem) else bench.far.messages)


def refuse(bench: Bench) -> None:
    if isinstance(bench.far, FakeModem):
        bench.far.refuses = True
    else:
        bench.far.fail("nak")


@on(MODEMS)
def test_a_message_is_sent_once(bench: Bench) -> None:
    bench.device.open()
    assert bench.device.status().can_send
    (part,) = parts_of("Receipt 17", 9)
    assert 0 <= bench.device.send(NUMBER, part) <= 255
    assert sent(bench) == 1
    assert isinstance(list(bench.device.reports(0)), list)


@on(MODEMS)
def test_a_message_that_is_refused_was_not_sent(bench: Bench) -> None:
    bench.device.open()
    assert bench.device.status().can_send
    refuse(bench)
    (part,) = parts_of("Receipt 17", 9)
    with pytest.raises(SmsRefused) as refused:
        bench.device.send(NUMBER, part)
    assert refused.value.temporary
    assert sent(bench) == 0
