"""Every table and key there is, as data: fields explain themselves, and `config/stallbox.toml` is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from appliance.core.printers import FURTHER_ROLES
from appliance.core.symbologies import FORMATS, IN_USE, formats_of
from appliance.settings.counter import FurtherPrinterSettings, PrinterSettings, RelaySettings
from appliance.settings.rules import BAUD_RATES, Conflict, address, not_empty, path, setting, slug, time_zone
from appliance.settings.texting import ModemSettings, SmsSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSettings:
    """Who this box is."""

    id: str = setting("stallbox", "Identity of this box, unique in its fleet.", unit="slug", check=slug)
    fleet: str = setting("local", "The fleet that this box belongs to.", unit="slug", check=slug)
    name: str = setting("Stallbox", "Name of this box for people.", check=not_empty)
    time_zone: str = setting(
        "", "Where an event is whose file does not say, as Europe/Berlin; empty: UTC.", check=time_zone
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """The web server for kiosk, staff and API."""

    host: str = setting("0.0.0.0", "Address to listen on; 0.0.0.0 is every network of the box.", check=not_empty)
    port: int = setting(80, "Port to listen on; 0 picks a free one.", minimum=0, maximum=65535)
    threads: int = setting(24, "Requests served at a time: tablets plus ten.", minimum=4, maximum=200)
    max_body_bytes: int = setting(65536, "Largest request that is read.", unit="bytes", minimum=1024, maximum=16777216)
    public_url: str = setting(
        "",
        "Address of the box as printed in QR codes; empty: made from host and port.",
        unit="http or https URL",
        check=address("http", "https", optional=True),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """The database of the box."""

    checkpoint_pages: int = setting(
        10000,
        "Size of the write-ahead log at which a checkpoint no longer waits for a quiet moment.",
        unit="pages",
        minimum=10,
        maximum=100000,
    )
    group_commit_wait_ms: int = setting(
        2,
        "How long a command may wait for company when several clients are at it.",
        unit="milliseconds",
        minimum=0,
        maximum=50,
    )


def _network(text: str) -> str:
    """Check the name of a Wi-Fi (IEEE 802.11, 9.4.2.2: an SSID has at most 32 octets)."""
    return "" if len(text.encode()) <= 32 and text.isprintable() else "has over 32 bytes; write a shorter name"


def _passphrase(text: str) -> str:
    """Check a passphrase (IEEE 802.11, J.4.1: 8 to 63 printable ASCII characters)."""
    fits = 8 <= len(text) <= 63 and text.isascii() and text.isprintable()
    return "" if not text or fits else "is no Wi-Fi password; write 8 to 63 plain ASCII characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class WifiSettings:
    """The stall's own Wi-Fi, for codes on paper and screens. The radio itself is set up on the setup page."""

    name: str = setting("", "Name of the network; empty: none is told.", check=_network)
    password: str = setting("", "Its password; empty: an open network.", check=_passphrase)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersSettings:
    """Orders that nobody paid yet."""

    expire_after_min: int = setting(
        30, "Age at which an unpaid order gives its stock back.", unit="minutes", minimum=1, maximum=1440
    )
    guest_hold_min: int = setting(
        10,
        "The same for an order that a guest made alone: who walks away keeps the goods from others no longer.",
        unit="minutes",
        minimum=1,
        maximum=1440,
    )


def _formats(text: str) -> str:
    """Check the names of codes that a camera looks for."""
    try:
        formats_of(text)
    except ValueError as error:
        return str(error)
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerSettings:
    """One code scanner; the word after the dot is its role, such as door or till."""

    driver: str = setting("absent", "Kind of scanner.", choices=("absent", "serial", "hid", "camera"))
    port: str = setting(
        "",
        "Where the scanner is: /dev/serial/by-id/… or /dev/input/by-id/…; for a camera a picture or a folder of"
        " frames, empty: the Pi's own camera.",
        unit="absolute path",
        check=path,
    )
    name: str = setting("", "Name of a HID scanner that has no by-id path, as in /proc/bus/input/devices.")
    baud_rate: int = setting(9600, "Speed of the serial line.", unit="baud", choices=BAUD_RATES)
    terminator: str = setting(
        "cr_lf",
        "What ends a code on the serial line; cr_lf: either or both, none: only a pause.",
        choices=("cr_lf", "tab", "etx", "none"),
    )
    layout: str = setting("us", "Keyboard layout that a HID scanner is set to.", choices=("us", "uk", "de", "fr"))
    pause_s: float = setting(
        0.1, "Silence that ends a code of a serial or HID scanner.", unit="seconds", minimum=0.02, maximum=2
    )
    camera: int = setting(0, "Number of the Pi's camera.", minimum=0, maximum=9)
    formats: str = setting(
        " ".join(IN_USE),
        f"Codes that a camera looks for, parted by spaces, of: {', '.join(FORMATS)}.",
        check=_formats,
    )

    def conflicts(self) -> Iterator[Conflict]:
        """Say what does not fit together."""
        if self.name and self.driver in ("serial", "camera"):
            yield "name", 'is for driver = "hid"; write a port'
        if self.name and self.driver == "hid" and self.port:
            yield "name", "says the same as port; write one of the two"
        if self.driver in ("serial", "hid") and not (self.port or self.name):
            folder = "/dev/serial/by-id/…" if self.driver == "serial" else "/dev/input/by-id/…"
            yield "port", f'is needed for driver = "{self.driver}"; write {folder}'


@dataclass(frozen=True, slots=True, kw_only=True)
class BatterySettings:
    """The battery board."""

    driver: str = setting("absent", "Kind of battery board.", choices=("absent", "pijuice", "victron", "power_supply"))
    port: str = setting(
        "",
        "Where the VE.Direct cable of a Victron product is: /dev/serial/by-id/…; needed for it.",
        unit="absolute path",
        check=path,
    )
    folder: str = setting(
        "/sys/class/power_supply",
        "Where the kernel shows its power supplies, for power_supply.",
        unit="absolute path",
        check=path,
    )
    i2c_bus: int = setting(1, "Number of the I2C bus, as in /dev/i2c-1.", minimum=0, maximum=255)
    i2c_address: int = setting(0x14, "Address of the board on the bus.", minimum=0x08, maximum=0x77, hexadecimal=True)
    poll_s: float = setting(10.0, "Time between two readings.", unit="seconds", minimum=0.1, maximum=3600)

    def conflicts(self) -> Iterator[Conflict]:
        """Say what does not fit together."""
        if self.driver == "victron" and not self.port:
            yield "port", 'is needed for driver = "victron"; write /dev/serial/by-id/…'


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerSettings:
    """Charge levels at which the box begins to save, and how it goes off."""

    saving_below_pct: int = setting(50, "Below this the box saves power.", unit="percent", minimum=1, maximum=99)
    low_below_pct: int = setting(25, "Below this people are warned.", unit="percent", minimum=1, maximum=99)
    critical_below_pct: int = setting(
        10, "Below this the box gets ready to stop.", unit="percent", minimum=1, maximum=99
    )
    hysteresis_pct: int = setting(
        5, "How far the charge must rise above a level to leave it.", unit="percent", minimum=1, maximum=20
    )

    low_below_mv: int = setting(
        0,
        "The same as low_below_pct for boards that tell no charge, by the battery's voltage; 0: never.",
        unit="millivolts",
        minimum=0,
        maximum=100_000,
    )
    critical_below_mv: int = setting(
        0,
        "The same as critical_below_pct by voltage; 0: never.",
        unit="millivolts",
        minimum=0,
        maximum=100_000,
    )
    finish_sale_s: float = setting(
        60.0, "How long an open order may hold up a shutdown.", unit="seconds", minimum=0, maximum=600
    )
    cut_after_s: int = setting(
        60, "When a PiJuice cuts the power after the box was told to halt.", unit="seconds", minimum=20, maximum=250
    )
    wake_at_pct: int = setting(
        30, "Charge at which a PiJuice switches an empty box on again.", unit="percent", minimum=1, maximum=100
    )
    off_command: str = setting("systemctl poweroff", "Command that halts the system.", check=not_empty)

    def conflicts(self) -> Iterator[Conflict]:
        """Say what does not fit together."""
        if self.critical_below_mv and self.critical_below_mv >= self.low_below_mv:
            yield "critical_below_mv", f"must be less than low_below_mv, which is {self.low_below_mv}"
        if self.wake_at_pct <= self.critical_below_pct:
            yield "wake_at_pct", f"must be more than critical_below_pct, which is {self.critical_below_pct}"
        if self.critical_below_pct >= self.low_below_pct:
            yield "critical_below_pct", f"must be less than low_below_pct, which is {self.low_below_pct}"
        if self.low_below_pct >= self.saving_below_pct:
            yield "low_below_pct", f"must be less than saving_below_pct, which is {self.saving_below_pct}"
        if self.saving_below_pct + self.hysteresis_pct > 100:
            yield "hysteresis_pct", "plus saving_below_pct is over 100, so that the box would save for ever"


def _pin(default: int, what: str) -> int:
    pin: int = setting(default, f"{what}; a BCM number.", minimum=2, maximum=27)
    return pin


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSettings:
    """The panel: lamps, buzzer and button, each on a pin of its own."""

    driver: str = setting("absent", "Kind of panel.", choices=("absent", "gpio"))
    green_pin: int = _pin(17, "Green lamp")
    amber_pin: int = _pin(27, "Amber lamp")
    red_pin: int = _pin(22, "Red lamp")
    status_pin: int = _pin(23, "Status lamp")
    printer_pin: int = setting(0, "Printer lamp; a BCM number, 0 where none is fitted.", minimum=0, maximum=27)
    network_pin: int = setting(0, "Network lamp; a BCM number, 0 where none is fitted.", minimum=0, maximum=27)
    buzzer_pin: int = _pin(24, "Buzzer")
    button_pin: int = _pin(25, "Button")

    def conflicts(self) -> Iterator[Conflict]:
        """Say what does not fit together."""
        taken: dict[int, str] = {}
        for key in ("green_pin", "amber_pin", "red_pin", "status_pin", "printer_pin", "network_pin", "buzzer_pin",
                    "button_pin"):  # fmt: skip
            pin = getattr(self, key)
            if pin and pin in taken:
                yield key, f"is {pin}, which {taken[pin]} uses already; give each its own pin"
            taken.setdefault(pin, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkSettings:
    """The way to the fleet's MQTT broker."""

    enabled: bool = setting(False, "Whether to send the journal and telemetry.")
    url: str = setting(
        "mqtt://127.0.0.1:1883",
        "The broker; mqtts for TLS.",
        unit="mqtt or mqtts URL",
        check=address("mqtt", "mqtts"),
    )
    username: str = setting("", "User name at the broker; empty: none.")
    password_file: str = setting(
        "", "File whose first line is the password; empty: none.", unit="absolute path", check=path
    )
    keepalive_s: int = setting(
        30,
        "Silence after which either side asks whether the other is there.",
        unit="seconds",
        minimum=1,
        maximum=3600,
    )
    in_flight: int = setting(100, "Messages sent ahead of their receipts.", minimum=1, maximum=1000)
    telemetry_every_s: float = setting(
        30.0, "Time between two telemetry messages.", unit="seconds", minimum=0.1, maximum=86400
    )
    resend_after_s: float = setting(
        120.0,
        "Age at which entries that the collector did not store are sent again.",
        unit="seconds",
        minimum=0.1,
        maximum=86400,
    )
    reconnect_min_s: float = setting(
        1.0, "First wait after a lost connection; it doubles each time.", unit="seconds", minimum=0.1, maximum=3600
    )
    reconnect_max_s: float = setting(
        120.0, "Longest wait between two attempts.", unit="seconds", minimum=0.1, maximum=3600
    )
    home_assistant: bool = setting(False, "Whether to announce the box to Home Assistant.")

    def conflicts(self) -> Iterator[Conflict]:
        """Say what does not fit together."""
        if self.reconnect_min_s > self.reconnect_max_s:
            yield "reconnect_min_s", f"is more than reconnect_max_s, which is {self.reconnect_max_s:g}"
        if self.password_file and not self.username:
            yield "password_file", "needs a username beside it"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What the box writes to its log."""

    level: str = setting("info", "Least urgent lines that are kept.", choices=("debug", "info", "warning", "error"))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was set. `line` is None where it could not be found."""

    file: Path
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a box. `origins` tells by key (`printer.port`) where those in files were set last."""

    box: BoxSettings = BoxSettings()
    http: HttpSettings = HttpSettings()
    store: StoreSettings = StoreSettings()
    wifi: WifiSettings = WifiSettings()
    orders: OrdersSettings = OrdersSettings()
    printer: PrinterSettings = field(default_factory=PrinterSettings)
    printers: Mapping[str, PrinterSettings] = field(default_factory=lambda: MappingProxyType({}))
    scanners: Mapping[str, ScannerSettings] = field(default_factory=lambda: MappingProxyType({}))
    battery: BatterySettings = BatterySettings()
    power: PowerSettings = PowerSettings()
    panel: PanelSettings = PanelSettings()
    relays: RelaySettings = field(default_factory=RelaySettings)
    modem: ModemSettings = field(default_factory=ModemSettings)
    sms: SmsSettings = field(default_factory=SmsSettings)
    uplink: UplinkSettings = UplinkSettings()
    log: LogSettings = LogSettings()
    origins: Mapping[str, Origin] = field(default_factory=lambda: MappingProxyType({}), compare=False, repr=False)


Table = (
    BoxSettings
    | HttpSettings
    | StoreSettings
    | WifiSettings
    | OrdersSettings
    | PrinterSettings
    | ScannerSettings
    | BatterySettings
    | PowerSettings
    | PanelSettings
    | RelaySettings
    | ModemSettings
    | SmsSettings
    | UplinkSettings
    | LogSettings
)
TABLES: Mapping[str, type[Table]] = MappingProxyType(
    {
        "box": BoxSettings,
        "http": HttpSettings,
        "store": StoreSettings,
        "wifi": WifiSettings,
        "orders": OrdersSettings,
        "printer": PrinterSettings,
        "printers": FurtherPrinterSettings,  # one table for each role, as in ROLE_TABLES
        "scanners": ScannerSettings,
        "battery": BatterySettings,
        "power": PowerSettings,
        "panel": PanelSettings,
        "relays": RelaySettings,
        "modem": ModemSettings,
        "sms": SmsSettings,
        "uplink": UplinkSettings,
        "log": LogSettings,
    }
)


def _further_role(role: str) -> str:
    return "" if role in FURTHER_ROLES else f"is no role; write one of {', '.join(FURTHER_ROLES)}"


# Tables of which there is one for each role, `scanners.door`: what may be a role, and the example in the shipped file.
ROLE_TABLES: Mapping[str, tuple[Callable[[str], str], str]] = MappingProxyType(
    {"printers": (_further_role, "labels"), "scanners": (slug, "door")}
)
