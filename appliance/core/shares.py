"""Shares of small numbers, and how far to trust them: 3 of 4 visitors is no 75 %. Pure.

The bounds are E. B. Wilson's (1927), "Probable inference, the law of succession, and statistical inference",
Journal of the American Statistical Association 22, 209-212: they hold for few people too, and never leave 0 to 100 %.
"""

from __future__ import annotations

import math

Z_95 = 1.959964  # standard deviations that hold 95 % of a normal distribution


def wilson_pct(part: int, whole: int) -> tuple[int, int]:
    """Return the percentages between which the true share lies, 19 times in 20; (0, 100) where nobody came.

    Raises ValueError unless 0 <= part <= whole.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} is no part of {whole}")
    if not whole:
        return 0, 100
    share, z2 = part / whole, Z_95**2
    middle = share + z2 / (2 * whole)
    reach = Z_95 * math.sqrt(share * (1 - share) / whole + z2 / (4 * whole**2))
    scale = 1 + z2 / whole
    return math.floor(100 * max(0.0, (middle - reach) / scale)), math.ceil(100 * min(1.0, (middle + reach) / scale))


def share_text(part: int, whole: int, what: str) -> str:
    """Write a share for a person: `12 of 80 visitors (15 %, likely 8 to 25 %)`; plain counts where it is no share."""
    counts = f"{part} of {whole} {what}"
    if not whole or part > whole:
        return counts
    low, high = wilson_pct(part, whole)
    return f"{counts} ({round(100 * part / whole)} %, likely {low} to {high} %)"
