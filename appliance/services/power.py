"""What is kept and told of the power: samples, the day's curve, facts for the screens."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from appliance.core.clock import parse_timestamp, timestamp
from appliance.core.devices import BatteryReading, BoardPort
from appliance.core.estimate import TimeLeft
from appliance.core.ports import Books, PowerSample
from appliance.core.power import PowerState, credible

CURVE_H = 24


def facts(reading: BatteryReading, state: PowerState, left: TimeLeft | None) -> dict[str, object]:
    """Return the board's fact "battery": plain JSON, None for what nobody measures or nobody can believe."""
    known = credible(reading)
    return {
        "state": state.value,
        "present": known.battery_present,
        "charge_pct": None if known.charge_pct is None else round(known.charge_pct),
        "charging": known.charging,
        "battery_mv": known.battery_mv,
        "battery_ma": known.battery_ma,
        "temperature_c": known.temperature_c,
        "input": known.input_source.value,
        "input_kind": known.input_kind,
        "input_mv": known.input_mv,
        "input_ma": known.input_ma,
        "io_mv": known.io_mv,
        "io_ma": known.io_ma,
        "faults": list(known.faults),
        "left_min": left.left_s // 60 if left else None,
        "left_error_min": -(-left.error_s // 60) if left else None,
    }


def saves_power(board: BoardPort) -> bool:
    """Tell whether the battery's state asks to save."""
    battery = board.get("battery")
    return isinstance(battery, Mapping) and battery.get("state", PowerState.NORMAL) != PowerState.NORMAL


def sample_of(reading: BatteryReading, state: PowerState, at: str) -> PowerSample:
    """Return what is kept of a reading."""
    known = credible(reading)
    return PowerSample(
        at, state.value, known.charge_pct, known.charging, known.input_source.value, known.battery_mv,
        known.battery_ma, known.temperature_c, known.input_mv, known.input_ma,
    )  # fmt: skip


def curve(books: Books) -> Sequence[dict[str, Any]]:
    """Return the last day's samples, oldest first."""
    since = timestamp(books.moment.at - dt.timedelta(hours=CURVE_H))
    return [dataclasses.asdict(sample) for sample in books.power.since(since)]


def recent(books: Books, span_s: float) -> Sequence[tuple[float, PowerSample]]:
    """Return the samples of the last `span_s` seconds with their age, oldest first; none of a clock gone wrong."""
    since = timestamp(books.moment.at - dt.timedelta(seconds=span_s))
    ages = [
        ((books.moment.at - parse_timestamp(sample.at)).total_seconds(), sample) for sample in books.power.since(since)
    ]
    return [(age_s, sample) for age_s, sample in ages if age_s >= 0]


def day(books: Books) -> dict[str, Any] | None:
    """Return the last day's battery in a few numbers for the debrief; None without a battery that tells its charge."""
    samples = [sample for sample in curve(books) if sample["charge_pct"] is not None]
    if not samples:
        return None
    charges = [round(sample["charge_pct"]) for sample in samples]
    return {
        "since": samples[0]["at"],
        "until": samples[-1]["at"],
        "first_pct": charges[0],
        "last_pct": charges[-1],
        "lowest_pct": min(charges),
        "samples": len(samples),
    }
