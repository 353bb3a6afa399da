"""The composition root: settings and a data folder become a running box."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import shutil
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from appliance import __version__
from appliance.client import NOTE
from appliance.config import Settings
from appliance.core.clock import parse_timestamp
from appliance.core.codes import SignedReader
from appliance.core.devices import Condition
from appliance.core.errors import StallboxError, StoreUnavailable
from appliance.core.ports import Books
from appliance.core.power import PowerLimits
from appliance.core.trade import Event
from appliance.core.trust import readers_of
from appliance.equipment import Wires, device_list
from appliance.runtime.board import Board
from appliance.runtime.clock import SystemClock
from appliance.runtime.desk import Desk
from appliance.runtime.device_worker import DeviceWorker
from appliance.runtime.notify import Notifier
from appliance.runtime.supervisor import Supervised, Supervisor
from appliance.runtime.worker import Part, Worker
from appliance.services import overview, printing
from appliance.services.housekeeping import Housekeeping, note_start
from appliance.services.stations import PanelStation, PowerStation, PrintStation, ScanStation
from appliance.store import keys
from appliance.store.books import Ledger, Readers
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.worker import Uplink
from appliance.web.app import create_app
from appliance.web.context import WebContext
from appliance.web.server import WebServer
from appliance.web.tokens import load_or_create

STORE = "stallbox.db"
TOKENS = "tokens.json"
_log = logging.getLogger(__name__)
_EVERYWHERE = ("0.0.0.0", "::")
LOCK_WAIT_S = 5.0  # a predecessor that was just killed may still be letting go


def open_desk(data: Path, settings: Settings, rehearsal: bool = False) -> Desk:
    """Open the store in a data folder and the desk over it, not started yet. Raises StallboxError."""
    _make_folder(data)
    path = data / STORE
    ledger = Ledger(path, rehearsal, settings.store.checkpoint_pages)
    return Desk(ledger, Readers(path, rehearsal), _clock(path).now, settings.store.group_commit_wait_ms / 1000)


class Box:
    """A box in its data folder: `run` it in the main thread, or `start` and `stop` it from a test or a rehearsal."""

    def __init__(
        self,
        settings: Settings,
        data: Path,
        wires: Wires | None = None,
        rehearsal: bool = False,
        mount: Callable[[Flask], None] = lambda app: None,
    ) -> None:
        """Put the parts together; `mount` may add pages to the web application. Raises StallboxError."""
        self.settings = settings
        self.data = data
        self.desk = open_desk(data, settings, rehearsal)
        self.board = Board()
        self.tokens = load_or_create(data / TOKENS, keys.write_durably)
        self.boot_id = str(uuid.uuid4())
        self._wires = wires or Wires()
        self.panel = PanelStation(self.board, lambda: not self.health())
        expire_after_s = settings.orders.expire_after_min * 60
        self._keeping = Housekeeping(self.desk, self.board, expire_after_s, lambda: shutil.disk_usage(data).free)
        self.web = self._web(mount)
        self.workers: Sequence[Supervised] = [
            self.desk,
            Part("books", start=self._open_books, stop=self._close_books),
            *self._stations(),
            Worker("housekeeping", self._keeping.step),
            *self._uplink(),
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

    def health(self) -> Sequence[str]:
        """Say why the box cannot sell or admit now; nothing if it can."""
        if not self.desk.alive or self.desk.overdue:
            return [*filter(None, [self.desk.trouble]), "The desk does not answer."]
        return [*filter(None, [self.desk.trouble or self._store_trouble()])]

    @property
    def address(self) -> str:
        """Where people open the box."""
        host = self.settings.http.host
        return self.settings.http.public_url or http_url(_own_address() if host in _EVERYWHERE else host, self.web.port)

    def _stations(self) -> list[Supervised]:
        power, board = self.settings.power, self.board
        limits = PowerLimits(
            power.saving_below_pct, power.low_below_pct, power.critical_below_pct, power.hysteresis_pct
        )
        steps: dict[str, Callable[[Any], Condition | None]] = {
            "battery": PowerStation(self.desk, board, limits).step,
            "panel": self.panel.step,
            "printer": PrintStation(self.desk, self.settings.printer.poll_s).step,
        }
        for role in self.settings.scanners:
            steps[f"scanner.{role}"] = ScanStation(role, self.desk, self.panel.show, trusted).step
        intervals_s = {"battery": self.settings.battery.poll_s}
        workers: dict[str, Worker] = {}

        def waiting() -> bool:
            workers["printer"].beat()
            return workers["printer"].stopping

        for name, kind, device in device_list(self.settings, self._wires, waiting):
            interval_s = intervals_s.get(name, 0.0)
            workers[name] = DeviceWorker(name, kind, device, steps[name], board, interval_s=interval_s)
        return list(workers.values())

    def _uplink(self) -> list[Supervised]:
        chosen = self.settings.uplink
        if not chosen.enabled:
            return []
        uplink = Uplink(uplink_settings(self.settings, self.boot_id), self.desk, self.board, overview.counts)
        worker: Worker = Worker("uplink", lambda: uplink.run(worker.stop_event, worker.beat))
        return [worker]

    def _web(self, mount: Callable[[Flask], None]) -> WebServer:
        folder = self.data / "keys"
        app = create_app(
            WebContext(
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
                on_scan=self.panel.show,
                readers_of=trusted,
            )
        )
        mount(app)
        http = self.settings.http
        return WebServer(app, http.host, http.port, http.threads)

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
        about = {"boot": self.boot_id, "version": __version__}
        address = self.address

        def note(books: Books) -> None:
            note_start(books, about, self.settings.box.name, address)

        try:
            self.desk.submit(note)
        except StoreUnavailable:
            self._keeping.owe(note)

    def _store_trouble(self) -> str:
        try:
            with self.desk.reading() as books:
                return "" if books.events.current() else "No event is loaded."
        except StoreUnavailable as error:
            return error.message

    def _status(self) -> str:
        reasons = self.health()
        return " ".join(reasons) if reasons else f"selling and admitting at {self.address}"


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold a data folder: two daemons must not share one store. Raises StallboxError if another holds it."""
    _make_folder(data)
    give_up_s = time.monotonic() + LOCK_WAIT_S
    with (data / "stallbox.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up_s:
                    raise StallboxError("already_running", f"Another Stallbox runs on {data}: stop it first.") from None
                time.sleep(0.1)
        yield


def trusted(event: Event | None) -> Sequence[SignedReader]:
    """Return the readers of the signed tickets that an event trusts."""
    return readers_of(event, keys.is_signed)


def _clock(path: Path) -> SystemClock:
    """Return a clock that never goes behind the newest entry of the journal."""
    readers = Readers(path)
    try:
        with readers.reading(SystemClock().now()) as books:
            head = books.journal.head()
    finally:
        readers.close()
    return SystemClock(parse_timestamp(head.at) if head else None)


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
        password=_first_line(chosen.password_file),
        keepalive_s=chosen.keepalive_s,
        in_flight=chosen.in_flight,
        telemetry_every_s=chosen.telemetry_every_s,
        resend_after_s=chosen.resend_after_s,
        reconnect_min_s=chosen.reconnect_min_s,
        reconnect_max_s=chosen.reconnect_max_s,
        home_assistant=chosen.home_assistant,
    )


def _first_line(path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").partition("\n")[0].strip()
    except OSError as error:
        raise StallboxError("password_file", f"The broker's password cannot be read: {error}.") from error


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StallboxError("data_folder", f"The data folder {data} cannot be used: {error}.") from error


def http_url(host: str, port: int) -> str:
    """Write an address as browsers take it; an IPv6 one goes into brackets (RFC 3986, 3.2.2)."""
    return f"http://{f'[{host}]' if ':' in host else host}" + ("" if port == 80 else f":{port}")


def _own_address() -> str:
    """Return the address by which others on the network reach this box; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737: only the route is looked up
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
