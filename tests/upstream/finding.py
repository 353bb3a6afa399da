"""Where the PiJuice's own Python module is, if anywhere: it is under the GPL, in no registry, and no part of this."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

VARIABLE = "STALLBOX_PIJUICE"
PLACES = ("/usr/lib/python3/dist-packages/pijuice.py", "/usr/lib/python3.11/dist-packages/pijuice.py")
STAND_IN = Path(__file__).with_name("standin.py")


def module_path() -> Path | None:
    """Return the file that the environment names, or where Raspberry Pi OS (pijuice-base) and pip put it."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    spec = importlib.util.find_spec("pijuice")
    found = [spec.origin] if spec and spec.origin else [place for place in PLACES if Path(place).exists()]
    return Path(found[0]) if found else None


def modules() -> dict[str, Path]:
    """Return the modules to try: always the one that stands in, and the real one where it is."""
    real = module_path()
    return {"stand-in": STAND_IN, **({"upstream": real} if real else {})}


def load(path: Path, open_bus: Callable[[int], Any]) -> Callable[[int, int], Any]:
    """Return the module's class PiJuice as its file has it; `open_bus` is what it takes from the package smbus."""
    smbus = ModuleType("smbus")
    smbus.SMBus = open_bus  # type: ignore[attr-defined]
    spec = importlib.util.spec_from_file_location("pijuice", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with mock.patch.dict(sys.modules, {"smbus": smbus}):
        spec.loader.exec_module(module)
    made: Callable[[int, int], Any] = module.PiJuice
    return made


def report() -> str:
    """Say whether the real one is among what the tests try."""
    path = module_path()
    if path is None:
        return f"upstream pijuice: not on this machine, a stand-in is tried; {VARIABLE}=…/pijuice.py names the real one"
    return f"upstream pijuice: compared, {path}"
