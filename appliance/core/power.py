"""How much power the box has left, as four states.

    state     charge (defaults)
    normal    above 50 %
    saving    50 % and below
    low       25 % and below
    critical  10 % and below

A worse state is entered at its limit and left only above the limit plus the hysteresis, so a charge that wavers
around a limit changes nothing. Boards that count no charge are judged by the battery's voltage where limits for it
are set. What the lamps say of it stands in core/panel.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Any

from appliance.core.devices import BatteryReading, PowerSource

AGREEING = 3  # readings in a row that must agree before the state changes: one wild value changes nothing
HYSTERESIS_MV_SHARE = 0.03  # a resting lead or lithium battery rises by about so much once its load is gone
_WORLD = {  # what a battery at a stall can be; anything else is a broken wire
    "charge_pct": (0, 100),
    "battery_mv": (0, 100_000),
    "battery_ma": (-500_000, 500_000),
    "temperature_c": (-40, 85),
    "io_mv": (0, 100_000),
    "io_ma": (-500_000, 500_000),
    "input_mv": (0, 500_000),
    "input_ma": (-500_000, 500_000),
}


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
    """Charges at which a state begins, in percent. Raises ValueError where they make no sense together.

    `low_mv` and `critical_mv` are for boards that tell no charge; 0 asks nothing of the voltage.
    """

    saving_pct: float = 50
    low_pct: float = 25
    critical_pct: float = 10
    hysteresis_pct: float = 5
    low_mv: int = 0
    critical_mv: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.critical_pct < self.low_pct < self.saving_pct:
            raise ValueError("power limits must rise from critical_pct through low_pct to saving_pct")
        if self.hysteresis_pct < 0 or self.saving_pct + self.hysteresis_pct >= 100:
            raise ValueError("hysteresis_pct must not be negative, and saving_pct plus it must stay below 100")

    def state_of(self, charge_pct: float, current: PowerState) -> PowerState:
        """Return the state for a charge; `current` decides where the hysteresis counts."""
        steps = (
            (PowerState.CRITICAL, self.critical_pct),
            (PowerState.LOW, self.low_pct),
            (PowerState.SAVING, self.saving_pct),
        )
        for state, limit_pct in steps:
            margin_pct = self.hysteresis_pct if current.rank >= state.rank else 0
            if charge_pct <= limit_pct + margin_pct:
                return state
        return PowerState.NORMAL

    def state_of_voltage(self, battery_mv: int, current: PowerState) -> PowerState:
        """Return the state for a voltage; without limits for it, normal."""
        for state, limit_mv in ((PowerState.CRITICAL, self.critical_mv), (PowerState.LOW, self.low_mv)):
            margin_mv = limit_mv * HYSTERESIS_MV_SHARE if current.rank >= state.rank else 0
            if limit_mv and battery_mv <= limit_mv + margin_mv:
                return state
        return PowerState.NORMAL


def powered(reading: BatteryReading) -> bool:
    """Whether power comes in from outside and the board finds it good, or charges from it."""
    return reading.charging or PowerSource.PRESENT in (reading.input_source, reading.io_source)


def credible(reading: BatteryReading) -> BatteryReading:
    """Return the reading with every value that cannot be (255 %, -60 degrees) as not measured."""
    wild: dict[str, Any] = {
        name: None
        for name, (low, high) in _WORLD.items()
        if (value := getattr(reading, name)) is not None and not low <= value <= high
    }
    return replace(reading, **wild) if wild else reading


def next_state(current: PowerState, reading: BatteryReading | None, limits: PowerLimits) -> PowerState:
    """Return the power state after a reading.

    Nothing readable (None, a charge outside 0-100 and no voltage limits, no battery and no power either) keeps the
    state. A box without battery that has power is normal. Power coming in holds off critical, since nothing is about
    to go dark.
    """
    if reading is None:
        return current
    if not reading.battery_present:
        return PowerState.NORMAL if powered(reading) else current
    known = credible(reading)
    if known.charge_pct is not None:
        state = limits.state_of(known.charge_pct, current)
    elif reading.charge_pct is None and known.battery_mv is not None and limits.low_mv:
        state = limits.state_of_voltage(known.battery_mv, current)
    else:
        return current
    if state is PowerState.CRITICAL and powered(reading):
        return PowerState.LOW
    return state


class PowerWatch:
    """The power state over a run of readings: it changes once `AGREEING` of them in a row say so.

    It then goes no further than the mildest of them said, so that a wild value among them counts for nothing.
    """

    def __init__(self, limits: PowerLimits) -> None:
        self._limits = limits
        self._said: list[PowerState] = []
        self.state = PowerState.NORMAL

    def take(self, reading: BatteryReading | None) -> PowerState:
        """Take one reading (None: unreadable, which neither counts nor interrupts) and return the state."""
        if reading is None or not _tells(reading, self._limits):
            return self.state
        said = next_state(self.state, reading, self._limits)
        if said is self.state or (self._said and (said.rank > self.state.rank) != self._worse):
            self._said.clear()
        if said is not self.state:
            self._said.append(said)
        if len(self._said) >= AGREEING:
            self.state = (min if self._worse else max)(self._said, key=lambda state: state.rank)
            self._said.clear()
        return self.state

    @property
    def _worse(self) -> bool:
        return self._said[-1].rank > self.state.rank


def _tells(reading: BatteryReading, limits: PowerLimits) -> bool:
    """Whether a reading says anything about the state."""
    if not reading.battery_present:
        return powered(reading)
    known = credible(reading)
    by_voltage = reading.charge_pct is None and limits.low_mv and known.battery_mv is not None
    return known.charge_pct is not None or bool(by_voltage)
