"""The slots' state: read and written as U-Boot does it, and torn by no power cut."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.slots import ENV_BYTES, Unreadable, kept, read, written

SECTOR_BYTES = 512
ON_TRIAL = {"BOOT_ORDER": "B A", "BOOT_TRIAL": "B", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "1"}
# Of `mkenvimage -p 0 -s 0x4000` (u-boot-tools 2023.01) for ON_TRIAL, up to the zeros.
BY_U_BOOT = bytes.fromhex("1f09fa26") + b"BOOT_ORDER=B A\0BOOT_TRIAL=B\0BOOT_A_LEFT=3\0BOOT_B_LEFT=1\0"


def test_it_is_written_as_u_boot_writes_it() -> None:
    assert written(ON_TRIAL) == BY_U_BOOT.ljust(ENV_BYTES, b"\0")
    assert read(BY_U_BOOT.ljust(ENV_BYTES, b"\0")) == ON_TRIAL


@given(
    st.dictionaries(st.from_regex(r"\A[A-Z_]{1,12}\Z"), st.text(st.characters(min_codepoint=32, max_codepoint=126))),
)
def test_what_is_written_is_read_again(state: dict[str, str]) -> None:
    assert read(written(state)) == state


@pytest.mark.parametrize("damage", [b"", b"\0" * ENV_BYTES, b"\xff" * ENV_BYTES, BY_U_BOOT.ljust(ENV_BYTES, b"\xff")])
def test_what_has_no_right_checksum_is_refused(damage: bytes) -> None:
    with pytest.raises(Unreadable):
        read(damage)


def test_after_a_trial_the_slot_stays_first_and_nothing_is_counted() -> None:
    assert kept(ON_TRIAL, "B") == {**ON_TRIAL, "BOOT_TRIAL": "", "BOOT_B_LEFT": "3"}


def test_only_one_sector_changes_when_a_slot_is_kept(tmp_path: Path) -> None:
    disk, slot = tmp_path / "bootstate", tmp_path / "slot"
    before = written(ON_TRIAL) + b"beyond"
    disk.write_bytes(before)
    slot.write_text("B\n")
    command = [sys.executable, "-m", "appliance.slots", str(disk), str(slot)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "stallbox: the trial of slot B is over\n"
    after = disk.read_bytes()
    assert read(after[:ENV_BYTES]) == kept(ON_TRIAL, "B")
    assert after[SECTOR_BYTES:] == before[SECTOR_BYTES:]


def test_an_unreadable_state_is_left_as_it_is(tmp_path: Path) -> None:
    disk, slot = tmp_path / "bootstate", tmp_path / "slot"
    disk.write_bytes(b"\xff" * ENV_BYTES)
    slot.write_text("B\n")
    command = [sys.executable, "-m", "appliance.slots", str(disk), str(slot)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "wrong checksum" in done.stderr
    assert disk.read_bytes() == b"\xff" * ENV_BYTES
