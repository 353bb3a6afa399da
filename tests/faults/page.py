"""docs/faults.md: written by a run, read by the tests."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from appliance.runtime.device_worker import backoff
from tests.faults import boards, camera, modems, power, printers, relays, scanners
from tests.faults.table import FAULTS, Found, Impossible, Row, run

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
ROWS: tuple[Row, ...] = (
    *printers.ROWS,
    *scanners.ROWS,
    *camera.ROWS,
    *boards.ROWS,
    *power.ROWS,
    *relays.ROWS,
    *modems.ROWS,
)
TITLES = ("fault", "what the box shows", "the sale and the work at hand", "noticed in", "works again in")
HEAD = f"| {' | '.join(TITLES)} |\n{'|---' * len(TITLES)}|\n"
INTRODUCTION = """\
# What breaks, and what happens then

Every driver against every fault, found by a run over the emulated wires: `python -m tests.faults` writes this page,
`make test` holds it to what the drivers do. While the fault lasts the till sells; each line says what became of that
sale and of the work in the device. After the fault is mended the device works again by itself, without a restart.

Times are of one run on a development machine, from the fault until it is shown and from its end until the device has
done its work; a dash is where there is nothing to time. There the waits are short: a lost device is tried again every
20 ms, an idle one is looked at as often. With the waits as shipped a box needs longer. How long each driver may take to
notice is said above its table: the wait between two looks and the patience with one that says nothing. A lost device is
tried again within half a second, then ever less often, but at least every {retry_s:g} s.

`tests/system/test_daylong.py` puts them together: a seeded day with a fault each quarter hour and six power cuts, on
the emulated kit, with customers. Faults, cuts, sales, scans, battery readings, looks at the printer and telemetry are
as many as in 24 hours; only the waits between them are a hundred times shorter. The clock on the wall is not hurried,
so what goes by hours is not tried there. Panel and relays are on memory pins and do not break; the battery is one of
the kernel's power supplies. `make soak` runs the whole day in about a quarter hour, `make test` three hours of it.

The PiJuice's own Python module is under the GPL, in no registry, and no part of this. Where it is installed, or
`STALLBOX_PIJUICE=…/pijuice.py python -m pytest tests/upstream` names its file, it runs unchanged against the emulated
controller, and both drivers must give equal readings; the head of a test report says whether that was done. Where it
is not, and in the table below, a module with the same face stands in (`tests/upstream/standin.py`).
"""


def page(found: Mapping[str, Mapping[str, Found]]) -> str:
    """Write the page."""
    return introduction() + "".join(_section(row, found[row.name]) for row in ROWS)


def introduction() -> str:
    """Write what comes before the tables."""
    return INTRODUCTION.format(retry_s=inspect.signature(backoff).parameters["limit_s"].default)


def on_a_box(row: Row) -> str:
    """Say how long a box with its waits as shipped may need to notice."""
    return f"On a box, noticed within {row.noticed_s:g} s." if row.noticed_s else "On a box, noticed at once."


def _section(row: Row, cells: Mapping[str, Found]) -> str:
    return f"\n## {row.name}\n\n{on_a_box(row)}\n\n{HEAD}" + "".join(_line(fault, cells[fault]) for fault in FAULTS)


def _line(fault: str, found: Found) -> str:
    if not found.notice_s:
        return f"| {fault} | {found.shown} | {found.sale} | – | – |\n"
    times = (f"{found.notice_s:.2f} s", f"{found.recover_s:.2f} s")
    return f"| {fault} | {found.shown} | {found.sale} | {times[0]} | {times[1]} |\n"


def read() -> dict[tuple[str, str], tuple[str, str]]:
    """Return what the page says: (driver, fault) -> (shown, sale)."""
    cells: dict[tuple[str, str], tuple[str, str]] = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        name, _, table = section.partition("\n")
        for line in table.splitlines():
            if line.startswith("| ") and not line.startswith("| fault "):
                fault, shown, sale, *_ = (cell.strip() for cell in line.strip("|").split("|"))
                cells[name, fault] = (shown, sale)
    return cells


def cells() -> Sequence[tuple[Row, str]]:
    """Return every cell that can be tried."""
    return [(row, fault) for row in ROWS for fault in FAULTS if not isinstance(row.cells[fault], Impossible)]


def write() -> None:
    """Run the table and write the page."""
    found: dict[str, dict[str, Found]] = {}
    for row in ROWS:
        for fault in FAULTS:
            with tempfile.TemporaryDirectory() as folder:
                found.setdefault(row.name, {})[fault] = run(row, fault, Path(folder))
            print(f"{row.name}: {fault}: {found[row.name][fault].shown}", flush=True)
    PAGE.write_text(page(found), encoding="utf-8")
