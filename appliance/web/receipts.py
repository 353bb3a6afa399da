"""Receipts for guests on the stall's Wi-Fi: a page, a PDF, and the code that leads to them.

Whoever has the code on the paper may read that receipt; it holds nothing personal.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from appliance.core.errors import Refusal
from appliance.core.receipt import page_path
from appliance.core.texts import english
from appliance.paper.fonts import find_fonts
from appliance.services import receipts
from appliance.services.receipts import Receipt
from appliance.web import qr
from appliance.web.context import WebContext
from appliance.web.guests import Guests


def build(context: WebContext, guests: Guests) -> Blueprint:
    """Build the routes; drawing a PDF takes a small box a moment, so `guests` paces that by address."""
    blueprint = Blueprint("receipts", __name__)

    @blueprint.get("/r/<name>")
    def page(name: str) -> Response:
        found = _found(context, name)
        rows = [(type(block).__name__.lower(), block) for block in found.document.blocks]
        codes = {block.data: qr.drawn(block.data) for kind, block in rows if kind == "qr"}  # type: ignore[union-attr]
        return make_response(render_template("receipt.html", receipt=found, rows=rows, codes=codes, name=name))

    @blueprint.get("/r/<name>/receipt.pdf")
    def file(name: str) -> Response:
        from appliance.paper.receipt import receipt_pdf  # with a PDF library, which most boxes need this once

        found = _found(context, name)
        guests.pace(request.remote_addr or "")
        response = make_response(receipt_pdf(found.document, f"{found.seller}: {found.title}", find_fonts()))
        response.content_type = "application/pdf"
        response.headers["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
        return response

    @blueprint.get("/r/<name>/code.svg")
    def code(name: str) -> Response:
        _found(context, name)
        drawn = qr.drawn(request.host_url.rstrip("/") + page_path(name))
        size = drawn["modules"]
        picture = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
            f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{drawn["path"]}"/></svg>'
        )
        response = make_response(picture)
        response.content_type = "image/svg+xml"
        return response

    return blueprint


def _found(context: WebContext, name: str) -> Receipt:
    with context.desk.reading() as books:
        found = receipts.find(books, name)
        event = books.events.current()
    if found is None:
        raise Refusal("receipt_unknown", (event.texts if event else english())["no_such_receipt"], 404)
    return found
