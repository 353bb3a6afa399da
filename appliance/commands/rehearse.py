"""The living-room test: every device and the whole path once, on a store of its own, counted in no total."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from appliance.bootstrap import Box
from appliance.client import Client
from appliance.commands.loading import DEFAULT_EVENT
from appliance.commands.place import Place, as_json, placed
from appliance.commands.simulate import fresh_folder, kit_settings, load_first_event
from appliance.commands.stages import EmulatedStage, RealStage, Stage, wait_for
from appliance.config import Settings
from appliance.core.codes import DOUBLE_READ_S, ticket_id
from appliance.core.document import Align, Cut, Document, Qr, Text
from appliance.core.errors import DeviceLost, StallboxError
from appliance.core.ports import Books
from appliance.core.slips import battery_text
from appliance.core.trade import Ticket, TicketStatus
from appliance.equipment import Wires
from appliance.parts import STORE, uplink_settings
from appliance.runtime import log
from appliance.runtime.folder import only_one
from appliance.services import tickets
from appliance.sim.broker import EmbeddedBroker
from appliance.sim.kit import Kit
from appliance.store import keys
from appliance.store.books import audit
from appliance.uplink.listener import Listener

UNKNOWN_CODE = "NOT-A-TICKET-OF-OURS"
MARGIN_S = 0.5  # the scanner reckons its double reads from a little later than what is seen from here


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the report. `outcome` is ok, FAILED, or none where the box has no such part."""

    name: str
    outcome: str
    detail: str

    def line(self) -> str:
        """Write the step for a person."""
        return f"{self.outcome:7} {self.name:28} {self.detail}".rstrip()


class Failed(Exception):
    """A step that did not happen, with the reason."""


class Absent(Exception):
    """A step for a part that this box does not have."""


@click.command()
@click.option("--simulated", is_flag=True, help="On emulated devices, with nobody at hand.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the report and the receipt's picture.")
@as_json
@placed
def rehearse(place: Place, simulated: bool, out: Path | None, as_json: bool) -> None:
    """Try every device and the whole path once: the living-room test."""
    sys.exit(run_rehearsal(place.data, place.settings, simulated, out, as_json))


def run_rehearsal(
    data: Path, settings: Callable[[], Settings], simulated: bool, out: Path | None, as_json: bool
) -> int:
    """Rehearse and report; return 0 only if everything happened."""
    folder = out or (fresh_folder("rehearsal") if simulated else data / "rehearsals")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    log.setup("error")
    stage = _emulated(folder) if simulated else _real(folder, data, settings())
    with stage as rehearsal:
        steps = []
        for step in rehearsal.steps():
            steps.append(step)
            if not as_json:
                click.echo(step.line())
    report = [dataclasses.asdict(step) for step in steps]
    (folder / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
    failed = sum(step.outcome == "FAILED" for step in steps)
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _verdict(len(steps), failed, folder))
    return 1 if failed else 0


class Rehearsal:
    """The steps, in order, over a running box. A step that fails does not stop the ones that follow."""

    def __init__(self, box: Box, stage: Stage, listener: Listener | None) -> None:
        self._box = box
        self._stage = stage
        self._listener = listener
        self._client = Client(f"http://127.0.0.1:{box.web.port}", box.tokens.owner)
        self._ticket = box.desk.submit(_rehearsal_ticket)
        self._sale: dict[str, Any] = {}
        self._order: dict[str, Any] = {}
        self._double_read_until_s = 0.0

    def steps(self) -> Iterator[Step]:
        """Do everything once; one line each."""
        for name, act in (
            ("battery read", self._battery),
            ("lights", self._lights),
            ("scan of a good ticket", self._scan_good),
            ("scan of a used ticket", self._scan_used),
            ("scan of an unknown ticket", self._scan_unknown),
            ("every other scanner", self._other_scanners),
            ("order", self._open_order),
            ("payment", self._pay),
            ("receipt on paper", self._receipt),
            ("drawer", self._drawer),
            ("journal verified", self._journal),
            ("received over MQTT", self._mqtt),
            ("picture of the receipt", self._picture),
        ):
            try:
                yield Step(name, "ok", act())
            except Absent as absent:
                yield Step(name, "none", str(absent))
            except (Failed, StallboxError, OSError, KeyError) as error:
                yield Step(name, "FAILED", str(error))

    def _battery(self) -> str:
        self._ready("battery")
        battery = self._state()["battery"]
        charging = "" if battery["charging"] else ", not charging"
        return battery_text(battery) + charging

    def _lights(self) -> str:
        self._ready("panel")
        wait_for(self._stage.lamps, self._stage.limit_s)
        lamps = self._stage.lamps()
        if not lamps:
            raise Failed("no lamp is lit")
        return lamps

    def _scan_good(self) -> str:
        return self._scan(self._ticket, "the rehearsal ticket", "admit")

    def _scan_used(self) -> str:
        wait_for(lambda: time.monotonic() >= self._double_read_until_s, self._stage.limit_s)
        return self._scan(self._ticket, "the same ticket again", "already_used")

    def _scan_unknown(self) -> str:
        return self._scan(UNKNOWN_CODE, "any other code", "unknown")

    def _other_scanners(self) -> str:
        others = [role for role in self._box.settings.scanners if role != "door"]
        if not others:
            raise Absent("there is none beside the door's")
        for role in others:
            self._ready(f"scanner.{role}")
            self._stage.scan(f"{UNKNOWN_CODE}-{role.upper()}", "any code", role)
            if not wait_for(partial(self._has_scanned, role), self._stage.limit_s):
                raise Failed(f"nothing came from the {role} scanner: {self._reason(f'scanner.{role}')}")
        return ", ".join(others)

    def _has_scanned(self, role: str) -> bool:
        return role in self._state()["scans"]

    def _open_order(self) -> str:
        status, offers = self._client.get("/api/v1/offers")
        cheapest = min(
            (offer for offer in offers["offers"] if offer["kind"] in ("product", "microbundle")),
            key=lambda offer: offer["price_minor"],
        )
        status, self._order = self._client.post("/api/v1/orders", {"lines": [{"offer": cheapest["id"], "quantity": 1}]})
        if status != 201:
            raise Failed(self._order["error"]["message"])
        return f"{cheapest['name']}, {self._order['total_minor']} {self._order['currency']} minor units"

    def _pay(self) -> str:
        body = {"tender": "cash", "amount_minor": self._order["total_minor"] + 100}
        status, paid = self._client.post(f"/api/v1/orders/{self._order['id']}/payments", body)
        if status != 201 or not paid["sale"]:
            raise Failed(paid.get("error", {}).get("message", "the order was not paid in full"))
        self._sale = paid["sale"]
        return f"sale {self._sale['number']}, change {paid['change_minor']}"

    def _receipt(self) -> str:
        self._ready("printer")
        if not self._stage.paper_shows(f"Receipt {self._sale['number']}"):
            raise Failed(f"no receipt came: {self._reason('printer')}")
        return f"receipt {self._sale['number']}"

    def _drawer(self) -> str:
        self._ready("printer")
        if not self._stage.drawer_opened():
            raise Failed("the drawer stayed shut")
        return "opened"

    def _journal(self) -> str:
        folder = self._box.data / "keys"
        found = audit(self._box.data / STORE, keys.is_signed, keys.signing_key(folder).public_key)
        if found.faults:
            raise Failed(found.faults[0].message)
        with self._box.desk.reading() as books:
            unmarked = [entry.seq for entry in books.journal.all() if not entry.data.get("rehearsal")]
        if unmarked:
            raise Failed(f"entry {unmarked[0]} is not marked as rehearsal")
        return f"{found.entries} entries, all marked as rehearsal"

    def _mqtt(self) -> str:
        if self._listener is None:
            raise Absent("no uplink is configured")
        if not self._listener.wait_for(self._sale["seq"], self._stage.limit_s):
            raise Failed(f"the sale did not come out of the broker: {self._reason('uplink')}")
        return f"entry {self._sale['seq']}, the sale"

    def _picture(self) -> str:
        file = self._stage.save_paper(self._box.data)
        if file is None:
            raise Absent("the paper is in your hand")
        return str(file)

    def _scan(self, code: str, what: str, expected: str) -> str:
        if not self._box.settings.scanners:
            raise Absent("no scanner is configured")
        if "door" in self._box.settings.scanners:
            self._ready("scanner.door")
        before = self._box.desk.head_seq
        self._stage.scan(code, what)
        verdict: dict[str, Any] = {}

        def came() -> bool:
            _, answer = self._client.get("/api/v1/verdicts")
            new = [found for found in answer["verdicts"] if found["seq"] > before]
            verdict.update(new[-1] if new else {})
            return bool(new)

        if not wait_for(came, self._stage.limit_s):
            raise Failed("the scan did not arrive: is the scanner connected, does it beep?")
        self._double_read_until_s = time.monotonic() + DOUBLE_READ_S + MARGIN_S
        if (verdict["reason"] or verdict["verdict"]) != expected:
            raise Failed(f"the verdict is {verdict['title']}, not {expected}")
        return f"{verdict['title']}: {verdict['message']}"

    def _ready(self, device: str) -> None:
        """Wait until a device is ready. Raises Absent or Failed."""

        def health() -> str:
            return str(self._state()["devices"].get(device, {}).get("state", ""))

        wait_for(lambda: health() in ("ready", "degraded", "absent"), self._stage.limit_s)
        if health() == "absent":
            raise Absent("this box has none")
        if health() not in ("ready", "degraded"):
            raise Failed(self._reason(device))

    def _reason(self, device: str) -> str:
        found = self._state()["devices"].get(device, {})
        return f"{found.get('reason', 'it says nothing')} {found.get('advice', '')}".strip()

    def _state(self) -> dict[str, Any]:
        return self._client.get("/api/v1/state")[1]


def _rehearsal_ticket(books: Books) -> str:
    """Make a ticket that every gate admits, and print it: a person scans it off the slip."""
    event = books.events.current()
    code = books.new_code()
    product = event.admits[0] if event and event.admits else ""
    tickets.import_tickets(books, [Ticket(ticket_id(code), product, TicketStatus.VALID)], "issued")
    title = Text("REHEARSAL TICKET", bold=True, align=Align.CENTER)
    books.prints.add("slip", "rehearsal ticket", Document((title, Qr(code, code), Cut())).to_json())
    return code


@contextlib.contextmanager
def _emulated(folder: Path) -> Iterator[Rehearsal]:
    broker = EmbeddedBroker("127.0.0.1")
    broker.start()
    kit = Kit(folder / "kit", ("127.0.0.1", broker.port))
    kit.start()
    try:
        settings = kit_settings(folder, "127.0.0.1", 0, kit)
        with _box(settings, folder, DEFAULT_EVENT, Wires(kit.i2c_bus, kit.pin_factory), EmulatedStage(kit)) as found:
            yield found
    finally:
        kit.close()
        broker.stop()


@contextlib.contextmanager
def _real(folder: Path, data: Path, settings: Settings) -> Iterator[Rehearsal]:
    with only_one(data):  # the daemon would hold the devices
        http = dataclasses.replace(settings.http, host="127.0.0.1", port=0)
        with _box(dataclasses.replace(settings, http=http), folder, DEFAULT_EVENT, Wires(), RealStage()) as found:
            yield found


@contextlib.contextmanager
def _box(settings: Settings, folder: Path, event: Path, wires: Wires, stage: Stage) -> Iterator[Rehearsal]:
    load_first_event(folder, settings, event, rehearsal=True)
    box = Box(settings, folder, wires, rehearsal=True)
    listener = Listener(uplink_settings(settings, box.boot_id)) if settings.uplink.enabled else None
    with contextlib.ExitStack() as stack:
        if listener:
            try:
                listener.start()
                stack.callback(listener.stop)
            except DeviceLost as lost:
                click.echo(f"  {lost.message} {lost.advice}")
        stack.callback(box.stop)
        box.start()
        yield Rehearsal(box, stage, listener)


def _verdict(count: int, failed: int, folder: Path) -> str:
    if failed:
        return f"{failed} of {count} steps failed: the box is not ready. Report in {folder}."
    return f"All {count} steps passed: the box is ready. Report in {folder}."
