"""`stallbox config`: the settings that apply, and whether they can."""

from __future__ import annotations

import click

from appliance.commands.place import Place, placed
from appliance.config import changes, document


@click.group("config")
def config_group() -> None:
    """Show or check the configuration."""


@config_group.command("show")
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


@config_group.command("check")
@placed
def config_check(place: Place) -> None:
    """Check the configuration; name everything that is wrong with it."""
    place.settings()
    click.echo("The configuration is in order.")
