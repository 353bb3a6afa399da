"""The settings of what stands on the counter: receipt printers, cash drawer and lights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.core.printers import PROFILES
from appliance.settings.rules import BAUD_RATES, Conflict, address, clock_time, path, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterSettings:
    """The receipt printer."""

    driver: str = setting("absent", "Kind of printer.", choices=("absent", "escpos"))
    port: str = setting(
        "",
        "Where the printer is: /dev/serial/by-id/…, /dev/usb/lp0, a role name such as /dev/stallbox/printer, or "
        "tcp://host:9100; needed unless absent.",
        check=address("tcp", path_too=True, optional=True),
    )
    baud_rate: int = setting(38400, "Speed of the serial line.", unit="baud", choices=BAUD_RATES)
    profile: str = setting(
        "",
        "Model of printer; what is left at its default below is taken from it. Empty: none.",
        choices=("", *PROFILES),
    )
    columns: int = setting(
        48, "Characters a line: 48 on 80 mm paper, 32 on 58 mm.", unit="characters", minimum=24, maximum=64
    )
    code_page: str = setting(
        "cp858",
        "Character table of the printer; cp858 has the euro.",
        choices=("cp437", "cp850", "cp852", "cp858", "cp1252"),
    )
    confirm: str = setting(
        "process_id",
        "How the printer says that a receipt is on paper; none: it cannot.",
        choices=("process_id", "gs_r", "none"),
    )
    cutter: bool = setting(True, "Whether it has a knife; without one, paper is fed to where it can be torn off.")
    native_qr: bool = setting(True, "Whether it draws QR codes itself; else they are sent as pictures.")
    drawer_pin: int = setting(2, "Pin of its connector that opens the cash drawer.", choices=(2, 5))
    kanji_off: bool = setting(False, "Whether it starts in a Chinese mode that it has to leave.")
    logo: str = setting(
        "", "Picture at the head of receipts, PNG or JPEG; empty: none.", unit="absolute path", check=path
    )
    logo_memory: bool = setting(False, "Whether it can keep the logo (NV graphics); else it is sent each time.")
    write_timeout_s: float = setting(
        5.0, "Longest wait for a printer that takes no data.", unit="seconds", minimum=0.1, maximum=60
    )
    patience_s: float = setting(
        600.0, "How long to wait for paper, a closed cover or the cable.", unit="seconds", minimum=1, maximum=86400
    )
    poll_s: float = setting(
        10.0, "Time between two looks at an idle printer.", unit="seconds", minimum=0.1, maximum=3600
    )

    def conflicts(self) -> Iterator[Conflict]:
        """Say what does not fit together."""
        if self.driver != "absent" and not self.port:
            yield "port", f'is needed for driver = "{self.driver}"; write /dev/serial/by-id/… or tcp://host:9100'


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherPrinterSettings(PrinterSettings):
    """A further printer for one kind of paper, labels or pickup; the receipt printer prints what has no printer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """Relays on pins: a cash drawer that hangs on no printer; lights of the stall, out on a low battery."""

    driver: str = setting("absent", "Kind of relays.", choices=("absent", "gpio"))
    drawer_pin: int = setting(0, "Relay of the cash drawer; a BCM number, 0: none.", minimum=0, maximum=27)
    drawer_pulse_ms: int = setting(
        200, "How long the drawer's relay is pulled.", unit="milliseconds", minimum=20, maximum=2000
    )
    lights_1_pin: int = setting(0, "First relay of the lights; a BCM number, 0: none.", minimum=0, maximum=27)
    lights_2_pin: int = setting(0, "Second relay of the lights; a BCM number, 0: none.", minimum=0, maximum=27)
    active_high: bool = setting(True, "Whether a high pin pulls a relay; many relay boards want it low.")
    lights: str = setting(
        "windows", "What the lights go by: sales windows, or a timer.", choices=("off", "on", "timer", "windows")
    )
    on_at: str = setting("17:00", "When the timer switches on, at the event's place.", unit="HH:MM", check=clock_time)
    off_at: str = setting("23:00", "When the timer switches off.", unit="HH:MM", check=clock_time)

    def conflicts(self) -> Iterator[Conflict]:
        """Say what does not fit together."""
        taken: dict[int, str] = {}
        for key in ("drawer_pin", "lights_1_pin", "lights_2_pin"):
            pin = getattr(self, key)
            if pin and pin in taken:
                yield key, f"is {pin}, which {taken[pin]} uses already; give each its own pin"
            taken.setdefault(pin, key)
