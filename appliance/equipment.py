"""The equipment of a box: the drivers that its configuration names, each on its wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from appliance.config import ScannerSettings, Settings
from appliance.core.devices import Battery, Panel, Printer, Scanner
from appliance.drivers.battery.absent import AbsentBattery
from appliance.drivers.panel.absent import AbsentPanel
from appliance.drivers.printer.absent import AbsentPrinter
from appliance.drivers.scanner.absent import AbsentScanner


@dataclass(frozen=True, slots=True)
class Wires:
    """What devices hang on where it is not a path; None takes the real ones."""

    i2c_bus: Any = None  # an object with smbus2's methods
    pin_factory: Any = None  # a gpiozero pin factory


def device_list(
    settings: Settings, wires: Wires | None = None, waiting: Callable[[], bool] = lambda: False
) -> list[tuple[str, str, Any]]:
    """Return the devices that the configuration names, not opened yet, as (name, kind, device).

    A driver that waits for a person asks `waiting` every moment; True ends the wait.
    """
    wires = wires or Wires()
    devices: list[tuple[str, str, Any]] = [
        ("battery", "battery", _battery(settings, wires)),
        ("panel", "panel", _panel(settings, wires)),
        ("printer", "printer", _printer(settings, waiting)),
    ]
    return devices + [(f"scanner.{role}", "scanner", _scanner(chosen)) for role, chosen in settings.scanners.items()]


def _battery(settings: Settings, wires: Wires) -> Battery:
    if settings.battery.driver == "pijuice":
        from appliance.drivers.battery.bus import open_bus
        from appliance.drivers.battery.pijuice import PiJuice

        return PiJuice(wires.i2c_bus or open_bus(settings.battery.i2c_bus), settings.battery.i2c_address)
    return AbsentBattery()


def _printer(settings: Settings, waiting: Callable[[], bool]) -> Printer:
    printer = settings.printer
    if printer.driver == "escpos":
        from appliance.drivers.printer.job import Limits
        from appliance.drivers.printer.links import open_link
        from appliance.drivers.printer.printer import EscposPrinter
        from appliance.drivers.printer.render import Renderer

        link = open_link(printer.port, printer.baud_rate)
        renderer = Renderer(printer.columns, printer.code_page)
        limits = Limits(write_limit_s=printer.write_timeout_s, patience_s=printer.patience_s)
        return EscposPrinter(link, renderer, printer.confirm, limits, stopping=waiting)
    return AbsentPrinter(printer.columns)


def _panel(settings: Settings, wires: Wires) -> Panel:
    panel = settings.panel
    if panel.driver == "gpio":
        from appliance.drivers.panel.gpio import GpioPanel

        return GpioPanel(panel_pins(settings), wires.pin_factory)
    return AbsentPanel()


def panel_pins(settings: Settings) -> dict[str, int | str]:
    """Return the panel's BCM pins by what hangs on them."""
    panel = settings.panel
    names = ("green", "amber", "red", "status", "buzzer", "button")
    return {name: getattr(panel, f"{name}_pin") for name in names}


def _scanner(settings: ScannerSettings) -> Scanner:
    if settings.driver == "serial":
        from appliance.drivers.scanner.serial import SerialScanner

        return SerialScanner(settings.port, settings.baud_rate)
    if settings.driver == "hid":
        from appliance.drivers.scanner.hid import HidScanner

        return HidScanner(settings.port, settings.layout)
    return AbsentScanner()
