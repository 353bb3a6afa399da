"""The commands `stallbox courier ...`: what is sent later, handed to whoever takes it along."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

import click

from appliance.commands.place import Place, as_json, placed
from appliance.core.document import plain_text
from appliance.core.errors import NotFound, Refusal, StallboxError
from appliance.core.goods.manifest import Consignment, as_csv, manifest
from appliance.core.goods.manifest import as_json as list_json
from appliance.core.ports import Books
from appliance.core.texts import counted
from appliance.parts import KEYS, vault_of
from appliance.services import courier
from appliance.services.carts import current_event
from appliance.store.contacts import ContactKeys

T = TypeVar("T")


@click.group("courier")
def courier_group() -> None:
    """Lists and labels for a courier."""


@courier_group.command("hand-over")
@placed
def hand_over(place: Place) -> None:
    """Hand all parcels that wait to a courier: the list and a label for each are printed."""
    with place.desk() as desk:

        def submit(keys: ContactKeys) -> Consignment:
            found: Consignment = desk.submit(lambda books: courier.hand_over(books, keys))
            return found

        made = _with_contacts(place, submit)
    parcels, pieces = counted(len(made.parcels), "parcel"), counted(made.pieces, "piece")
    click.echo(f"Courier's list {made.handoff.number}: {parcels}, {pieces}.")


@courier_group.command("list")
@click.option("--number", type=click.IntRange(min=1), metavar="N", help="Another list than the newest.")
@click.option("--csv", "is_csv", is_flag=True, help="Print CSV.")
@as_json
@placed
def show_list(place: Place, number: int | None, is_csv: bool, as_json: bool) -> None:
    """Print a courier's list with names and addresses: as text, CSV or JSON."""
    if is_csv and as_json:
        raise click.UsageError("Say --csv or --json, not both.")
    with place.reading() as books:
        found = _with_contacts(place, lambda keys: courier.consignment_of(books, keys, number or _newest(books)))
        event = current_event(books)
    if is_csv:
        click.echo(as_csv(found), nl=False)
    elif as_json:
        click.echo(json.dumps(list_json(found, event), ensure_ascii=False))
    else:
        click.echo(plain_text(manifest(found, event, rehearsal=False)), nl=False)


def _newest(books: Books) -> int:
    found = books.restock.handoffs()
    if not found:
        raise NotFound("handoff_unknown", "No parcel was handed to a courier yet.")
    return found[0].number


def _with_contacts(place: Place, act: Callable[[ContactKeys], T]) -> T:
    """Do something that opens contacts; where they are locked, ask for the owner's PIN. Raises StallboxError."""
    vault = vault_of(place.data)
    keys = ContactKeys(place.data / KEYS, vault)
    try:
        return act(keys)
    except Refusal as refusal:
        if refusal.code != "locked" or not vault.has_pin:
            raise
    if not vault.unlock(click.prompt("Owner's PIN", hide_input=True, err=True)):
        raise StallboxError("wrong_pin", "That is not the owner's PIN.")
    return act(keys)
