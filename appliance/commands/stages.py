"""Where a rehearsal happens: on emulated wires, or on real devices with a person at hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import click

from appliance.sim.kit import Kit

PERSON_S = 120.0  # how long a person has to do what is asked
EMULATED_S = 15.0


class Stage(Protocol):
    """What a rehearsal asks of the world outside of the box."""

    limit_s: float  # how long something may take to happen

    def scan(self, code: str, what: str, scanner: str = "door") -> None:
        """Have a code scanned."""

    def paper_shows(self, text: str) -> bool:
        """Tell whether a text came out of the printer."""

    def drawer_opened(self) -> bool:
        """Tell whether the cash drawer opened since the rehearsal began."""

    def lamps(self) -> str:
        """Return what the lamps show, empty if nothing."""

    def save_paper(self, folder: Path) -> Path | None:
        """Keep a picture of the receipt; None where nobody can take one."""


class EmulatedStage:
    """The kit's own eyes and hands."""

    limit_s = EMULATED_S

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._pulses = kit.printer.drawer_pulses

    def scan(self, code: str, what: str, scanner: str = "door") -> None:
        """Send the code down the scanner's wire, or hold it before the camera."""
        self._kit.scan(scanner, code)

    def paper_shows(self, text: str) -> bool:
        """Read the emulated paper."""
        return wait_for(lambda: text in self._kit.printer.text(), self.limit_s)

    def drawer_opened(self) -> bool:
        """Count the pulses on the printer's drawer connector."""
        return wait_for(lambda: self._kit.printer.drawer_pulses > self._pulses, self.limit_s)

    def lamps(self) -> str:
        """Read the levels of the pins."""
        lit = {name: shown for name, shown in self._kit.panel.state().items() if shown != "off"}
        return ", ".join(f"{name} {shown}" for name, shown in lit.items())

    def save_paper(self, folder: Path) -> Path:
        """Render the newest sheet to PNG."""
        file = folder / "receipt.png"
        file.write_bytes(self._kit.printer.png(last=1))
        return file


class RealStage:
    """A person at the table, asked in plain words."""

    limit_s = PERSON_S

    def scan(self, code: str, what: str, scanner: str = "door") -> None:
        """Ask for a scan; the code is on the slip that was just printed."""
        click.echo(f"  Please scan {what} at the {scanner} scanner: {code}")

    def paper_shows(self, text: str) -> bool:
        """Ask for a look at the paper."""
        return click.confirm(f"  Did paper come out of the printer that shows '{text}'?")

    def drawer_opened(self) -> bool:
        """Ask for a look at the drawer."""
        return click.confirm("  Did the cash drawer open? (Say no if there is one and it stayed shut.)", default=True)

    def lamps(self) -> str:
        """Ask for a look at the panel."""
        return "seen by a person" if click.confirm("  Is a lamp on the panel lit?") else ""

    def save_paper(self, folder: Path) -> None:
        """Take no picture: the paper is in the person's hand."""


def wait_for(condition: Callable[[], object], limit_s: float) -> bool:
    """Wait until a condition holds; False when the time is over."""
    give_up_s = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > give_up_s:
            return False
        time.sleep(0.05)
    return True
