"""The emulated printer: paper, sensors, an input buffer, what it answers, and how it fails.

Real-time questions (DLE EOT) are answered the moment they arrive, even when the printer is offline. Everything
else waits its turn in the input buffer, which stands still while there is no paper or the cover is open; so GS r
and GS ( H are answered only when all that came before them is on paper. Bits and headers are those of Epson's
ESC/POS command reference (DLE EOT, GS a, GS r, GS I, GS ( H function 48).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Protocol

from appliance.sim.escpos import drawing
from appliance.sim.escpos.paper import Paper, Sheet
from appliance.sim.escpos.reader import Operation, Reader

BUFFER_BYTES = 4096
FAULTS = (
    "paper_out",
    "paper_near_end",
    "cover_open",
    "cutter",
    "silent",
    "stalled",
    "unplugged",
    "garbage",
    "power_lost",
)
HOLDS_PAPER = {"paper_out", "cover_open", "cutter"}  # offline: the buffer stands still
MUTE = {"silent", "stalled", "power_lost", "unplugged"}
GARBAGE = b"\xff\xfe\x80\xa5"
REALTIME_STATUS = re.compile(rb"\x10\x04[\x01-\x04]")


class Cable(Protocol):
    """What the printer needs of its wire."""

    def send(self, data: bytes) -> None:
        """Carry what the printer says by itself."""

    def plug(self) -> None:
        """Put the cable in."""

    def unplug(self) -> None:
        """Pull the cable out."""


class EmulatedPrinter:
    """A receipt printer at the far end of a wire. Every method may be called from any thread."""

    def __init__(
        self,
        width_dots: int = 576,
        on_bytes: Callable[[bytes], None] | None = None,
        on_paper: Callable[[], None] | None = None,
        graphics_memory: bool = True,
    ) -> None:
        """Switch it on; without `graphics_memory` it knows no GS ( L.

        `on_bytes` gets what became paper, `on_paper` is told of more; they run under the lock.
        """
        self.paper = Paper(width_dots)
        self.on_bytes = on_bytes
        self.on_paper = on_paper
        self._graphics_memory = graphics_memory
        self._lock = threading.RLock()
        self._cable: Cable | None = None
        self._fault: str | None = None
        self._fault_after: tuple[str, int] | None = None
        self._reader = Reader()
        self._buffer = bytearray()
        self._recent = b""  # the end of what came, where a real-time question may have begun
        self._auto_status = False
        self._last_status = b""

    @property
    def fault(self) -> str | None:
        """Name of the fault that is set."""
        return self._fault

    @property
    def drawer_pulses(self) -> int:
        """How often the drawer was opened."""
        return self.paper.drawer_pulses

    def connect(self, cable: Cable) -> None:
        """Tell the printer its cable, for what it says by itself and for the fault `unplugged`."""
        self._cable = cable

    def text(self, last: int | None = None) -> str:
        """Return the newest `last` sheets (all when None) as text; see Paper.text."""
        with self._lock:
            return self.paper.text(last)

    def png(self, last: int | None = None) -> bytes:
        """Return the newest `last` sheets (all when None) as PNG; the printer goes on while they are drawn."""
        return drawing.png(self.sheets(last), self.paper.width_dots)

    def sheets(self, last: int | None = None) -> list[Sheet]:
        """Return copies of the newest `last` sheets (all when None), oldest first, to be looked at in peace."""
        with self._lock:
            return [Sheet(list(sheet.items), bytearray(sheet.raw), sheet.cut) for sheet in self.paper.newest(last)]

    def raw(self) -> bytes:
        """Return the bytes that became paper."""
        with self._lock:
            return self.paper.raw()

    def restore(self, raw: bytes) -> None:
        """Lay down paper from before: the bytes that `on_bytes` got. Nothing is answered."""
        with self._lock:
            self.paper.apply(Reader().feed(raw))
            self.paper.reset()

    def room(self) -> int:
        """Return how many bytes the input buffer takes now; 0 makes the wire stop reading."""
        with self._lock:
            return 0 if self._fault == "stalled" else BUFFER_BYTES - len(self._buffer)

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the wire; return what the printer answers. More than `room()` overruns and is lost."""
        with self._lock:
            if self._fault == "power_lost":
                return b""
            answers = self._answer_at_once(data)
            while data and (room := BUFFER_BYTES - len(self._buffer)):
                self._buffer += data[:room]
                data = data[room:]
                answers += self._work()
            return answers

    def set_fault(self, name: str | None) -> None:
        """Break the printer by one of FAULTS, or mend it with None. Raises ValueError for another name."""
        if name is not None and name not in FAULTS:
            raise ValueError(f"no fault '{name}'; there are {', '.join(FAULTS)}")
        with self._lock:
            before = self._become(name)
            answers = self._work()
        cable = self._cable
        if cable is None:
            return
        # Outside the lock: pulling the cable waits for the thread that may be feeding this printer.
        if name == "unplugged":
            cable.unplug()
        elif before == "unplugged":
            cable.plug()
        if answers:
            cable.send(answers)

    def fail_after(self, name: str, printed_bytes: int) -> None:
        """Set the fault by itself once that many more bytes were printed. Not for `unplugged`, a hand's work."""
        if name not in FAULTS or name == "unplugged":
            raise ValueError(f"fault '{name}' cannot come by itself")
        if printed_bytes <= 0:
            raise ValueError("say after how many bytes, at least 1")
        with self._lock:
            self._fault_after = (name, printed_bytes)

    def lose_power_after(self, printed_bytes: int) -> None:
        """Lose power once that many more bytes were printed; `set_fault(None)` switches it on again."""
        self.fail_after("power_lost", printed_bytes)

    def _answer_at_once(self, data: bytes) -> bytes:
        window = self._recent + data
        answers = bytearray()
        end = 0
        for question in REALTIME_STATUS.finditer(window):
            answers += self._say(bytes([self._realtime(question.group()[2])]))
            end = question.end()
        self._recent = window[end:][-2:]
        return bytes(answers)

    def _become(self, name: str | None) -> str | None:
        before, self._fault = self._fault, name
        self._fault_after = None
        if name == "power_lost":
            self._power_cycle()
        return before

    def _power_cycle(self) -> None:
        self._reader = Reader()
        self._buffer.clear()
        self._recent = b""
        self._auto_status = False
        self._last_status = b""
        self.paper.reset()

    def _work(self) -> bytes:
        """Print what the buffer holds as far as the paper goes; return the answers due."""
        answers = bytearray()
        printed = 0
        while self._buffer and self._fault not in HOLDS_PAPER | {"stalled", "power_lost"}:
            piece = bytes(self._buffer[: self._fault_after[1] if self._fault_after else None])
            del self._buffer[: len(piece)]
            for operation in self._reader.feed(piece):
                self._print(operation)
                printed += 1
                answers += self._say(self._answer(operation))
            self._count_down(len(piece))
        answers += self._say(self._automatic_status())
        if printed and self.on_paper is not None:
            self.on_paper()
        return bytes(answers)

    def _count_down(self, printed_bytes: int) -> None:
        if self._fault_after is None:
            return
        name, left = self._fault_after
        if left <= printed_bytes:
            self._become(name)
        else:
            self._fault_after = (name, left - printed_bytes)

    def _print(self, operation: Operation) -> None:
        if operation.name.endswith("_graphics") and not self._graphics_memory:
            return
        self.paper.apply([operation])
        if self.on_bytes is not None:
            self.on_bytes(operation.raw)

    def _say(self, answer: bytes) -> bytes:
        if not answer or self._fault in MUTE:
            return b""
        return GARBAGE if self._fault == "garbage" else answer

    def _realtime(self, question: int) -> int:
        """DLE EOT n: 1 printer, 2 cause of being offline, 3 error, 4 paper; bits 1 and 4 are always on."""
        fault = self._fault
        bits = {
            1: 0x08 if fault in HOLDS_PAPER else 0,
            2: {"cover_open": 0x04, "paper_out": 0x20, "cutter": 0x40}.get(fault or "", 0),
            3: 0x08 if fault == "cutter" else 0,
            4: {"paper_out": 0x6C, "paper_near_end": 0x0C}.get(fault or "", 0),
        }
        return 0x12 | bits[question]

    def _automatic_status(self) -> bytes:
        """GS a: four bytes whenever they change."""
        if not self._auto_status:
            return b""
        fault = self._fault or ""
        first = 0x10 | (0x08 if fault in HOLDS_PAPER else 0) | (0x20 if fault == "cover_open" else 0)
        third = {"paper_out": 0x0F, "paper_near_end": 0x03}.get(fault, 0)
        status = bytes([first, 0x08 if fault == "cutter" else 0, third, 0])
        changed, self._last_status = status != self._last_status, status
        return status if changed else b""

    def _answer(self, operation: Operation) -> bytes:
        """Return the answer to a question that waited its turn."""
        match operation.name:
            case "ordered_status":
                return bytes([0x03 if self._fault == "paper_near_end" and operation.values[0] in (1, 49) else 0])
            case "process_id":
                return b"\x37\x22" + operation.data + b"\x00"
            case "stored_names" if self._graphics_memory:
                return b"\x37\x72\x40" + b"".join(sorted(self.paper.stored)[:40]) + b"\x00"
            case "printer_id":
                return {1: b"\x20", 2: b"\x02", 3: b"\x41", 66: b"_STALLBOX\x00", 67: b"_EMULATED\x00"}.get(
                    operation.values[0], b""
                )
            case "auto_status":
                self._auto_status, self._last_status = operation.values[0] != 0, b""
            case "init":
                self._auto_status = False
        return b""
