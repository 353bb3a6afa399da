"""The disk as the kernel tells of it, and the reserve that is let go when it is full."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.core.devices import Health
from appliance.core.disk import MIB, DiskReading, disk_condition
from appliance.runtime.disk import card_of, read_disk
from appliance.runtime.machine import card, facts, undervoltage
from appliance.runtime.reserve import FILE, DiskWatch

WELL = DiskReading(5000 * MIB, 8000 * MIB, free_inodes=900, total_inodes=1000, errors=0, worn_pct=10)


@pytest.fixture
def sys(tmp_path: Path) -> Path:
    """A /sys as the kernel lays it out for an eMMC whose seventh partition holds the test's folder."""
    device = tmp_path.stat().st_dev
    disk = tmp_path / "sys/devices/platform/mmc/mmcblk0"
    (disk / "mmcblk0p7").mkdir(parents=True)
    (disk / "device").mkdir()
    (disk / "device/life_time").write_text("0x02 0x03\n")
    (disk / "device/pre_eol_info").write_text("0x01\n")
    (disk / "device/serial").write_text("0x12345678\n")
    (disk / "device/name").write_text("SD32G\n")
    ext4 = tmp_path / "sys/fs/ext4/mmcblk0p7"
    ext4.mkdir(parents=True)
    (ext4 / "errors_count").write_text("0\n")
    (ext4 / "lifetime_write_kbytes").write_text("2048\n")
    links = tmp_path / "sys/dev/block"
    links.mkdir(parents=True)
    (links / f"{os.major(device)}:{os.minor(device)}").symlink_to(disk / "mmcblk0p7")
    return tmp_path / "sys"


def test_wear_errors_and_room_are_read(tmp_path: Path, sys: Path) -> None:
    found = read_disk(tmp_path, sys)
    room = os.statvfs(tmp_path)
    assert (found.total_bytes, found.is_read_only) == (room.f_blocks * room.f_frsize, False)
    assert (found.errors, found.worn_pct, found.spare_is_low, found.written_bytes) == (0, 30, False, 2 * MIB)
    (sys / "fs/ext4/mmcblk0p7/errors_count").write_text("3\n")
    (card_of(tmp_path, sys) / "pre_eol_info").write_text("0x02\n")  # type: ignore[operator]
    assert (read_disk(tmp_path, sys).errors, read_disk(tmp_path, sys).spare_is_low) == (3, True)
    assert card(card_of(tmp_path, sys)) == {"name": "SD32G", "life_time": "0x02 0x03", "pre_eol_info": "0x02"}


@pytest.mark.parametrize("said", ["", "0x00 0x00", "unknown", "0x01"])
def test_a_card_that_tells_nothing_of_its_wear_is_no_fault(tmp_path: Path, sys: Path, said: str) -> None:
    (sys / "devices/platform/mmc/mmcblk0/device/life_time").write_text(said)
    found = read_disk(tmp_path, sys)
    assert found.worn_pct == (10 if said == "0x01" else None)
    assert disk_condition(replace(found, free_bytes=WELL.free_bytes)).health is Health.READY


def test_a_folder_on_no_block_device_tells_its_room_all_the_same(tmp_path: Path) -> None:
    found = read_disk(tmp_path, tmp_path / "no-sys")
    assert (found.errors, found.worn_pct) == (None, None)
    assert found.total_bytes > 0


@pytest.mark.parametrize(
    ("options", "gave_up"), [("rw,errors=remount-ro,emergency_ro", True), ("rw,errors=remount-ro", False), ("", False)]
)
def test_a_file_system_that_gave_up_is_read_only_though_its_flag_is_not_set(
    tmp_path: Path, options: str, gave_up: bool
) -> None:
    device = tmp_path.stat().st_dev
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        f"23 1 0:99 / / rw - ext4 /dev/other rw,emergency_ro\n"
        f"24 23 {os.major(device)}:{os.minor(device)} / /data rw,noatime shared:1 - ext4 /dev/mmcblk0p7 {options}\n"
    )
    assert read_disk(tmp_path, tmp_path, mounts).is_read_only == gave_up


@pytest.mark.parametrize(
    ("reading", "health", "words"),
    [
        (WELL, Health.READY, ""),
        (replace(WELL, is_read_only=True), Health.OFFLINE, "read-only"),
        (replace(WELL, errors=2), Health.DEGRADED, "met 2 errors"),
        (replace(WELL, free_bytes=9 * MIB, reserve_is_used=True), Health.DEGRADED, "lives on its reserve, 9 MB"),
        (replace(WELL, free_bytes=9 * MIB), Health.DEGRADED, "Only 9 MB are free"),
        (replace(WELL, free_inodes=10), Health.DEGRADED, "more files"),
        (replace(WELL, worn_pct=90), Health.DEGRADED, "end of its life"),
        (replace(WELL, spare_is_low=True), Health.DEGRADED, "end of its life"),
    ],
)
def test_each_finding_is_a_sentence_and_says_what_to_do(reading: DiskReading, health: Health, words: str) -> None:
    found = disk_condition(reading)
    assert (found.health, words in found.reason) == (health, True)
    assert bool(found.advice) == (health is not Health.READY)


class Disk:
    """A disk that is as full as the test says."""

    def __init__(self, free_bytes: int, folder: Path) -> None:
        self.free_bytes, self.is_read_only = free_bytes, False
        self._reserve = folder / FILE

    def __call__(self, folder: Path) -> DiskReading:
        held = self._reserve.stat().st_size if self._reserve.exists() else 0
        return DiskReading(self.free_bytes - held, 100 * MIB, is_read_only=self.is_read_only)


def test_the_reserve_is_kept_let_go_and_kept_again(tmp_path: Path) -> None:
    disk, made_room = Disk(50 * MIB, tmp_path), []
    watch = DiskWatch(tmp_path, lambda: made_room.append(1), size_bytes=4 * MIB, read=disk)
    assert watch.look().free_bytes == 50 * MIB
    assert (tmp_path / FILE).stat().st_blocks * 512 >= 4 * MIB  # set aside, not only named
    disk.free_bytes = 4 * MIB + 100_000
    found = watch.look()
    assert (found.reserve_is_used, found.free_bytes) == (True, disk.free_bytes)
    assert not (tmp_path / FILE).exists()
    assert made_room == [1]
    disk.free_bytes = 20 * MIB
    assert watch.look().reserve_is_used  # there is not yet room enough to set some aside
    disk.free_bytes = 60 * MIB
    assert not watch.look().reserve_is_used
    assert (tmp_path / FILE).exists()


def test_a_store_that_takes_nothing_gets_the_reserve_also_before_the_disk_is_quite_full(tmp_path: Path) -> None:
    disk = Disk(50 * MIB, tmp_path)
    watch = DiskWatch(tmp_path, size_bytes=4 * MIB, read=disk)
    watch.look()
    disk.free_bytes = 4 * MIB + 2 * MIB
    assert not watch.look().reserve_is_used
    assert watch.look(is_troubled=True).reserve_is_used


def test_nothing_is_tried_on_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    disk = Disk(0, tmp_path)
    disk.is_read_only = True
    DiskWatch(tmp_path, read=disk).before_start()
    DiskWatch(tmp_path / "not there yet").before_start()
    assert list(tmp_path.iterdir()) == []


def test_the_kernel_s_word_on_a_weak_supply_is_read(tmp_path: Path) -> None:
    sensor = tmp_path / "sys/class/hwmon/hwmon1"
    sensor.mkdir(parents=True)
    (sensor / "name").write_text("rpi_volt\n")
    (sensor / "in0_lcrit_alarm").write_text("1\n")
    flags = tmp_path / "sys/devices/platform/soc/soc:firmware"
    flags.mkdir(parents=True)
    (flags / "get_throttled").write_text("50005\n")
    assert undervoltage(tmp_path) == {"get_throttled": "50005", "rpi_volt_alarm": "1"}
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cmdline").write_text("root=PARTUUID=1 ro stallbox.slot=B quiet\n")
    assert facts(tmp_path)["slot"] == "B"
