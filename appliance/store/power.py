"""The battery's course over the day."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Sequence

from appliance.core.ports import PowerSample

KEPT_SAMPLES = 10_000  # a month at one in five minutes
_COLUMNS = ", ".join(field.name for field in dataclasses.fields(PowerSample))
_MARKS = ", ".join("?" for _ in dataclasses.fields(PowerSample))


class PowerSamples:
    """See PowerPort in core/ports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, sample: PowerSample) -> None:
        """Keep a sample."""
        added = self._db.execute(
            f"INSERT INTO power_samples ({_COLUMNS}) VALUES ({_MARKS})", dataclasses.astuple(sample)
        )
        self._db.execute("DELETE FROM power_samples WHERE id <= ?", ((added.lastrowid or 0) - KEPT_SAMPLES,))

    def since(self, at: str) -> Sequence[PowerSample]:
        """Return the samples from a time on."""
        query = f"SELECT {_COLUMNS} FROM power_samples WHERE at >= ? ORDER BY id"
        return [_sample(row) for row in self._db.execute(query, (at,))]


def _sample(row: tuple[object, ...]) -> PowerSample:
    sample = PowerSample(*row)  # type: ignore[arg-type]  # as the table has them
    return dataclasses.replace(sample, charging=bool(sample.charging))
