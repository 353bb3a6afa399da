"""The ports of the devices in memory: for tests of what uses a device, where its wire does not matter.

tests/drivers/test_ports.py holds them to the same suite as the real drivers on their emulators.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

from appliance.core.devices import (
    BatteryReading,
    Blink,
    Lamp,
    Paper,
    PrinterNotReady,
    PrinterStatus,
    Sound,
)
from appliance.core.document import Document
from appliance.core.errors import DeviceLost
from appliance.core.modem import ModemStatus, Network, Sim, SmsRefused
from appliance.core.sms.parts import Part
from appliance.core.sms.pdu import Report


class _Fake:
    """The life: open or not, there or not (`away`)."""

    model = "fake"

    def __init__(self) -> None:
        self.away = False
        self.is_open = False

    def open(self) -> None:
        self._look()
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def _look(self) -> None:
        if self.away:
            raise DeviceLost("unplugged", "The fake is away.", "Bring it back.")


class FakeScanner(_Fake):
    """Reads the codes that are scanned while it is open, one after the other."""

    def __init__(self, codes: Sequence[bytes] = ()) -> None:
        super().__init__()
        self.codes = deque(codes)

    def scan(self, code: str) -> None:
        if self.is_open:
            self.codes.append(code.encode())

    def read(self, timeout_s: float) -> bytes | None:
        self._look()
        return self.codes.popleft() if self.codes else None


class FakePrinter(_Fake):
    """Keeps what it printed; `paper` is its roll."""

    columns = 48

    def __init__(self) -> None:
        super().__init__()
        self.paper = Paper.OK
        self.printed: list[Document] = []

    def status(self) -> PrinterStatus:
        self._look()
        return PrinterStatus(online=self.paper is not Paper.OUT, paper=self.paper)

    def print(self, document: Document) -> None:
        if self.away or not self.status().can_print:
            raise PrinterNotReady("printer_offline", "The fake does not print.")
        self.printed.append(document)


class FakeBattery(_Fake):
    """Measures `reading`; `cut` is what it was told for after the halt, `clock` its clock."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = BatteryReading(charge_pct=80.0, charging=False, battery_mv=3956)
        self.cut: tuple[int, int | None] | None = None
        self.clock: dt.datetime | None = None

    def set(self, **changes: object) -> None:
        self.reading = replace(self.reading, **changes)  # type: ignore[arg-type]

    def read(self) -> BatteryReading:
        self._look()
        return self.reading

    def cut_after_halt(self, delay_s: int, wake_pct: int | None) -> bool:
        self._look()
        self.cut = (delay_s, wake_pct)
        return True

    def keep_on(self) -> None:
        self._look()
        self.cut = None

    def read_clock(self) -> dt.datetime | None:
        self._look()
        return self.clock

    def set_clock(self, at: dt.datetime) -> None:
        self._look()
        self.clock = at


class FakePanel(_Fake):
    """Keeps what it shows; `presses` are waiting presses in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.lamps: dict[Lamp, Blink] = {}
        self.sounds: list[Sound] = []
        self.presses: deque[float] = deque()

    def show(self, lamps: Mapping[Lamp, Blink]) -> None:
        self._look()
        self.lamps |= lamps

    def sound(self, sound: Sound) -> None:
        self._look()
        self.sounds.append(sound)

    def pressed(self, timeout_s: float) -> float | None:
        self._look()
        return self.presses.popleft() if self.presses else None


class FakeRelays(_Fake):
    """Keeps which are pulled, and which were for a moment."""

    def __init__(self) -> None:
        super().__init__()
        self.pulled: set[str] = set()
        self.pulses: list[str] = []

    def close(self) -> None:
        super().close()
        self.pulled.clear()

    def set(self, name: str, on: bool) -> None:
        self._look()
        (self.pulled.add if on else self.pulled.discard)(name)

    def pulse(self, name: str, seconds: float) -> None:
        self._look()
        self.pulses.append(name)


class FakeModem(_Fake):
    """Keeps what it sent; refuses while `refuses`."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses = False
        self.sent: list[tuple[str, Part]] = []

    def status(self) -> ModemStatus:
        self._look()
        return ModemStatus(Sim.READY, Network.HOME)

    def send(self, number: str, part: Part) -> int:
        self._look()
        if self.refuses:
            raise SmsRefused("refused", "The fake refuses.", temporary=True)
        self.sent.append((number, part))
        return len(self.sent) % 256

    def reports(self, timeout_s: float) -> Sequence[Report]:
        self._look()
        return []
