"""The machine that the card is put into: QEMU's virt board through U-Boot, with what hangs on its USB ports.

Seen and touched from outside only: the serial line, the network port, the keyboard's keys, the printer's cable. Its
network is QEMU's own with restrict=on: nothing that the guest sends leaves this computer.
"""

from __future__ import annotations

import contextlib
import email.utils
import http.cookiejar
import json
import os
import re
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from appliance.sim.escpos.printer import EmulatedPrinter
from tests.image.card import OUT, Card

U_BOOT = OUT / "stage/uboot/usr/lib/u-boot/qemu_arm64/u-boot.bin"
LIMIT_S = 1200.0  # a start; it takes a minute on an idle machine, and ten on one that is busy
KEY_MS = 10
KEYS = {"-": "minus", "\n": "ret", ".": "dot", "/": "slash"}


class Cable:
    """The printer's USB cable: plugged in, QEMU shows a serial adapter; pulled out, it is gone."""

    def __init__(self, path: Path, printer: EmulatedPrinter) -> None:
        self._path, self._printer = path, printer
        self._wire: socket.socket | None = None

    def plug(self) -> None:
        """Put it in."""
        self._wire = socket.socket(socket.AF_UNIX)
        self._wire.connect(str(self._path))
        threading.Thread(target=self._carry, args=(self._wire,), daemon=True).start()

    def unplug(self) -> None:
        """Pull it out."""
        if self._wire is not None:
            self._wire.shutdown(socket.SHUT_RDWR)
            self._wire.close()
            self._wire = None

    def send(self, data: bytes) -> None:
        """Carry what the printer says by itself."""
        if self._wire is not None:
            self._wire.sendall(data)

    def _carry(self, wire: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := wire.recv(4096):
                wire.sendall(self._printer.feed(data))


class Machine:
    """One machine with one card in it. `more` are further words for QEMU: what else is plugged in."""

    sockets = ("serial", "qmp", "printer")

    def __init__(self, folder: Path, card: Card, memory_mb: int = 1024, more: Sequence[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.card, self._memory_mb, self._more = folder, card, memory_mb, more
        self.printer = EmulatedPrinter()
        self.cable = Cable(folder / "printer", self.printer)
        self.printer.connect(self.cable)
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._qmp: socket.socket | None = None
        self._cookies = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def command(self) -> list[str]:
        """Return how QEMU is called."""
        return [
            "qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-smp", "2", "-m", str(self._memory_mb),
            "-accel", "tcg,thread=multi", "-bios", str(U_BOOT), "-display", "none", "-nodefaults",
            "-drive", f"if=none,id=card,format=raw,cache=writeback,file={self.card.path}",
            "-device", "virtio-blk-pci,drive=card",
            *self._lines(),
            "-serial", "chardev:serial",
            "-device", "qemu-xhci", "-device", "usb-kbd", "-device", "usb-serial,chardev=printer,serial=PAPER",
            "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:80",
            "-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci",
            "-device", "virtio-balloon-pci,id=balloon", *self._more,
        ]  # fmt: skip

    def _lines(self) -> list[str]:
        """Return the lines that lead out of QEMU: the serial line, its monitor, the printer's cable."""
        serial, qmp, printer = (self.folder / name for name in ("serial", "qmp", "printer"))
        return [
            "-chardev", f"socket,id=serial,path={serial},server=on,wait=off,logfile={self.log_path}",
            "-qmp", f"unix:{qmp},server=on,wait=off",
            "-chardev", f"socket,id=printer,path={printer},server=on,wait=off",
        ]  # fmt: skip

    @property
    def log_path(self) -> Path:
        """Where the serial line is written to."""
        return self.folder / "serial.log"

    @property
    def log(self) -> str:
        """What came over the serial line so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""

    def power_on(self, clock: str = "utc") -> None:
        """Switch it on, with the printer plugged in; `clock` is what its clock shows (QEMU's -rtc base=)."""
        self.log_path.unlink(missing_ok=True)
        nice = ["nice", "-n", "10"] if "CI" not in os.environ else []
        with (self.folder / "qemu.log").open("wb") as output:
            command = [*nice, *self.command(), "-rtc", f"base={clock}"]
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        self.wait(lambda: (self.folder / "qmp").exists() and (self.folder / "printer").exists(), "QEMU", 60)
        self._qmp = socket.socket(socket.AF_UNIX)
        self.wait(self._connected, "QEMU's monitor", 60)
        self._qmp.makefile("rb").readline()
        self.qmp("qmp_capabilities")
        self.cable.plug()

    def _connected(self) -> bool:
        assert self._qmp is not None
        with contextlib.suppress(OSError):
            self._qmp.connect(str(self.folder / "qmp"))
            return True
        return False

    def pull_the_plug(self) -> None:
        """Cut the power."""
        if self._process is not None:
            self.cable.unplug()
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._qmp is not None:
            self._qmp.close()
        for name in self.sockets:
            (self.folder / name).unlink(missing_ok=True)

    def qmp(self, command: str, **arguments: object) -> Any:
        """Run a command of QEMU's machine protocol."""
        assert self._qmp is not None
        self._qmp.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        buffer = b""
        while True:
            buffer += self._qmp.recv(65536)
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                told = json.loads(line)
                if "error" in told:
                    raise RuntimeError(f"{command}: {told['error']['desc']}")
                if "return" in told:
                    return told["return"]

    def type(self, text: str) -> None:
        """Type on the USB keyboard, key by key, as fast as a scanner does: QEMU plays them from a queue of its own."""
        for char in text:
            key = KEYS.get(char, char.lower())
            names = [{"type": "qcode", "data": name} for name in (["shift", key] if char.isupper() else [key])]
            self.qmp("send-key", keys=names, **{"hold-time": KEY_MS})

    def wait_for(self, pattern: str, limit_s: float = LIMIT_S) -> re.Match[str]:
        """Wait for a pattern on the serial line."""
        found: list[re.Match[str]] = []

        def seen() -> bool:
            if match := re.search(pattern, self.log):
                found.append(match)
            return bool(found)

        self.wait(seen, f"'{pattern}' on the serial line", limit_s)
        return found[0]

    def wait(self, condition: Callable[[], object], what: str, limit_s: float = LIMIT_S) -> None:
        """Wait for a condition; AssertionError with the end of the serial log when it takes too long."""
        give_up_s = time.monotonic() + limit_s
        while not condition():
            if self._process is not None and self._process.poll() is not None:
                raise AssertionError(f"QEMU ended: {(self.folder / 'qemu.log').read_text()}")
            if time.monotonic() > give_up_s:
                raise AssertionError(f"no {what} within {limit_s:g} s; the serial line said last:\n{self.log[-3000:]}")
            threading.Event().wait(0.25)

    def is_on(self) -> bool:
        """Tell whether it is switched on; a guest that powers off ends QEMU."""
        return self._process is not None and self._process.poll() is None

    def memory_used_mb(self) -> int:
        """Return how much memory is in use, as the guest's balloon driver tells."""
        place = {"path": "/machine/peripheral/balloon"}
        self.qmp("qom-set", **place, property="guest-stats-polling-interval", value=1)
        stats: dict[str, Any] = {}

        def told() -> bool:
            stats.update(self.qmp("qom-get", **place, property="guest-stats"))
            return stats["last-update"] > 0

        self.wait(told, "word of the balloon driver", 60)
        total, free = (stats["stats"][f"stat-{name}-memory"] for name in ("total", "available"))
        return int(total - free) // 2**20

    def paper(self) -> str:
        """Return what is printed so far."""
        return self.printer.text()

    def get(self, path: str, host: str = "stall.box", **headers: str) -> tuple[int, str]:
        """Ask the box for a page through the cable."""
        return self.ask(urllib.request.Request(self.url(path), headers={"Host": host, **headers}))

    def clock_s(self) -> float:
        """Return what the box's clock shows, in seconds since 1970, as its web server dates an answer."""
        with self.browser.open(self.url("/healthz"), timeout=30) as answer:
            return email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp()

    def ask(self, request: urllib.request.Request) -> tuple[int, str]:
        """Send a request; errors of HTTP are answers as well, no answer is (0, why)."""
        try:
            with self.browser.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def url(self, path: str) -> str:
        """Return an address of the box as this computer reaches it."""
        return f"http://127.0.0.1:{self.port}{path}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
