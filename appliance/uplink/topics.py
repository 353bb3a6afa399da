"""The topics of one box, and one table of all of them for the documentation and the tests."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

ROOT = "stallbox/v1"  # the version stands in the topic, so that brokers can route and restrict by it


class Topic(NamedTuple):
    """One line of the table."""

    name: str
    pattern: str
    retained: bool
    direction: str  # "from the box" | "to the box"
    meaning: str


TABLE: tuple[Topic, ...] = (
    Topic("status", f"{ROOT}/<fleet>/<box>/status", True, "from the box", "Whether the box is online; its last will."),
    Topic("birth", f"{ROOT}/<fleet>/<box>/birth", True, "from the box", "Boot id, software, journal head, clock."),
    Topic("telemetry", f"{ROOT}/<fleet>/<box>/telemetry", True, "from the box", "One snapshot of the whole box."),
    Topic("event", f"{ROOT}/<fleet>/<box>/ev/<kind>", False, "from the box", "A journal entry as a CloudEvent."),
    Topic("ack", f"{ROOT}/<fleet>/<box>/ack", False, "to the box", "The collector has stored entries up to seq."),
    Topic(
        "discovery",
        "homeassistant/device/stallbox_<box>/config",
        True,
        "from the box",
        "Home Assistant device discovery; off unless asked for.",
    ),
)


class Topics:
    """The names for one box."""

    def __init__(self, fleet: str, box: str) -> None:
        def name(topic: str) -> str:
            pattern = next(row.pattern for row in TABLE if row.name == topic)
            return pattern.replace("<fleet>", fleet).replace("<box>", box)

        self.status = name("status")
        self.birth = name("birth")
        self.telemetry = name("telemetry")
        self.ack = name("ack")
        self.discovery = name("discovery")
        pattern = name("event")
        self.event = cache(lambda kind: pattern.replace("<kind>", kind))  # asked for every entry, and there are few
