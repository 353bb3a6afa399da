"""Marks for tests that cut the power: `pytestmark = POWER_CUT`."""

from __future__ import annotations

import pytest

from tests.powercut.disk import unavailable_reason

REASON = unavailable_reason()
POWER_CUT = [
    pytest.mark.root,
    # Only where the machine cannot do it; `-ra` then prints this line at the end of the run.
    pytest.mark.skipif(REASON is not None, reason=f"POWER CUTS WERE NOT TRIED: {REASON}"),
]
