"""How much power the box has left, as four states, and what its lamps say of it.

    state     charge (defaults)   lamps
    normal    above 50 %          green on
    saving    50 % and below      amber on
    low       25 % and below      red on
    critical  10 % and below      red, fast
    any       power coming in     as above, and green slow

A worse state is entered at its limit and left only above the limit plus the hysteresis, so a charge that wavers
around a limit changes nothing. The status lamp belongs to the door and is not touched here.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from appliance.core.devices import BatteryReading, Blink, Lamp, PowerSource


class PowerState(enum.StrEnum):
    """What the charge allows."""

    NORMAL = "normal"
    SAVING = "saving"  # leave out what nobody needs to see
    LOW = "low"  # only the till and the door
    CRITICAL = "critical"  # stop cleanly while there is still power to do so

    @property
    def rank(self) -> int:
        """0 for normal up to 3 for critical."""
        return tuple(PowerState).index(self)


@dataclass(frozen=True, slots=True)
class PowerLimits:
    """Charges at which a state begins, in percent. Raises ValueError where they make no sense together."""

    saving_pct: float = 50
    low_pct: float = 25
    critical_pct: float = 10
    hysteresis_pct: float = 5

    def __post_init__(self) -> None:
        if not 0 <= self.critical_pct < self.low_pct < self.saving_pct:
            raise ValueError("power limits must rise from critical_pct through low_pct to saving_pct")
        if self.hysteresis_pct < 0 or self.saving_pct + self.hysteresis_pct >= 100:
            raise ValueError("hysteresis_pct must not be negative, and saving_pct plus it must stay below 100")

    @property
    def _steps(self) -> tuple[tuple[PowerState, float], ...]:
        """States that begin at a limit, the worst first."""
        return (
            (PowerState.CRITICAL, self.critical_pct),
            (PowerState.LOW, self.low_pct),
            (PowerState.SAVING, self.saving_pct),
        )

    def state_of(self, charge_pct: float, current: PowerState) -> PowerState:
        """Return the state for a charge; `current` decides where the hysteresis counts."""
        for state, limit_pct in self._steps:
            margin_pct = self.hysteresis_pct if current.rank >= state.rank else 0
            if charge_pct <= limit_pct + margin_pct:
                return state
        return PowerState.NORMAL


def powered(reading: BatteryReading) -> bool:
    """Whether power comes in from outside and the board finds it good, or charges from it."""
    return reading.charging or PowerSource.PRESENT in (reading.input_source, reading.io_source)


def next_state(current: PowerState, reading: BatteryReading | None, limits: PowerLimits) -> PowerState:
    """Return the power state after a reading.

    Nothing readable (None, a charge outside 0-100, no battery and no power either) keeps the state. A box without
    battery that has power is normal. Power coming in holds off critical, since nothing is about to go dark.
    """
    if reading is None:
        return current
    if not reading.battery_present:
        return PowerState.NORMAL if powered(reading) else current
    if not 0 <= reading.charge_pct <= 100:
        return current
    state = limits.state_of(reading.charge_pct, current)
    if state is PowerState.CRITICAL and powered(reading):
        return PowerState.LOW
    return state


_LAMPS: Mapping[PowerState, tuple[Blink, Blink, Blink]] = {
    PowerState.NORMAL: (Blink.ON, Blink.OFF, Blink.OFF),
    PowerState.SAVING: (Blink.OFF, Blink.ON, Blink.OFF),
    PowerState.LOW: (Blink.OFF, Blink.OFF, Blink.ON),
    PowerState.CRITICAL: (Blink.OFF, Blink.OFF, Blink.FAST),
}


def lamps_for(state: PowerState, charging: bool) -> Mapping[Lamp, Blink]:
    """Return what the three power lamps show; the table is at the top of this module."""
    green, amber, red = _LAMPS[state]
    return {Lamp.GREEN: Blink.SLOW if charging else green, Lamp.AMBER: amber, Lamp.RED: red}
