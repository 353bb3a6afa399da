"""Relays on the Pi's pins, each between its pin and a relay board's input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpiozero import DigitalOutputDevice

from appliance.core.errors import DeviceLost
from appliance.drivers.pins import pins_of, release


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
            with pins_of("relays"):
                for name, pin in self._pins.items():
                    self._relays[name] = DigitalOutputDevice(
                        pin, active_high=self._active_high, initial_value=False, pin_factory=self._factory
                    )
        except DeviceLost:
            self.close()
            raise

    def close(self) -> None:
        """Release every relay and let go of the pins."""
        for relay in self._relays.values():
            release(relay)
        self._relays = {}

    def set(self, name: str, on: bool) -> None:
        """Pull or release a relay; one that this board has not is left out. Raises DeviceLost."""
        relay = self._relays.get(name)
        if relay is None or bool(relay.value) is on:
            return
        with pins_of("relays"):
            relay.value = on

    def pulse(self, name: str, seconds: float) -> None:
        """Pull a relay for so long; returns at once. Raises DeviceLost."""
        relay = self._relays.get(name)
        if relay is None:
            return
        with pins_of("relays"):
            relay.blink(on_time=seconds, off_time=0, n=1)
