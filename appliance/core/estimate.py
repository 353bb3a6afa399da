"""How long the battery lasts: a line through the last hours' charge, and how far it may be off.

Ordinary least squares of charge over time; the error is that of the slope (its standard error, with a board's
rounding to whole percents as the least scatter there is), doubled, so that about 19 in 20 hold; and a tenth of the
time left on top, since no stall uses as much in the next hours as in the last.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

WINDOW_S = 3 * 3600.0  # older use says little about the next hours
LEAST_SPAN_S = 15 * 60.0
LEAST_DROP_PCT = 2.0
LEAST_SAMPLES = 5
UNEVEN_SHARE = 0.1
RISE_PCT = 2.5  # more than two whole percents at once is charging; less may be a noisy board that rounds
EVERY_S = 60.0
_ROUNDING_PCT = 1 / math.sqrt(12)  # standard deviation of rounding to whole percents


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """Seconds until the charge reaches the critical limit, give or take `error_s`."""

    left_s: int
    error_s: int


class UseOfPower:
    """The charge while the battery feeds the box. Times are seconds that never jump."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque()

    def take(self, at_s: float, charge_pct: float, powered: bool) -> None:
        """Note a charge; power from outside begins everything anew, and so does a rise."""
        if powered or (self._samples and charge_pct > self._samples[-1][1] + RISE_PCT):
            self._samples.clear()
        if powered:
            return
        if not self._samples or at_s - self._samples[-1][0] >= EVERY_S:
            self._samples.append((at_s, charge_pct))
        while self._samples and at_s - self._samples[0][0] > WINDOW_S:
            self._samples.popleft()

    def time_left(self, charge_pct: float, until_pct: float) -> TimeLeft | None:
        """Return how long the charge lasts down to `until_pct`; None while there is too little to tell by."""
        samples = self._samples
        if len(samples) < LEAST_SAMPLES or samples[-1][0] - samples[0][0] < LEAST_SPAN_S:
            return None
        if samples[0][1] - samples[-1][1] < LEAST_DROP_PCT:
            return None
        use_pct_s, error_pct_s = _slope(list(samples))
        if use_pct_s <= 0:
            return None
        left_s = max(0.0, charge_pct - until_pct) / use_pct_s
        share = min(1.0, math.hypot(2 * error_pct_s / use_pct_s, UNEVEN_SHARE))
        return TimeLeft(round(left_s), math.ceil(left_s * share))


def _slope(samples: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the use in percent a second and its standard error."""
    count = len(samples)
    mean_s = sum(at_s for at_s, _ in samples) / count
    mean_pct = sum(pct for _, pct in samples) / count
    spread = sum((at_s - mean_s) ** 2 for at_s, _ in samples)
    slope = sum((at_s - mean_s) * (pct - mean_pct) for at_s, pct in samples) / spread
    residual = sum((pct - mean_pct - slope * (at_s - mean_s)) ** 2 for at_s, pct in samples) / (count - 2)
    return -slope, math.sqrt(max(residual, _ROUNDING_PCT**2) / spread)
