"""A panel of lamps, a buzzer and a button on the Pi's pins."""

from __future__ import annotations

import queue
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from gpiozero import LED, Buzzer, DigitalInputDevice

from appliance.core.devices import Blink, Lamp, Sound
from appliance.core.errors import DeviceLost
from appliance.drivers.pins import pin_errors, pins_of, release

_BLINK_S = {Blink.SLOW: 1.0, Blink.FAST: 0.2}  # on for so long, off for so long
_BEEPS = {Sound.ADMIT: (1, 0.6), Sound.REFUSE: (3, 0.12), Sound.ATTENTION: (2, 0.12)}  # how many, seconds each
_GAP_S = 0.12
_BOUNCE_S = 0.02  # a button's contacts settle within 20 ms
_PRESSES_KEPT = 8


class GpioPanel:
    """Lamps and buzzer between their pin and ground, button from its pin to ground.

    `pins` maps "green", "amber", "red", "status", "printer", "network", "buzzer" and "button" to pins (17,
    "GPIO17", "BOARD11"); what this panel has not is left out. `pin_factory` None takes gpiozero's own choice.
    """

    model = "gpio"

    def __init__(self, pins: Mapping[str, int | str], pin_factory: Any = None) -> None:
        known = {*(lamp.value for lamp in Lamp), "buzzer", "button"}
        if unknown := sorted(set(pins) - known):
            raise ValueError(f"a panel has no {', '.join(unknown)}; it has {', '.join(sorted(known))}")
        self._pins = dict(pins)
        self._factory = pin_factory
        self._lamps: dict[Lamp, LED] = {}
        self._shown: dict[Lamp, Blink] = {}
        self._buzzer: Buzzer | None = None
        self._button: DigitalInputDevice | None = None
        self._pressed_at: float | None = None  # None: not pressed since it was opened, or let go
        self._presses: queue.Queue[float] = queue.Queue(_PRESSES_KEPT)
        self._open = False

    def open(self) -> None:
        """Take the pins, all lamps off. Raises DeviceLost."""
        self.close()
        self._presses, self._pressed_at = queue.Queue(_PRESSES_KEPT), None
        try:
            with pins_of("panel"):
                self._take_pins()
            self._open = True
        except DeviceLost:
            self.close()
            raise

    def close(self) -> None:
        """Put all lamps out, end blinking and let go of the pins."""
        for device in (*self._lamps.values(), *([self._buzzer] if self._buzzer else ())):
            release(device)
        if self._button is not None:
            with suppress(*pin_errors()):
                self._button.close()
        self._lamps, self._shown, self._buzzer, self._button = {}, {}, None, None
        self._open = False

    def show(self, lamps: Mapping[Lamp, Blink]) -> None:
        """Set the lamps named, so far as this panel has them. A lamp that shows it already keeps its rhythm."""
        self._check_open()
        with pins_of("panel"):
            for name, blink in lamps.items():
                if name in self._lamps and self._shown[name] is not blink:
                    _set_lamp(self._lamps[name], blink)
                    self._shown[name] = blink

    def sound(self, sound: Sound) -> None:
        """Start a sound in place of one that still plays, and return at once. Raises DeviceLost."""
        self._check_open()
        if self._buzzer is None:
            return
        with pins_of("panel"):
            if sound is Sound.NONE:
                self._buzzer.off()
            else:
                count, seconds = _BEEPS[sound]
                self._buzzer.beep(seconds, _GAP_S, count)

    def pressed(self, timeout_s: float) -> float | None:
        """Return for how many seconds the button was held, once it is let go; presses since the last call count.

        None if none ended in time. Raises DeviceLost.
        """
        self._check_open()
        try:
            return self._presses.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def _take_pins(self) -> None:
        for lamp in Lamp:
            if lamp.value in self._pins:
                self._lamps[lamp] = LED(self._pins[lamp.value], pin_factory=self._factory)
                self._shown[lamp] = Blink.OFF
        if "buzzer" in self._pins:
            self._buzzer = Buzzer(self._pins["buzzer"], pin_factory=self._factory)
        if "button" in self._pins:
            # Not gpiozero's Button: the thread behind its `when_held` wakes ten times a second.
            self._button = DigitalInputDevice(
                self._pins["button"], pull_up=True, bounce_time=_BOUNCE_S, pin_factory=self._factory
            )
            self._button.when_activated = self._on_press
            self._button.when_deactivated = self._on_release

    def _on_press(self) -> None:
        self._pressed_at = time.monotonic()

    def _on_release(self) -> None:
        pressed_at, self._pressed_at = self._pressed_at, None
        if pressed_at is None:  # it was down before: nobody knows for how long
            return
        with suppress(queue.Full):  # nobody waits for presses: the first ones are enough
            self._presses.put_nowait(time.monotonic() - pressed_at)

    def _check_open(self) -> None:
        if not self._open:
            raise DeviceLost("not_open", "The panel is not open.", "Open the panel before using it.")


def button_is_held(pin: int | str, pin_factory: Any = None) -> bool:
    """Tell whether the button on a pin is down now, without taking the rest of the panel. Raises DeviceLost."""
    with pins_of("panel"), DigitalInputDevice(pin, pull_up=True, pin_factory=pin_factory) as button:
        return bool(button.is_active)


def _set_lamp(led: LED, blink: Blink) -> None:
    if blink in _BLINK_S:
        led.blink(_BLINK_S[blink], _BLINK_S[blink])
    elif blink is Blink.ON:
        led.on()
    else:
        led.off()
