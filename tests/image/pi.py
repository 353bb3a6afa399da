"""The card in QEMU's Raspberry Pi 3 (raspi3b): its SD controller, its USB, its pins. It has no network here.

What no QEMU has is the graphics processor, which runs the firmware. What that does is done for it: U-Boot is loaded
from the card's first partition, with the board's device tree from there, into which the board's revision is written.

Pins are read and set from outside by their registers, by QEMU's qtest protocol (BCM2835 ARM Peripherals, 6.1). QEMU has
no wires on them: the level of an input is what was last written to it, at first low, and a low button is one that is
pressed.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
from pathlib import Path

from tests.image.card import Card
from tests.image.machine import Machine

GPIO = 0x3F20_0000
SET, CLEAR, LEVEL = GPIO + 0x1C, GPIO + 0x28, GPIO + 0x34
OUTPUT = 1
DEVICE_TREE = "bcm2837-rpi-3-b.dtb"
WATCHDOG = "/soc/watchdog@7e100000"
REVISION = "0xa02082"  # a Pi 3B, 1.2


class Pi(Machine):
    """A Raspberry Pi 3B. `hold_button` before it is switched on, or not."""

    sockets = ("serial", "qmp", "printer", "qtest")

    def __init__(self, folder: Path, card: Card, button_pin: int) -> None:
        super().__init__(folder, card)
        self._button_pin = button_pin
        self.button_is_held = False
        self._qtest: socket.socket | None = None
        self.tree = folder / "dtb"
        for name, file in (("u-boot.bin", folder / "kernel"), (DEVICE_TREE, self.tree)):
            file.write_bytes(card.take(name))
        subprocess.run(["fdtput", "-c", self.tree, "/system"], check=True)
        subprocess.run(["fdtput", "-t", "x", self.tree, "/system", "linux,revision", REVISION], check=True)
        # QEMU's watchdog does not count: it resets the machine at once when it is armed.
        subprocess.run(["fdtput", "-t", "s", self.tree, WATCHDOG, "status", "disabled"], check=True)

    def command(self) -> list[str]:
        """Return how QEMU is called."""
        return [
            "qemu-system-aarch64", "-M", "raspi3b", "-accel", "tcg,thread=multi", "-display", "none", "-S",
            "-kernel", str(self.folder / "kernel"), "-dtb", str(self.tree),
            "-drive", f"if=sd,format=raw,cache=writeback,file={self.card.path}",
            *self._lines(),
            "-serial", "null", "-serial", "chardev:serial",
            "-qtest", f"unix:{self.folder / 'qtest'},server=on,wait=off", "-qtest-log", "none",
            "-device", "usb-kbd", "-device", "usb-serial,chardev=printer,serial=PAPER,always-plugged=on",
        ]  # fmt: skip

    def power_on(self, clock: str = "utc") -> None:
        """Switch it on, with the button held or not."""
        super().power_on(clock)
        self._qtest = socket.socket(socket.AF_UNIX)
        self._qtest.connect(str(self.folder / "qtest"))
        if not self.button_is_held:
            self.release_button()
        self.qmp("cont")

    def pull_the_plug(self) -> None:
        """Cut the power."""
        if self._qtest is not None:
            self._qtest.close()
        super().pull_the_plug()

    def release_button(self) -> None:
        """Let the button's pin go up."""
        self._ask(f"writel {SET:#x} {1 << self._button_pin:#x}")

    def is_high(self, pin: int) -> bool:
        """Tell whether a pin is high."""
        return bool(self._read(LEVEL) >> pin & 1)

    def is_output(self, pin: int) -> bool:
        """Tell whether somebody took a pin to drive it."""
        return self._read(GPIO + pin // 10 * 4) >> pin % 10 * 3 & 7 == OUTPUT

    def _read(self, register: int) -> int:
        return int(self._ask(f"readl {register:#x}").split()[1], 16)

    def _ask(self, words: str) -> str:
        assert self._qtest is not None
        self._qtest.sendall(f"{words}\n".encode())
        answer = b""
        with contextlib.closing(self._qtest.makefile("rb")) as told:
            answer = told.readline()
        assert answer.startswith(b"OK"), answer
        return answer.decode()
