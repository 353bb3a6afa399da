"""A bad line: a network of its own whose every packet is delayed, and some lost, on the way to and from this machine.

Packets of the kernel's own TCP pass through two TUN devices, one of them in a network namespace; between the two this
process drops and delays them. The kernel's netem would do the same, but is not in every kernel; losses here come from
a seed. It takes root.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TUN = Path("/dev/net/tun")
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
NET = "198.18.77"  # for measuring, and on no real network (RFC 2544)
NEAR, MOST = f"{NET}.1", 100
LOOK_S = 0.05
URGENT = -15  # nice value, of this thread alone
PACKET_BYTES = 65_536


class NoLineError(RuntimeError):
    """A line cannot be had here; its text says why."""


@dataclass
class Line:
    """The line: `loss` of its packets in each direction are lost, the others come `delay_s` later.

    `address` is this machine at its near end, `far(n)` an address at the other end, and `under` are the words before a
    command that runs there.
    """

    loss: float
    delay_s: float
    under: tuple[str, ...]
    address: str = NEAR
    carried: int = 0
    lost: int = 0
    ends: tuple[int, int] = (-1, -1)
    stop: threading.Event = field(default_factory=threading.Event)

    def far(self, number: int) -> str:
        return f"{NET}.{2 + number}"

    def carry(self) -> None:
        """Pass packets on until `stop`, before whatever else this machine does."""
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), URGENT)
        chance = random.Random(1)
        waiting: list[tuple[float, int, int, bytes]] = []
        other = dict(zip(self.ends, reversed(self.ends), strict=True))
        while not self.stop.is_set():
            pause_s = min(LOOK_S, max(0.0, waiting[0][0] - time.monotonic())) if waiting else LOOK_S
            for end in select.select(self.ends, [], [], pause_s)[0]:
                packet = os.read(end, PACKET_BYTES)
                self.carried += 1
                if chance.random() < self.loss:
                    self.lost += 1
                else:
                    heapq.heappush(waiting, (time.monotonic() + self.delay_s, self.carried, other[end], packet))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, end, packet = heapq.heappop(waiting)
                with contextlib.suppress(OSError):  # no packet to a device that is down
                    os.write(end, packet)


@contextmanager
def bad_line(loss: float, delay_s: float) -> Iterator[Line]:
    """A line for as long as the block runs. Raises NoLineError."""
    name = f"stallbox-{os.getpid()}"
    if os.geteuid() or not TUN.exists():
        raise NoLineError(f"a bad line takes root and {TUN}")
    try:
        run("ip", "netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoLineError("a bad line takes network namespaces, which this system does not give") from error
    line = Line(loss, delay_s, ("ip", "netns", "exec", name))
    try:
        line.ends = ends = tun(f"{name[-10:]}-a"), tun(f"{name[-10:]}-b")
        up(f"{name[-10:]}-a", f"{NEAR}/24")
        run("ip", "link", "set", f"{name[-10:]}-b", "netns", name)
        up(f"{name[-10:]}-b", *(f"{line.far(number)}/24" for number in range(MOST)), space=name)
        run("ip", "-n", name, "link", "set", "lo", "up")
        carrier = threading.Thread(target=line.carry, daemon=True)
        carrier.start()
        try:
            yield line
        finally:
            line.stop.set()
            carrier.join()
            for end in ends:
                os.close(end)
    finally:
        run("ip", "netns", "delete", name)


def tun(name: str) -> int:
    """Make a TUN device that goes when its descriptor is closed."""
    end = os.open(TUN, os.O_RDWR)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return end


def up(device: str, *addresses: str, space: str = "") -> None:
    """Give a device its addresses, and put it to work."""
    words = [f"address add {address} dev {device}" for address in addresses] + [f"link set {device} up"]
    with tempfile.NamedTemporaryFile("w", suffix=".ip") as file:
        file.write("\n".join(words) + "\n")
        file.flush()
        run("ip", *(["-n", space] if space else []), "-batch", file.name)


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=30)
