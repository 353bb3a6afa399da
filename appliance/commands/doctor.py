"""The doctor: how each part of the box is, why, and what to do about it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from appliance.client import Client, running_box
from appliance.commands.place import Place, as_json, placed
from appliance.config import Settings
from appliance.core.clock import ClockQuality
from appliance.core.devices import BatteryReading, Condition, Device, Health
from appliance.core.disk import MIB, disk_condition
from appliance.core.errors import DeviceLost, StallboxError
from appliance.core.modem import modem_condition
from appliance.core.power import PowerState
from appliance.core.slips import battery_text
from appliance.equipment import device_list
from appliance.parts import STORE
from appliance.runtime.clock import SystemClock
from appliance.runtime.disk import read_disk
from appliance.services import clock, power
from appliance.services.stations import battery_condition, printer_condition
from appliance.store import keys
from appliance.store.books import audit


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the box. `state` is ready, degraded, offline or absent."""

    part: str
    state: str
    reason: str = ""
    advice: str = ""

    @property
    def bad(self) -> bool:
        """Whether somebody has to do something."""
        return self.state in (Health.OFFLINE, Health.DEGRADED)

    def line(self) -> str:
        """Write the finding for a person."""
        told = " ".join(part for part in (self.reason, self.advice) if part)
        return f"{self.part:16} {self.state:9} {told}".rstrip()


@click.command()
@as_json
@placed
def doctor(place: Place, as_json: bool) -> None:
    """Say how each device, the store, the clock, the disk and the uplink are, and what to do."""
    findings = examine(place.data, place.settings())
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(finding.line())
    if any(finding.bad for finding in findings):
        raise StallboxError("unwell", "Not all is well: see the lines above.")


def examine(data: Path, settings: Settings) -> list[Finding]:
    """Look at everything. Devices are asked through the daemon if it runs, else opened here."""
    box = running_box(data)
    devices = _told_by(box) if box else [_tried(*named) for named in device_list(settings)]
    known = {finding.part for finding in devices}
    return [_daemon(box), *devices, *_store(data), _clock(box), *([] if "disk" in known else [_disk(data)])]


def _daemon(box: Client | None) -> Finding:
    if box is None:
        return Finding("daemon", Health.ABSENT, "It does not run: the devices were tried directly.")
    status, health = box.get("/healthz")
    if status == 200:
        return Finding("daemon", Health.READY, f"It sells and admits at {box.address}.")
    return Finding("daemon", Health.OFFLINE, " ".join(health.get("reasons", [])), "See to what it names.")


def _told_by(box: Client) -> list[Finding]:
    _, state = box.get("/api/v1/state")
    devices: Mapping[str, Any] = state.get("devices", {})
    return [
        Finding(name, device["state"], device.get("reason", ""), device.get("advice", ""))
        for name, device in devices.items()
    ]


def _tried(name: str, kind: str, device: Device) -> Finding:
    try:
        device.open()
        found = _CONDITIONS.get(kind, _answers)(device)
        return Finding(name, found.health, found.reason, found.advice)
    except DeviceLost as lost:
        return Finding(name, Health.OFFLINE, lost.message, lost.advice)
    finally:
        device.close()


def _answers(device: Any) -> Condition:
    return Condition(Health.ABSENT if device.model == "absent" else Health.READY)


def _printer(device: Any) -> Condition:
    return _answers(device) if device.model == "absent" else printer_condition(device.status())


def _battery(device: Any) -> Condition:
    reading = device.read()
    found = battery_condition(reading, device.model)
    return found if found.reason or found.health is Health.ABSENT else replace(found, reason=_battery_says(reading))


def _battery_says(reading: BatteryReading) -> str:
    known = power.facts(reading, PowerState.NORMAL, None)
    source = {"sun": ", from the sun", "mains": ", from the mains"}.get(reading.input_kind, "")
    return f"{battery_text(known)}{source if reading.charging else ''}."


def _scanner(device: Any) -> Condition:
    device.read(0)  # a camera without pictures opens as if all were well
    return _answers(device)


_CONDITIONS: Mapping[str, Callable[[Any], Condition]] = {
    "printer": _printer,
    "battery": _battery,
    "modem": lambda device: modem_condition(device.status()),
    "scanner": _scanner,
}


def _store(data: Path) -> Iterator[Finding]:
    try:
        found = audit(data / STORE, keys.is_signed, None)
    except StallboxError as error:
        yield Finding("store", Health.OFFLINE, error.message, "Load an event, or restore a backup.")
        return
    yield Finding("store", Health.READY)
    if found.faults:
        yield Finding("journal", Health.OFFLINE, found.faults[0].message, "Run `stallbox journal verify`.")
    else:
        yield Finding("journal", Health.READY, f"{found.entries} entries.")


def _clock(box: Client | None) -> Finding:
    told = box.get("/api/v1/state")[1].get("clock", {}) if box else clock.facts(SystemClock().now())
    if told.get("quality") == ClockQuality.GUESS:
        advice = "Open the setup page on the owner's tablet, or connect a network once."
        return Finding("clock", Health.DEGRADED, "It is a guess.", advice)
    return Finding("clock", Health.READY, f"{told.get('quality')}, by {told.get('source')}.")


def _disk(data: Path) -> Finding:
    folder = next(folder for folder in (data, *data.parents) if folder.exists())
    reading = read_disk(folder)
    found = disk_condition(reading)
    return Finding("disk", found.health, found.reason or f"{reading.free_bytes // MIB} MB free.", found.advice)
