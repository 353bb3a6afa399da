"""The few things that only root may do, for a daemon that is not: one wish a connection, out of a fixed list.

systemd accepts the connection on a socket that only the daemon may open (systemd/stallbox-ask.socket) and starts this
module with it as standard input. A wish is one line of words; the answer is `ok` or `no: why`.

    power-off | restart
    time SECONDS            since 1970; from 2025 to 2099
    network share on|off    whether the stall's tablets may use the uplink
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LIMIT_BYTES = 200
FIREWALL = Path("/etc/stallbox/firewall.d/share.nft")
SHARED = 'add rule inet stallbox shared iifname "hotspot0" accept\n'
EARLIEST_S, LATEST_S = 1_735_689_600, 4_102_444_800  # 2025-01-01 and 2100-01-01
Run = Callable[[Sequence[str]], object]


class Refused(Exception):
    """The wish is none that is granted; the text says why."""


def grant(wish: str, run: Run, set_time: Callable[[int], object], firewall: Path = FIREWALL) -> None:
    """Do what is wished. Raises Refused, OSError and subprocess.SubprocessError."""
    verb, *words = wish.split()[:4] or [""]
    act = _VERBS.get(verb)
    if act is None:
        raise Refused(f"there is no '{verb}'; there are {', '.join(_VERBS)}")
    act(words, run, set_time, firewall)


def _power_off(words: Sequence[str], run: Run, set_time: Callable[[int], object], firewall: Path) -> None:
    _expect(words, 0)
    run(["systemctl", "--no-block", "poweroff"])


def _restart(words: Sequence[str], run: Run, set_time: Callable[[int], object], firewall: Path) -> None:
    _expect(words, 0)
    run(["systemctl", "--no-block", "reboot"])


def _time(words: Sequence[str], run: Run, set_time: Callable[[int], object], firewall: Path) -> None:
    _expect(words, 1)
    if not words[0].isdecimal() or not EARLIEST_S <= int(words[0]) < LATEST_S:
        raise Refused("a time is seconds since 1970, from 2025 to 2099")
    set_time(int(words[0]))


def _network(words: Sequence[str], run: Run, set_time: Callable[[int], object], firewall: Path) -> None:
    _expect(words, 2)
    if words[0] != "share" or words[1] not in ("on", "off"):
        raise Refused("of the network: share on, share off")
    firewall.write_text(SHARED if words[1] == "on" else "# The uplink is not shared.\n", encoding="ascii")
    run(["nft", "-f", "/etc/nftables.conf"])


_VERBS: Mapping[str, Callable[[Sequence[str], Run, Callable[[int], object], Path], None]] = {
    "power-off": _power_off,
    "restart": _restart,
    "time": _time,
    "network": _network,
}


def _expect(words: Sequence[str], count: int) -> None:
    if len(words) != count:
        raise Refused(f"takes {count} words, not {len(words)}")


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=30)


def answer(wish: str) -> str:
    """Grant a wish on this machine; return the line that goes back."""
    try:
        grant(wish, _run, lambda at_s: time.clock_settime(time.CLOCK_REALTIME, at_s))
    except Refused as refused:
        return f"no: {refused}"
    except (OSError, subprocess.SubprocessError) as error:
        return f"no: it failed: {error}"
    return "ok"


def main() -> None:
    """Answer the one line on standard input."""
    wish = sys.stdin.readline(LIMIT_BYTES)
    sys.stderr.write(f"asked: {wish!r}\n")
    sys.stdout.write(answer(wish) + "\n")


if __name__ == "__main__":
    main()
