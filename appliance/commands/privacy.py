"""The commands that keep people's data to those whom it concerns: `event purge` and `pin set`."""

from __future__ import annotations

import click

from appliance.commands.place import Place, placed
from appliance.core.errors import StallboxError
from appliance.parts import STORE, choose_pin, vault_of
from appliance.services import privacy
from appliance.store.holders import scrub

PURGE_LIMIT_S = 120.0  # 200,000 holders on a slow card


@click.command("purge")
@click.option("--yes", is_flag=True, help="Do it; without this, only say what goes.")
@placed
def event_purge(place: Place, yes: bool) -> None:
    """Take away for ever what is personal: names, contacts, notes. Figures, uses and the journal stay."""
    with place.reading() as books:  # fails, rather than make an empty store, where there is none
        books.journal.head()
    with place.desk() as desk:
        with desk.reading() as books:
            counts = privacy.personal(books)
        for what, count in counts.items():
            click.echo(f"{count:>8} {privacy.PERSONAL[what]}")
        if not yes:
            raise StallboxError("not_confirmed", "Nothing was taken away yet: once the stall is closed, add --yes.")
        desk.submit(privacy.purge, timeout_s=PURGE_LIMIT_S)
    scrub(place.data / STORE)
    click.echo("All of it is gone from this box. Backups and the organiser's lists still have it.")


@click.group("pin")
def pin_group() -> None:
    """Choose the owner's PIN."""


@pin_group.command("set")
@placed
def pin_set(place: Place) -> None:
    """Choose a PIN of the owner's own, which opens the search by name and is kept nowhere."""
    vault = vault_of(place.data)
    current = ""
    if vault.has_pin:
        click.echo("Without the PIN so far, lists with names have to be imported again before they can be searched.")
        current = click.prompt("PIN so far (empty if forgotten)", default="", show_default=False, hide_input=True)
    pin = click.prompt("New PIN", hide_input=True, confirmation_prompt="Once more")
    choose_pin(place.data, vault, pin, current)
    click.echo("Your PIN is kept; the one in tokens.json is void. Import lists with names again to search them.")
