"""What every emulated device asks when it is told to break."""

from __future__ import annotations

from collections.abc import Sequence


def check(fault: str | None, known: Sequence[str]) -> None:
    """See that a device knows a fault; None heals. Raises ValueError."""
    if fault is not None and fault not in known:
        raise ValueError(f"fault '{fault}' is not known; there are: {', '.join(known)}")
