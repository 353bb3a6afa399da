"""The commands `stallbox cashiers ...`."""

from __future__ import annotations

import json

import click

from appliance.commands.place import Place, as_json, placed
from appliance.core.trade import Cashier, Right
from appliance.services import cashiers
from appliance.store.keys import write_durably
from appliance.web.tokens import TOKENS, load_or_create

RIGHTS = ", ".join(Right)


def _rights(context: click.Context, parameter: click.Parameter, value: str) -> frozenset[Right]:
    names = [name.strip() for name in value.split(",") if name.strip()]
    if names == ["all"]:
        return frozenset(Right)
    unknown = [name for name in names if name not in set(Right)]
    if unknown:
        raise click.BadParameter(f"'{unknown[0]}' is no right; there are {RIGHTS}, or 'all'")
    return frozenset(Right(name) for name in names)


@click.group("cashiers")
def cashiers_group() -> None:
    """The people at the till, their PINs and rights."""


@cashiers_group.command("add")
@click.argument("name")
@click.option("--rights", default="", callback=_rights, metavar="RIGHT,...", help=f"Of {RIGHTS}; or all.")
@placed
def cashiers_add(place: Place, name: str, rights: frozenset[Right]) -> None:
    """Let somebody work at the till; their PIN is shown once."""
    with place.desk() as desk:
        cashier, pin = desk.submit(lambda books: cashiers.add(books, name, rights, _taken(place)))
    click.echo(f"{_line(cashier)}\nPIN {pin}: write it down, nobody can read it again.")


@cashiers_group.command("list")
@as_json
@placed
def cashiers_list(place: Place, as_json: bool) -> None:
    """List the cashiers and their rights."""
    with place.reading() as books:
        active = books.cashiers.active()
    if as_json:
        shown = [{"id": who.id, "name": who.name, "rights": sorted(who.rights)} for who in active]
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    for cashier in active:
        click.echo(_line(cashier))
    if not active:
        click.echo("No cashier: the staff PIN has every right. Add one with: stallbox cashiers add NAME")


@cashiers_group.command("pin")
@click.argument("cashier")
@placed
def cashiers_pin(place: Place, cashier: str) -> None:
    """Give a cashier, by name or id, another PIN; the one before ends at once."""
    with place.desk() as desk:
        found, pin = desk.submit(lambda books: cashiers.new_pin(books, cashier, _taken(place)))
    click.echo(f"{_line(found)}\nPIN {pin}: write it down, nobody can read it again.")


@cashiers_group.command("remove")
@click.argument("cashier")
@placed
def cashiers_remove(place: Place, cashier: str) -> None:
    """Let a cashier, by name or id, work no more; old reports still name them."""
    with place.desk() as desk:
        found = desk.submit(lambda books: cashiers.remove(books, cashier))
    click.echo(f"Removed {found.name} ({found.id}).")


def _taken(place: Place) -> tuple[str, ...]:
    return load_or_create(place.data / TOKENS, write_durably).pins


def _line(cashier: Cashier) -> str:
    return f"{cashier.id:4} {cashier.name:24} {', '.join(sorted(cashier.rights)) or 'sells and admits'}"
