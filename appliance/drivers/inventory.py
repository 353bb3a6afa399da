"""What is plugged in, by the names that the kernel and udev give: nothing is opened, nothing is asked.

Paths and attributes: /dev/serial/by-id and /dev/input/by-id (udev's 60-serial and 60-persistent-input rules),
usblp's ieee1284_id (Documentation/ABI, sysfs-class-usbmisc), /sys/class/power_supply and /sys/class/video4linux (the
kernel's admin guide), and the name of a HAT in the device tree (Raspberry Pi's HAT specification).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Words of makers and models in udev's names, and what such a thing is.
_WORDS = (
    ("solar", r"victron|ve[._-]?direct"),
    ("modem", r"modem|huawei|quectel|sim7\d|sierra"),
    ("scanner", r"scan|barcode|honeywell|metrologic|zebra|symbol|datalogic|newland|opticon|netum|inateck|wch.*hid"),
    ("printer", r"epson|tm-[a-z]?\d|star_micronics|citizen|pos-?\d|printer|thermal|xprinter|rongta|bixolon"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing on the table: what it is taken for, how it is reached, and its name."""

    kind: str  # printer, scanner, keyboard, solar, modem, serial, i2c, hat, power_supply, camera
    port: str
    name: str


def look(root: Path = Path("/")) -> list[Found]:
    """Return what is plugged in below `root`, in a steady order."""
    return [
        *_usb_printers(root),
        *_serial_lines(root),
        *_keyboards(root),
        *_boards(root),
        *_power_supplies(root),
        *_cameras(root),
    ]


def _usb_printers(root: Path) -> Iterator[Found]:
    by_role = {path.resolve(): path for path in sorted((root / "dev/stallbox").glob("*printer*"))}
    for path in sorted((root / "dev/usb").glob("lp*")):
        told = _text(root / "sys/class/usbmisc" / path.name / "device/ieee1284_id")
        fields = dict(part.partition(":")[::2] for part in told.split(";"))
        name = f"{fields.get('MFG', '')} {fields.get('MDL', '')}".strip()
        yield Found("printer", _port(by_role.get(path.resolve(), path), root), name or path.name)


def _serial_lines(root: Path) -> Iterator[Found]:
    for path in sorted((root / "dev/serial/by-id").glob("*")):
        yield Found(_kind_of(path.name, "serial"), _port(path, root), _readable(path.name))


def _keyboards(root: Path) -> Iterator[Found]:
    for path in sorted((root / "dev/input/by-id").glob("*-event-kbd")):
        kind = _kind_of(path.name, "keyboard")
        yield Found(kind if kind == "scanner" else "keyboard", _port(path, root), _readable(path.name))


def _boards(root: Path) -> Iterator[Found]:
    product = _text(root / "proc/device-tree/hat/product")
    if product:
        yield Found("hat", "the header", product)
    for path in sorted((root / "dev").glob("i2c-*")):
        name = _text(root / "sys/class/i2c-dev" / path.name / "name")
        yield Found("i2c", _port(path, root), name or "I2C bus")


def _power_supplies(root: Path) -> Iterator[Found]:
    for path in sorted((root / "sys/class/power_supply").glob("*")):
        yield Found("power_supply", _port(path, root), _text(path / "type") or path.name)


def _cameras(root: Path) -> Iterator[Found]:
    for path in sorted((root / "sys/class/video4linux").glob("video*")):
        if _text(path / "index") in ("", "0"):  # the others of one camera are for its metadata
            yield Found("camera", f"/dev/{path.name}", _text(path / "name") or path.name)


def _kind_of(name: str, otherwise: str) -> str:
    return next((kind for kind, words in _WORDS if re.search(words, name, re.IGNORECASE)), otherwise)


def _readable(name: str) -> str:
    """Take udev's beginning and end off a name: usb-Honeywell_Scanner_123-event-kbd."""
    bare = re.sub(r"^(usb|pci|bluetooth)-|-event-kbd$|-if\d+(-port\d+)?$", "", name)
    return bare.replace("_", " ")


def _port(path: Path, root: Path) -> str:
    return "/" + str(path.relative_to(root))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return ""
