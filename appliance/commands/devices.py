"""`stallbox devices`: what is plugged in, and the configuration for it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from appliance.commands.place import Place, as_json, placed
from appliance.config import load
from appliance.core.errors import StallboxError
from appliance.drivers.inventory import Found, look
from appliance.settings.loader import DEFAULT_FILE

FILE = "devices.toml"
SCANNER_ROLES = ("door", "till")
Chosen = Mapping[str, Mapping[str, str]]  # table -> its settings


@click.command()
@click.option("--write", is_flag=True, help="Write conf.d/devices.toml for what is found; a file that exists stays.")
@click.option("--root", type=click.Path(path_type=Path), default=Path("/"), hidden=True)
@as_json
@placed
def devices(place: Place, write: bool, root: Path, as_json: bool) -> None:
    """List what is plugged in; with --write, write the configuration for it."""
    found = look(root)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(thing) for thing in found], ensure_ascii=False))
    else:
        for thing in found:
            click.echo(f"{thing.kind:13} {thing.port:60} {thing.name}")
        if not found:
            click.echo("Nothing is plugged in that a stall could use.")
    if write:
        main = place.config or DEFAULT_FILE
        _write(main.parent / "conf.d" / FILE, chosen(found), quiet=as_json)


def chosen(found: Sequence[Found]) -> Chosen:
    """Choose what each thing is for: the first printer for receipts, scanners for the door and then the till."""
    tables: dict[str, dict[str, str]] = {}
    printers = [thing for thing in found if thing.kind == "printer"]
    for table, thing in zip(("printer", "printers.labels"), printers, strict=False):
        tables[table] = {"driver": "escpos", "port": thing.port}
    scanners = [thing for thing in found if thing.kind == "scanner"]
    for role, thing in zip(SCANNER_ROLES, scanners, strict=False):
        driver = "serial" if thing.port.startswith("/dev/serial/") else "hid"
        tables[f"scanners.{role}"] = {"driver": driver, "port": thing.port}
    by_rank = sorted(found, key=lambda thing: thing.kind != "hat")
    if battery := next(filter(None, map(_battery, by_rank)), None):
        tables["battery"] = battery
    return tables


def _battery(thing: Found) -> dict[str, str] | None:
    """Return the settings for a source of power; the board on the header comes before all others."""
    if thing.kind == "hat" and "pijuice" in thing.name.lower():
        return {"driver": "pijuice"}
    if thing.kind == "solar":
        return {"driver": "victron", "port": thing.port}
    return {"driver": "power_supply"} if thing.kind == "power_supply" else None


def _write(path: Path, tables: Chosen, quiet: bool) -> None:
    if not tables:
        raise StallboxError("nothing_found", "Nothing was found to write a configuration for.")
    if path.exists():
        raise StallboxError("file_exists", f"{path} exists: move it away first, or change it by hand.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_toml(tables)), encoding="utf-8")
    load([path])  # what this command writes must be in order
    for table, settings in () if quiet else tables.items():
        click.echo(f"[{table}] {settings['driver']} {settings.get('port', '')}".rstrip(), err=True)
    if not quiet:
        click.echo(f"Wrote {path}; restart the daemon to use it.", err=True)


def _toml(tables: Chosen) -> Iterator[str]:
    yield "# Written by `stallbox devices --write`; every other setting is as in stallbox.toml.\n"
    for table, settings in tables.items():
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items()]
        yield "\n".join([f"[{table}]", *lines, ""])
