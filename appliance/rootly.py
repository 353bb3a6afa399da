"""The few things that only root may do, for a daemon that is not: one wish a connection, out of a fixed list.

systemd accepts the connection on a socket that only the daemon may open (systemd/stallbox-ask.socket) and starts this
module with it as standard input. A wish is one line of words; the answer is `ok` or `no: why`.

    power-off | restart
    time SECONDS            since 1970; from the build of the system to ten years after it
    stick mount|unmount     the one that udev names, where its mount unit says
    wifi NAME PASSWORD CC   name and password of the hotspot in hex, the country in two letters or -
    network share on|off    whether the stall's tablets may use the uplink
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT_BYTES = 250
FIREWALL = Path("/etc/stallbox/firewall.d/share.nft")
SETUP = Path("/var/lib/stallbox-box/setup.json")  # what the owner set by the page: read by `stallbox first-boot`
HOTSPOT = "stallbox-hotspot"  # the connection that `stallbox first-boot` writes
ANSWER_FIRST_S = 5  # a tablet hears that it has to join anew before the radio is gone
STICK = "run-stallbox-stick.mount"
SHARED = 'add rule inet stallbox shared iifname "hotspot0" accept\n'
BUILT = Path("/usr/lib/clock-epoch")  # its date is the build's
LATEST_AFTER_S = 3653 * 86_400
CLOCK_NOTE = Path(
    "/var/lib/stallbox-box/clock"
)  # its date is the floor of the next start: see the image's clock script
Run = Callable[[Sequence[str]], object]


@dataclass(frozen=True)
class Machine:
    """What wishes work on: how to run a command, how to set the clock, and the files."""

    run: Run
    set_time: Callable[[int], object]
    firewall: Path = FIREWALL
    built: Path = BUILT
    clock_note: Path = CLOCK_NOTE
    setup: Path = SETUP


class Refused(Exception):
    """The wish is none that is granted; the text says why."""


def grant(wish: str, machine: Machine) -> None:
    """Do what is wished. Raises Refused, OSError and subprocess.SubprocessError."""
    verb, *words = wish.split()[:4] or [""]
    act = _VERBS.get(verb)
    if act is None:
        raise Refused(f"there is no '{verb}'; there are {', '.join(_VERBS)}")
    act(words, machine)


def _power_off(words: Sequence[str], machine: Machine) -> None:
    _expect(words, 0)
    machine.run(["systemctl", "--no-block", "poweroff"])


def _restart(words: Sequence[str], machine: Machine) -> None:
    _expect(words, 0)
    machine.run(["systemctl", "--no-block", "reboot"])


def _time(words: Sequence[str], machine: Machine) -> None:
    _expect(words, 1)
    built_s = int(machine.built.stat().st_mtime)
    if not words[0].isdecimal() or not built_s <= int(words[0]) < built_s + LATEST_AFTER_S:
        raise Refused(f"a time is seconds since 1970, from {built_s}, when this was built, to ten years after that")
    at_s = int(words[0])
    machine.set_time(at_s)
    machine.clock_note.touch()
    os.utime(machine.clock_note, (at_s, at_s))  # the floor of the next start goes back with it


def _network(words: Sequence[str], machine: Machine) -> None:
    _expect(words, 2)
    if words[0] != "share" or words[1] not in ("on", "off"):
        raise Refused("of the network: share on, share off")
    machine.firewall.write_text(SHARED if words[1] == "on" else "# The uplink is not shared.\n", encoding="ascii")
    machine.firewall.chmod(0o644)  # the daemon shows how it is
    machine.run(["nft", "-f", "/etc/nftables.conf"])


def _stick(words: Sequence[str], machine: Machine) -> None:
    _expect(words, 1)
    act = {"mount": "start", "unmount": "stop"}.get(words[0])
    if act is None:
        raise Refused("of the stick: mount, unmount")
    machine.run(["systemctl", act, STICK])


def _wifi(words: Sequence[str], machine: Machine) -> None:
    """Keep the words, have the hotspot written anew by them, and have the radio go by it once the answer is out."""
    _expect(words, 3)
    try:
        name, password = (bytes.fromhex(word).decode() for word in words[:2])
    except ValueError:
        raise Refused("a name and a password are UTF-8 in hex") from None
    if not 1 <= len(name.encode()) <= 32 or not name.isprintable() or not re.fullmatch("[ -~]{8,63}", password):
        raise Refused("a name has 1 to 32 bytes, a password 8 to 63 printable ASCII characters")
    if not re.fullmatch("[A-Z]{2}|-", words[2]):
        raise Refused("a country is two letters, or - for none")
    wanted = {"wifi_name": name, "wifi_password": password} | ({} if words[2] == "-" else {"country": words[2]})
    _write(machine.setup, json.dumps(wanted).encode())
    machine.run(["systemctl", "restart", "stallbox-first-boot.service"])
    machine.run(["systemctl", "restart", "stallbox-country.service"])
    machine.run(["nmcli", "connection", "reload"])
    up = ["nmcli", "connection", "up", HOTSPOT]
    machine.run(["systemd-run", f"--on-active={ANSWER_FIRST_S}", "--timer-property=AccuracySec=1s", *up])


def _write(path: Path, content: bytes) -> None:
    """Write a private file so that after a power cut it is there whole or not at all."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


_VERBS: Mapping[str, Callable[[Sequence[str], Machine], None]] = {
    "power-off": _power_off,
    "restart": _restart,
    "time": _time,
    "stick": _stick,
    "wifi": _wifi,
    "network": _network,
}


def _expect(words: Sequence[str], count: int) -> None:
    if len(words) != count:
        raise Refused(f"takes {count} words, not {len(words)}")


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=30)


def answer(wish: str, machine: Machine) -> str:
    """Grant a wish; return the line that goes back."""
    try:
        grant(wish, machine)
    except Refused as refused:
        return f"no: {refused}"
    except (OSError, subprocess.SubprocessError) as error:
        return f"no: it failed: {error}"
    return "ok"


def main() -> None:
    """Answer the one line on standard input."""
    wish = sys.stdin.readline(LIMIT_BYTES)
    sys.stderr.write(f"asked: {wish.split()[:1]}\n")  # a password may follow
    machine = Machine(_run, lambda at_s: time.clock_settime(time.CLOCK_REALTIME, at_s))
    sys.stdout.write(answer(wish, machine) + "\n")


if __name__ == "__main__":
    main()
