"""`stallbox journal`: what happened, proved whole and written out."""

from __future__ import annotations

import json

import click

from appliance.commands.place import Place, placed
from appliance.core.errors import StallboxError
from appliance.parts import STORE
from appliance.store import keys
from appliance.store.books import audit


@click.group("journal")
def journal_group() -> None:
    """Verify or export the journal."""


@journal_group.command("verify")
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


@journal_group.command("export")
@placed
def journal_export(place: Place) -> None:
    """Print the journal, one JSON entry a line."""
    with place.reading() as books:
        for entry in books.journal.all():
            click.echo(json.dumps(entry.as_dict(), ensure_ascii=False))
