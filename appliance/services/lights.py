"""The stall's lights in staff's hands: on, off, or by themselves again. What was chosen outlives a power cut."""

from __future__ import annotations

import enum

from appliance.core.ports import Books
from appliance.core.stall_lights import Lighting

SWITCHED = "lights.switched"


class Switch(enum.StrEnum):
    """What staff chose."""

    AUTO = "auto"  # as the configuration says: by window, by the clock, always, never
    ON = "on"
    OFF = "off"


def switch(books: Books, to: Switch) -> None:
    """Choose how the lights burn from now on; a low battery still puts them out."""
    if to is not chosen(books):
        books.journal.append(SWITCHED, {"to": to.value})


def chosen(books: Books) -> Switch:
    """Return what staff chose last."""
    newest = books.journal.newest([SWITCHED], 1)
    return Switch(newest[0].data["to"]) if newest else Switch.AUTO


def lighting(books: Books, configured: Lighting) -> Lighting:
    """Return what the lights go by now."""
    return {Switch.AUTO: configured, Switch.ON: Lighting.ON, Switch.OFF: Lighting.OFF}[chosen(books)]
