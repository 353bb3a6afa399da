"""The table: which faults there are, what a cell does, and how one is run."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from appliance.core.devices import Health
from appliance.services.stations import scanning, spooling
from tests.faults.rig import Rig

FAULTS = (
    "absent at start",
    "unplugged while used",
    "replugged elsewhere",
    "silent",
    "slow by 10x",
    "garbage",
    "half a frame",
    "flood",
    "NAK",
    "busy",
    "permission denied",
    "wrong device",
    "power cut between bytes",
)
PACE_S = 0.02  # how long a station waits; on a box a second


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault on one driver. `inflict` and `mend` take the rig; `shows` and `says` is what the board must tell."""

    inflict: Callable[[Any], None]
    mend: Callable[[Any], None]
    shows: Health
    says: str = ""
    at_start: bool = False  # the fault is there before the driver is
    work_is_at_hand: bool = False  # `inflict` sells by itself, so that the fault falls into the middle of the work
    note: str = ""


@dataclass(frozen=True, slots=True)
class Impossible:
    """A cell that cannot be, or cannot be tried on emulated wires, and why."""

    why: str
    shown: str = "cannot be"


@dataclass(frozen=True, slots=True)
class Row:
    """A driver: its rig and a cell for each of FAULTS. A driver joins the table by one of these in ROWS.

    `noticed_s`: how long a box with its waits as shipped may need to notice.
    """

    name: str
    rig: Callable[[Path], Rig]
    cells: Mapping[str, Cell | Impossible]
    noticed_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a cell showed. The times are of one run on one machine, with waits far shorter than on a box."""

    shown: str
    sale: str
    notice_s: float = 0.0
    recover_s: float = 0.0


def run(row: Row, fault: str, folder: Path) -> Found:
    """Run one cell in an empty folder. Raises AssertionError where the box does not do as it should."""
    cell = row.cells[fault]
    if isinstance(cell, Impossible):
        return Found(cell.shown, cell.why)
    with mock.patch.object(spooling, "READ_S", PACE_S), mock.patch.object(scanning, "READ_S", PACE_S):
        rig = row.rig(folder)
        try:
            return _run(rig, cell)
        finally:
            rig.close()


def _run(rig: Rig, cell: Cell) -> Found:
    if not cell.at_start:
        rig.start()
        rig.wait_for(Health.READY)
    began_s = time.monotonic()
    cell.inflict(rig)
    if cell.at_start:
        rig.start()
    if not cell.work_is_at_hand:
        rig.sell()
    rig.wait_for(cell.shows, cell.says)
    noticed_s = time.monotonic()
    shown = _words(rig)
    if cell.work_is_at_hand:
        rig.sell()  # the queue of people goes on
    if cell.shows is not Health.OFFLINE:
        rig.settle()
    mend_s = time.monotonic()
    cell.mend(rig)
    rig.works()
    rig.wait_for(Health.READY)
    sale = rig.afterwards() + (f"; {cell.note}" if cell.note else "")
    return Found(shown, sale, noticed_s - began_s, time.monotonic() - mend_s)


def _words(rig: Rig) -> str:
    state = rig.state()
    reason = state.reason.replace(str(rig.port), "its port")
    reason = re.sub(r"checksum \w+ does not fit [\w ]+", "a checksum does not fit", reason)
    reason = re.sub(r"127\.0\.0\.1:\d+", "its address", reason)
    return f"{state.health.value}: {reason}" if reason else state.health.value
