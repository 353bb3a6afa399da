"""The commands `stallbox tickets ...`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from appliance.commands import issuing
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
from appliance.core.lists.words import utc_time
from appliance.core.lot import Lot
from appliance.core.verdict import CodeKind
from appliance.parts import KEYS
from appliance.services import tickets
from appliance.services.issuing import Wish
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
    if lot := issuing.read_lot(file):
        with place.desk() as desk:
            click.echo(_dry(lot, file) if dry_run else issuing.import_lot(desk, lot, source or file.name))
        return
    loaded = place.event()

    def show(rows: TicketRows) -> None:
        click.echo("\n".join([f"{file.name}: {rows.preset}", *mapping_lines(rows)]))

    sealer = None if dry_run else place.sealer()
    found = read_ticket_file(file, for_event(Options(preset or "", _pairs(told), date), loaded), show, sealer)
    for sentence in remarks(found, loaded):
        click.echo(f"Note: {sentence}")
    if sealer is None:
        for (product, status), count in tickets.tally(found.tickets).items():
            click.echo(f"{count:>8} {status:<10} {product}".rstrip())
        click.echo(f"{file.name}: {len(found.tickets)} tickets, all in order; nothing was imported.")
        return
    with place.desk() as desk:
        new, changed, same = take_tickets(desk, found.tickets, source or file.name, sealer)
    click.echo(f"{file.name}: {new} new, {changed} changed, {same} as before.")


def _dry(lot: Lot, file: Path) -> str:
    return f"{file.name}: {len(lot.codes)} of kind '{lot.kind}', all in order; nothing was imported."


def _pairs(told: tuple[str, ...]) -> dict[str, str]:
    pairs = [one.partition("=") for one in told]
    if wrong := [field for field, sign, _ in pairs if not sign]:
        raise click.BadParameter(f"'{wrong[0]}' is not FIELD=COLUMN, such as code=Barcode", param_hint="--map")
    return {field.strip(): column.strip() for field, _, column in pairs}


@tickets_group.command("remove")
@click.option("--source", default="", metavar="NAME", help="The list, by the name that `tickets status` shows.")
@click.option("--event", default="", metavar="ID", help="All lists of an event that is over.")
@placed
def tickets_remove(place: Place, source: str, event: str) -> None:
    """Take a list away again, or all of an event: unused tickets go, used ones stay."""
    if not (source or event):
        raise click.UsageError("Say which: --source NAME, --event ID, or both.")
    with place.reading() as books:
        lists = [source] if source else [name for name in books.tickets.sources(event) if name]
    if not lists:
        raise StallboxError("no_such_list", f"There is no list of an event '{event}' here.")
    with place.desk() as desk:
        for name in lists:
            removed, used = tickets.remove(desk, name, event)
            stay = f"; {used} stay, because they were used or paid here" if used else ""
            click.echo(f"{name}: {removed} tickets taken away{stay}.")


@tickets_group.command("issue")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(1, 100_000), required=True, help="How many.")
@click.option("--kind", type=click.Choice(["ticket", "voucher", "member"]), default="ticket", show_default=True)
@click.option("--format", "form", type=click.Choice(issuing.FORMATS), help="Guessed from the file's ending.")
@click.option("--single", is_flag=True, help="A page for each, in place of sheets to cut (PDF).")
@click.option("--csv", "codes_file", type=click.Path(path_type=Path), help="Write the codes here too, for other gates.")
@click.option("--product", default="", help="What tickets let into.")
@click.option("--signed", is_flag=True, help="Tickets that other gates admit without a list; see `tickets key`.")
@click.option("--valid-from", metavar="TIME", help="Local to the event, such as 2026-12-05T16:00.")
@click.option("--valid-until", metavar="TIME", help="Likewise: from then on it is too late.")
@click.option("--entries", type=click.IntRange(0), help="How often each lets in; 0 is without limit.")
@click.option("--series", default="", metavar="CODE", help="The event's voucher that vouchers are worth.")
@click.option("--uses", type=click.IntRange(0), default=1, show_default=True, help="Of each voucher; 0 is no limit.")
@placed
def tickets_issue(
    place: Place, file: Path, form: str | None, single: bool, codes_file: Path | None, **wanted: Any
) -> None:
    """Make tickets, vouchers or member cards in numbers, as PDF, HTML or CSV: the box keeps only hashes."""
    form = issuing.format_of(file, form)
    if single and form == "csv":
        raise click.UsageError("--single is for pages, and a list has none: leave it out.")
    if codes_file and form == "csv":
        raise click.UsageError("The file is a list of the codes itself: leave out --csv.")
    wish = _wish(place, **wanted)
    with place.desk() as desk:
        lot = issuing.issue(desk, wish, file, form, single=single, codes_file=codes_file)
    click.echo(issuing.said(lot, file, codes_file))
    if isinstance(wish.signer, keys.SigningKey):
        click.echo("Other gates need this in their event file:\n" + issuing.key_lines(wish.signer.public_key))


def _wish(
    place: Place,
    kind: str,
    count: int,
    signed: bool,
    valid_from: str | None,
    valid_until: str | None,
    uses: int,
    **texts: Any,
) -> Wish:
    """Read the options of an issue. Raises click.UsageError for those that do not go together."""
    tickets_only = {"--signed": signed, "--valid-from": valid_from, "--valid-until": valid_until}
    tickets_only |= {"--product": texts["product"], "--entries": texts["entries"] is not None}
    if kind != CodeKind.TICKET and (odd := [name for name, value in tickets_only.items() if value]):
        raise click.UsageError(f"{odd[0]} is for tickets: leave it out for a {kind}.")
    if (kind == CodeKind.VOUCHER) != bool(texts["series"]):
        raise click.UsageError("Vouchers are made with --kind voucher --series CODE, and only they have a series.")
    event = place.event()
    zone = ZoneInfo(event.time_zone if event else "UTC")
    lot = Lot(
        CodeKind(kind),
        [],
        valid_from=_time("--valid-from", valid_from, zone),
        valid_until=_time("--valid-until", valid_until, zone),
        uses=uses,
        **texts,
    )
    return Wish(lot, count, keys.tickets_key(place.data / KEYS) if signed else None)


def _time(option: str, text: str | None, zone: ZoneInfo) -> str | None:
    at = utc_time(text, zone, is_end=option == "--valid-until") if text else None
    if text and at is None:
        raise click.BadParameter(f"'{text}' is no time such as 2026-12-05T16:00", param_hint=option)
    return at


@tickets_group.command("key")
@placed
def tickets_key(place: Place) -> None:
    """Print the public key of this box's signed tickets, as other gates need it in their event file."""
    click.echo(issuing.key_lines(keys.tickets_key(place.data / KEYS).public_key))


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
