"""Whether an update is any good: in the slot on trial, the daemon has to be healthy for a while, and soon enough.

Started by systemd/stallbox-trial.service where the boot script says that the slot is on trial. Exit code 0: the slot
is kept (systemd/stallbox-keep.service). Any other: the box starts again, which has cost the slot one of its tries.

    python -m appliance.trial ADDRESS WELL_S LIMIT_S
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable

from appliance.client import Client

# A daemon that crashes is away for a second at least (RestartSec=1, and then Python has to start): no restart
# happens unseen between two looks.
LOOK_EVERY_S = 0.5
NO_EVENT = "no_event"  # updated at home, before the next event is loaded


def holds(
    healthy: Callable[[], bool],
    well_s: float,
    limit_s: float,
    now_s: Callable[[], float] = time.monotonic,
    pause: Callable[[float], object] = time.sleep,
) -> bool:
    """Look until the daemon was healthy for `well_s` without a break, or `limit_s` are over; tell which it was."""
    give_up_s = now_s() + limit_s
    well_since_s: float | None = None
    while now_s() < give_up_s:
        if not healthy():
            well_since_s = None
        elif well_since_s is None:
            well_since_s = now_s()
        elif now_s() - well_since_s >= well_s:
            return True
        pause(LOOK_EVERY_S)
    return False


def is_healthy(box: Client) -> bool:
    """Tell whether the box can sell and admit now, or could if it had an event.

    One that started safely, after crashes, says that it cannot.
    """
    with contextlib.suppress(OSError, ValueError):
        status, health = box.get("/healthz")
        return status == 200 or health.get("codes") == [NO_EVENT]
    return False


def main(address: str, well_s: float, limit_s: float) -> int:
    """Watch the daemon at an address; return the exit code."""
    box = Client(address)
    if holds(lambda: is_healthy(box), well_s, limit_s):
        sys.stdout.write(f"stallbox: healthy for {well_s:g} s: this slot is kept\n")
        return 0
    sys.stdout.write(f"stallbox: not healthy for {well_s:g} s within {limit_s:g} s: starting again\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3])))
