"""The `stallbox panel` commands: the card to stick on the box, and the fault lights after a crash."""

from __future__ import annotations

import fcntl
import html
import os
import time
from collections.abc import Callable
from pathlib import Path

import click

from appliance.commands.place import Place, placed
from appliance.config import Settings
from appliance.core.devices import Panel
from appliance.core.errors import DeviceLost, StallboxError
from appliance.core.panel import LIGHTS, fault_lamps, table
from appliance.equipment import Wires, device_list
from appliance.runtime.folder import LOCK

LOOK_S = 0.25  # how soon the lights are handed to a daemon that starts

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Stallbox: what the lights say</title>
<style>
@page {{ size: A5; margin: 10mm }}
body {{ font: 9.5pt/1.25 system-ui, "DejaVu Sans", sans-serif; max-width: 128mm; margin: 6mm auto }}
h1 {{ font-size: 13pt; margin: 0 0 2mm }}
table {{ border-collapse: collapse; width: 100% }}
td {{ border-top: 0.3mm solid #999; padding: 0.8mm 1.5mm 0.8mm 0; vertical-align: top }}
td:first-child {{ width: 40% }}
i {{ display: inline-block; width: 3mm; height: 3mm; border-radius: 50%; border: 0.3mm solid #000; margin-right: 1mm }}
i.green {{ background: #1a9c4b }} i.amber {{ background: #f0a000 }} i.red {{ background: #d42020 }}
i.status {{ background: #fff }} i.printer {{ background: #ddd }} i.network {{ background: #3a78d8 }}
i.slow {{ border-style: dashed }} i.fast {{ border-style: dotted; border-width: 0.6mm }}
i {{ print-color-adjust: exact; -webkit-print-color-adjust: exact }}
</style>
<h1>What the lights say</h1>
<table>
{rows}
</table></html>
"""


@click.group("panel")
def panel_group() -> None:
    """Lamps, buzzer and button."""


@panel_group.command("card")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def card(file: Path) -> None:
    """Write the card that says what each light means, as a page to print."""
    file.write_text(card_page(), encoding="utf-8")
    click.echo(f"Wrote {file}: print it on A5 and stick it on the box.")


def card_page() -> str:
    """Return the card as an HTML page of its own."""
    dots = [light.lamps for light in LIGHTS.values()]
    rows = []
    for place, (seen, means, advice) in enumerate(table()):
        lamps = dots[place] if place < len(dots) else {}
        marks = "".join(f'<i class="{lamp} {blink}"></i>' for lamp, blink in lamps.items())
        told = f"{html.escape(means)} <b>{html.escape(advice)}</b>" if advice else html.escape(means)
        rows.append(f"<tr><td>{marks}{html.escape(seen)}</td><td>{told}</td></tr>")
    return _PAGE.format(rows="\n".join(rows))


@panel_group.command("fault")
@click.option("--seconds", type=click.FloatRange(0, 3600), help="At most so long; else until the daemon is back.")
@placed
def fault(place: Place, seconds: float | None) -> None:
    """Blink the fault lights until the daemon is back; systemd calls it."""
    if os.environ.get("SERVICE_RESULT") == "success":  # systemd.exec(5): set for ExecStopPost=; stopped in good order
        return
    show_fault(place.settings_anyhow(), lambda: _daemon_runs(place.data), seconds)


def show_fault(
    settings: Settings, is_back: Callable[[], bool], seconds: float | None = None, wires: Wires | None = None
) -> None:
    """Show the fault until the daemon is back, which it may be already, or the time is over. Raises StallboxError."""
    if is_back():
        click.echo("The daemon runs: the lights are its own.")
        return
    panel: Panel = next(device for _, kind, device in device_list(settings, wires) if kind == "panel")
    if panel.model == "absent":
        return
    give_up_s = None if seconds is None else time.monotonic() + seconds
    try:
        panel.open()
        panel.show(fault_lamps())
        while not is_back() and (give_up_s is None or time.monotonic() < give_up_s):
            time.sleep(LOOK_S)
    except DeviceLost as lost:
        if is_back():  # it was first to take the pins
            return
        raise StallboxError(lost.code, f"{lost.message} {lost.advice}") from lost
    finally:
        panel.close()


def _daemon_runs(data: Path) -> bool:
    """Tell whether a daemon holds the data folder."""
    try:
        with (data / LOCK).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no folder, no daemon
        return False
    return False
