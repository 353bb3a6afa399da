"""The equipment of a box: the drivers that its configuration names, each on its wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from appliance.config import BatterySettings, PrinterSettings, ScannerSettings, Settings
from appliance.core.devices import Battery, Panel, Printer, Scanner
from appliance.core.power import PowerLimits
from appliance.core.printers import PROFILES, RECEIPTS
from appliance.core.symbologies import formats_of
from appliance.drivers.battery.absent import AbsentBattery
from appliance.drivers.panel.absent import AbsentPanel
from appliance.drivers.printer.absent import AbsentPrinter
from appliance.drivers.scanner.absent import AbsentScanner
from appliance.runtime.root import SOCKET
from appliance.services.shutdown import ShutdownLimits

_TERMINATORS = {"cr_lf": b"\r\n", "tab": b"\t", "etx": b"\x03", "none": b""}


@dataclass(frozen=True, slots=True)
class Wires:
    """What devices hang on where it is not a path; None takes the real ones."""

    i2c_bus: Any = None  # an object with smbus2's methods
    pin_factory: Any = None  # a gpiozero pin factory
    root: Path = SOCKET  # where root is asked


def device_list(
    settings: Settings,
    wires: Wires | None = None,
    waiting: Callable[[str], bool] = lambda name: False,
    saving: Callable[[], bool] = lambda: False,
) -> list[tuple[str, str, Any]]:
    """Return the devices that the configuration names, not opened yet, as (name, kind, device).

    A driver that waits for a person asks `waiting` with its name every moment; True ends the wait. While
    `saving` says so a camera looks less often.
    """
    wires = wires or Wires()
    devices: list[tuple[str, str, Any]] = [
        ("battery", "battery", _battery(settings, wires)),
        ("panel", "panel", _panel(settings, wires)),
    ]
    if settings.relays.driver != "absent":
        devices.append(("relays", "relays", _relays(settings, wires)))
    for role in (RECEIPTS, *(role for role, chosen in settings.printers.items() if chosen.driver != "absent")):
        name = printer_name(role)
        devices.append((name, "printer", _printer(printer_settings(settings, role), name, waiting)))
    if settings.modem.driver != "absent":
        devices.append(("modem", "modem", _modem(settings, partial(waiting, "modem"))))
    return devices + [
        (f"scanner.{role}", "scanner", _scanner(chosen, saving)) for role, chosen in settings.scanners.items()
    ]


def _battery(settings: Settings, wires: Wires) -> Battery:
    if settings.battery.driver == "pijuice":
        return _pijuice(settings.battery, wires)
    if settings.battery.driver == "victron":
        from appliance.drivers.battery.victron import Victron

        return Victron(settings.battery.port)
    if settings.battery.driver == "power_supply":
        from appliance.drivers.battery.power_supply import PowerSupply

        return PowerSupply(Path(settings.battery.folder))
    return AbsentBattery()


def _pijuice(battery: BatterySettings, wires: Wires) -> Battery:
    """Take the maker's own module where somebody has installed it, else the board's registers."""
    from appliance.drivers.battery.bus import open_bus
    from appliance.drivers.battery.pijuice import PiJuice
    from appliance.drivers.battery.pijuice_module import ModulePiJuice, installed

    if wires.i2c_bus is None and (make := installed()):
        return ModulePiJuice(make, battery.i2c_bus, battery.i2c_address)
    return PiJuice(wires.i2c_bus or open_bus(battery.i2c_bus), battery.i2c_address)


def printer_name(role: str) -> str:
    """Return a printer's name among the devices: `printer` is the one for receipts, others are named by their role."""
    return "printer" if role == RECEIPTS else f"printer.{role}"


def printer_settings(settings: Settings, role: str) -> PrinterSettings:
    """Return how a role's printer is set up: what is at its default is as in the profile that it names."""
    printer = settings.printer if role == RECEIPTS else settings.printers[role]
    if not printer.profile:
        return printer
    # Not by what the files say: the shipped one says everything.
    default, profile = PrinterSettings(), asdict(PROFILES[printer.profile]).items()
    return replace(printer, **{key: value for key, value in profile if getattr(printer, key) == getattr(default, key)})


def _printer(printer: PrinterSettings, name: str, waiting: Callable[[str], bool]) -> Printer:
    if printer.driver == "escpos":
        from appliance.drivers.printer.job import Limits
        from appliance.drivers.printer.links import open_link
        from appliance.drivers.printer.printer import EscposPrinter
        from appliance.drivers.printer.render import Renderer

        link = open_link(printer.port, printer.baud_rate)
        renderer = Renderer(
            printer.columns,
            printer.code_page,
            printer.native_qr,
            printer.cutter,
            printer.kanji_off,
            printer.drawer_pin,
            printer.logo,
        )
        limits = Limits(write_limit_s=printer.write_timeout_s, patience_s=printer.patience_s)
        stopping = partial(waiting, name)
        return EscposPrinter(
            link, renderer, printer.confirm, limits, stopping=stopping, logo_memory=printer.logo_memory
        )
    return AbsentPrinter(printer.columns)


def _panel(settings: Settings, wires: Wires) -> Panel:
    panel = settings.panel
    if panel.driver == "gpio":
        from appliance.drivers.panel.gpio import GpioPanel

        return GpioPanel(panel_pins(settings), wires.pin_factory)
    return AbsentPanel()


def _relays(settings: Settings, wires: Wires) -> Any:
    from appliance.drivers.relay.gpio import GpioRelays

    chosen = settings.relays
    pins = {"drawer": chosen.drawer_pin, "lights_1": chosen.lights_1_pin, "lights_2": chosen.lights_2_pin}
    return GpioRelays({name: pin for name, pin in pins.items() if pin}, chosen.active_high, wires.pin_factory)


def _modem(settings: Settings, stopping: Callable[[], bool]) -> Any:
    from appliance.drivers.modem.gsm import GsmModem

    return GsmModem(settings.modem.port, settings.modem.baud_rate, settings.modem.pin, stopping)


def power_limits(settings: Settings) -> PowerLimits:
    """Return the charges (and voltages) at which the power states begin."""
    power = settings.power
    return PowerLimits(
        power.saving_below_pct,
        power.low_below_pct,
        power.critical_below_pct,
        power.hysteresis_pct,
        power.low_below_mv,
        power.critical_below_mv,
    )


def shutdown_limits(settings: Settings) -> ShutdownLimits:
    """Return how a shutdown goes; a battery decides nothing once three readings of it are missing."""
    power = settings.power
    return ShutdownLimits(
        finish_sale_s=power.finish_sale_s,
        fresh_s=3 * settings.battery.poll_s + 10,
        cut_after_s=power.cut_after_s,
        wake_pct=power.wake_at_pct,
    )


def panel_pins(settings: Settings) -> dict[str, int | str]:
    """Return the panel's BCM pins by what hangs on them; what is not fitted is left out."""
    panel = settings.panel
    names = ("green", "amber", "red", "status", "printer", "network", "buzzer", "button")
    pins: dict[str, int | str] = {name: getattr(panel, f"{name}_pin") for name in names}
    return {name: pin for name, pin in pins.items() if pin}


def _scanner(settings: ScannerSettings, saving: Callable[[], bool]) -> Scanner:
    if settings.driver == "serial":
        from appliance.drivers.scanner.serial import SerialScanner

        return SerialScanner(
            settings.port, settings.baud_rate, _TERMINATORS[settings.terminator], idle_end_s=settings.pause_s
        )
    if settings.driver == "hid":
        from appliance.drivers.scanner.hid import HidScanner, find_by_name

        find = partial(find_by_name, settings.name) if settings.name else None
        return HidScanner(settings.port or settings.name, settings.layout, settings.pause_s, find)
    if settings.driver == "camera":
        from appliance.drivers.scanner.camera import CameraScanner
        from appliance.drivers.scanner.decoding import Cascade
        from appliance.drivers.scanner.frames import PiCameraSource, PictureSource

        source = PictureSource(settings.port) if settings.port else PiCameraSource(settings.camera)
        return CameraScanner(source, partial(Cascade, formats_of(settings.formats)), saving=saving)
    return AbsentScanner()
