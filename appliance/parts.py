"""Parts of a box that its daemon and its commands put together in the same way."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from appliance import __version__
from appliance.config import Settings
from appliance.core.clock import ClockSource, parse_timestamp
from appliance.core.codes import SignedReader
from appliance.core.errors import Refusal, StallboxError
from appliance.core.trade import Event
from appliance.core.trust import ReadersOf, readers_of
from appliance.runtime.clock import SystemClock, built_at
from appliance.runtime.desk import Desk
from appliance.runtime.folder import make_folder
from appliance.store import keys
from appliance.store.books import Ledger, Readers
from appliance.store.vault import Vault
from appliance.uplink.settings import UplinkSettings, first_line
from appliance.web.tokens import TOKENS, forget_owner_pin, load_or_create

STORE = "stallbox.db"
KEYS = "keys"
_log = logging.getLogger(__name__)


def open_desk(data: Path, settings: Settings, rehearsal: bool = False) -> Desk:
    """Open the store in a data folder and the desk over it, not started yet. Raises StallboxError."""
    return desk_and_clock(data, settings, rehearsal)[0]


def desk_and_clock(
    data: Path, settings: Settings, rehearsal: bool, on_set: Callable[[dt.datetime], None] = lambda at: None
) -> tuple[Desk, SystemClock]:
    """Return the desk and its clock; `on_set` is told the time that a tablet set it to. Raises StallboxError."""
    make_folder(data)
    path = data / STORE
    ledger = Ledger(path, rehearsal, settings.store.checkpoint_pages)
    clock = _clock(path, on_set)
    wait_s = settings.store.group_commit_wait_ms / 1000
    return Desk(ledger, Readers(path, rehearsal), clock.now, wait_s), clock


def vault_of(data: Path) -> Vault:
    """Return the keeper of the owner's PIN in a data folder."""
    return Vault(data / "keys")


def choose_pin(data: Path, vault: Vault, pin: str, current: str) -> None:
    """Take a PIN of the owner's own; the one in tokens.json goes. Raises Refusal and StallboxError."""
    tokens = load_or_create(data / TOKENS, keys.write_durably)
    if pin == tokens.staff_pin:
        raise Refusal("staff_pin", "This is the staff's PIN: choose another.", 409)
    vault.set_pin(pin, current)  # first: from here on the one in tokens.json is void
    forget_owner_pin(data / TOKENS, keys.write_durably)


def trusting(data: Path) -> ReadersOf:
    """Return what gives the readers of signed tickets: those that an event trusts, and those issued by this box."""
    own = keys.OwnTicketKeys(data / KEYS)

    def trusted(event: Event | None) -> Sequence[SignedReader]:
        try:
            return readers_of(event, keys.is_signed, own())
        except (StallboxError, OSError, ValueError) as error:  # the door goes on with what the event trusts
            _log.error("tickets signed by this box are not known: %s", error)
            return readers_of(event, keys.is_signed)

    return trusted


def _clock(path: Path, on_set: Callable[[dt.datetime], None]) -> SystemClock:
    """Return a clock that never goes behind the newest entry of the journal, nor behind what a tablet told since."""
    readers = Readers(path)
    try:
        with readers.reading(SystemClock().now()) as books:
            head = books.journal.head()
            told = next(iter(books.journal.newest(["clock.set"], 1)), None)
    finally:
        readers.close()
    # The entry that sets the clock is itself dated by the clock before that.
    floor = told.data["after"] if told and head and told.seq == head.seq else head.at if head else None
    clock = SystemClock(parse_timestamp(floor) if floor else None, built_at=built_at(), on_set=on_set)
    if told and told.data["source"] == ClockSource.TABLET:
        clock.resume(told.data["after"], told.data["machine_boot"], told.data["uptime_ms"])
    return clock


def uplink_settings(settings: Settings, boot_id: str) -> UplinkSettings:
    """Return what the uplink needs to know. Raises StallboxError if its password cannot be read."""
    chosen = settings.uplink
    return UplinkSettings(
        url=chosen.url,
        fleet=settings.box.fleet,
        box=settings.box.id,
        boot_id=boot_id,
        version=__version__,
        username=chosen.username,
        password=first_line(chosen.password_file),
        keepalive_s=chosen.keepalive_s,
        in_flight=chosen.in_flight,
        telemetry_every_s=chosen.telemetry_every_s,
        resend_after_s=chosen.resend_after_s,
        reconnect_min_s=chosen.reconnect_min_s,
        reconnect_max_s=chosen.reconnect_max_s,
        home_assistant=chosen.home_assistant,
    )
