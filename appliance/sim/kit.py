"""The whole field kit on emulated wires: printer, scanners, battery, panel, modem and the way to the broker.

Everything that has a path has it inside one folder, so that a box finds its devices there again after a restart.
"""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from gpiozero.pins.mock import MockFactory

from appliance.sim import relay
from appliance.sim.camera import CameraEmulator
from appliance.sim.escpos import printer
from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.modem import EmulatedModem
from appliance.sim.panel import PanelEmulator
from appliance.sim.pijuice import PiJuiceController
from appliance.sim.power_supply import SupplyFolder
from appliance.sim.relay import TcpRelay
from appliance.sim.scanner import Deaf, HidScannerEmulator, SerialScannerEmulator
from appliance.sim.victron import VictronProduct
from appliance.sim.wires import SerialWire

# BCM numbers; the box's defaults, and what it has no default for.
PINS = {"green": 17, "amber": 27, "red": 22, "status": 23, "printer": 5, "network": 6, "buzzer": 24, "button": 25}
LIGHT_PINS = {"lights_1": 12, "lights_2": 13}
BATTERY_RANGES = {"charge_pct": (0, 100), "temperature_c": (-40, 85)}
PRESS_RANGE_S = (0.01, 15)
BATTERIES = ("pijuice", "victron", "power_supply")  # boards that the kit can have
HALTED = "halted"  # the file that counts how often the system would have halted
AWAY = "away"  # what people call a broker that refuses


@dataclass(frozen=True, slots=True)
class _Breakable:
    """One thing on the table: the faults it knows, how to set one, which is on."""

    faults: tuple[str, ...]
    fail: Callable[[str | None], None]
    fault: Callable[[], str | None]
    hand: threading.Lock = field(default_factory=threading.Lock)  # one hand at a time on each thing


class Kit:
    """A field kit in `folder`. `start` it once; `close` it when the box on it has stopped.

    What was printed and the battery's settings stay in the folder and are there again after a power cut.
    `i2c_bus` and `pin_factory` are for the drivers that take an object where others take a path. `power_cut` is
    what cuts the daemon's power; it belongs to whoever runs the daemon.
    """

    def __init__(
        self, folder: Path, broker: tuple[str, int] | None = None, seed: int = 0, battery: str = "pijuice"
    ) -> None:
        """Lay the kit out. `broker` (host, port) gets a relay in front; `seed` decides about stray bytes.

        `battery` is one of BATTERIES; else ValueError.
        """
        if battery not in BATTERIES:
            raise ValueError(f"There is no battery board '{battery}'; there are: {', '.join(BATTERIES)}.")
        self.folder = folder
        self.battery_board = battery
        self.printer = EmulatedPrinter(on_bytes=self._keep_paper)
        self.i2c_bus = PiJuiceController()
        self._board: PiJuiceController | VictronProduct | SupplyFolder = self.i2c_bus
        self.pin_factory = MockFactory()
        self.panel = PanelEmulator(self.pin_factory, PINS)
        self.lights = PanelEmulator(self.pin_factory, LIGHT_PINS)
        self.relay: TcpRelay | None = None
        self.modem: EmulatedModem | None = None
        self.scanners: Mapping[str, SerialScannerEmulator | HidScannerEmulator | CameraEmulator] = {}
        self.paper_bytes = 0  # how much was ever printed: grows with each change of the paper
        self.power_cut: Callable[[], None] = _no_power_cut
        self._broker = broker
        self._broker_fault: str | None = None
        self._seed = seed
        self._devices: dict[str, _Breakable] = {}
        self._roll: BinaryIO | None = None
        self._battery_hand = threading.Lock()
        self._button_hand = threading.Lock()
        self._plugged = ExitStack()

    # --- the life of the kit ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Plug everything in, with the paper and battery of last time. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as plugged:  # what is plugged in already comes out again if the rest fails
            plugged.callback(self._forget)
            self._start_printer(plugged)
            self._start_scanners(plugged)
            self._start_battery(plugged)
            self._start_modem(plugged)
            self._start_relay(plugged)
            self._devices["daemon"] = _Breakable(("power_cut",), self._cut_power, lambda: None)
            self._plugged = plugged.pop_all()

    def close(self) -> None:
        """Pull everything out. Closing twice is fine."""
        self._plugged.close()

    def settings(self) -> str:
        """Return the TOML that points a box's configuration at these wires, once started."""
        tables: dict[str, dict[str, Any]] = {
            "printer": {"driver": "escpos", "port": self._path("printer"), "confirm": "process_id", "poll_s": 1},
            "scanners.door": {"driver": "serial", "port": self._path("scanner-door")},
            "scanners.till": {"driver": "hid", "port": self._path("scanner-till")},
            "battery": {"driver": self.battery_board, "poll_s": 1, **self._battery_place()},
            "power": {"finish_sale_s": 20, "off_command": self._off_command()},
            "scanners.camera": {"driver": "camera", "port": self._path("scanner-camera")},
            "modem": {"driver": "gsm", "port": self._path("modem")},
            "panel": {"driver": "gpio", **{f"{name}_pin": pin for name, pin in PINS.items()}},
            "relays": {"driver": "gpio", **{f"{name}_pin": pin for name, pin in LIGHT_PINS.items()}},
        }
        if self.relay is not None:
            url = f"mqtt://{self.relay.host}:{self.relay.port}"
            tables["uplink"] = {"enabled": True, "url": url, "telemetry_every_s": 5, "reconnect_max_s": 5}
        return "\n".join(_toml(name, values) for name, values in tables.items())

    # --- what hands do ---------------------------------------------------------------------------------------

    def scan(self, scanner: str, code: str) -> None:
        """Hold a code before a scanner. Raises ValueError for a scanner or character that there is not."""
        if scanner not in self.scanners:
            raise ValueError(f"There is no scanner '{scanner}'; there are: {', '.join(self.scanners)}.")
        with self._devices[f"scanner.{scanner}"].hand:
            self.scanners[scanner].scan(code)

    def battery(self) -> dict[str, Any]:
        """Return the battery's settings: charge_pct, charging, temperature_c."""
        state = self._board.state
        return {name: getattr(state, name) for name in ("charge_pct", "charging", "temperature_c")}

    def set_battery(self, **changes: Any) -> None:
        """Change charge_pct (0 to 100), charging, temperature_c (-40 to 85). Raises ValueError, TypeError."""
        for name, (low, high) in BATTERY_RANGES.items():
            if name in changes and not low <= changes[name] <= high:
                raise ValueError(f"'{name}' must be {low} to {high}.")
        with self._battery_hand:
            self._board.set(**changes)
            fresh = self._battery_file.with_suffix(".new")
            fresh.write_text(json.dumps(self.battery()) + "\n")
            fresh.replace(self._battery_file)

    def press(self, seconds: float = 0.2) -> None:
        """Hold the panel's button down for 0.01 to 15 s; returns when it is let go. Raises ValueError."""
        low, high = PRESS_RANGE_S
        if not low <= seconds <= high:
            raise ValueError(f"The button can be held for {low} to {high} seconds.")
        with self._button_hand:
            self.panel.press(seconds)

    def sms(self) -> list[dict[str, Any]]:
        """Return the text messages that reached the network since the start, oldest first."""
        return self.modem.sent() if self.modem else []

    # --- what breaks -----------------------------------------------------------------------------------------

    def faults(self) -> dict[str, list[str]]:
        """Return the names of the faults by device."""
        return {name: list(device.faults) for name, device in self._devices.items()}

    def current_faults(self) -> dict[str, str | None]:
        """Return the fault that is on by device; None where all is well."""
        return {name: device.fault() for name, device in self._devices.items()}

    def set_fault(self, device: str, fault: str | None) -> None:
        """Break a device in the way named, or mend it (None). Raises ValueError for unknown names."""
        if device not in self._devices:
            raise ValueError(f"There is no device '{device}'; there are: {', '.join(self._devices)}.")
        thing = self._devices[device]
        if fault is not None and fault not in thing.faults:
            raise ValueError(f"There is no fault '{fault}' for {device}; there are: {', '.join(thing.faults)}.")
        with thing.hand:
            thing.fail(fault)

    # --- plugging in -----------------------------------------------------------------------------------------

    def _start_printer(self, plugged: ExitStack) -> None:
        path = self.folder / "paper.raw"
        before = path.read_bytes() if path.exists() else b""
        self.printer.restore(before)
        self.paper_bytes = len(before)
        # Without a buffer: what is on paper stays there even when this process is killed the next moment.
        self._roll = plugged.enter_context(path.open("ab", buffering=0))
        wire = SerialWire(self.printer, self.folder / "printer")
        plugged.callback(wire.close)
        self.printer.connect(wire)
        self._devices["printer"] = _Breakable(printer.FAULTS, self.printer.set_fault, lambda: self.printer.fault)

    def _start_scanners(self, plugged: ExitStack) -> None:
        line = SerialWire(Deaf(), self.folder / "scanner-door")
        plugged.callback(line.close)
        till = HidScannerEmulator(self.folder / "scanner-till")
        plugged.callback(till.unplug)
        door = SerialScannerEmulator(line, seed=self._seed)
        camera = CameraEmulator(self.folder / "scanner-camera", self._seed)
        plugged.callback(camera.unplug)
        self.scanners = {"door": door, "till": till, "camera": camera}
        self._devices["scanner.door"] = _Breakable(door.FAULTS, door.fail, lambda: door.fault)
        self._devices["scanner.till"] = _Breakable(till.FAULTS, till.fail, lambda: till.fault)
        self._devices["scanner.camera"] = _Breakable(camera.FAULTS, camera.fail, lambda: camera.fault)

    def _start_battery(self, plugged: ExitStack) -> None:
        if self.battery_board == "victron":
            product = VictronProduct(self.folder / "vedirect", seed=self._seed)
            plugged.callback(product.close)
            product.start()
            self._board = product
        elif self.battery_board == "power_supply":
            self._board = SupplyFolder(self.folder / "power_supply")
        with suppress(FileNotFoundError, ValueError, TypeError):  # none, or no settings: a battery as from the shop
            self.set_battery(**json.loads(self._battery_file.read_text()))
        board = self._board
        self._devices["battery"] = _Breakable(board.FAULTS, board.fail, lambda: board.fault)

    def _start_modem(self, plugged: ExitStack) -> None:
        self.modem = modem = EmulatedModem(self.folder / "modem", self._seed)
        plugged.callback(modem.close)
        self._devices["modem"] = _Breakable(modem.FAULTS, modem.fail, lambda: modem.fault)

    def _start_relay(self, plugged: ExitStack) -> None:
        if self._broker is None:
            return
        self.relay = TcpRelay(*self._broker)
        plugged.callback(self.relay.stop)
        self.relay.start()
        self._devices["broker"] = _Breakable((AWAY, *relay.FAULTS), self._fail_broker, lambda: self._broker_fault)

    def _fail_broker(self, fault: str | None) -> None:
        if self.relay is not None:
            self.relay.set_fault("refuse" if fault == AWAY else fault)
            self._broker_fault = fault

    def _cut_power(self, fault: str | None) -> None:
        if fault is not None:
            self.power_cut()

    def _battery_place(self) -> dict[str, Any]:
        places = {"victron": {"port": self._path("vedirect")}, "power_supply": {"folder": self._path("power_supply")}}
        return places.get(self.battery_board, {})

    def _off_command(self) -> str:
        """Return a command that only notes that the system would halt now."""
        return shlex.join(["sh", "-c", f"echo off >> {shlex.quote(self._path(HALTED))}"])

    @property
    def times_halted(self) -> int:
        """How often the box told the system to halt."""
        path = self.folder / HALTED
        return len(path.read_text().splitlines()) if path.exists() else 0

    def _forget(self) -> None:
        self._devices.clear()
        self.scanners = {}
        self._roll = None

    def _keep_paper(self, data: bytes) -> None:
        if self._roll is not None:
            self._roll.write(data)
            self.paper_bytes += len(data)

    def _path(self, name: str) -> str:
        return str(self.folder.absolute() / name)

    @property
    def _battery_file(self) -> Path:
        return self.folder / "battery.json"


def _toml(name: str, values: Mapping[str, Any]) -> str:
    """Write one table; a TOML basic string is written as JSON writes it (TOML 1.0, Strings)."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def _no_power_cut() -> None:
    raise ValueError("The power cannot be cut here: nobody has said how.")
