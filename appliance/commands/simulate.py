"""The simulator: a whole field kit on one computer.

Two processes, as on a table: one is the box with its devices (emulated at the wire), which a power cut kills; the
other is the hand that plugs it in again, and the broker, which stands somewhere else.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from appliance.bootstrap import Box
from appliance.commands.loading import DEFAULT_EVENT, read_event_file, take_event
from appliance.commands.pictures import take_pictures
from appliance.commands.samples import lay_out, samples_of
from appliance.config import Settings, load
from appliance.core.errors import StallboxError
from appliance.core.ports import DeskPort
from appliance.equipment import Wires
from appliance.parts import STORE, open_desk, vault_of
from appliance.runtime import log
from appliance.runtime.folder import only_one
from appliance.sim.bench import create_bench
from appliance.sim.kit import Kit
from appliance.store.holders import sealer_for
from appliance.store.keys import write_durably
from appliance.web.tokens import TOKENS, load_or_create

POWER_BACK_S = 1.5  # how long the plug stays out after a power cut
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@click.command()
@click.option(
    "--http", "http", default="127.0.0.1:8080", show_default=True, metavar="HOST:PORT", help="Where to listen."
)
@click.option("--mqtt", metavar="URL", help="A broker of your own, in place of the embedded one.")
@click.option(
    "--event",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=DEFAULT_EVENT,
    show_default=False,
    help="The event to sell for; the example if not given.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the emulated devices' noise.")
@click.option(
    "--battery",
    type=click.Choice(["pijuice", "victron", "power_supply"]),
    default="pijuice",
    show_default=True,
    help="Which battery board the kit has.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="STALLBOX_DATA",
    help="Folder to keep; a fresh one under your state folder if not given.",
)
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="More settings.")
@click.option("--inside", is_flag=True, hidden=True, help="Be the box itself, not the one who switches it on.")
def simulate(data: Path | None, http: str, inside: bool, **options: Any) -> None:
    """Run a whole field kit on this computer: emulated devices, a bench page, a broker."""
    host, _, port = http.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise click.BadParameter(f"'{http}' is not HOST:PORT, such as 127.0.0.1:8080", param_hint="--http")
    begin = run_kit if inside else switch_on
    sys.exit(begin(data, host.strip("[]"), int(port), **options))


def switch_on(data: Path | None, host: str, port: int, *, mqtt: str | None, **options: Any) -> int:
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


def run_kit(
    data: Path | None, host: str, port: int, *, mqtt: str, event: Path, seed: int, config: Path | None, battery: str
) -> int:
    """Be the box: the daemon, with the emulated devices at the far end of its wires."""
    _die_with_parent()
    folder = data or fresh_folder()
    with only_one(folder):
        kit = Kit(folder / "kit", _broker_address(mqtt), seed, battery)
        kit.power_cut = lambda: os.kill(os.getpid(), signal.SIGKILL)
        kit.start()
        try:
            settings = kit_settings(folder, host, port, kit, config)
            log.setup(settings.log.level)
            load_first_event(folder, settings, event, first=lay_out)
            hint = f"Staff PIN {load_or_create(folder / TOKENS, write_durably).staff_pin}"
            bench = create_bench(kit, samples_of(read_event_file(event), event.parent), hint)
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


def load_first_event(
    folder: Path,
    settings: Settings,
    event: Path,
    rehearsal: bool = False,
    first: Callable[[DeskPort], None] = lambda desk: None,
) -> None:
    """Load an event into a store that has none yet; `first` is done once with it."""
    desk = open_desk(folder, settings, rehearsal)
    desk.start()
    try:
        with desk.reading() as books:
            loaded = books.events.current()
        if loaded is None:
            sealer = sealer_for(folder / STORE, vault_of(folder).public_key)
            found = read_event_file(event, sealer)
            take_event(desk, found, sealer)
            take_pictures(found.event, event.parent, folder)
            first(desk)
    finally:
        desk.stop(10)


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
    command += ["--battery", options["battery"]]
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
    Owner   {box.address}/setup    PIN {box.tokens.owner_pin or "as you chose it"}

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
