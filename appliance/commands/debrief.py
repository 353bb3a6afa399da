"""`stallbox debrief`: the event's figures."""

from __future__ import annotations

import json

import click

from appliance.commands.place import Place, as_json, placed
from appliance.services import debrief as debriefing


@click.command()
@as_json
@placed
def debrief(place: Place, as_json: bool) -> None:
    """Print the event's figures."""
    with place.reading() as books:
        figures = debriefing.debrief(books)
    click.echo(json.dumps(figures, ensure_ascii=False) if as_json else debriefing.as_text(figures), nl=as_json)
