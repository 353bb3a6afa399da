"""How the disk is that the store lies on, in words: full, worn, broken, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.core.devices import Condition, Health

MIB = 2**20
LOW_BYTES = 200 * MIB  # a day's journal and a backup beside the store
LOW_PCT = 5  # of the inodes
WORN_PCT = 90


@dataclass(frozen=True, slots=True)
class DiskReading:
    """One look at the disk. None where it does not tell."""

    free_bytes: int
    total_bytes: int
    free_inodes: int = 0
    total_inodes: int = 0  # 0: the file system counts none
    is_read_only: bool = False
    errors: int | None = None  # that ext4 noted in its superblock since it was checked last
    worn_pct: int | None = None  # of its life, by its own estimate: MMC does, SD cards do not
    spare_is_low: bool = False  # the card has used up most of its spare blocks
    written_bytes: int | None = None  # over the life of the file system
    reserve_is_used: bool = False  # the last megabytes, kept for this, were let go


def disk_condition(reading: DiskReading) -> Condition:
    """Say how the disk is; the gravest thing first. Selling goes on as long as the store takes entries."""
    return Condition(*_found(reading))


def _found(reading: DiskReading) -> tuple[Health, str, str]:
    change = "Make a backup now, and change the card."
    if reading.is_read_only:
        return Health.OFFLINE, "The disk takes nothing any more: it is read-only.", "Switch off and on; then change it."
    if reading.errors:
        return Health.DEGRADED, f"The file system met {reading.errors} errors.", change
    free_mb = reading.free_bytes // MIB
    if reading.reserve_is_used:
        return (
            Health.DEGRADED,
            f"The disk is full: the box lives on its reserve, {free_mb} MB are left.",
            "Make a backup now, then make room or change the card.",
        )
    if reading.free_bytes < LOW_BYTES:
        return Health.DEGRADED, f"Only {free_mb} MB are free.", "Make room or change the card."
    if reading.total_inodes and reading.free_inodes * 100 < reading.total_inodes * LOW_PCT:
        return Health.DEGRADED, "Hardly any more files fit on the disk.", "Make room or change the card."
    if reading.spare_is_low or (reading.worn_pct or 0) >= WORN_PCT:
        return Health.DEGRADED, "The card is near the end of its life.", change
    return Health.READY, "", ""
