"""The disk under a folder: room, errors and wear, as the kernel tells them.

Sources: statvfs(3); Documentation/ABI/testing/sysfs-fs-ext4 (errors_count, lifetime_write_kbytes);
Documentation/driver-api/mmc/mmc-dev-attrs.rst and JESD84-B51, 7.4.64 and 7.4.65 (life_time, pre_eol_info).
"""

from __future__ import annotations

import os
from pathlib import Path

from appliance.core.disk import DiskReading

SYS = Path("/sys")
MOUNTS = Path("/proc/self/mountinfo")
_GAVE_UP = {"emergency_ro", "shutdown"}  # ext4 since Linux 6.15, in place of the flag for read-only
_LIFE_STEP_PCT = 10  # life_time 0x01 is up to 10 % used, 0x0b more than all of it
_SPARE_IS_LOW = 2  # pre_eol_info: 1 normal, 2 80 % of the spare blocks are used, 3 90 %


def read_disk(folder: Path, sys: Path = SYS, mounts: Path = MOUNTS) -> DiskReading:
    """Look at the disk that a folder is on. Raises OSError."""
    room = os.statvfs(folder)
    partition = _partition(folder, sys)
    ext4 = sys / "fs/ext4" / partition.name if partition else None
    written_kb = _number(ext4 / "lifetime_write_kbytes") if ext4 else None
    card = card_of(folder, sys)
    worn_pct, eol = _worn_pct(card), _number(card / "pre_eol_info", 16) if card else None
    return DiskReading(
        free_bytes=room.f_bavail * room.f_frsize,
        total_bytes=room.f_blocks * room.f_frsize,
        free_inodes=room.f_favail,
        total_inodes=room.f_files,
        is_read_only=bool(room.f_flag & os.ST_RDONLY) or _gave_up(folder, mounts),
        errors=_number(ext4 / "errors_count") if ext4 else None,
        worn_pct=worn_pct,
        spare_is_low=(eol or 0) >= _SPARE_IS_LOW,
        written_bytes=None if written_kb is None else written_kb * 1024,
    )


def card_of(folder: Path, sys: Path = SYS) -> Path | None:
    """Return where the kernel tells of the card that a folder is on: its make, date and wear."""
    partition = _partition(folder, sys)
    for disk in (partition, partition.parent) if partition else ():
        if (disk / "device").is_dir():
            return disk / "device"
    return None


def _partition(folder: Path, sys: Path) -> Path | None:
    """Return the folder of the block device under a folder, None where it is on none (a RAM disk, a network)."""
    device = folder.stat().st_dev
    link = sys / f"dev/block/{os.major(device)}:{os.minor(device)}"
    return link.resolve() if link.exists() else None


def _gave_up(folder: Path, mounts: Path) -> bool:
    """Whether the file system takes nothing any more after an error. Source of the columns: proc(5)."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return False
    return any(len(words) > 3 and words[2] == number and _GAVE_UP & set(words[-1].split(",")) for words in lines)


def _worn_pct(card: Path | None) -> int | None:
    """Return the larger one of the two estimates, `0x01 0x03`; 0 says that nobody knows."""
    try:
        steps = [int(step, 16) for step in (card / "life_time").read_text().split()] if card else []
    except (OSError, ValueError):
        return None
    return max(steps) * _LIFE_STEP_PCT if any(steps) else None


def _number(path: Path, base: int = 10) -> int | None:
    try:
        return int(path.read_text().strip(), base)
    except (OSError, ValueError):
        return None
