"""An emulated panel: it looks at gpiozero's mock pins as an eye looks at lamps, and presses the button's pin."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin

_FAST_S = 0.5  # a lamp that changes at least this often blinks fast
_SLOW_S = 1.6  # one that changes at least this often blinks slowly; the longest step that is meant is 1 s
_GLITCH_S = 0.05  # changes closer than this are no rhythm that an eye follows
_CHANGES_KEPT = 64


class WatchedPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A mock pin that keeps when its level changed. A pin that is no output drives nothing: it counts as dark."""

    def __init__(self, factory: MockFactory, info: Any) -> None:
        self.changes: deque[tuple[float, bool]] = deque([(time.monotonic(), False)], maxlen=_CHANGES_KEPT)
        super().__init__(factory, info)

    def _set_function(self, value: str) -> None:
        super()._set_function(value)
        self._look()

    def _change_state(self, value: bool) -> bool:
        changed: bool = super()._change_state(value)
        self._look()
        return changed

    def _look(self) -> None:
        lit = self.function == "output" and bool(self.state)
        if lit != self.changes[-1][1]:
            self.changes.append((time.monotonic(), lit))


class ButtonPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A mock pin with a button to ground, which is stronger than the pull-up."""

    is_down = False

    def hold(self) -> None:
        self.is_down = True
        self.drive_low()

    def let_go(self) -> None:
        self.is_down = False
        self.drive_high()

    def drive_high(self) -> None:
        if not self.is_down:
            super().drive_high()


class PanelEmulator:
    """Lamps, buzzer and button on mock pins, or lights behind relays; make it before the driver opens them.

    `pins` maps names to pin numbers, as for the driver; "buzzer" and "button" are what they say, all else is a lamp.
    What it tells comes from the levels of the pins alone.
    """

    def __init__(self, factory: MockFactory, pins: Mapping[str, int | str]) -> None:
        outputs = {name: pin for name, pin in pins.items() if name != "button"}
        self._pins: dict[str, WatchedPin] = {
            name: factory.pin(pin, pin_class=WatchedPin) for name, pin in outputs.items()
        }
        self._button: ButtonPin | None = None
        if "button" in pins:
            self._button = factory.pin(pins["button"], pin_class=ButtonPin)
        if late := sorted(name for name, pin in self._pins.items() if not isinstance(pin, WatchedPin)):
            raise ValueError(f"make the emulator before the panel: {', '.join(late)} is in use")

    def state(self) -> dict[str, str]:
        """Return what each lamp and the buzzer do now: "off", "on", "slow" or "fast".

        A rhythm is told once its third change is seen: after 0.4 s for fast, after 2 s for slow.
        """
        now = time.monotonic()
        return {name: rhythm(list(pin.changes), now) for name, pin in self._pins.items()}

    def beeps(self) -> list[float]:
        """Return how long each of the buzzer's last tones was, in seconds, the oldest first."""
        changes = list(self._pins["buzzer"].changes)
        return [ended - began for (began, sounding), (ended, _) in pairwise(changes) if sounding]

    def press(self, seconds: float = 0.2) -> None:
        """Hold the button down for `seconds`; returns when it is let go. Raises ValueError without a button."""
        self.hold()
        time.sleep(seconds)
        self.let_go()

    def hold(self) -> None:
        """Press the button down and keep it so. Raises ValueError without a button."""
        self._the_button().hold()

    def let_go(self) -> None:
        """Let go of the button. Raises ValueError without a button."""
        self._the_button().let_go()

    def _the_button(self) -> ButtonPin:
        if self._button is None:
            raise ValueError("this panel has no button")
        return self._button


def rhythm(changes: list[tuple[float, bool]], now: float) -> str:
    """Tell what a lamp does from when its level changed, (seconds, lit) with the oldest first."""
    last_three = [at for at, _ in changes[1:]][-3:]  # the first entry is the start of watching, no change
    if len(last_three) == 3:
        steps_s = [later - earlier for earlier, later in pairwise(last_three)]
        longest_s = max(*steps_s, now - last_three[-1])
        if min(steps_s) >= _GLITCH_S and longest_s <= _FAST_S:
            return "fast"
        if min(steps_s) > _FAST_S and longest_s <= _SLOW_S:  # not a fast one that has just ended
            return "slow"
    return "on" if changes[-1][1] else "off"
