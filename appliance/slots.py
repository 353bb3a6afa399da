"""The slots' state on the card, as the boot script reads and writes it (image/boot/boot.cmd): U-Boot's env.

Its format is that of `env export -c`: a CRC-32 of the rest, low byte first, then `NAME=value` pairs, each ended by a
zero, and zeros to the end (env/common.c of U-Boot). `fw_printenv` reads it as well. It is not written by `fw_setenv`,
which puts what its memory happens to hold where zeros belong (libubootenv 0.3.5): all that changes here is in the first
sector, which a power cut leaves written or not written.

    python -m appliance.slots DEVICE SLOT_FILE     end the trial of the slot that runs, and keep it
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

ENV_BYTES = 0x4000
CRC_BYTES = 4
TRIES = "3"


class Unreadable(Exception):
    """The state's checksum does not fit; the boot script takes it for "A, no trial" then."""


def read(env: bytes) -> dict[str, str]:
    """Return the state. Raises Unreadable."""
    checksum, rest = env[:CRC_BYTES], env[CRC_BYTES:ENV_BYTES]
    if len(rest) != ENV_BYTES - CRC_BYTES or zlib.crc32(rest).to_bytes(CRC_BYTES, "little") != checksum:
        raise Unreadable("the slots' state has a wrong checksum")
    pairs = rest.split(b"\0\0")[0].split(b"\0")
    return dict(pair.decode("ascii").split("=", 1) for pair in pairs if b"=" in pair)


def written(state: Mapping[str, str]) -> bytes:
    """Return a state as it lies on the card."""
    rest = b"".join(f"{name}={value}".encode("ascii") + b"\0" for name, value in state.items())
    rest = rest.ljust(ENV_BYTES - CRC_BYTES, b"\0")
    return zlib.crc32(rest).to_bytes(CRC_BYTES, "little") + rest


def kept(state: Mapping[str, str], slot: str) -> dict[str, str]:
    """Return the state after a slot's trial: nothing is counted any more."""
    return {**state, "BOOT_TRIAL": "", f"BOOT_{slot}_LEFT": TRIES}


def main(device: Path, slot: str) -> None:
    """End the trial of a slot, on the disk before this returns. Raises OSError and Unreadable."""
    disk = os.open(device, os.O_RDWR)
    try:
        state = read(os.pread(disk, ENV_BYTES, 0))
        os.pwrite(disk, written(kept(state, slot)), 0)
        os.fsync(disk)
    finally:
        os.close(disk)
    sys.stdout.write(f"stallbox: the trial of slot {slot} is over\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).read_text(encoding="ascii").strip())
