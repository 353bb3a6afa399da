"""The page that a new tablet opens to be paired: it shows a code, then goes on to what it was accepted for."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request

from appliance.web import access, speech
from appliance.web.context import WebContext
from appliance.web.guests import Guests
from appliance.web.rights import let_in

GOES_TO = {"kiosk": "/", "door": "/staff", "staff": "/staff"}


def build(context: WebContext, guests: Guests) -> Blueprint:
    """Build the page. Who asks is paced as a guest."""
    blueprint = Blueprint("pair", __name__)

    @blueprint.get("/pair")
    def pair() -> Response:
        with context.desk.reading() as books:
            let_in(books)
        tablet = access.tablet()
        asked = context.waiting.of_key(request.cookies.get(access.cookie_of(context), ""))
        page = render_template(
            "pair.html", box=context.box_name, box_id=context.box_id, form_token=access.form_token(),
            tablet=tablet, to=GOES_TO[tablet.role] if tablet else "", code=asked.code if asked else "",
            texts=speech.here().scripts(),
        )  # fmt: skip
        return make_response(page)

    @blueprint.post("/pair")
    def ask() -> Response:
        access.require_form()
        address = request.remote_addr or "unknown"
        guests.pace(address)
        response = make_response(redirect("/pair", 303))
        # Always a fresh key: one that was there before may be known to whoever had the tablet before.
        access.keep_key(context, response, context.waiting.ask(address)[1])
        return response

    return blueprint
