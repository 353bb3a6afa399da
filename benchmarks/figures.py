"""Figures: a number with its unit, what it stands beside, and what it may be at most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number. `beside` says what a ratio compares it with, or under which load a count was taken."""

    name: str
    value: float
    unit: str
    beside: str = ""
    at_most: float | None = None

    @property
    def misses(self) -> bool:
        """Whether the figure is beyond its target."""
        return self.at_most is not None and self.value > self.at_most


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below or at which `share` of the values lie (nearest rank). Raises ValueError for none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values were measured")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def calmest(rounds: Iterable[Sequence[float]], share: float) -> float:
    """Return the lowest of the rounds' percentiles: what else a machine does can only make a round slower."""
    return min(percentile(one, share) for one in rounds)


def table(figures: Sequence[Figure]) -> str:
    """Write figures as text, a line each."""
    rows = [("figure", "value", "unit", "target", "beside")]
    rows += [(one.name, number(one.value), one.unit, target(one), one.beside) for one in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(line(row, widths) for row in rows)


def line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if column == 1 else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def number(value: float) -> str:
    """Write three significant digits, more only where they stand before the point."""
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    return f"{value:,.{min(3, max(0, digits))}f}"


def target(figure: Figure) -> str:
    if figure.at_most is None:
        return ""
    return f"<= {number(figure.at_most)} {'MISSED' if figure.misses else 'ok'}"
