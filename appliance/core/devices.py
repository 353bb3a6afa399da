"""What a device is to the rest of the box: a life, a state, and one narrow face a kind.

Every driver opens and closes, raises `DeviceLost` when its device does not answer, and starts no thread of its
own: the worker that owns it decides when to try again.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from appliance.core.document import Document
from appliance.core.errors import StallboxError


class Health(enum.StrEnum):
    """How a device is doing."""

    READY = "ready"
    DEGRADED = "degraded"  # works, with something to see to (paper near its end)
    OFFLINE = "offline"  # does not work now; the reason says why
    ABSENT = "absent"  # this box has none, and that is fine


@dataclass(frozen=True, slots=True)
class DeviceState:
    """One device as people and programs see it. `since` is RFC 3339; `details` are plain JSON values."""

    name: str  # the role on this box: "printer", "battery", "panel", "scanner.door"
    kind: str  # "printer", "scanner", "battery", "panel", "uplink"
    model: str  # the driver: "escpos", "pijuice", "serial", "hid", "gpio", "absent"
    health: Health
    reason: str = ""  # one sentence; empty when ready
    advice: str = ""  # what to do about it
    since: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """How a device was found when it was last used."""

    health: Health = Health.READY
    reason: str = ""
    advice: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


class Device(Protocol):
    """The life that all drivers share."""

    @property
    def model(self) -> str:
        """Name of the driver, as in the configuration."""

    def open(self) -> None:
        """Take hold of the device. Raises DeviceLost."""

    def close(self) -> None:
        """Let go of the device. Never raises; closing twice is fine."""


class Scanner(Device, Protocol):
    """A reader of codes."""

    def read(self, timeout_s: float) -> bytes | None:
        """Return the next code as the scanner sent it, without its terminator; None if none came in time.

        Raises DeviceLost.
        """


class Paper(enum.StrEnum):
    """What the printer says of its paper."""

    OK = "ok"
    NEAR_END = "near_end"
    OUT = "out"
    UNKNOWN = "unknown"  # it did not answer: never taken for "ok"


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """What the printer last said of itself."""

    online: bool
    paper: Paper
    cover_open: bool = False
    error: str = ""  # "cutter", "overheated" …; empty when none

    @property
    def can_print(self) -> bool:
        """Whether a job may be started now."""
        return self.online and self.paper is not Paper.OUT and not self.cover_open and not self.error


class PrinterNotReady(StallboxError):
    """Nothing of the job was sent; it can wait and be tried again."""


class PrintUnsure(StallboxError):
    """Some of the job was sent and its end is not known; only a person may print it again."""


class Printer(Device, Protocol):
    """A receipt printer."""

    @property
    def columns(self) -> int:
        """Characters a line in the normal font: 48 on 80 mm paper, 32 on 58 mm."""

    def status(self) -> PrinterStatus:
        """Ask the printer how it is. Raises DeviceLost if the line is gone or it stays silent."""

    def print(self, document: Document) -> None:
        """Print one document and return when it is on paper.

        Raises PrinterNotReady (nothing was sent), PrintUnsure (the end is not known).
        """


class PowerSource(enum.StrEnum):
    """State of one power input."""

    ABSENT = "absent"
    BAD = "bad"
    WEAK = "weak"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class BatteryReading:
    """One reading of the battery board. None where the board does not measure it.

    `charge_pct` is None where nothing counts the charge (a solar charger alone): voltage is no measure of it.
    """

    charge_pct: float | None
    charging: bool
    battery_present: bool = True
    battery_mv: int | None = None
    battery_ma: int | None = None  # positive: discharging into the box
    temperature_c: int | None = None
    input_source: PowerSource = PowerSource.ABSENT  # the board's own input: solar panel or USB
    io_source: PowerSource = PowerSource.ABSENT  # 5 V fed through the GPIO header
    io_mv: int | None = None
    io_ma: int | None = None
    faults: tuple[str, ...] = ()
    input_mv: int | None = None
    input_ma: int | None = None
    input_kind: str = ""  # "sun" or "mains" where the board knows, else empty


class Battery(Device, Protocol):
    """A battery board."""

    def read(self) -> BatteryReading:
        """Measure. Raises DeviceLost."""

    def cut_after_halt(self, delay_s: int, wake_pct: int | None) -> bool:
        """Cut the power after `delay_s` (0 to 250), and switch on again once charged to `wake_pct` (None: never).

        False from a board that has no such switch. Raises DeviceLost.
        """

    def keep_on(self) -> None:
        """Take `cut_after_halt` back. Raises DeviceLost."""

    def read_clock(self) -> dt.datetime | None:
        """Return the board's own clock in UTC; None if it has none or it was never set. Raises DeviceLost."""

    def set_clock(self, at: dt.datetime) -> None:
        """Set the board's own clock, if it has one. Raises DeviceLost."""


class Blink(enum.StrEnum):
    """What a lamp does."""

    OFF = "off"
    ON = "on"
    SLOW = "slow"  # 1 s on, 1 s off
    FAST = "fast"  # 0.2 s on, 0.2 s off


class Sound(enum.StrEnum):
    """What the buzzer says, so that colour is never alone."""

    NONE = "none"
    ADMIT = "admit"  # one long
    REFUSE = "refuse"  # three short
    ATTENTION = "attention"  # two short


class Lamp(enum.StrEnum):
    """The lamps of the panel; printer and network are fitted where somebody wired them."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    STATUS = "status"
    PRINTER = "printer"
    NETWORK = "network"


class Panel(Device, Protocol):
    """Lamps, buzzer and button."""

    def show(self, lamps: Mapping[Lamp, Blink]) -> None:
        """Set the lamps named; the others stay as they are. Raises DeviceLost."""

    def sound(self, sound: Sound) -> None:
        """Start a sound and return at once. Raises DeviceLost."""

    def pressed(self, timeout_s: float) -> float | None:
        """Wait for the button; return for how many seconds it was held, None if it was not pressed in time."""


class BoardPort(Protocol):
    """What is known of the box right now: its devices, and facts by name: "battery", "disk", "uplink"."""

    @property
    def version(self) -> int:
        """Grows by one with every change."""

    def devices(self) -> Sequence[DeviceState]:
        """Return every device, in the order in which they were first set."""

    def device(self, name: str) -> DeviceState | None:
        """Return one device, None if it was never set."""

    def set_device(self, state: DeviceState) -> None:
        """Set a device's state."""

    def wait_change(self, version: int, timeout_s: float) -> int:
        """Wait until the board is newer than `version` or the time is over; return its version."""

    def get(self, key: str) -> object:
        """Return a fact, None if it is not known."""

    def set(self, key: str, value: object) -> None:
        """Set a fact; plain JSON values."""
