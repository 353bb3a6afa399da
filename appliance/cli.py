"""The `stallbox` command. Exit codes: 0 done, 1 refused or failed (one line why, on stderr), 2 wrong usage."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import click

from appliance import __version__
from appliance.bootstrap import Box
from appliance.commands.archive import back_up, restore_backup
from appliance.commands.ask import ask
from appliance.commands.cashiers import cashiers_group
from appliance.commands.courier import courier_group
from appliance.commands.devices import devices
from appliance.commands.doctor import examine
from appliance.commands.first_boot import first_boot
from appliance.commands.loading import DEFAULT_EVENT, read_event_file, take_event
from appliance.commands.panel import panel_group
from appliance.commands.pictures import take_pictures
from appliance.commands.place import Place, as_json, placed
from appliance.commands.privacy import event_purge, pin_group
from appliance.commands.report import crash_note, report
from appliance.commands.rescue import rescue
from appliance.commands.shift import shift_group
from appliance.commands.tickets import tickets_group
from appliance.config import ConfigError, changes, document
from appliance.core.clock import local_time
from appliance.core.errors import StallboxError
from appliance.core.money import Currency
from appliance.parts import STORE
from appliance.runtime import log
from appliance.runtime.folder import only_one
from appliance.runtime.starts import Starts
from appliance.services import carts
from appliance.services import debrief as debriefing
from appliance.store import keys
from appliance.store.books import audit


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="stallbox")
def cli() -> None:
    """Run the till, the door and the office of a pop-up stall."""


@cli.command()
@placed
def run(place: Place) -> None:
    """Run the daemon; systemd starts it."""
    try:
        settings = place.settings()
    except ConfigError as error:  # starting again does not mend it: systemd goes by this code
        click.echo(str(error), err=True)
        sys.exit(2)
    log.setup(settings.log.level)
    with only_one(place.data):
        starts = Starts.from_environment()
        code = Box(settings, place.data, safe=starts.begin()).run(starts.ready)
        if code == 0:
            starts.came_to_something()
        sys.exit(code)


@cli.command()
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
    from appliance.commands import simulate as simulator  # the emulators stay out of the daemon's memory

    begin = simulator.run_kit if inside else simulator.simulate
    sys.exit(begin(data, host.strip("[]"), int(port), **options))


@cli.command()
@click.option("--simulated", is_flag=True, help="On emulated devices, with nobody at hand.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the report and the receipt's picture.")
@as_json
@placed
def rehearse(place: Place, simulated: bool, out: Path | None, as_json: bool) -> None:
    """Try every device and the whole path once: the living-room test."""
    from appliance.commands.rehearse import rehearse as run_rehearsal  # as above

    sys.exit(run_rehearsal(place.data, place.settings, simulated, out, as_json))


@cli.command()
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


@cli.group()
def event() -> None:
    """Load, show or export the event."""


@event.command("load")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@placed
def event_load(place: Place, file: Path) -> None:
    """Take an event file, and the list of tickets that it names. All of it or nothing."""
    sealer = place.sealer()
    found = read_event_file(file, sealer)
    with place.desk() as desk:
        take_event(desk, found, sealer)
    for sentence in take_pictures(found.event, file.parent, place.data):
        click.echo(sentence, err=True)
    click.echo(f"Loaded '{found.event.name}': {len(found.event.offers)} offers, {len(found.tickets)} tickets.")


@event.command("show")
@as_json
@placed
def event_show(place: Place, as_json: bool) -> None:
    """Show the event that is loaded."""
    with place.reading() as books:
        loaded, offers = carts.current_event(books), books.events.offers()
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(loaded), ensure_ascii=False, default=bytes.hex))
        return
    click.echo(f"{loaded.name} ({loaded.id}), {loaded.place}, {loaded.currency}")
    for window in loaded.windows:
        opens_at, closes_at = (local_time(at, loaded.time_zone) for at in (window.opens_at, window.closes_at))
        click.echo(f"  window {window.name}: {opens_at} to {closes_at[11:]}")
    money = Currency(loaded.currency)
    for offer in offers:
        left = "no limit" if offer.stock is None else f"{offer.stock} left"
        click.echo(f"  {offer.id:20} {money.text(offer.price_minor):>10}  {left:>12}  {offer.name}")


@event.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@placed
def event_export(place: Place, file: Path) -> None:
    """Write the loaded event back into a file."""
    with place.reading() as books:
        carts.current_event(books)
        file.write_text(books.events.source() or "", encoding="utf-8")
    click.echo(f"Wrote {file}.")


event.add_command(event_purge)
cli.add_command(tickets_group)
cli.add_command(panel_group)
cli.add_command(pin_group)
cli.add_command(devices)
cli.add_command(first_boot)
cli.add_command(rescue)
cli.add_command(ask)
cli.add_command(report)
cli.add_command(crash_note)


@cli.group()
def journal() -> None:
    """Verify or export the journal."""


@journal.command("verify")
@placed
def journal_verify(place: Place) -> None:
    """Check every entry, the end and the signatures; name whatever was changed."""
    folder = place.data / "keys"
    own_key = keys.signing_key(folder).public_key if (folder / keys.SIGNING_KEY).exists() else None
    report = audit(place.data / STORE, keys.is_signed, own_key)
    for fault in report.faults:
        click.echo(f"entry {fault.seq}: {fault.message}")
    if report.faults:
        raise StallboxError("journal_altered", f"The journal was altered: {len(report.faults)} faults.")
    click.echo(f"{report.entries} entries, {report.signed_heads} signed heads: the journal is whole.")


@journal.command("export")
@placed
def journal_export(place: Place) -> None:
    """Print the journal, one JSON entry a line."""
    with place.reading() as books:
        for entry in books.journal.all():
            click.echo(json.dumps(entry.as_dict(), ensure_ascii=False))


cli.add_command(shift_group)
cli.add_command(cashiers_group)
cli.add_command(courier_group)


@cli.command()
@as_json
@placed
def debrief(place: Place, as_json: bool) -> None:
    """Print the event's figures."""
    with place.reading() as books:
        figures = debriefing.debrief(books)
    click.echo(json.dumps(figures, ensure_ascii=False) if as_json else debriefing.as_text(figures), nl=as_json)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@placed
def backup(place: Place, file: Path) -> None:
    """Copy store, keys and tokens into one file; the daemon may run on."""
    back_up(place.data, file)
    click.echo(f"Wrote {file}: it holds the box's keys, keep it as safe as the box.")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@placed
def restore(place: Place, file: Path) -> None:
    """Put a backup into an empty data folder."""
    with only_one(place.data):
        restore_backup(file, place.data)
    click.echo(f"Restored {place.data} from {file}.")


@cli.group()
def config() -> None:
    """Show or check the configuration."""


@config.command("show")
@click.option("--changes", "only_changes", is_flag=True, help="Only what differs from the defaults, and where from.")
@placed
def config_show(place: Place, only_changes: bool) -> None:
    """Print every setting with its meaning, unit, range and value."""
    settings = place.settings()
    if not only_changes:
        click.echo(document(settings), nl=False)
        return
    differs = changes(settings)
    for change in differs:
        click.echo(change.line())
    if not differs:
        click.echo("Every setting has its default.", err=True)


@config.command("check")
@placed
def config_check(place: Place) -> None:
    """Check the configuration; name everything that is wrong with it."""
    place.settings()
    click.echo("The configuration is in order.")


def main() -> None:
    """Run the command line and turn every expected failure into one line and exit code 1."""
    try:
        cli(standalone_mode=True)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except TimeoutError:  # of the desk: it has no words of its own
        click.echo("stallbox: The store did not answer in time: see whether it was done before trying again.", err=True)
        sys.exit(1)
    except (StallboxError, OSError) as error:
        click.echo(f"stallbox: {error}", err=True)
        sys.exit(1)
