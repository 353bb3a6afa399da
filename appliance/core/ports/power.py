"""The battery's course over the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PowerSample:
    """How the power stood. `at` is RFC 3339; None where the board does not measure it."""

    at: str
    state: str
    charge_pct: float | None
    charging: bool
    input: str
    battery_mv: int | None = None
    battery_ma: int | None = None
    temperature_c: int | None = None
    input_mv: int | None = None
    input_ma: int | None = None


class PowerPort(Protocol):
    """Samples of the power, one in some minutes."""

    def add(self, sample: PowerSample) -> None:
        """Keep a sample; those of weeks ago make room."""

    def since(self, at: str) -> Sequence[PowerSample]:
        """Return the samples from a time on, oldest first."""
