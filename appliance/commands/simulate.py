"""The simulator: a whole field kit on one computer.

Two processes, as on a table: one is the box with its devices (emulated at the wire), which a power cut kills; the
other is the hand that plugs it in again, and the broker, which stands somewhere else.
"""

from __future__ import annotations

import csv
import ctypes
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from appliance.bootstrap import TOKENS, Box, only_one, open_desk
from appliance.commands.loading import read_event_file, take_event
from appliance.config import Settings, load
from appliance.core.errors import StallboxError
from appliance.equipment import Wires
from appliance.runtime import log
from appliance.sim.bench import Sample, create_bench
from appliance.sim.kit import Kit
from appliance.store.keys import write_durably
from appliance.web.tokens import load_or_create

GOOD_SAMPLES = 4
CANCELLED = "Cancelled"
POWER_BACK_S = 1.5  # how long the plug stays out after a power cut
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def simulate(data: Path | None, host: str, port: int, *, mqtt: str | None, **options: Any) -> int:
    """Switch the box on, and on again after every power cut; return its exit code."""
    folder = data or fresh_folder()
    port = port or _free_port(host)  # the same after every power cut
    broker = None
    if mqtt is None:
        from appliance.sim.broker import EmbeddedBroker

        broker = EmbeddedBroker("127.0.0.1")
        broker.start()
        mqtt = f"mqtt://127.0.0.1:{broker.port}"
    try:
        return _keep_on(_command(folder, host, port, mqtt, options))
    finally:
        if broker is not None:
            broker.stop()


def run_kit(data: Path | None, host: str, port: int, *, mqtt: str, event: Path, seed: int, config: Path | None) -> int:
    """Be the box: the daemon, with the emulated devices at the far end of its wires."""
    _die_with_parent()
    folder = data or fresh_folder()
    with only_one(folder):
        kit = Kit(folder / "kit", _broker_address(mqtt), seed)
        kit.power_cut = lambda: os.kill(os.getpid(), signal.SIGKILL)
        kit.start()
        try:
            settings = kit_settings(folder, host, port, kit, config)
            log.setup(settings.log.level)
            load_first_event(folder, settings, event)
            hint = f"Staff PIN {load_or_create(folder / TOKENS, write_durably).staff_pin}"
            bench = create_bench(kit, ticket_samples(event), hint)
            wires = Wires(kit.i2c_bus, kit.pin_factory)
            box = Box(settings, folder, wires, mount=lambda app: app.register_blueprint(bench))
            return box.run(lambda: _greet(box))
        finally:
            kit.close()


def kit_settings(folder: Path, host: str, port: int, kit: Kit, config: Path | None = None) -> Settings:
    """Write and load the configuration of a box whose wires end in a kit; `config` goes on top."""
    own = folder / "simulated.toml"
    http = f'[box]\nname = "Stallbox field kit"\n\n[http]\nhost = "{host}"\nport = {port}\n\n'
    own.write_text(http + kit.settings(), encoding="utf-8")
    return load([own, config] if config else [own])


def load_first_event(folder: Path, settings: Settings, event: Path, rehearsal: bool = False) -> None:
    """Load an event into a store that has none yet."""
    desk = open_desk(folder, settings, rehearsal)
    desk.start()
    try:
        with desk.reading() as books:
            loaded = books.events.current()
        if loaded is None:
            take_event(desk, read_event_file(event))
    finally:
        desk.stop(10)


def ticket_samples(event: Path) -> list[Sample]:
    """Pick codes that are worth scanning from an event's own list of tickets."""
    found = read_event_file(event)
    if not found.event.tickets_file:
        return []
    text = (event.parent / found.event.tickets_file).read_text(encoding="utf-8-sig", errors="replace")
    rows = csv.DictReader(io.StringIO(text))
    admits = found.event.admits
    good = 0
    samples: list[Sample] = []
    for row in rows:
        if not row.get("code"):  # a list of another make: the page offers what it knows
            continue
        if row.get("status") == "cancelled" and not any(sample.label == CANCELLED for sample in samples):
            samples.append(Sample(row["code"], CANCELLED, "Tickets"))
        elif admits and row.get("product") not in admits:
            samples.append(Sample(row["code"], "For another door", "Tickets"))
        elif row.get("status") != "cancelled" and good < GOOD_SAMPLES:
            good += 1
            samples.append(Sample(row["code"], f"Good {good}", "Tickets"))
    samples.append(Sample("NOT-A-TICKET-OF-OURS", "Unknown", "Tickets"))
    return samples + [Sample(voucher.code, voucher.code, "Vouchers") for voucher in found.event.vouchers]


def _keep_on(command: Sequence[str]) -> int:
    """Run the box; after a power cut plug it in again, at anything else end with its exit code."""
    told_to_stop: list[int] = []
    while not told_to_stop:
        box = subprocess.Popen(command)

        def stop(number: int, frame: object, box: subprocess.Popen[bytes] = box) -> None:
            told_to_stop.append(number)
            box.terminate()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        code = box.wait()
        if code != -signal.SIGKILL or told_to_stop:
            return code if code >= 0 else 1
        click.echo("Power cut. The plug goes back in …")
        time.sleep(POWER_BACK_S)
    return 0


def _command(folder: Path, host: str, port: int, mqtt: str, options: Mapping[str, Any]) -> list[str]:
    http = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [sys.executable, "-m", "appliance", "simulate", "--inside", "--data", str(folder), "--http", http]
    command += ["--mqtt", mqtt, "--event", str(options["event"]), "--seed", str(options["seed"])]
    return command + (["--config", str(options["config"])] if options["config"] else [])


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as listener:
        return int(listener.getsockname()[1])


def _die_with_parent() -> None:
    """Have the kernel kill this process with the one that started it: nobody else would stop it."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _greet(box: Box) -> None:
    click.echo(f"""
  Stallbox is on.

    Bench   {box.address}/bench    the devices on the table: start here
    Kiosk   {box.address}/
    Staff   {box.address}/staff    PIN {box.tokens.staff_pin}
    Owner   {box.address}/setup    PIN {box.tokens.owner_pin}

  Data in {box.data}. Ctrl-C switches it off.
""")


def fresh_folder(what: str = "field-kit") -> Path:
    """Make a new folder under the user's state folder."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = state / "stallbox" / time.strftime(f"{what}-%Y%m%d-%H%M%S")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _broker_address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.scheme != "mqtt" or not parts.hostname:
        raise StallboxError("mqtt_url", f"'{url}' is no broker address: write mqtt://127.0.0.1:1883.")
    return parts.hostname, parts.port or 1883
