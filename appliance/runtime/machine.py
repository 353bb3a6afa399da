"""What the computer tells of itself: its make, its start, its power supply, for a report to who supports the box.

Sources: Documentation/hwmon/raspberrypi-hwmon (in0_lcrit_alarm: the supply was too low); the Raspberry Pi kernel's
get_throttled (bit 0 too low now, bit 16 since the start); Documentation/watchdog/watchdog-api.rst (bootstatus).
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path

ROOT = Path("/")
_CARD = ("type", "name", "manfid", "oemid", "date", "fwrev", "life_time", "pre_eol_info")  # never its serial number
_THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"


def facts(root: Path = ROOT) -> Mapping[str, object]:
    """Return what is readable, by name; what is not is left out."""
    told = {
        "model": _text(root / "proc/device-tree/model").rstrip("\0"),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "system": _named(root / "etc/os-release", "PRETTY_NAME"),
        "image": _text(root / "usr/lib/stallbox/version"),
        "slot": slot(root),
        "uptime_s": _text(root / "proc/uptime").partition(" ")[0],
        "load": _text(root / "proc/loadavg"),
        "memory": [line for line in _text(root / "proc/meminfo").splitlines() if line.startswith(("MemT", "MemA"))],
        "temperature_mc": _text(root / "sys/class/thermal/thermal_zone0/temp"),
        "undervoltage": undervoltage(root),
        "watchdog_bootstatus": _text(root / "sys/class/watchdog/watchdog0/bootstatus"),
    }
    return {name: value for name, value in told.items() if value not in ("", [], {})}


def slot(root: Path = ROOT) -> str:
    """Return the slot that the image started from, A or B; empty elsewhere."""
    words = _text(root / "proc/cmdline").split()
    return next((word.partition("=")[2] for word in words if word.startswith("stallbox.slot=")), "")


def undervoltage(root: Path = ROOT) -> Mapping[str, str]:
    """Return what the kernel noticed of a supply that was too weak, empty where it does not look."""
    found = {}
    if flags := _text(root / _THROTTLED):
        found["get_throttled"] = flags
    for sensor in sorted((root / "sys/class/hwmon").glob("hwmon*")):
        if _text(sensor / "name") == "rpi_volt":
            found["rpi_volt_alarm"] = _text(sensor / "in0_lcrit_alarm")
    return found


def card(device: Path | None) -> Mapping[str, str]:
    """Return make, date and wear of a card by its folder in sysfs; never its serial number."""
    return {name: value for name in _CARD if device and (value := _text(device / name))}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _named(path: Path, name: str) -> str:
    for line in _text(path).splitlines():
        key, _, value = line.partition("=")
        if key == name:
            return value.strip('"')
    return ""
