"""The card's figures, as a table: `python -m tests.image.figures`, after `make image`. It takes a quarter of an hour.

How long a start takes depends on the machine and on what else it does. So a plain Debian is booted in the same run: its
base system is the one that the image is made of, on the same card, with the same loader, kernel and first program, and
nothing of ours. What is told is the ratio.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.image.altered import alter
from tests.image.card import OUT, Card, built_image
from tests.image.crowd import pin_on
from tests.image.machine import Machine
from tests.image.recipe import told_by_recipe

LIMIT_S = 1500.0
CHAIN_BEGIN, CHAIN_END = "figures: begin", "figures: end"
# Tells over the serial line what the start was waiting for, once it is over.
ANALYSE = f"""\
mkdir -p /root/run/systemd/system/multi-user.target.wants
echo '[Unit]
After=multi-user.target
[Service]
ExecStart=/bin/sh -c "until systemd-analyze >/dev/null 2>&1; do sleep 1; done; echo {CHAIN_BEGIN}; systemd-analyze; \\
    systemd-analyze critical-chain --no-pager; systemd-analyze blame --no-pager | head -25; echo {CHAIN_END}"
StandardOutput=tty
TTYPath=/dev/console' >/root/run/systemd/system/figures.service
busybox ln -s ../figures.service /root/run/systemd/system/multi-user.target.wants/figures.service
"""
PLAIN_FSTAB = "var /var tmpfs mode=0755 0 0\ntmp /tmp tmpfs mode=1777 0 0\n"


def main() -> None:
    """Print the table, and under it what the start waited for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--log", type=Path, help="the output of a cold `make image`, for the time that it took")
    log: Path | None = options.parse_args().log
    with tempfile.TemporaryDirectory(prefix="figures-", dir=OUT) as folder:
        for what, figure in [*sizes(), *build_times(log)]:
            print(f"| {what} | {figure} |", flush=True)
        starts(Path(folder))


def sizes() -> Iterator[tuple[str, str]]:
    """How large it is."""
    image = built_image()
    yield "download, compressed", megabytes(image.with_suffix(".img.zst"))
    yield "on the card before it grows", megabytes(image)
    for name in ("root.squashfs", "stage/slot/vmlinuz", "stage/slot/initrd.img"):
        yield Path(name).name, megabytes(OUT / name)


def build_times(log: Path | None) -> Iterator[tuple[str, str]]:
    """How long the build took, as it said itself."""
    if log is not None:
        for seconds in re.findall(r"^== done in (\d+) s$", log.read_text(), re.MULTILINE):
            yield f"build ({log.name})", f"{int(seconds) / 60:.0f} min"


def starts(folder: Path) -> None:
    """How long it takes to start, new and again, against a plain Debian."""
    plain_s = start_of_plain(folder)
    card = Card(folder / "card.img")
    card.write("stallbox.txt", "cable = stall\n")
    alter(card, "boot_a", ANALYSE)
    slip_s, page_s, _ = start(card, folder / "new", is_new=True)
    _, again_s, chain = start(card, folder / "again", is_new=False)
    load = os.getloadavg()[0]
    print(f"| plain Debian, power-on to login (load {load:.0f}) | {plain_s:.0f} s |")
    for what, taken_s in (("hello slip", slip_s), ("first page, new card", page_s), ("first page", again_s)):
        print(f"| power-on to {what} | {taken_s:.0f} s, {taken_s / plain_s:.1f} times plain Debian's |")
    print(f"\n{chain}")


def start(card: Card, folder: Path, is_new: bool) -> tuple[float, float, str]:
    """Return the seconds to the hello slip and to the first page, and what the start waited for."""
    machine = Machine(folder, card)
    begun_s = time.monotonic()
    machine.power_on()
    try:
        machine.wait(lambda: machine.get("/")[0] == 200, "first page", LIMIT_S)
        page_s = time.monotonic() - begun_s
        if is_new:
            machine.wait(lambda: pin_on(machine.paper()), "hello slip", LIMIT_S)
        slip_s = time.monotonic() - begun_s
        chain = machine.wait_for(f"(?s){CHAIN_BEGIN}(.+){CHAIN_END}", LIMIT_S)[1]
    finally:
        machine.pull_the_plug()
    return slip_s, page_s, chain.replace("\r", "").strip()


def start_of_plain(folder: Path) -> float:
    """Return the seconds that a plain Debian takes to its login prompt."""
    card = Card(folder / "plain.img")
    root = folder / "plain"
    root.mkdir()
    (base,) = told_by_recipe("base_tar")
    subprocess.run(["tar", "-xf", base, "-C", root, "--exclude=./dev/*", "--exclude=./boot/*"], check=True)
    (root / "etc/machine-id").write_text("0" * 31 + "1\n")  # else it asks who it is
    (root / "etc/fstab").write_text(PLAIN_FSTAB)
    squashed = folder / "plain.squashfs"
    pack = ["mksquashfs", root, squashed, "-comp", "zstd", "-Xcompression-level", "15", "-b", "256K", "-quiet"]
    subprocess.run([*pack, "-no-progress", "-no-xattrs"], check=True, capture_output=True)
    shutil.rmtree(root)
    card.overwrite("system_a", squashed.read_bytes())
    machine = Machine(folder / "plain-machine", card)
    begun_s = time.monotonic()
    machine.power_on()
    try:
        machine.wait_for("login: ", LIMIT_S)
        return time.monotonic() - begun_s
    finally:
        machine.pull_the_plug()
        card.path.unlink()


def megabytes(path: Path) -> str:
    """Say a file's size."""
    return f"{path.stat().st_size / 1e6:.0f} MB"


if __name__ == "__main__":
    main()
