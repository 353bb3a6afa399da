"""What a person is told of pins that cannot be had."""

from __future__ import annotations

import errno
import os
import sys
import types

import pytest
from gpiozero import BadPinFactory, GPIOPinInUse, PinInvalidPin

from appliance.core.errors import DeviceLost
from appliance.drivers.pins import pins_of


class LgpioError(Exception):
    """As lgpio.error: nothing but a text."""


IN_USE = GPIOPinInUse("pin GPIO17 is already in use by <gpiozero.LED object on pin GPIO17, active_high=True>")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (IN_USE, "busy", "Pin GPIO17 of the panel is in use already."),
        (LgpioError("'GPIO busy'"), "busy", "A pin of the panel is in use already."),
        (OSError(errno.EBUSY, os.strerror(errno.EBUSY)), "busy", "A pin of the panel is in use already."),
        (PermissionError(errno.EACCES, "…"), "no_permission", "The pins of the panel may not be used by this user."),
        (BadPinFactory("…"), "no_pins", "This computer has no pins that the panel could use."),
        (PinInvalidPin("99 is not a valid pin name"), "pins", "The pins of the panel cannot be used: 99 is not"),
    ],
)
def test_why_pins_cannot_be_had(monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, message: str) -> None:
    lgpio = types.ModuleType("lgpio")
    lgpio.error = LgpioError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lgpio", lgpio)
    with pytest.raises(DeviceLost) as lost, pins_of("panel"):
        raise error
    assert lost.value.code == code
    assert lost.value.message.startswith(message)
    assert lost.value.advice


def test_any_other_error_is_none_of_theirs() -> None:
    with pytest.raises(ZeroDivisionError), pins_of("panel"):
        raise ZeroDivisionError
