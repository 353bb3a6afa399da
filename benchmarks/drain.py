"""How fast a backlog leaves the box, beside a bare paho loop: the figures of uplink.py."""

from __future__ import annotations

from benchmarks import uplink
from benchmarks.figures import Figure


def run(quick: bool = False) -> list[Figure]:
    """Drain a backlog as after a day without the broker."""
    found = uplink.run(1_000 if quick else 50_000)
    beside = f"bare paho loop, {found['bare_paho_per_s']:,.0f} messages/s"
    name = f"MQTT drain of {found['entries']:,.0f} entries"
    return [
        Figure(name, found["uplink_per_s"], "entries/s", "connecting included"),
        Figure(f"{name}, uplink : bare paho", found["ratio"], "times", beside),
    ]
