"""Relays on the Pi's pins, each between its pin and a relay board's input."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from gpiozero import DigitalOutputDevice, GPIOZeroError

from appliance.core.errors import DeviceLost

_ADVICE = "Check the pin numbers in the configuration, and that no other program uses these pins."


class GpioRelays:
    """Relays by name. All are released when the box lets go of them."""

    model = "gpio"

    def __init__(self, pins: Mapping[str, int], active_high: bool = True, pin_factory: Any = None) -> None:
        """Name the BCM pin of each relay; many boards pull a relay when its pin is low: `active_high` False."""
        self._pins = dict(pins)
        self._active_high = active_high
        self._factory = pin_factory
        self._relays: dict[str, DigitalOutputDevice] = {}

    def open(self) -> None:
        """Take the pins, every relay released. Raises DeviceLost."""
        self.close()
        try:
            for name, pin in self._pins.items():
                self._relays[name] = DigitalOutputDevice(
                    pin, active_high=self._active_high, initial_value=False, pin_factory=self._factory
                )
        except _errors() as error:
            self.close()
            raise _lost(error) from error

    def close(self) -> None:
        """Release every relay and let go of the pins."""
        for relay in self._relays.values():
            with suppress(*_errors()):
                relay.close()
        self._relays = {}

    def set(self, name: str, on: bool) -> None:
        """Pull or release a relay; one that this board has not is left out. Raises DeviceLost."""
        relay = self._relays.get(name)
        if relay is None or bool(relay.value) is on:
            return
        try:
            relay.value = on
        except _errors() as error:
            raise _lost(error) from error

    def pulse(self, name: str, seconds: float) -> None:
        """Pull a relay for so long; returns at once. Raises DeviceLost."""
        relay = self._relays.get(name)
        if relay is None:
            return
        try:
            relay.blink(on_time=seconds, off_time=0, n=1)
        except _errors() as error:
            raise _lost(error) from error


def _errors() -> tuple[type[Exception], ...]:
    lgpio = sys.modules.get("lgpio")  # it has an error of its own, and importing it would start its thread
    return (GPIOZeroError, OSError, *([lgpio.error] if lgpio else []))


def _lost(error: Exception) -> DeviceLost:
    return DeviceLost("pins", f"The relays' pins cannot be used: {error}", _ADVICE)
