"""Slots that were altered: what their initramfs does more, as its last act, before it hands over to the root.

The root itself is packed and stays as it is; what is put below /run/systemd/system counts for systemd as much as what
lies in it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.image.card import Card
from tests.image.recipe import IMAGE

HAND_OVER = "exec switch_root /root /sbin/init\n"
DROP_IN = "/root/run/systemd/system/{unit}.d"
# The daemon works, and dies each time before it was well for long: the most deceptive way to crash.
CRASHES = f"""\
mkdir -p {DROP_IN.format(unit="stallbox.service")}
echo '[Service]
RuntimeMaxSec=20' >{DROP_IN.format(unit="stallbox.service")}/broken.conf
"""
# The first program does nothing any more; nobody tells the watchdog that all is well.
HANGS = "exec switch_root /root /bin/sleep infinity\n"


def alter_b(card: Card, before_hand_over: str) -> None:
    """Put a copy of slot A into slot B, and alter that."""
    card.copy_slot()
    alter(card, "boot_b", before_hand_over)


def alter(card: Card, partition: str, before_hand_over: str) -> None:
    """Have a slot's initramfs do something more."""
    folder = card.path.with_suffix(".initramfs")
    folder.mkdir()
    init = (IMAGE / "initramfs/init").read_text()
    assert HAND_OVER in init
    (folder / "init").write_text(init.replace(HAND_OVER, before_hand_over + HAND_OVER))
    (folder / "init").chmod(0o755)
    initrd = card.path.with_suffix(".initrd")
    mtools(card, partition, "mcopy", "-n", "-o", "::initrd.img", str(initrd))
    # The kernel unpacks one archive after the other; what comes later wins (Documentation/driver-api/early-userspace/
    # buffer-format.rst). Each begins at a multiple of four bytes.
    more = subprocess.run(
        ["cpio", "--create", "--quiet", "--format=newc", "--owner=0:0"],
        cwd=folder, input=b"init\n", capture_output=True, check=True,
    ).stdout  # fmt: skip
    with initrd.open("ab") as file:
        file.write(bytes(-file.tell() % 4) + more)
    mtools(card, partition, "mcopy", "-o", str(initrd), "::initrd.img")


def device_trees(card: Card, folder: Path) -> list[Path]:
    """Take the device trees out of the card's first partition."""
    mtools(card, "boot", "mcopy", "-n", "::*.dtb", str(folder))
    return sorted(folder.glob("*.dtb"))


def mtools(card: Card, partition: str, tool: str, *words: str) -> None:
    """Run one of mtools on one of the FAT partitions."""
    begin, _ = card.partitions[partition]
    environment = {"MTOOLS_SKIP_CHECK": "1", "PATH": "/usr/bin"}
    subprocess.run([tool, "-i", f"{card.path}@@{begin}", *words], check=True, capture_output=True, env=environment)
