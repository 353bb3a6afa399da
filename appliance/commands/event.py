"""`stallbox event`: what the stall sells, and for whom."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from appliance.commands.loading import read_event_file, take_event
from appliance.commands.pictures import take_pictures
from appliance.commands.place import Place, as_json, placed
from appliance.commands.privacy import event_purge
from appliance.core.clock import local_time
from appliance.core.money import Currency
from appliance.services import carts


@click.group("event")
def event_group() -> None:
    """Load, show or export the event."""


@event_group.command("load")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@placed
def event_load(place: Place, file: Path) -> None:
    """Take an event file, and the list of tickets that it names. All of it or nothing."""
    sealer = place.sealer()
    found = read_event_file(file, sealer, place.settings().box.time_zone)
    with place.desk() as desk:
        take_event(desk, found, sealer)
    for sentence in take_pictures(found.event, file.parent, place.data):
        click.echo(sentence, err=True)
    click.echo(f"Loaded '{found.event.name}': {len(found.event.offers)} offers, {len(found.tickets)} tickets.")


@event_group.command("show")
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


@event_group.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@placed
def event_export(place: Place, file: Path) -> None:
    """Write the loaded event back into a file."""
    with place.reading() as books:
        carts.current_event(books)
        file.write_text(books.events.source() or "", encoding="utf-8")
    click.echo(f"Wrote {file}.")


event_group.add_command(event_purge)
