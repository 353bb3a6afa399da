"""What the box tells of itself, as plain JSON: one birth a connection, one snapshot every so often. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from appliance.core.clock import Moment
from appliance.core.devices import BoardPort, DeviceState
from appliance.core.journal import GENESIS_HASH, Entry
from appliance.uplink.outbox import Outbox
from appliance.uplink.settings import UplinkSettings

# Facts on the board that leave the box. "uplink" is not among them: `queue` says the same, and newer.
FACTS = ("battery", "disk")
SAVING_FACTOR = 4  # how much less often a box tells that saves power


def to_payload(value: Mapping[str, object]) -> bytes:
    """Write a message's body."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def birth(settings: UplinkSettings, head: Entry | None, outbox: Outbox, moment: Moment) -> dict[str, object]:
    """Say who has come online, and how far its journal and its cursors are."""
    return {
        "boot_id": settings.boot_id,
        "software": {"name": "stallbox", "version": settings.version},
        "journal": {
            "head_seq": head.seq if head else 0,
            "head_hash": head.hash if head else GENESIS_HASH,
            "published_seq": outbox.published,
            "stored_seq": outbox.stored,
        },
        "at": moment.text(),
        "clock": moment.quality.value,
    }


def queue(outbox: Outbox, head_seq: int) -> dict[str, object]:
    """Say how much of the journal is still to be sent."""
    return {
        "published_seq": outbox.published,
        "stored_seq": outbox.stored,
        "head_seq": head_seq,
        "waiting": max(0, head_seq - outbox.published),
    }


def snapshot(
    board: BoardPort, counts: Mapping[str, object], waiting: Mapping[str, object], moment: Moment
) -> dict[str, object]:
    """Gather devices, facts, the day's counts and the queue. What the box does not know is left out."""
    facts = {name: board.get(name) for name in FACTS}
    return {
        "at": moment.text(),
        "clock_quality": moment.quality.value,
        "devices": {state.name: _device(state) for state in board.devices()},
        **{name: value for name, value in facts.items() if value is not None},
        "counts": dict(counts),
        "queue": dict(waiting),
    }


def period_s(every_s: float, battery: object) -> float:
    """Return the time to the next snapshot: a box that saves power tells less often."""
    state = battery.get("state", "normal") if isinstance(battery, Mapping) else "normal"
    return every_s if state == "normal" else every_s * SAVING_FACTOR


def changes_that_matter(devices: Sequence[DeviceState], battery: object) -> tuple[object, ...]:
    """Return what makes a snapshot go out at once when it differs: how devices and power are, not each reading."""
    power_state = battery.get("state") if isinstance(battery, Mapping) else None
    return (power_state, *((state.name, state.health, state.reason) for state in devices if state.kind != "uplink"))


def _device(state: DeviceState) -> dict[str, object]:
    return {"kind": state.kind, "health": state.health.value, "reason": state.reason}
