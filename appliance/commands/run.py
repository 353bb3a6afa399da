"""`stallbox run`: the daemon."""

from __future__ import annotations

import sys

import click

from appliance.bootstrap import Box
from appliance.commands.place import Place, placed
from appliance.config import ConfigError
from appliance.runtime import log
from appliance.runtime.folder import only_one
from appliance.runtime.starts import Starts


@click.command()
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
