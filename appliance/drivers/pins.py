"""What the drivers on the Pi's pins share: the errors that pins have, and what a person is told of them."""

from __future__ import annotations

import errno
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from gpiozero import BadPinFactory, GPIOPinInUse, GPIOZeroError

from appliance.core.errors import DeviceLost

_BUSY = "GPIO busy"  # lgpio.error has only its text (lgpio.h, LG_GPIO_BUSY)
_NUMBERS = "Check the pin numbers in the configuration."


def pin_errors() -> tuple[type[Exception], ...]:
    """Return what pins can raise."""
    lgpio = sys.modules.get("lgpio")  # it has an error of its own, and importing it would start its thread
    return (GPIOZeroError, OSError, *([lgpio.error] if lgpio else []))


@contextmanager
def pins_of(owner: str) -> Iterator[None]:
    """Turn an error of the pins of `owner` into DeviceLost: `busy`, `no_permission`, `no_pins`, else `pins`."""
    try:
        yield
    except pin_errors() as error:
        _let_go(error)
        raise _lost(error, owner) from error


def release(device: Any) -> None:
    """Put a lamp, buzzer or relay off and let go of its pin: not every kernel takes the level away with it."""
    for act in (device.off, device.close):
        with suppress(*pin_errors()):
            act()


def _let_go(error: BaseException) -> None:
    """Drop the half-made devices that an error holds in its frames: while one lives, its pin counts as in use."""
    held: BaseException | None = error
    while held is not None:
        traceback.clear_frames(held.__traceback__)
        held = held.__cause__ or held.__context__


def _lost(error: Exception, owner: str) -> DeviceLost:
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, GPIOPinInUse) or number == errno.EBUSY or _BUSY in str(error):
        pin = re.search(r"GPIO\d+", str(error))
        which = f"Pin {pin[0]}" if pin else "A pin"
        advice = f"Stop the other program that uses it. {_NUMBERS}"
        return DeviceLost("busy", f"{which} of the {owner} is in use already.", advice)
    if number in (errno.EACCES, errno.EPERM):
        advice = "Let the user of the service use the pins: group gpio."
        return DeviceLost("no_permission", f"The pins of the {owner} may not be used by this user.", advice)
    if isinstance(error, BadPinFactory):
        advice = "On a Pi, install lgpio (pip install 'stallbox[pi]') and let the user of the service into group gpio."
        return DeviceLost("no_pins", f"This computer has no pins that the {owner} could use.", advice)
    return DeviceLost("pins", f"The pins of the {owner} cannot be used: {error}", _NUMBERS)
