"""The composition root: settings and a data folder become a running box."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask

from appliance import __version__
from appliance.aftermath import note_end
from appliance.client import NOTE
from appliance.config import OwnSettings, Settings
from appliance.core.devices import Battery, Condition, DeviceState, Health
from appliance.core.errors import StallboxError, StoreUnavailable
from appliance.core.hello import Hello, hello_slip
from appliance.core.ports import Books
from appliance.counter import counter_steps
from appliance.equipment import Wires, device_list, power_limits, shutdown_limits
from appliance.firstboot.steps import forget_hello, read_hello
from appliance.fleet import Fleet
from appliance.office import Office
from appliance.parts import KEYS, STORE, choose_pin, desk_and_clock, trusting, uplink_settings, vault_of
from appliance.runtime.address import http_url, own_address
from appliance.runtime.board import Board
from appliance.runtime.clock import boot_id, built_at
from appliance.runtime.crashes import Crashes
from appliance.runtime.device_worker import DeviceWorker
from appliance.runtime.halt import power_off
from appliance.runtime.machine import slot
from appliance.runtime.network import Network
from appliance.runtime.notify import Notifier
from appliance.runtime.reserve import DiskWatch
from appliance.runtime.root import Root
from appliance.runtime.stick import Stick
from appliance.runtime.supervisor import Supervised, Supervisor
from appliance.runtime.worker import Part, Worker
from appliance.services import overview, printing
from appliance.services.housekeeping import Housekeeping, ended_by, note_start, was_told
from appliance.services.landing import Landings, telling
from appliance.services.power import saves_power
from appliance.services.shutdown import SafeShutdown
from appliance.services.stations import Button, PanelStation, PowerStation, ScanStation, clock_of
from appliance.settings.texting import sms_rules
from appliance.store import keys
from appliance.store.contacts import ContactKeys
from appliance.uplink.switch import UplinkSwitch
from appliance.uplink.worker import Uplink
from appliance.web.app import create_app, exchange_tokens
from appliance.web.context import WebContext
from appliance.web.server import WebServer
from appliance.web.tokens import TOKENS, Tokens, another_pin, load_or_create, save
from appliance.web.uploads import body_limit

_log = logging.getLogger(__name__)
_EVERYWHERE = ("0.0.0.0", "::")
SAFE_MODE = StallboxError(
    "safe_mode", "Started without devices after several failures: save the data, then switch off and on."
)
NO_UPLINK = "Type the password again on the setup page, or mend its file and start the box again. Sales go on."
SILENT_DESK = StallboxError("desk_silent", "The desk does not answer.")
NO_EVENT = StallboxError("no_event", "No event is loaded.")


class Box:
    """A box in its data folder: `run` it in the main thread, or `start` and `stop` it from a test or a rehearsal."""

    def __init__(
        self,
        settings: Settings,
        data: Path,
        wires: Wires | None = None,
        rehearsal: bool = False,
        mount: Callable[[Flask], None] = lambda app: None,
        safe: bool = False,
    ) -> None:
        """Put the parts together; `mount` may add pages to the web application. Raises StallboxError.

        A `safe` box has no devices and no uplink: what made starts fail is most likely there.
        """
        self._safe = safe
        self._wires = wires or Wires()
        self._root = Root(self._wires.root)
        self.settings = settings
        self.data = data
        self._disk = DiskWatch(data, Crashes(data, keys.write_durably).give_up)
        self._disk.before_start()
        self.desk, self._clock = desk_and_clock(data, settings, rehearsal, self._set_system_time)
        self.board = Board(self._clock.now)
        self.tokens = load_or_create(data / TOKENS, keys.write_durably)
        self.vault = vault_of(data)
        self.boot_id = str(uuid.uuid4())
        self._trusted = trusting(data)
        halt, name = partial(power_off, settings.power.off_command), settings.box.name
        self._device_workers: dict[str, Worker] = {}
        limits = shutdown_limits(settings)
        self.shutdown = SafeShutdown(self.desk, self.board, halt, limits, name, wake_battery=self._wake_battery)
        button = Button(self.desk, self.board, self.shutdown.ask, self.renew_owner_pin, name, lambda: self.address)
        self.panel = PanelStation(self.board, lambda: not self.health(), button.pressed)
        self.landings = Landings()
        self._tell = telling(self.panel.show, self.landings.put)
        expire_after_s = settings.orders.expire_after_min * 60
        self._sms = sms_rules(settings.modem, settings.sms)
        self.contacts = ContactKeys(data / KEYS, self.vault)
        self._keeping = Housekeeping(
            self.desk,
            self.board,
            expire_after_s,
            lambda: self._disk.look(bool(self.desk.trouble)),
            self._sms,
            self.contacts,
            self._clock,
            lambda: bool(self.desk.trouble),
        )
        self.web = self._web(mount)
        self.workers: Sequence[Supervised] = [
            self.desk,
            Part("books", start=self._open_books, stop=self._close_books),
            *([] if safe else self._stations()),
            Worker("housekeeping", self._keeping.step),
            self._going_off(),
            *([] if safe else [self._uplink()]),
            Part("web", start=self._open_web, stop=self._close_web, alive=lambda: self.web.running),
            Part("welcome", start=self._welcome),
        ]
        self._supervisor = Supervisor(self.workers, Notifier.from_environment(), status=self._status)

    def run(self, on_ready: Callable[[], None] | None = None) -> int:
        """Run until a signal; return the exit code. In the main thread only."""
        return self._supervisor.run(on_ready)

    def start(self) -> None:
        """Start every worker."""
        for worker in self.workers:
            worker.start()

    def stop(self, timeout_s: float = 15.0) -> None:
        """Stop every worker, last started first."""
        for worker in reversed(self.workers):
            worker.stop(timeout_s)

    def health(self) -> Sequence[StallboxError]:
        """Say why the box cannot sell or admit now; nothing if it can."""
        if not self.desk.alive or self.desk.overdue:
            return [*filter(None, [self.desk.trouble]), SILENT_DESK]
        return [*filter(None, [SAFE_MODE if self._safe else None, self.desk.trouble or self._store_trouble()])]

    @property
    def address(self) -> str:
        """Where people open the box."""
        host = self.settings.http.host
        return self.settings.http.public_url or http_url(own_address() if host in _EVERYWHERE else host, self.web.port)

    def _renew_pins(self) -> None:
        """Draw both PINs anew, as a press of the button at power-on asks for. Raises OSError."""
        self.renew_staff_pin()
        self.renew_owner_pin()

    def renew_owner_pin(self) -> str:
        """Draw a new owner PIN, keep it, go by it from now on, and return it. Raises OSError."""
        pin = another_pin(self.tokens)
        if self.vault.has_pin:  # the forgotten one opens nothing any more: names need their list once more
            self.vault.set_pin(pin)
        self._go_by(replace(self.tokens, owner_pin=None if self.vault.has_pin else pin))
        return pin

    def renew_staff_pin(self) -> str:
        """Draw a new staff PIN, keep it, go by it from now on, and return it. Raises OSError."""
        pin = another_pin(self.tokens)
        owner_pin = None if self.vault.has_pin else self.tokens.owner_pin
        self._go_by(replace(self.tokens, staff_pin=pin, owner_pin=owner_pin))
        return pin

    def _go_by(self, tokens: Tokens) -> None:
        save(self.data / TOKENS, tokens, keys.write_durably)
        self.tokens = tokens
        exchange_tokens(self._app, self._context, tokens)

    def _going_off(self) -> Worker:
        shutdown = self.shutdown
        worker: Worker = Worker(
            "shutdown", lambda: shutdown.step(worker.beat, lambda: worker.stopping), interrupt=shutdown.wake
        )
        return worker

    def _stations(self) -> list[Supervised]:
        board = self.board
        power = PowerStation(self.desk, board, power_limits(self.settings), self.shutdown, self._clock.now)
        steps: dict[str, Callable[[Any], Condition | None]] = {
            "battery": power.step,
            "panel": self.panel.step,
            **counter_steps(self.settings, self.desk, self.board, lambda: self.address),
        }
        for role in self.settings.scanners:
            steps[f"scanner.{role}"] = ScanStation(role, self.desk, self._tell, self._trusted).step
        intervals_s = {"battery": self.settings.battery.poll_s}
        workers = self._device_workers

        def waiting(name: str) -> bool:
            workers[name].beat()
            return workers[name].stopping

        for name, kind, device in device_list(self.settings, self._wires, waiting, partial(saves_power, board)):
            if kind == "battery" and self._clock.wants_hardware_clock:
                self._go_by_board(device)
            interval_s = intervals_s.get(name, 0.0)
            workers[name] = DeviceWorker(name, kind, device, steps[name], board, interval_s=interval_s)
        return list(workers.values())

    def _wake_battery(self) -> None:
        self._device_workers["battery"].wake()

    def _go_by_board(self, battery: Battery) -> None:
        """Before anything is dated: a battery board's clock is better than a guess."""
        moment = clock_of(battery)
        if moment is not None:
            self._clock.go_by(moment.at)

    def _set_system_time(self, at: dt.datetime) -> None:
        """Have root set the system's clock as well; the store's dates, a floor of the next start, go with it."""
        self.board.set("clock", at.isoformat())  # every screen is drawn anew
        if self._root.set_time(round(at.timestamp())):
            for name in (STORE, f"{STORE}-wal"):
                with contextlib.suppress(OSError):
                    os.utime(self.data / name)

    def _uplink(self) -> Supervised:
        self._forwarding = UplinkSwitch(self.board, self._first_uplink())
        step = self._forwarding.step
        worker: Worker = Worker(
            "uplink", lambda: step(worker.beat, lambda: worker.stopping), interrupt=self._forwarding.wake
        )
        return worker

    def _first_uplink(self) -> Uplink | None:
        """Return the uplink to start with; the box goes without one that cannot be had, and its board says why."""
        try:
            return self._uplink_of(self.settings)
        except StallboxError as error:
            self.board.set_device(DeviceState("uplink", "uplink", "mqtt", Health.OFFLINE, error.message, NO_UPLINK))
            return None

    def _uplink_of(self, settings: Settings) -> Uplink | None:
        """Return the uplink that settings name. Raises StallboxError."""
        if not settings.uplink.enabled:
            return None
        return Uplink(uplink_settings(settings, self.boot_id), self.desk, self.board, overview.counts)

    def _forward_by(self, settings: Settings) -> None:
        if not self._safe:
            self._forwarding.change(self._uplink_of(settings))

    def _web(self, mount: Callable[[Flask], None]) -> WebServer:
        folder = self.data / KEYS
        power, own, build = self.settings.power, OwnSettings(self.data, keys.write_durably), built_at()
        self._context = WebContext(
            desk=self.desk,
            board=self.board,
            tokens=self.tokens,
            secret_key=keys.session_key(folder),
            box_id=self.settings.box.id,
            box_name=self.settings.box.name,
            version=__version__,
            max_body_bytes=self.settings.http.max_body_bytes,
            signer=keys.signing_key(folder).sign,
            health=self.health,
            on_scan=self._tell,
            readers_of=self._trusted,
            power_limits={
                "saving_pct": power.saving_below_pct,
                "low_pct": power.low_below_pct,
                "critical_pct": power.critical_below_pct,
            },
            office=Office(self.data),
            vault=self.vault,
            contacts=self.contacts,
            choose_pin=lambda pin, current: choose_pin(self.data, self.vault, pin, current),
            renew_staff_pin=self.renew_staff_pin,
            settings=own,
            wifi=(self.settings.wifi.name, self.settings.wifi.password),
            media=self.data / "media",
            sms=self._sms,
            guest_hold_min=min(self.settings.orders.guest_hold_min, self.settings.orders.expire_after_min),
            public_url=self.settings.http.public_url,
            time_zone=self.settings.box.time_zone,
            landings=self.landings,
            clock=self._clock,
            stick=Stick(self._root) if self._root.listens else None,
            network=Network(self._root) if self._root.listens else None,
            fleet=Fleet(self.settings, self.data, own, self.boot_id, self._forward_by),
            build=f"{build:%Y-%m-%d}" if build else "",
            slot=slot(),
        )
        self._app = create_app(self._context)
        mount(self._app)
        http = self.settings.http
        return WebServer(self._app, http.host, http.port, http.threads, body_limit(self._app, self._context))

    def _open_books(self) -> None:
        # On a full disk the box starts all the same and says so; the print station doubts them before it prints.
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            self.desk.submit(printing.doubt_interrupted)

    def _close_books(self, timeout_s: float) -> None:
        with contextlib.suppress(StoreUnavailable, TimeoutError):  # the box stops all the same
            self.desk.submit(lambda books: books.journal.append("box.stopped", {"boot": self.boot_id}), timeout_s)

    def _open_web(self) -> None:
        self.web.start()
        host = self.settings.http.host
        note = {"address": http_url("127.0.0.1" if host in _EVERYWHERE else host, self.web.port)}
        try:
            (self.data / NOTE).write_text(json.dumps(note), encoding="utf-8")
        except OSError as error:  # a full disk: people can still be told why nothing is sold
            _log.error("commands will not find this daemon: %s cannot be written: %s", self.data / NOTE, error)

    def _close_web(self, timeout_s: float) -> None:
        with contextlib.suppress(OSError):  # a disk that became read-only keeps nobody from stopping in good order
            (self.data / NOTE).unlink(missing_ok=True)
        self.web.stop(timeout_s)

    def _welcome(self) -> None:
        machine, name, address = boot_id(), self.settings.box.name, self.address
        about = {
            "boot": self.boot_id,
            "version": __version__,
            "machine_boot": machine,
            "after": self._ended_by(machine),
        }
        hello = read_hello(self.data)
        if hello and hello.renew_pins and not self._was_told(hello):
            self._renew_pins()
        pins = self.tokens.staff_pin, self.tokens.owner_pin
        told = (hello.id, hello_slip(name, address, hello, *pins)) if hello else None

        def note(books: Books) -> None:
            note_start(books, about, name, address, told)

        try:
            self.desk.submit(note)
        except StoreUnavailable:  # the note stays: the next start tells it, if this one cannot
            self._keeping.owe(note)
        else:
            forget_hello(self.data)

    def _ended_by(self, machine: str) -> str:
        """Tell how the box ended before this start, and keep a note of a bad end whose log is gone."""
        try:
            with self.desk.reading() as books:
                after = ended_by(books, machine)
            if after == "power":  # after a crash systemd has the note written, while the log is still there
                note_end(self.data, self.settings, after, lines=[])
        except (StallboxError, OSError) as error:
            _log.warning("how the box ended before is not noted: %s", error)
            return ""
        return after

    def _was_told(self, hello: Hello) -> bool:
        with self.desk.reading() as books:
            return was_told(books, hello.id)

    def _store_trouble(self) -> StallboxError | None:
        try:
            with self.desk.reading() as books:
                return None if books.events.current() else NO_EVENT
        except StoreUnavailable as error:
            return error

    def _status(self) -> str:
        reasons = self.health()
        return " ".join(reason.message for reason in reasons) if reasons else f"selling and admitting at {self.address}"
