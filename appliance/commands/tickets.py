"""The commands `stallbox tickets ...`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from appliance.commands.loading import (
    for_event,
    mapping_lines,
    read_ticket_file,
    remarks,
    take_tickets,
)
from appliance.commands.place import Place, as_json, placed
from appliance.core.errors import StallboxError
from appliance.core.lists.listed import TicketRows
from appliance.core.lists.mapping import PRESETS
from appliance.core.lists.options import Options
from appliance.services import tickets
from appliance.store import keys


@click.group("tickets")
def tickets_group() -> None:
    """Import, issue, export, count or remove tickets."""


@tickets_group.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only check the list and show how it is read.")
@click.option("--preset", type=click.Choice(list(PRESETS)), help="Whose export it is; guessed if not given.")
@click.option(
    "--map", "told", multiple=True, metavar="FIELD=COLUMN", help="Read a field from this column; '' for none."
)
@click.option("--date", default="", help="Only the tickets for this date, as the list writes it.")
@click.option("--source", metavar="NAME", help="Name to remember the list by; the file's name if not given.")
@placed
def tickets_import(
    place: Place, file: Path, dry_run: bool, preset: str | None, told: tuple[str, ...], date: str, source: str | None
) -> None:
    """Take a list of tickets: CSV, or pretix's orders in JSON. All of it or nothing; a use is never forgotten."""
    loaded = place.event()

    def show(rows: TicketRows) -> None:
        click.echo("\n".join([f"{file.name}: {rows.preset}", *mapping_lines(rows)]))

    found = read_ticket_file(file, for_event(Options(preset or "", _pairs(told), date), loaded), show)
    for sentence in remarks(found, loaded):
        click.echo(f"Note: {sentence}")
    if dry_run:
        for (product, status), count in tickets.tally(found.tickets).items():
            click.echo(f"{count:>8} {status:<10} {product}".rstrip())
        click.echo(f"{file.name}: {len(found.tickets)} tickets, all in order; nothing was imported.")
        return
    with place.desk() as desk:
        new, changed, same = take_tickets(desk, found.tickets, source or file.name)
    click.echo(f"{file.name}: {new} new, {changed} changed, {same} as before.")


def _pairs(told: tuple[str, ...]) -> dict[str, str]:
    pairs = [one.partition("=") for one in told]
    if wrong := [field for field, sign, _ in pairs if not sign]:
        raise click.BadParameter(f"'{wrong[0]}' is not FIELD=COLUMN, such as code=Barcode", param_hint="--map")
    return {field.strip(): column.strip() for field, _, column in pairs}


@tickets_group.command("remove")
@click.option("--source", required=True, metavar="NAME", help="The list, by the name that `tickets status` shows.")
@placed
def tickets_remove(place: Place, source: str) -> None:
    """Take a list away again: its unused tickets go, used ones stay."""
    with place.desk() as desk:
        removed, used = tickets.remove(desk, source)
    stay = f"; {used} stay, because they were used" if used else ""
    click.echo(f"{source}: {removed} tickets taken away{stay}.")


@tickets_group.command("issue")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(1, 100_000), required=True, help="How many.")
@click.option("--product", default="", help="What they let into.")
@placed
def tickets_issue(place: Place, file: Path, count: int, product: str) -> None:
    """Make new tickets, and write their codes into a CSV file: the box itself keeps only their hashes."""
    if file.exists():  # perhaps the only place where the codes of another issue are
        raise StallboxError("file_there", f"{file} is there already: name a new file.")
    keys.write_durably(file, tickets.as_csv([], product).encode())  # better now than with codes and nowhere to put them
    try:
        with place.desk() as desk:
            codes = desk.submit(lambda books: tickets.issue(books, count, product), timeout_s=120)
    except StallboxError:  # no ticket was made
        file.unlink()
        raise
    keys.write_durably(file, tickets.as_csv(codes, product).encode())
    click.echo(f"Wrote {count} new tickets into {file}: keep it safe, the codes are nowhere else.")


@tickets_group.command("export")
@placed
def tickets_export(place: Place) -> None:
    """Print the tickets as CSV: hash of the code, product, status, first use."""
    with place.reading() as books:
        for line in tickets.export(books):
            click.echo(line)


@tickets_group.command("status")
@as_json
@placed
def tickets_status(place: Place, as_json: bool) -> None:
    """Count the tickets, and those of each list."""
    with place.reading() as books:
        counts, sources = books.tickets.counts(), books.tickets.sources()
    if as_json:
        click.echo(json.dumps({**counts, "sources": sources}, ensure_ascii=False))
        return
    click.echo(", ".join(f"{n} {what}" for what, n in counts.items()))
    for source, count in sources.items():
        click.echo(f"{count:>8} from {source or 'the stall itself'}")
