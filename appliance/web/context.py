"""All that the web layer is given by the box that it speaks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from appliance.core.devices import BoardPort
from appliance.core.errors import Refusal, StallboxError
from appliance.core.goods.contact import Contact
from appliance.core.ports import (
    ClockPort,
    ContactKeysPort,
    DeskPort,
    FleetPort,
    NetworkPort,
    OfficePort,
    SettingsPort,
    StickPort,
    VaultPort,
)
from appliance.core.sms.message import SmsRules
from appliance.core.trust import ReadersOf, no_readers
from appliance.core.verdict import Verdict
from appliance.services.landing import Landings
from appliance.web.pairing import Waiting
from appliance.web.pin_guard import PinGuard
from appliance.web.tokens import Role, Tokens

Signer = Callable[[bytes], tuple[bytes, bytes]]  # what is signed -> signature, public key


def _show_nobody(verdict: Verdict, source: str) -> None:
    """Stand for a box without a panel."""


def _no_choice(pin: str, current: str) -> None:
    raise Refusal("no_vault", "This box keeps no PIN of the owner's own.", 409)


class NoVault:
    """Stands for a box whose owner cannot choose a PIN; see VaultPort."""

    has_pin = False
    owner_key = None
    mark = ""

    def is_pin(self, pin: str) -> bool:
        """Know no PIN."""
        return False

    def unlock(self, pin: str) -> bool:
        """Open nothing."""
        return False

    def lock(self) -> None:
        """Forget nothing."""

    def set_pin(self, pin: str, current: str = "") -> None:
        """Take no PIN. Raises Refusal."""
        _no_choice(pin, current)


class NoContacts:
    """Stands for a box that can seal no contact; see ContactKeysPort."""

    def seal(self, contact: Contact) -> bytes:
        """Seal nothing. Raises Refusal."""
        raise Refusal("no_vault", "This box has no keys for names and addresses.", 409)

    def open(self, sealed: bytes) -> Contact | None:
        """Open nothing."""
        return None


class NoSettings:
    """Stands for a box whose settings are made in files only; see SettingsPort."""

    def read(self) -> Mapping[str, Mapping[str, str | bool]]:
        """Know none."""
        return {}

    def keep(self, table: str, values: Mapping[str, str | bool]) -> None:
        """Keep none. Raises Refusal."""
        raise Refusal("no_settings", "This box keeps no settings of the setup page: change its configuration.", 409)


def _no_new_pin() -> str:
    raise Refusal("no_new_pin", "This box draws no other staff PIN.", 409)


def _fine() -> Sequence[StallboxError]:
    return ()


@dataclass(slots=True)
class WebContext:
    """What the pages and the API work with.

    `health` gives the reasons why the daemon cannot sell or admit now, none if it can; `on_scan` is told of each
    verdict of a scan that came in by the API, with its source, once it is on the disk; `readers_of` gives
    the readers of the signed tickets that an event trusts; `office`, if there is one, runs commands for the owner;
    `vault` holds the PIN that the owner chose, and `choose_pin` takes a new one and the one before (empty: forgotten);
    it may raise Refusal; `contacts` seals to whom goods are sent; an order of a guest who is alone keeps its goods for
    `guest_hold_min`; `waiting` are the tablets that ask to be paired; `settings` keeps what the owner sets on the setup
    page; `landings` keeps what was just scanned, for the tablet at that scanner. `clock` is set
    by the owner's tablet, where that may be. `stick` carries a backup away. `tokens` may
    be exchanged, see app.exchange_tokens.
    """

    desk: DeskPort
    board: BoardPort
    tokens: Tokens
    secret_key: bytes = field(repr=False)
    box_id: str
    box_name: str
    version: str
    max_body_bytes: int = 65_536
    signer: Signer | None = None
    health: Callable[[], Sequence[StallboxError]] = _fine  # why it cannot sell
    on_scan: Callable[[Verdict, str], None] = _show_nobody
    readers_of: ReadersOf = no_readers
    power_limits: Mapping[str, int] = field(default_factory=dict)  # saving_pct, low_pct, critical_pct
    media: Path | None = None  # the folder of the offers' pictures
    sms: SmsRules = field(default_factory=SmsRules)
    office: OfficePort | None = None
    vault: VaultPort = field(default_factory=NoVault)
    contacts: ContactKeysPort = field(default_factory=NoContacts)
    choose_pin: Callable[[str, str], None] = _no_choice
    guest_hold_min: int = 10
    public_url: str = ""  # of the box, where one is set
    time_zone: str = ""  # of an event that names none
    renew_staff_pin: Callable[[], str] = _no_new_pin
    settings: SettingsPort = field(default_factory=NoSettings)
    wifi: tuple[str, str] = ("", "")  # name and password of the stall's own, for codes to join it
    clock: ClockPort | None = None
    stick: StickPort | None = None
    network: NetworkPort | None = None  # where root may be asked to change it
    fleet: FleetPort | None = None
    build: str = ""  # the day on which the software was built
    slot: str = ""  # of the card's image that it started from
    landings: Landings = field(default_factory=Landings)
    pin_guard: PinGuard = field(default_factory=PinGuard)
    waiting: Waiting = field(default_factory=Waiting)

    def role_of_pin(self, pin: str) -> Role | None:
        """Return the role of a PIN; the owner's own one, once he chose it, makes the first one void."""
        found = self.tokens.role_of_pin(pin)
        if found is not Role.STAFF and self.vault.has_pin:
            return Role.OWNER if self.vault.is_pin(pin) else None
        return found
