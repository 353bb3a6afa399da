"""The offers' pictures: those that the loaded event names, from one folder, and nothing else."""

from __future__ import annotations

from flask import Blueprint, Response, abort, send_from_directory

from appliance.web.context import WebContext

MAX_AGE_S = 300


def build(context: WebContext) -> Blueprint:
    """Build the route. A name that the event does not list is not looked for on the disk."""
    blueprint = Blueprint("media", __name__)

    @blueprint.get("/media/<name>")
    def photo(name: str) -> Response:
        with context.desk.reading() as books:
            event = books.events.current()
        if context.media is None or event is None or name not in {offer.photo for offer in event.offers}:
            abort(404)
        response = send_from_directory(context.media, name, max_age=MAX_AGE_S)
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        return response

    return blueprint
