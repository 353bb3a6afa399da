"""Where the PiJuice's own Python module is, if anywhere: it is under the GPL, in no registry, and no part of this."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

VARIABLE = "STALLBOX_PIJUICE"
PLACES = ("/usr/lib/python3/dist-packages/pijuice.py", "/usr/lib/python3.11/dist-packages/pijuice.py")


def module_path() -> Path | None:
    """Return the file that the environment names, or where Raspberry Pi OS (pijuice-base) and pip put it."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    spec = importlib.util.find_spec("pijuice")
    found = [spec.origin] if spec and spec.origin else [place for place in PLACES if Path(place).exists()]
    return Path(found[0]) if found else None


def report() -> str:
    """Say whether the comparison is among the tests."""
    path = module_path()
    if path is None:
        return f"upstream pijuice: not on this machine, so not compared; {VARIABLE}=…/pijuice.py names one"
    return f"upstream pijuice: compared, {path}"
