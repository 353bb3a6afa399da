"""Reads ESC/POS: bytes in, operations out, however the bytes are cut up.

Command names, lengths and numbers are those of Epson's ESC/POS command reference. The reader knows the length of
every command it names, so that pictures and codes never spill onto the paper as text; a command it does not know
becomes an `unknown` operation of two bytes, as a printer drops what it does not understand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

ESC, FS, GS, DLE = 0x1B, 0x1C, 0x1D, 0x10
TEXT_RUN = re.compile(rb"[\x20-\xff]+")


@dataclass(frozen=True, slots=True)
class Operation:
    """One command or run of text. `values` are its parameter bytes, `data` what it carries, `raw` all of it."""

    name: str
    values: tuple[int, ...] = ()
    data: bytes = b""
    raw: bytes = b""


# Commands of a fixed length: two bytes of prefix -> (name, number of parameter bytes).
FIXED: dict[bytes, tuple[str, int]] = {
    b"\x1b@": ("init", 0),
    b"\x1bt": ("code_page", 1),
    b"\x1ba": ("align", 1),
    b"\x1bE": ("bold", 1),
    b"\x1bG": ("double_strike", 1),
    b"\x1b!": ("print_mode", 1),
    b"\x1d!": ("size", 1),
    b"\x1bM": ("font", 1),
    b"\x1b-": ("underline", 1),
    b"\x1dB": ("reverse", 1),
    b"\x1bd": ("feed_lines", 1),
    b"\x1bJ": ("feed_dots", 1),
    b"\x1b2": ("default_spacing", 0),
    b"\x1b3": ("line_spacing", 1),
    b"\x1bp": ("drawer", 3),
    b"\x1bi": ("cut", 0),
    b"\x1bm": ("cut", 0),
    b"\x1da": ("auto_status", 1),
    b"\x1dr": ("ordered_status", 1),
    b"\x1dI": ("printer_id", 1),
    b"\x10\x04": ("realtime_status", 1),
    b"\x10\x05": ("realtime_request", 1),
}

# Accepted and without effect on this paper (spacing, margins, page mode, barcode settings, kanji styles):
# lead byte and number of parameter bytes -> the letters.
IGNORED = {
    (b"\x1b", 0): b"SLv\x0c",
    (b"\x1b", 1): b"R {VeK=r?TUu%",
    (b"\x1b", 2): b"$\\c",
    (b"\x1b", 8): b"W",
    (b"\x1d", 0): b":",
    (b"\x1d", 1): b"hwHf/bT",
    (b"\x1d", 2): b"LWP\\$",
    (b"\x1d", 3): b"^",
    (b"\x1c", 0): b"&.",
    (b"\x1c", 1): b"!-CW",
    (b"\x1c", 2): b"Sp",
}
for (lead, count), letters in IGNORED.items():
    FIXED.update({lead + bytes([letter]): ("ignored", count) for letter in letters})

CONTROLS = {
    0x06: "acknowledge",
    0x0A: "line_feed",
    0x0D: "carriage_return",
    0x09: "tab",
    0x0C: "form_feed",
    0x18: "cancel",
}
GRAPHICS_FUNCTIONS = {64: "stored_names", 67: "store_graphics", 69: "show_graphics"}  # GS ( L with m = 48
QR_FUNCTIONS = {65: "qr_model", 67: "qr_size", 69: "qr_level", 80: "qr_store", 81: "qr_print"}
DLE_DC4_BYTES = {1: 5, 2: 5, 8: 10}  # pulse, power off, clear buffers: whole length by function

# A parser looks at the front of the buffer: an operation, or None while more bytes are needed.
Parser = Callable[[bytearray], Operation | None]


class Reader:
    """Turns bytes into operations. Never raises, whatever it is fed."""

    def __init__(self) -> None:
        """Start with nothing pending."""
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Operation]:
        """Return the operations that `data` completes; the rest is kept for the next call."""
        self._pending += data
        found = []
        while self._pending:
            operation = _next(bytes(self._pending[:8]), self._pending)
            if operation is None:
                break
            del self._pending[: len(operation.raw)]
            found.append(operation)
        return found


def _next(head: bytes, pending: bytearray) -> Operation | None:
    text = TEXT_RUN.match(pending)
    if text:
        run = bytes(text.group())
        return Operation("text", data=run, raw=run)
    if head[0] not in (ESC, FS, GS, DLE):
        return Operation(CONTROLS.get(head[0], "unknown"), raw=head[:1])
    if len(head) < 2:
        return None
    if head[:2] in FIXED:
        name, count = FIXED[head[:2]]
        return _cut_out(pending, 2 + count, name, 2)
    parser = VARIABLE.get(head[:2])
    if parser is not None:
        return parser(pending)
    return Operation("unknown", raw=head[:2])


def _cut_out(
    pending: bytearray, length: int, name: str, values_from: int, data_from: int | None = None
) -> Operation | None:
    """Cut `length` bytes out as one operation once they are all there."""
    if len(pending) < length:
        return None
    raw = bytes(pending[:length])
    data_from = length if data_from is None else data_from
    return Operation(name, tuple(raw[values_from:data_from]), raw[data_from:], raw)


def _sized(name: str, header: int, size: Callable[[bytearray], int]) -> Parser:
    """Build a parser of a command whose first `header` bytes tell how many bytes of data follow."""

    def parse(pending: bytearray) -> Operation | None:
        if len(pending) < header:
            return None
        return _cut_out(pending, header + size(pending), name, 2, header)

    return parse


def _bit_image_bytes(head: bytearray) -> int:
    columns = head[3] + 256 * head[4]
    return columns * (3 if head[2] in (32, 33) else 1)


def _raster_bytes(head: bytearray) -> int:
    return (head[4] + 256 * head[5]) * (head[6] + 256 * head[7])


def _graphics(pending: bytearray) -> Operation | None:
    """GS v 0 m xL xH yL yH d…; any other letter after GS v is not known."""
    if len(pending) < 3:
        return None
    if pending[2] not in (0, 0x30):
        return Operation("unknown", raw=bytes(pending[:3]))
    return _sized("raster", 8, _raster_bytes)(pending)


def _parenthesis(pending: bytearray) -> Operation | None:
    """GS ( x and FS ( x: the length follows the letter. QR codes, stored graphics and the process ID hide in here."""
    if len(pending) < 5:
        return None
    length = 5 + pending[3] + 256 * pending[4]
    operation = _cut_out(pending, length, "ignored", 2, 5)
    if operation is None or pending[0] != GS:
        return operation
    data = operation.data
    if pending[2] == ord("k") and len(data) >= 2 and data[0] == 49 and data[1] in QR_FUNCTIONS:
        return Operation(QR_FUNCTIONS[data[1]], tuple(data[:2]), data[2:], operation.raw)
    if pending[2] == ord("L") and len(data) >= 2 and data[0] == 48 and data[1] in GRAPHICS_FUNCTIONS:
        return Operation(GRAPHICS_FUNCTIONS[data[1]], tuple(data[:2]), data[2:], operation.raw)
    if pending[2] == ord("H") and len(data) == 6 and data[:2] == b"00":
        return Operation("process_id", tuple(data[:2]), data[2:], operation.raw)
    return operation


def _barcode(pending: bytearray) -> Operation | None:
    """GS k m d… NUL for m 0-6, GS k m n d… for m 65-79."""
    if len(pending) < 4:
        return None
    if pending[2] >= 65:
        return _cut_out(pending, 4 + pending[3], "barcode", 2, 4)
    if pending[2] > 6:
        return Operation("unknown", raw=bytes(pending[:3]))
    end = pending.find(0, 3)
    if end < 0:
        return None
    raw = bytes(pending[: end + 1])
    return Operation("barcode", (raw[2],), raw[3:-1], raw)


def _cut(pending: bytearray) -> Operation | None:
    """GS V m, and GS V m n where m feeds first (65, 66 and up)."""
    if len(pending) < 3:
        return None
    return _cut_out(pending, 4 if pending[2] >= 65 else 3, "cut", 2)


def _tabs(pending: bytearray) -> Operation | None:
    """ESC D n… NUL: at most 32 stops."""
    end = pending.find(0, 2, 35)
    if end < 0:
        return Operation("unknown", raw=bytes(pending[:2])) if len(pending) >= 35 else None
    return _cut_out(pending, end + 1, "ignored", 2)


def _user_characters(pending: bytearray) -> Operation | None:
    """ESC & y c1 c2, then for each character its width x and x * y bytes."""
    if len(pending) < 5:
        return None
    length = 5
    for _ in range(pending[4] - pending[3] + 1):
        if len(pending) <= length:
            return None
        length += 1 + pending[length] * pending[2]
    return _cut_out(pending, length, "ignored", 2)


def _realtime_control(pending: bytearray) -> Operation | None:
    """DLE DC4 fn …: the pulse opens the drawer, the others do nothing here."""
    if len(pending) < 3:
        return None
    length = DLE_DC4_BYTES.get(pending[2])
    if length is None:
        return Operation("unknown", raw=bytes(pending[:2]))
    return _cut_out(pending, length, "drawer" if pending[2] == 1 else "ignored", 3)


VARIABLE: dict[bytes, Parser] = {
    b"\x1b*": _sized("bit_image", 5, _bit_image_bytes),
    b"\x1bD": _tabs,
    b"\x1b&": _user_characters,
    b"\x1dv": _graphics,
    b"\x1d*": _sized("ignored", 4, lambda head: head[2] * head[3] * 8),
    b"\x1d8": _sized("ignored", 7, lambda head: int.from_bytes(head[3:7], "little")),
    b"\x1d(": _parenthesis,
    b"\x1c(": _parenthesis,
    b"\x1dk": _barcode,
    b"\x1dV": _cut,
    b"\x10\x14": _realtime_control,
}
