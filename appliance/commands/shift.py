"""The commands `stallbox shift ...`."""

from __future__ import annotations

import json

import click

from appliance.commands.place import Place, as_json, placed
from appliance.core.document import plain_text
from appliance.core.shift_report import report_document
from appliance.services import shifts


@click.group("shift")
def shift_group() -> None:
    """Reports of the till."""


@shift_group.command("report")
@click.option("--z", "number", type=click.IntRange(min=1), metavar="N", help="The Z report with this number.")
@click.option("--last", is_flag=True, help="The Z report of the shift that was closed last.")
@as_json
@placed
def shift_report(place: Place, number: int | None, last: bool, as_json: bool) -> None:
    """Print the X report of the open shift, or a Z report."""
    if number is not None and last:
        raise click.UsageError("Say --z N or --last, not both.")
    with place.reading() as books:
        if number is not None:
            report = shifts.z_report(books, number)
        else:
            report = shifts.last_report(books) if last else shifts.report(books)
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        click.echo(plain_text(report_document(report)), nl=False)
